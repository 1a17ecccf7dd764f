"""A GPU's energy, power and state by NVML. Reads only: clocks, power limit, MIG and persistence stay as they are."""

from arithmetic import unavailable

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
            raise LookupError("several GPUs, and this torch does not tell which one it uses: take a newer torch")
        self.mig = self._read("mig_mode", lambda: pynvml.nvmlDeviceGetMigMode(self.gpu)[0])
        is_slice = self._read("mig_device", lambda: pynvml.nvmlDeviceIsMigDeviceHandle(self.gpu))
        # The bindings hand out the C number itself, which no number is equal to.
        if getattr(is_slice, "value", is_slice) == 1:
            self.gpu, self.mig = pynvml.nvmlDeviceGetDeviceHandleFromMigDeviceHandle(self.gpu), 1
        self.instant = self._instant_w() is not None
        self.power_source = "NVML_FI_DEV_POWER_INSTANT" if self.instant else "nvmlDeviceGetPowerUsage"

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

    def identity(self):
        """What must not change over a journal: the GPU and its driver."""
        nvml, gpu = self.nvml, self.gpu
        return {
            "name": _text(nvml.nvmlDeviceGetName(gpu)),
            "uuid": _text(nvml.nvmlDeviceGetUUID(gpu)),
            "driver": _text(nvml.nvmlSystemGetDriverVersion()),
        }

    def settings(self):
        """The GPU's settings as they are found, and how many processes hold a context on it."""
        nvml, gpu = self.nvml, self.gpu
        read = {
            "power_limit_w": lambda: nvml.nvmlDeviceGetEnforcedPowerLimit(gpu) / 1000,
            "power_limit_default_w": lambda: nvml.nvmlDeviceGetPowerManagementDefaultLimit(gpu) / 1000,
            "persistence_mode": lambda: nvml.nvmlDeviceGetPersistenceMode(gpu),
            "mig_mode": lambda: nvml.nvmlDeviceGetMigMode(gpu)[0],
            "compute_mode": lambda: nvml.nvmlDeviceGetComputeMode(gpu),
            "sm_clock_max_mhz": lambda: nvml.nvmlDeviceGetMaxClockInfo(gpu, nvml.NVML_CLOCK_SM),
            "compute_processes": self._compute_processes,
            "memory_used_mib": lambda: nvml.nvmlDeviceGetMemoryInfo(gpu).used // 2**20,
        }
        values = {name: self._read(name, call) for name, call in read.items()}
        return {name: self.why[name] if value is None else value for name, value in values.items()}

    def missing(self, name):
        return unavailable(self.why.get(name, f"{name}: NVML gave no reading"))


class NoMeter:
    """Where there is no GPU: everything is measured but the energy."""

    name = "none"
    power_source = "none"

    def energy_mj(self):
        return None

    def power_w(self):
        return None

    def state(self):
        return {}

    def settings(self):
        return {}

    def missing(self, name):
        return unavailable(f"{name}: no GPU (--device cpu)")


def _watts(milliwatts):
    return None if milliwatts is None else milliwatts / 1000


def event_names(mask):
    return [name for bit, name in EVENTS.items() if mask & bit]


def _text(value):
    return value.decode() if isinstance(value, bytes) else value
