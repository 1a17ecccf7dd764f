"""Needs NVML's bindings and a C compiler: the bindings call a library that stands in for the driver's."""

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = """
import json, sys
from meter import Nvml
from watch import watch
meter = Nvml(sys.argv[1] if len(sys.argv) > 1 else None)
print(json.dumps({"identity": meter.identity(), "settings": meter.settings(), "window": watch(meter, 1.03)}))
"""


class Bindings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        try:
            import pynvml  # noqa: F401
        except ImportError:
            raise unittest.SkipTest("no bindings") from None
        if shutil.which("cc") is None:
            raise unittest.SkipTest("no C compiler")
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fake_nvml.c")
        library = os.path.join(cls.folder, "libnvidia-ml.so.1")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
        ctypes.CDLL(library)

    def ask(self, *argv, **environment):
        import json

        child = subprocess.run(
            [sys.executable, "-c", PROGRAM, *argv],
            env={**os.environ, "LD_LIBRARY_PATH": self.folder, **environment},
            capture_output=True,
            text=True,
        )
        self.last_error = child.stderr
        return json.loads(child.stdout) if child.returncode == 0 else None

    def test_watts_joules_and_names(self):
        found = self.ask("GPU-1b2c")
        self.assertIsNotNone(found, self.last_error)
        self.assertEqual(found["identity"], {"name": "Fake 300W", "uuid": "GPU-1b2c", "driver": "555.1"})
        window = found["window"]
        elapsed = window["end_s"] - window["start_s"]
        self.assertGreaterEqual(elapsed, 1.03)
        self.assertEqual(window["power_source"], "NVML_FI_DEV_POWER_INSTANT")
        # 300 W times the window; the counter moves by 30 J, and unaligned ends would be off by up to that.
        self.assertAlmostEqual(window["integrated"]["energy_j"], 300 * elapsed, delta=0.01)
        self.assertAlmostEqual(window["counter"]["energy_j"], 300 * elapsed, delta=12)
        self.assertEqual(window["counter"]["energy_j"] % 30, 0)
        state = window["state"]
        self.assertEqual((state["temperature_c"]["mean"], state["utilisation_pct"]["max"]), (61, 97))
        self.assertEqual((state["sm_clock_mhz"]["min"], state["memory_clock_mhz"]["min"]), (1980, 2619))
        self.assertEqual(state["events"], {"software power cap": 1, "hardware thermal slowdown": 1})
        settings = found["settings"]
        self.assertEqual((settings["power_limit_w"], settings["persistence_mode"], settings["mig_mode"]), (700, 1, 0))
        # What this library has no function for is told, not left out.
        self.assertIn("compute_mode:", settings["compute_mode"])

    def test_under_mig_there_is_no_energy(self):
        window = self.ask("GPU-1b2c", FAKE_MIG="1")["window"]
        for name in ("counter", "integrated"):
            self.assertEqual(window[name]["status"], "unavailable")
            self.assertIn("MIG is on", window[name]["reason"])

    def test_an_old_gpu_has_average_power_alone_and_says_so(self):
        window = self.ask(FAKE_OLD="1")["window"]
        self.assertEqual(window["counter"], {"status": "unavailable", "reason": "energy: Not Supported"})
        self.assertEqual(window["power_source"], "nvmlDeviceGetPowerUsage")
        self.assertAlmostEqual(
            window["integrated"]["energy_j"], 298 * (window["end_s"] - window["start_s"]), delta=0.01
        )

    def test_another_gpu_is_refused(self):
        self.assertIsNone(self.ask("GPU-other"))
        self.assertIn("Not Found", self.last_error)
