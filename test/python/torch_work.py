"""Needs torch. The worker's answers: precision, memory, and what a cell does when it does not fit."""

import io
import json
import sys
import unittest

import torch

import work
import worker


def as_tf32(tensor):
    """Rounded to the 10 bits of mantissa that TF32 keeps of an operand."""
    bits = tensor.view(torch.int32)
    return ((bits + 0x1000) & ~0x1FFF).view(torch.float32)


def answers(*requests):
    """What the worker says to each line."""
    before = sys.stdin, sys.stdout
    sys.stdin = io.StringIO("".join(json.dumps(request) + "\n" for request in requests))
    sys.stdout = said = io.StringIO()
    try:
        worker.main(["--device", "cpu", "--seed", "3"])
    finally:
        sys.stdin, sys.stdout = before
    return [json.loads(line) for line in said.getvalue().splitlines()]


def asked(variant, precision="fp32"):
    return {"variant": variant, "batch": 1, "cores": 1, "knobs": {"precision": precision}}


class Precision(unittest.TestCase):
    def test_fp32_is_told_from_tf32(self):
        device = torch.device("cpu")
        self.assertLess(work.fp32_error(device), worker.FP32_WITHIN / 5)
        self.assertGreater(work.fp32_error(device, as_tf32), worker.FP32_WITHIN * 3)


class Answers(unittest.TestCase):
    def test_a_pipeline_has_the_times_of_both_stages_and_the_worker_says_what_it_is(self):
        about, times = answers({"describe": True}, asked("yolov5n+resnet18"))
        self.assertIn("torch", about)
        self.assertNotIn("hardware", about)
        self.assertAlmostEqual(times["latency_s"], times["stage_1_s"] + times["stage_2_s"], places=12)

    def test_another_precision_is_an_error_by_name(self):
        self.assertIn("precision must be fp32 or fp16", answers(asked("resnet18", "int4"))[0]["error"])


class Memory(unittest.TestCase):
    """A device that is full: the errors are torch's own, raised where the batch runs."""

    def full(self, when):
        class Full(work.Work):
            def batch(self):
                if when(self):
                    raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB.\nmore")
                return super().batch()

        self.addCleanup(setattr, work, "Work", work.Work)
        work.Work = Full
        return answers(asked("resnet18"), asked("resnet34"))

    def test_models_of_other_cells_make_room(self):
        # Two models are too many: the second cell fits once the first one's model is gone.
        said = self.full(lambda own: len(own.cache) > 1)
        self.assertTrue(all("latency_s" in one for one in said), said)

    def test_a_cell_that_does_not_fit_alone_fails_by_name_and_the_next_one_runs(self):
        first, second = self.full(lambda own: ("resnet18", "fp32") in own.cache and len(own.cache) == 1)
        self.assertEqual(first, {"error": "OutOfMemoryError: CUDA out of memory. Tried to allocate 9 GiB."})
        self.assertIn("latency_s", second)
