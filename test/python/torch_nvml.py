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


def built_library(folder, *options):
    """A folder that holds the library, for LD_LIBRARY_PATH."""
    try:
        import pynvml  # noqa: F401
    except ImportError:
        raise unittest.SkipTest("no bindings") from None
    if shutil.which("cc") is None:
        raise unittest.SkipTest("no C compiler")
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fake_nvml.c")
    library = os.path.join(folder, "libnvidia-ml.so.1")
    subprocess.run(["cc", "-shared", "-fPIC", *options, "-o", library, source], check=True)
    return folder


class Bindings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = built_library(folder.name)
        os.mkdir(os.path.join(folder.name, "old"))
        cls.old = built_library(os.path.join(folder.name, "old"), "-DOLD_DRIVER")
        ctypes.CDLL(os.path.join(cls.folder, "libnvidia-ml.so.1"))

    def ask(self, *argv, library=None, **environment):
        import json

        child = subprocess.run(
            [sys.executable, "-c", PROGRAM, *argv],
            env={**os.environ, "LD_LIBRARY_PATH": library or self.folder, **environment},
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

    def test_a_slice_by_its_own_uuid_has_no_energy_either(self):
        found = self.ask("GPU-1b2c", FAKE_SLICE="1")
        self.assertIsNotNone(found, self.last_error)
        for name in ("counter", "integrated"):
            self.assertIn("MIG is on", found["window"][name]["reason"])

    def test_all_ones_are_no_value_even_where_the_driver_calls_them_a_success(self):
        window = self.ask("GPU-1b2c", FAKE_ALL_ONES="1")["window"]
        self.assertEqual(window["counter"]["status"], "unavailable")
        self.assertIn("energy: the driver answered that it has no value", window["counter"]["reason"])
        self.assertEqual(window["integrated"]["status"], "unavailable")

    def test_a_state_that_is_not_supported_is_left_out(self):
        window = self.ask("GPU-1b2c", FAKE_NO_STATE="1")["window"]
        self.assertEqual(set(window["state"]), {"compute_processes"})
        self.assertEqual(window["counter"]["status"], "available")

    def test_other_processes_are_counted(self):
        found = self.ask("GPU-1b2c", FAKE_SHARED="3")
        self.assertEqual(found["settings"]["compute_processes"], 3)
        self.assertEqual(found["window"]["state"]["compute_processes"]["max"], 3)

    def test_a_driver_without_the_late_functions_measures_by_the_early_ones(self):
        found = self.ask("GPU-1b2c", library=self.old)
        self.assertIsNotNone(found, self.last_error)
        window = found["window"]
        self.assertEqual(window["power_source"], "nvmlDeviceGetPowerUsage")
        self.assertEqual(window["counter"]["status"], "available")
        self.assertEqual(window["state"]["events"], {"software power cap": 1, "hardware thermal slowdown": 1})
        self.assertNotIn("compute_processes", window["state"])

    def test_a_counter_that_is_read_too_slowly_is_no_energy(self):
        window = self.ask("GPU-1b2c", FAKE_SLOW="1")["window"]
        self.assertGreater(window["edge_s"], 0.08)
        self.assertIn("tick was seen within", window["counter"]["reason"])

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
