"""Needs NVML's bindings and a C compiler: the bindings call a library that stands in for the driver's."""

import ctypes
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

PROGRAMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "python", "video_gpu")

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

    def ask(self, *argv, library=None, seconds=1.5, **environment):
        """The probe's lines over a while."""
        child = subprocess.Popen(
            [sys.executable, os.path.join(PROGRAMS, "nvml.py"), *argv],
            env={**os.environ, "LD_LIBRARY_PATH": library or self.folder, "CUDA_VISIBLE_DEVICES": "", **environment},
            stdout=subprocess.PIPE,
            text=True,
        )
        timer = threading.Timer(seconds, child.terminate)
        timer.start()
        said, _ = child.communicate()
        timer.cancel()
        return [json.loads(line) for line in said.splitlines()]

    def test_watts_joules_and_names(self):
        said = self.ask("--gpu", "GPU-1b2c")
        values = [line for line in said if "energy_j" in line]
        self.assertEqual({line["domain"] for line in values}, {"GPU-1b2c"})
        # 300 W; the counter moves by 30 J.
        first, last = values[0], values[-1]
        elapsed = last["time_s"] - first["time_s"]
        self.assertGreater(elapsed, 0.5)
        self.assertAlmostEqual(last["energy_j"] - first["energy_j"], 300 * elapsed, delta=12)
        self.assertAlmostEqual((last["energy_j"] - first["energy_j"]) % 30 % 30, 0, places=6)
        power = [line["power_w"] for line in self.ask("--gpu", "GPU-1b2c", "--power") if "power_w" in line]
        self.assertEqual(set(power), {300.0})
        [state] = {json.dumps(line["observed"], sort_keys=True) for line in said if "observed" in line}
        state = json.loads(state)
        self.assertEqual((state["temperature_c"], state["utilisation_pct"]), (61, 97))
        self.assertEqual((state["sm_clock_mhz"], state["memory_clock_mhz"]), (1980, 2619))
        caveats = {line["caveat"]: line.get("flag") for line in said if "caveat" in line}
        self.assertEqual(
            caveats,
            {
                "the clocks were held down: software power cap": None,
                "the clocks were held down: hardware thermal slowdown": "slowed",
            },
        )

    def errors(self, *argv, **environment):
        return [line["error"] for line in self.ask(*argv, **environment) if "error" in line]

    def test_what_is_no_energy_is_an_error_with_its_reason(self):
        for environment, words in (
            ({"FAKE_MIG": "1"}, "MIG is on"),
            # A slice by its own UUID.
            ({"FAKE_SLICE": "1"}, "MIG is on"),
            # All ones are no value even where the driver calls them a success.
            ({"FAKE_ALL_ONES": "1"}, "the driver answered that it has no value"),
            ({"FAKE_OLD": "1"}, "energy: Not Supported"),
        ):
            for argv in ([], ["--power"]) if "FAKE_OLD" not in environment else ([],):
                with self.subTest(environment=environment, argv=argv):
                    self.assertIn(words, self.errors(*argv, **environment)[0])

    def test_an_old_gpu_has_average_power_alone(self):
        power = [line["power_w"] for line in self.ask("--power", FAKE_OLD="1") if "power_w" in line]
        self.assertEqual(set(power), {298.0})

    def test_a_driver_without_the_late_functions_measures_by_the_early_ones(self):
        self.assertTrue(any("energy_j" in line for line in self.ask("--gpu", "GPU-1b2c", library=self.old)))

    def test_other_processes_are_counted(self):
        said = self.ask("--gpu", "GPU-1b2c", FAKE_SHARED="3")
        self.assertEqual({line["observed"]["compute_processes"] for line in said if "observed" in line}, {3})

    def test_another_gpu_is_refused(self):
        self.assertIn("Not Found", self.errors("--gpu", "GPU-other")[0])
