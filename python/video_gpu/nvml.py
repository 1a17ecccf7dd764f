"""A GPU's total-energy counter as a probe of `sustainable-ipa measure` (docs/energy-probes.md, "A program of your own").

    python3 nvml.py [--gpu UUID] [--power]

Prints a line of JSON whenever the counter moves, so that both ends of a window lie on its steps; with --power instead the
board's power twenty times a second. Beside it the GPU's temperature, clocks, utilisation, and why the clocks are held
down. Reads only: clocks, power limit, MIG and persistence stay as they are. Needs nvidia-ml-py.
"""

import argparse
import json
import os
import sys
import time

# Thermal and power reasons for which the clocks may be held down (nvml.h, nvmlClocksEventReasons).
EVENTS = {
    0x1: "idle",
    0x2: "application clocks",
    0x4: "software power cap",
    0x8: "hardware slowdown",
    0x10: "sync boost",
    0x20: "software thermal slowdown",
    0x40: "hardware thermal slowdown",
    0x80: "hardware power brake",
    0x100: "display clocks",
}

# NVML_VALUE_NOT_AVAILABLE: where a driver has no value it may answer all ones, in 32 or in 64 bits, and call it a success.
NOT_A_VALUE = (2**32 - 1, 2**64 - 1)


class Nvml:
    """The meter of one GPU, by its UUID (without one: of the only one). A reading that NVML does not give is None; `why` holds the reason by its name."""

    name = "NVML"

    def __init__(self, uuid):
        import pynvml

        self.nvml = pynvml
        # Where driver and bindings differ in age, a function is missing in one of the two.
        mismatch = getattr(pynvml, "NVMLLibraryMismatchError", AttributeError)
        self.errors = (pynvml.NVMLError, AttributeError, mismatch)
        self.why = {}
        pynvml.nvmlInit()
        if uuid is not None:
            self.gpu = self._by_uuid(uuid)
        elif pynvml.nvmlDeviceGetCount() == 1:
            self.gpu = pynvml.nvmlDeviceGetHandleByIndex(0)
        else:
            raise LookupError("several GPUs: name one by --gpu or CUDA_VISIBLE_DEVICES")
        self.mig = self._read("mig_mode", lambda: pynvml.nvmlDeviceGetMigMode(self.gpu)[0])
        is_slice = self._read("mig_device", lambda: pynvml.nvmlDeviceIsMigDeviceHandle(self.gpu))
        # The bindings hand out the C number itself, which no number is equal to.
        if getattr(is_slice, "value", is_slice) == 1:
            self.gpu, self.mig = pynvml.nvmlDeviceGetDeviceHandleFromMigDeviceHandle(self.gpu), 1
        self.instant = self._instant_w() is not None

    def _by_uuid(self, uuid):
        """CUDA gives a slice of a GPU (MIG) a UUID of its own and no prefix, so both are tried."""
        try:
            return self.nvml.nvmlDeviceGetHandleByUUID(uuid.encode())
        except self.nvml.NVMLError:
            if not uuid.startswith("GPU-"):
                raise
            try:
                return self.nvml.nvmlDeviceGetHandleByUUID(uuid.replace("GPU-", "MIG-", 1).encode())
            except self.nvml.NVMLError:
                pass
            raise

    def _read(self, name, read):
        """The reading, or None with the reason in `why`."""
        try:
            value = read()
            if value in NOT_A_VALUE:
                raise LookupError("the driver answered that it has no value")
            return value
        except LookupError as error:
            self.why[name] = f"{name}: {error}"
            return None
        except self.errors as error:
            self.why[name] = f"{name}: {error}"
            return None

    def energy_mj(self):
        """The total-energy counter, mJ since the driver was loaded; of the whole GPU, so not taken under MIG."""
        if self.mig == 1:
            self.why["energy"] = "MIG is on: the counter is of the whole GPU, and a share of it would be a model"
            return None
        return self._read("energy", lambda: self.nvml.nvmlDeviceGetTotalEnergyConsumption(self.gpu))

    def power_w(self):
        if self.mig == 1:
            self.why["power"] = "MIG is on: the power is of the whole GPU, and a share of it would be a model"
            return None
        if self.instant:
            return self._instant_w()
        return _watts(self._read("power", lambda: self.nvml.nvmlDeviceGetPowerUsage(self.gpu)))

    def _instant_w(self):
        def read():
            [field] = self.nvml.nvmlDeviceGetFieldValues(self.gpu, [self.nvml.NVML_FI_DEV_POWER_INSTANT])
            if field.nvmlReturn != self.nvml.NVML_SUCCESS:
                raise self.nvml.NVMLError(field.nvmlReturn)
            return field.value.uiVal

        return _watts(self._read("power", read))

    def state(self):
        """Temperature, clocks, utilisation, and why the clocks are held down, now; without what NVML does not give."""
        nvml, gpu = self.nvml, self.gpu
        read = {
            "temperature_c": lambda: nvml.nvmlDeviceGetTemperature(gpu, nvml.NVML_TEMPERATURE_GPU),
            "sm_clock_mhz": lambda: nvml.nvmlDeviceGetClockInfo(gpu, nvml.NVML_CLOCK_SM),
            "memory_clock_mhz": lambda: nvml.nvmlDeviceGetClockInfo(gpu, nvml.NVML_CLOCK_MEM),
            "utilisation_pct": lambda: nvml.nvmlDeviceGetUtilizationRates(gpu).gpu,
            "events": self._events,
            "compute_processes": self._compute_processes,
        }
        values = {name: self._read(name, call) for name, call in read.items()}
        return {name: value for name, value in values.items() if value is not None}

    def _events(self):
        """Under NVML's newer name where bindings and driver both have it, else under the older."""
        try:
            return self.nvml.nvmlDeviceGetCurrentClocksEventReasons(self.gpu)
        except self.errors:
            return self.nvml.nvmlDeviceGetCurrentClocksThrottleReasons(self.gpu)

    def _compute_processes(self):
        return len(self.nvml.nvmlDeviceGetComputeRunningProcesses(self.gpu))

    def uuid(self):
        return _text(self.nvml.nvmlDeviceGetUUID(self.gpu))

    def missing(self, name):
        return self.why.get(name, f"{name}: NVML gave no reading")


