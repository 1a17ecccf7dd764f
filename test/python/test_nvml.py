"""The probe's lines of a meter whose counter and power follow a law, on a clock of the test's own."""

import itertools
import unittest

from nvml import lines


class Clock:
    def __init__(self):
        self.now = 100.0

    def time(self):
        self.now += 1e-5
        return self.now

    def sleep(self, seconds):
        self.now += seconds


class Simulated:
    """A GPU of constant power, whose counter is brought up to date each 100 ms."""

    def __init__(self, clock):
        self.clock, self.watts, self.mask = clock, 250.0, 0

    def uuid(self):
        return "GPU-1"

    def energy_mj(self):
        return int(1000 * self.watts * int(self.clock.now / 0.1) * 0.1)

    def power_w(self):
        return self.watts

    def state(self):
        return {"temperature_c": 40, "events": self.mask}

    def missing(self, name):
        return f"{name}: Not Supported"


class Lines(unittest.TestCase):
    def setUp(self):
        self.clock = Clock()
        self.meter = Simulated(self.clock)

    def said(self, count, power=False):
        return list(itertools.islice(lines(self.meter, power, self.clock.time, self.clock.sleep), count))

    def test_values_stand_where_the_counter_moves_so_that_energy_is_power_times_time(self):
        values = [line for line in self.said(40) if "energy_j" in line]
        first, last = values[0], values[-1]
        elapsed = last["time_s"] - first["time_s"]
        # Steps of 0.1 s, seen to within the polling of 2 ms; readings at any other time would be off by up to 25 J.
        self.assertGreater(elapsed, 1)
        self.assertAlmostEqual(last["energy_j"] - first["energy_j"], 250 * elapsed, delta=250 * 0.005)
        self.assertEqual({line["covers"] for line in values}, {"board"})

    def test_a_counter_that_stands_still_or_is_not_there_is_an_error_with_its_reason(self):
        self.meter.energy_mj = lambda: 5
        self.assertIn("stood still at 5 mJ", self.said(10_000)[-1]["error"])
        self.meter.energy_mj = lambda: None
        self.assertEqual(self.said(10), [{"error": "energy: Not Supported"}])

    def test_a_step_that_was_seen_late_is_no_value(self):
        self.clock.sleep = lambda seconds: setattr(self.clock, "now", self.clock.now + 0.12)
        self.assertEqual([line for line in self.said(20) if "energy_j" in line], [])

    def test_power_is_sampled_and_0_is_no_sample(self):
        values = [line["power_w"] for line in self.said(20, power=True) if "power_w" in line]
        self.assertEqual(set(values), {250.0})
        self.meter.watts = 0.0
        self.assertEqual([line for line in self.said(5, power=True) if "power_w" in line], [])

    def test_trouble_is_flagged_once_and_a_cap_is_told_without(self):
        self.meter.mask = 0x4 | 0x40 | 0x1
        told = [line for line in self.said(40) if "caveat" in line]
        self.assertEqual(
            [(line["caveat"], line.get("flag")) for line in told],
            [
                ("the clocks were held down: software power cap", None),
                ("the clocks were held down: hardware thermal slowdown", "slowed"),
            ],
        )
