/* A libnvidia-ml.so.1 of one GPU that draws 300 W: what NVML's own bindings call, so that units and names are checked.
 * The counter is brought up to date each 100 ms. FAKE_MIG=1: MIG is on. FAKE_OLD=1: no instant power, no energy. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SUCCESS = 0, NOT_SUPPORTED = 3, NOT_FOUND = 6 };
static const char *uuid = "GPU-1b2c";

static int is(const char *name) { return getenv(name) != NULL; }

int nvmlInitWithFlags(unsigned flags) { return SUCCESS; }
int nvmlInit_v2(void) { return SUCCESS; }
const char *nvmlErrorString(int code) { return code == NOT_SUPPORTED ? "Not Supported" : "Not Found"; }
int nvmlDeviceGetCount_v2(unsigned *count) { *count = 1; return SUCCESS; }
int nvmlDeviceGetHandleByUUID(const char *given, void **gpu) {
	*gpu = (void *)0x10;
	return strcmp(given, uuid) == 0 ? SUCCESS : NOT_FOUND;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **gpu) { *gpu = (void *)0x10; return SUCCESS; }
int nvmlDeviceGetName(void *gpu, char *name, unsigned length) { strncpy(name, "Fake 300W", length); return SUCCESS; }
int nvmlDeviceGetUUID(void *gpu, char *name, unsigned length) { strncpy(name, uuid, length); return SUCCESS; }
int nvmlSystemGetDriverVersion(char *name, unsigned length) { strncpy(name, "555.1", length); return SUCCESS; }
int nvmlDeviceGetMigMode(void *gpu, unsigned *now, unsigned *later) { *now = *later = is("FAKE_MIG"); return SUCCESS; }
int nvmlDeviceGetTotalEnergyConsumption(void *gpu, unsigned long long *mj) {
	struct timespec t;
	if (is("FAKE_OLD")) return NOT_SUPPORTED;
	clock_gettime(CLOCK_MONOTONIC, &t);
	*mj = 30000ULL * (unsigned long long)(t.tv_sec * 10 + t.tv_nsec / 100000000);
	return SUCCESS;
}
int nvmlDeviceGetPowerUsage(void *gpu, unsigned *mw) { *mw = 298000; return SUCCESS; }

struct field { unsigned id, scope; long long timestamp, latency; unsigned type, status; unsigned long long value; };
int nvmlDeviceGetFieldValues(void *gpu, int count, struct field *fields) {
	for (int i = 0; i < count; i++) {
		fields[i].status = fields[i].id == 186 && !is("FAKE_OLD") ? SUCCESS : NOT_SUPPORTED;
		fields[i].type = 1;
		fields[i].value = 300000;
	}
	return SUCCESS;
}
int nvmlDeviceGetTemperature(void *gpu, int sensor, unsigned *celsius) { *celsius = 61; return SUCCESS; }
int nvmlDeviceGetClockInfo(void *gpu, int which, unsigned *mhz) { *mhz = which == 1 ? 1980 : 2619; return SUCCESS; }
int nvmlDeviceGetMaxClockInfo(void *gpu, int which, unsigned *mhz) { *mhz = 1980; return SUCCESS; }
int nvmlDeviceGetUtilizationRates(void *gpu, unsigned *rates) { rates[0] = 97; rates[1] = 40; return SUCCESS; }
int nvmlDeviceGetCurrentClocksThrottleReasons(void *gpu, unsigned long long *bits) { *bits = 0x44; return SUCCESS; }
int nvmlDeviceGetEnforcedPowerLimit(void *gpu, unsigned *mw) { *mw = 700000; return SUCCESS; }
int nvmlDeviceGetPowerManagementDefaultLimit(void *gpu, unsigned *mw) { *mw = 700000; return SUCCESS; }
int nvmlDeviceGetPersistenceMode(void *gpu, unsigned *mode) { *mode = 1; return SUCCESS; }
