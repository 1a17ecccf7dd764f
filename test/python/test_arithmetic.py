"""Every expected number is worked out by hand beside it."""

import unittest

from arithmetic import batches_within, counter_energy, deviation, integrated_energy, quantile, settled


class BatchesWithin(unittest.TestCase):
    def test_edges_count_by_their_share(self):
        # Batches end at 1, 2, 4, 5: from 1.5 to 4.25 are half of the first, the whole second, a quarter of the third.
        self.assertAlmostEqual(batches_within([1, 2, 4, 5], 1.5, 4.25), 0.5 + 1 + 0.25)

    def test_a_window_inside_one_batch(self):
        self.assertAlmostEqual(batches_within([0, 10], 2, 7), 0.5)

    def test_edges_on_completions(self):
        self.assertAlmostEqual(batches_within([0, 1, 2, 3], 0, 3), 3)
        self.assertAlmostEqual(batches_within([0, 1, 2, 3], 1, 2), 1)

    def test_windows_add_up(self):
        ends = [0, 0.7, 1.1, 2.6, 2.9, 4]
        self.assertAlmostEqual(
            batches_within(ends, 0.3, 1.9) + batches_within(ends, 1.9, 3.3), batches_within(ends, 0.3, 3.3)
        )

    def test_work_that_does_not_cover_the_window_is_refused(self):
        for ends in ([], [1], [2, 3], [1, 2]):
            with self.assertRaises(ValueError):
                batches_within(ends, 1.5, 2.5)


class Counter(unittest.TestCase):
    def test_millijoules(self):
        self.assertEqual(counter_energy(1_000_000, 1_350_500), {"status": "available", "energy_j": 350.5})

    def test_back_and_still_are_no_energy(self):
        self.assertIn("went back", counter_energy(10, 9)["reason"])
        self.assertIn("stood still", counter_energy(10, 10)["reason"])
        self.assertNotIn("energy_j", counter_energy(10, 10))


class Integral(unittest.TestCase):
    def test_a_ramp(self):
        # 100 W + 10 W/s over 0 to 2 s, taken from 0.5 to 1.5 s: 110 W on average for 1 s.
        samples = [(i / 4, 100 + 10 * i / 4) for i in range(9)]
        self.assertAlmostEqual(integrated_energy(samples, 0.5, 1.5)["energy_j"], 110)
        # Edges between samples: from 0.6 to 1.5 s the average is 110.5 W.
        self.assertAlmostEqual(integrated_energy(samples, 0.6, 1.5)["energy_j"], 110.5 * 0.9)

    def test_uneven_samples(self):
        # (100 + 200) / 2 x 0.1 + (200 + 100) / 2 x 0.3 = 15 + 45.
        self.assertAlmostEqual(integrated_energy([(0, 100), (0.1, 200), (0.4, 100)], 0, 0.4)["energy_j"], 60)

    def test_edges_outside_of_the_samples_hold_the_nearest(self):
        # 0.1 s at 100 W, a step of 0.2 s from 100 to 300 W, 0.2 s at 300 W.
        self.assertAlmostEqual(integrated_energy([(0.1, 100), (0.3, 300)], 0, 0.5)["energy_j"], 10 + 40 + 60)

    def test_holes_are_not_bridged(self):
        for samples in ([], [(0, 100), (1, 100)], [(0.4, 100), (1.1, 100)], [(0.1, 100), (0.2, 100)], [(3, 100)]):
            self.assertEqual(integrated_energy(samples, 0, 1)["status"], "unavailable", samples)


class Statistics(unittest.TestCase):
    def test_quantile_as_numpy_and_r_have_it(self):
        # numpy.quantile([1, 2, 3, 4], 0.99) = 3.97; R: quantile(c(15, 20, 35, 40, 50), 0.4) = 29.
        self.assertAlmostEqual(quantile([4, 1, 3, 2], 0.99), 3.97)
        self.assertAlmostEqual(quantile([15, 20, 35, 40, 50], 0.4), 29)
        self.assertEqual(quantile([7], 0.99), 7)

    def test_deviation(self):
        # 2, 4, 4, 4, 5, 5, 7, 9: squares sum to 32 about 5.
        self.assertAlmostEqual(deviation([2, 4, 4, 4, 5, 5, 7, 9]), (32 / 7) ** 0.5)
        with self.assertRaises(ValueError):
            deviation([1])

    def test_settled(self):
        self.assertFalse(settled([1, 1, 1, 1]))
        self.assertTrue(settled([9, 1, 1.01, 0.99, 1, 1]))
        self.assertFalse(settled([1, 1, 1, 1, 1.2]))