def _watts(milliwatts):
    return None if milliwatts is None else milliwatts / 1000


def event_names(mask):
    return [name for bit, name in EVENTS.items() if mask & bit]


def _text(value):
    return value.decode() if isinstance(value, bytes) else value


# How often the counter is looked at, the power and the state read, s.
POLL_S = 0.002
POWER_EVERY_S = 0.05
STATE_EVERY_S = 0.2
# A counter that does not move for so long stands still, s.
STILL_S = 5.0
# A step that was seen so late, s, is not a step's time.
LATE_S = 0.05
# The clocks are held down by trouble, not by a cap at its default.
TROUBLE = ("slowdown", "brake")


def lines(meter, power, clock=time.monotonic, sleep=time.sleep):
    """The probe's lines, without an end: values when they change, the state five times a second."""
    place = {"domain": meter.uuid(), "covers": "board"}
    said, last, looked, due_state, due_power = set(), None, clock(), clock(), clock()
    began = clock()
    while True:
        now = clock()
        if power:
            if now >= due_power:
                due_power = now + POWER_EVERY_S
                watts = meter.power_w()
                if watts is None:
                    yield {"error": meter.missing("power")}
                    return
                # 0 W is no reading of a GPU that is switched on.
                if watts > 0:
                    yield {**place, "power_w": watts, "time_s": clock()}
        else:
            counted = meter.energy_mj()
            came = clock()
            if counted is None:
                yield {"error": meter.missing("energy")}
                return
            if last is not None and counted != last and came - looked <= LATE_S:
                began = came
                yield {**place, "energy_j": counted / 1000, "time_s": came}
            elif came - began > STILL_S:
                yield {"error": f"the counter stood still at {counted} mJ for {STILL_S:g} s"}
                return
            last, looked = counted, came
        if now >= due_state:
            due_state = now + STATE_EVERY_S
            state = meter.state()
            mask = state.pop("events", 0)
            if state:
                yield {**place, "observed": state}
            for name in event_names(mask):
                if name in said or name == "idle":
                    continue
                said.add(name)
                trouble = any(word in name for word in TROUBLE)
                yield {**place, "caveat": f"the clocks were held down: {name}", **({"flag": "slowed"} if trouble else {})}
        sleep(POWER_EVERY_S / 5 if power else POLL_S)


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gpu", help="UUID; by default the one of CUDA_VISIBLE_DEVICES, or the only one")
    parser.add_argument("--power", action="store_true", help="power in place of the counter")
    given = parser.parse_args(argv)
    named = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    try:
        meter = Nvml(given.gpu or (named if named.startswith("GPU-") else None))
        for line in lines(meter, given.power):
            print(json.dumps(line), flush=True)
    except BrokenPipeError:
        pass
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
