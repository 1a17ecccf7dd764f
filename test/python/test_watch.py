"""The window of a meter whose counter and power follow a law, on a clock of the test's own."""

import unittest

from meter import NoMeter
from watch import Interrupted, watch


class Clock:
    def __init__(self):
        self.now = 100.0

    def time(self):
        self.now += 1e-5
        return self.now

    def sleep(self, seconds):
        self.now += seconds


class Simulated(NoMeter):
    """A GPU of constant power, whose counter is brought up to date each 100 ms."""

    power_source = "simulated"

    def __init__(self, clock, watts=250.0, step=0.1):
        self.clock, self.watts, self.step = clock, watts, step

    def energy_mj(self):
        steps = int(self.clock.now / self.step)
        return int(1000 * self.watts * steps * self.step)

    def power_w(self):
        return self.watts

    def state(self):
        return {"temperature_c": 40 + int(self.clock.now) % 2, "events": 0x4 if self.clock.now > 102 else 0}


class Window(unittest.TestCase):
    def setUp(self):
        self.clock = Clock()

    def watch(self, meter, seconds=1.03, **more):
        return watch(meter, seconds, clock=self.clock.time, sleep=self.clock.sleep, **more)

    def test_lies_between_ticks_so_that_both_energies_are_power_times_time(self):
        seen = self.watch(Simulated(self.clock))
        elapsed = seen["end_s"] - seen["start_s"]
        # From one tick to the first after 1.03 s: 1.1 s, to within the counter's polling of 1 ms.
        self.assertAlmostEqual(elapsed, 1.1, delta=0.003)
        self.assertAlmostEqual(seen["counter"]["energy_j"], 275, delta=0.01)
        self.assertAlmostEqual(seen["integrated"]["energy_j"], 250 * elapsed, places=6)

    def test_without_alignment_the_step_would_be_an_error(self):
        # The check above can fail: readings 1.03 s apart differ by 10 or 11 steps, 250 or 275 J, not 257.5 J.
        meter = Simulated(self.clock)
        first = meter.energy_mj()
        self.clock.now += 1.03
        self.assertNotAlmostEqual((meter.energy_mj() - first) / 1000, 257.5, delta=5)

    def test_a_counter_that_stands_still_is_no_energy(self):
        meter = Simulated(self.clock)
        meter.energy_mj = lambda: 5
        seen = self.watch(meter)
        self.assertEqual(seen["counter"], {"status": "unavailable", "reason": "the counter stood still for 1 s"})
        self.assertAlmostEqual(seen["integrated"]["energy_j"], 250 * (seen["end_s"] - seen["start_s"]), places=6)

    def test_a_counter_that_goes_back_is_no_energy(self):
        meter = Simulated(self.clock)
        whole = meter.energy_mj
        meter.energy_mj = lambda: whole() - (25_000_000 if self.clock.now > 100.7 else 0)
        self.assertIn("went back", self.watch(meter)["counter"]["reason"])

    def test_a_counter_that_fails_inside_the_window_is_no_energy(self):
        meter = Simulated(self.clock)
        whole = meter.energy_mj
        meter.energy_mj = lambda: whole() if self.clock.now < 100.7 else None
        self.assertEqual(self.watch(meter)["counter"]["status"], "unavailable")

    def test_power_that_is_missing_or_0_is_no_sample(self):
        meter = Simulated(self.clock)
        meter.power_w = lambda: 0
        self.assertEqual(self.watch(meter)["integrated"]["status"], "unavailable")
        meter.power_w = lambda: 250 if self.clock.now < self.begun + 0.3 else None
        self.begun = self.clock.now
        self.assertIn("no power sample for", self.watch(meter)["integrated"]["reason"])

    def test_state(self):
        seen = self.watch(Simulated(self.clock), 3)
        self.assertEqual(seen["state"]["temperature_c"]["min"], 40)
        self.assertEqual(seen["state"]["temperature_c"]["max"], 41)
        # Looked at each half second for 3.1 s from 100 s on: 7 times, 3 of them after 102 s.
        self.assertAlmostEqual(seen["state"]["events"]["software power cap"], 3 / 7)

    def test_stops_when_asked(self):
        with self.assertRaises(Interrupted):
            self.watch(Simulated(self.clock), interrupted=lambda: self.clock.now > 100.5)
        self.assertLess(self.clock.now, 100.6)


class Nvml(unittest.TestCase):
    def test_without_a_driver_is_refused_with_a_reason(self):
        try:
            import pynvml
        except ImportError:
            self.skipTest("no bindings")
        try:
            pynvml.nvmlInit()
        except pynvml.NVMLError:
            from sweep import Refused, meter_of

            with self.assertRaisesRegex(Refused, "no NVML for GPU GPU-1: NVMLError"):
                meter_of("cuda", "GPU-1")
        else:
            self.skipTest("there is a driver")
