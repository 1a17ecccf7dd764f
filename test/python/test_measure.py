import unittest

from cells import Cell
from measure import work_within
from worker import WorkerFailed

TWO = Cell(("resnet50",), 8, "fp16", 2)


class WorkWithin(unittest.TestCase):
    # The first end is the warm-up's. A batch's parts: drawing the images, then its stages.
    one = {"ends": [0, 1, 2, 3], "parts": [[0.1, 0.8], [0.1, 0.6], [0.1, 0.7]]}
    other = {"ends": [0, 2, 4], "parts": [[0.2, 1.4], [0.2, 1.6]]}

    def test_tenants_are_summed_and_their_latencies_pooled(self):
        found = work_within(TWO, [self.one, self.other], 0.5, 2.5)
        # One: from 0.5 to 2.5 batches, that is 2. Other: from 0.25 to 1.25, that is 1.
        self.assertEqual(found["batches_by_tenant"], [2, 1])
        self.assertEqual((found["batches"], found["images"]), (3, 24))
        # Ended within: at 1 and 2 (0.8, 0.6 s), and at 2 (1.4 s).
        self.assertAlmostEqual(found["latency_s"]["mean"], 2.8 / 3)
        self.assertAlmostEqual(found["latency_s"]["p50"], 0.8)
        self.assertAlmostEqual(found["latency_s"]["p99"], 0.8 + 0.98 * 0.6)
        self.assertEqual((found["latency_s"]["count"], found["latency_s"]["max"]), (3, 1.4))
        self.assertAlmostEqual(found["draw_s"], 0.4 / 3)

    def test_stages_of_a_pipeline_add_up_to_its_latency(self):
        pair = Cell(("yolov5n", "resnet18"), 1, "fp16")
        done = {"ends": [0, 1, 2, 3], "parts": [[0.1, 0.5, 0.2], [0.1, 0.7, 0.2], [0.1, 0.6, 0.2]]}
        found = work_within(pair, [done], 0, 3)
        self.assertEqual(len(found["stages_s"]), 2)
        self.assertAlmostEqual(found["stages_s"][0], 0.6)
        self.assertAlmostEqual(sum(found["stages_s"]), found["latency_s"]["mean"])

    def test_too_few_batches_are_a_failure(self):
        with self.assertRaisesRegex(WorkerFailed, "1 batches ended within the window"):
            work_within(TWO, [self.other], 1, 3)
