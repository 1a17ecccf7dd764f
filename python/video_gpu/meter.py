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
            self.gpu = pynvml.nvmlDeviceGetHandleByUUID(uuid.encode())
        elif pynvml.nvmlDeviceGetCount() == 1:
            self.gpu = pynvml.nvmlDeviceGetHandleByIndex(0)
        else:
            raise LookupError("several GPUs, and this torch does not tell which one it uses: take a newer torch")
        self.mig = self._read("mig_mode", lambda: pynvml.nvmlDeviceGetMigMode(self.gpu)[0])
        self.instant = self._instant_w() is not None
        self.power_source = "NVML_FI_DEV_POWER_INSTANT" if self.instant else "nvmlDeviceGetPowerUsage"

    def _read(self, name, read):
        try:
            return read()
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
        return self._read("power", lambda: self.nvml.nvmlDeviceGetPowerUsage(self.gpu) / 1000)

    def _instant_w(self):
        def read():
            [field] = self.nvml.nvmlDeviceGetFieldValues(self.gpu, [self.nvml.NVML_FI_DEV_POWER_INSTANT])
            if field.nvmlReturn != self.nvml.NVML_SUCCESS:
                raise self.nvml.NVMLError(field.nvmlReturn)
            return field.value.uiVal / 1000

        return self._read("power", read)

    def state(self):
        """Temperature, clocks, utilisation, and why the clocks are held down, now; without what NVML does not give."""
        nvml, gpu = self.nvml, self.gpu
        read = {
            "temperature_c": lambda: nvml.nvmlDeviceGetTemperature(gpu, nvml.NVML_TEMPERATURE_GPU),
            "sm_clock_mhz": lambda: nvml.nvmlDeviceGetClockInfo(gpu, nvml.NVML_CLOCK_SM),
            "memory_clock_mhz": lambda: nvml.nvmlDeviceGetClockInfo(gpu, nvml.NVML_CLOCK_MEM),
            "utilisation_pct": lambda: nvml.nvmlDeviceGetUtilizationRates(gpu).gpu,
            "events": lambda: nvml.nvmlDeviceGetCurrentClocksThrottleReasons(gpu),
        }
        values = {name: self._read(name, call) for name, call in read.items()}
        return {name: value for name, value in values.items() if value is not None}

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
            "compute_processes": lambda: len(nvml.nvmlDeviceGetComputeRunningProcesses(gpu)),
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


def event_names(mask):
    return [name for bit, name in EVENTS.items() if mask & bit]


def _text(value):
    return value.decode() if isinstance(value, bytes) else value
