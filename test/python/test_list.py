"""sweep.py --list, whose reader may want no more than the first lines."""

import os
import subprocess
import sys
import unittest

SWEEP = os.path.join(os.path.dirname(__file__), "..", "..", "python", "video_gpu", "sweep.py")


class List(unittest.TestCase):
    def test_windows_in_their_order(self):
        run = subprocess.run([sys.executable, SWEEP, "--list"], capture_output=True, text=True, check=True)
        lines = run.stdout.splitlines()
        self.assertTrue(lines[0].startswith("control.0"))
        self.assertGreater(len(set(lines)), 100)

    def test_a_reader_that_has_gone_is_no_failure(self):
        read, write = os.pipe()
        # Gone before anything is written, which head is by chance.
        os.close(read)
        run = subprocess.run([sys.executable, SWEEP, "--list"], stdout=write, stderr=subprocess.PIPE, text=True)
        os.close(write)
        self.assertEqual((run.returncode, run.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
