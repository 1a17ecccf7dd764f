"""Needs torch, NVML's bindings and a C compiler: the whole program, its work on the CPU and its meter on a library that
stands in for the driver's. What becomes of a call when the GPU's driver, a process or the time fails."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from torch_nvml import built_library

HERE = os.path.dirname(os.path.abspath(__file__))

# The program itself, but for the meter: `--device cpu` has none.
PROGRAM = """
import sys
import sweep
from meter import Nvml
if __name__ == "__main__":
    sweep.meter_of = lambda device, uuid: Nvml("GPU-1b2c")
    sweep.HUNG_AFTER_S = 3.0
    sys.exit(sweep.main(sys.argv[1:]))
"""
TINY = ["--device", "cpu", "--cells", "resnet18/fp32/b[12]", "--control", "resnet18/fp32/b1"]
QUICK = ["--window", "3", "--repetitions", "1", "--idle", "1"]


def runs(pid):
    """Whether a process is there and not merely a corpse that nobody has buried."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return re.sub(r".*\)", "", file.read(), flags=re.S).split()[0] != "Z"
    except OSError:
        return False


class Sweeps(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.library = built_library(folder.name)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.journal = os.path.join(self.folder, "journal.jsonl")
        self.program = os.path.join(self.folder, "program.py")
        with open(self.program, "w") as file:
            file.write(PROGRAM)

    def begin(self, *options, **environment):
        child = subprocess.Popen(
            [sys.executable, self.program, "--journal", self.journal, *TINY, *QUICK, *options],
            env={**os.environ, "LD_LIBRARY_PATH": self.library, **environment},
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(child.stderr.close)
        self.addCleanup(child.kill)
        return child

    def end(self, child, within=120):
        _, said = child.communicate(timeout=within)
        return child.returncode, said

    def records(self, kind):
        if not os.path.exists(self.journal):
            return []
        with open(self.journal) as file:
            lines = file.read().split("\n")[:-1]
        return [record for record in map(json.loads, lines) if record["type"] == kind]

    def until(self, kind, count, child, within=90):
        limit = time.monotonic() + within
        while len(self.records(kind)) < count:
            self.assertLess(time.monotonic(), limit)
            self.assertIsNone(child.poll())
            time.sleep(0.05)

    def workers_of(self, child):
        """Process ids of the workers: the program's children that multiprocessing spawned."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat") as file:
                    parent = int(re.sub(r".*\)", "", file.read(), flags=re.S).split()[1])
                with open(f"/proc/{pid}/cmdline") as file:
                    if parent == child.pid and "spawn_main" in file.read():
                        found.append(int(pid))
            except OSError:
                pass
        return found

    def test_each_window_has_the_joules_of_its_time(self):
        code, said = self.end(self.begin())
        self.assertEqual(code, 0, said)
        windows = self.records("window")
        self.assertEqual(len(windows), 4)
        for record in windows + self.records("idle"):
            elapsed = record["end_s"] - record["start_s"]
            self.assertAlmostEqual(record["counter"]["energy_j"] / (300 * elapsed), 1, delta=0.02)
            self.assertAlmostEqual(record["integrated"]["energy_j"] / (300 * elapsed), 1, delta=0.001)
            self.assertEqual(record["state"]["compute_processes"]["max"], 1)
        self.assertEqual([record["why"] for record in self.records("end")], ["complete"])

    def test_a_worker_that_dies_costs_its_window_and_no_more(self):
        child = self.begin()
        self.until("window", 1, child)
        [worker] = self.workers_of(child)
        time.sleep(1)
        os.kill(worker, signal.SIGKILL)
        code, said = self.end(child)
        self.assertEqual(code, 0, said)
        self.assertEqual((len(self.records("window")), len(self.records("failed"))), (3, 1))
        self.assertIn("1 windows failed and have no measurement: --retry", said)
        code, said = self.end(self.begin("--retry"))
        self.assertEqual((code, len(self.records("window"))), (0, 4))
        self.assertNotIn("windows failed", said)

    def test_a_worker_that_hangs_does_not_make_the_call_longer(self):
        begun = time.monotonic()
        child = self.begin("--seconds", "45")
        self.until("window", 1, child)
        [worker] = self.workers_of(child)
        os.kill(worker, signal.SIGSTOP)
        code, said = self.end(child)
        self.assertLess(time.monotonic() - begun, 50)
        # What it was at is neither measured nor failed, or failed after its own limit; the rest is left or done.
        self.assertIn(code, (0, 3), said)
        self.assertFalse(runs(worker))
        self.assertEqual(len(self.records("end")), 1)

    def test_a_driver_that_hangs_ends_the_call_with_all_that_was_measured(self):
        hang = os.path.join(self.folder, "hang")
        child = self.begin("--seconds", "40", FAKE_HANG=hang)
        self.until("window", 1, child)
        measured = len(self.records("window"))
        open(hang, "w").close()
        [worker] = self.workers_of(child)
        code, said = self.end(child)
        self.assertEqual(code, 1)
        self.assertIn("hung: the GPU or its driver does not answer", said)
        self.assertFalse(runs(worker))
        os.remove(hang)
        code, said = self.end(self.begin(FAKE_HANG=hang))
        self.assertEqual(code, 0, said)
        self.assertEqual(len(self.records("window")), 4)
        self.assertGreaterEqual(measured, 1)

    def test_where_no_process_can_be_started_no_cell_is_blamed(self):
        child = self.begin()
        self.until("window", 1, child)
        # From here on a new worker finds no torch.
        with open(os.path.join(self.folder, "torch.py"), "w") as file:
            file.write("raise ImportError('gone')\n")
        [worker] = self.workers_of(child)
        os.kill(worker, signal.SIGKILL)
        code, said = self.end(child)
        self.assertEqual(code, 1)
        self.assertIn("no process can be started", said)
        self.assertLessEqual(len(self.records("failed")), 1)
