"""Needs torch. Precision and memory: what a cell does when it does not fit."""

import multiprocessing
import threading
import unittest

import torch

import work
from cells import Cell
from worker import FP32_WITHIN, serve


def as_tf32(tensor):
    """Rounded to the 10 bits of mantissa that TF32 keeps of an operand."""
    bits = tensor.view(torch.int32)
    return ((bits + 0x1000) & ~0x1FFF).view(torch.float32)


class Precision(unittest.TestCase):
    def test_fp32_is_told_from_tf32(self):
        device = torch.device("cpu")
        self.assertLess(work.fp32_error(device), FP32_WITHIN / 5)
        self.assertGreater(work.fp32_error(device, as_tf32), FP32_WITHIN * 3)


class Memory(unittest.TestCase):
    """The worker's own loop, with a device that is full: the errors are torch's own, raised where the batch runs."""

    def answers(self, full):
        """What the worker says of a cell after another, when the device holds `full(work)`."""

        class Full(work.Work):
            def batch(self):
                if full(self):
                    raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB.\nmore")
                return super().batch()

        own, theirs = multiprocessing.Pipe()
        original = work.Work
        work.Work = Full
        self.addCleanup(setattr, work, "Work", original)
        # The signal handler is the process's, and a thread has none.
        import worker

        quiet = worker.signal.signal
        worker.signal.signal = lambda *_: None
        self.addCleanup(setattr, worker.signal, "signal", quiet)
        thread = threading.Thread(target=serve, args=(theirs, "cpu", 3), daemon=True)
        thread.start()
        self.assertEqual(own.recv()[0], "started")
        said = []
        for variant in ("resnet18", "resnet34"):
            own.send(("run", Cell((variant,), 1, "fp32")))
            said.append(own.recv())
            if said[-1][0] == "ready":
                own.send(("stop", 0))
                said.append(own.recv())
        own.send(("close", None))
        thread.join(20)
        self.assertFalse(thread.is_alive())
        return said

    def test_models_of_other_cells_make_room(self):
        # Two models are too many: the second cell fits once the first one's model is gone.
        said = self.answers(lambda own: len(own.cache) > 1)
        self.assertEqual([word for word, _ in said], ["ready", "done", "ready", "done"])

    def test_a_cell_that_does_not_fit_alone_fails_by_name_and_the_next_one_runs(self):
        said = self.answers(lambda own: ("resnet18", "fp32") in own.cache)
        self.assertEqual(said[0], ("failed", "OutOfMemoryError: CUDA out of memory. Tried to allocate 9 GiB."))
        # The cache still holds the model that did not fit until the next cell runs out of memory in its turn.
        self.assertEqual([word for word, _ in said[1:]], ["ready", "done"])
