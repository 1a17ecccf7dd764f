/* A libnvidia-ml.so.1 of one GPU that draws 300 W: what NVML's own bindings call, so that units and names are checked.
 * The counter is brought up to date each 100 ms. By the environment: FAKE_MIG: MIG is on. FAKE_SLICE: the UUID is that of
 * a slice. FAKE_OLD: no instant power, no energy. FAKE_ALL_ONES: power and energy are no values, and called a success.
 * FAKE_NO_STATE: temperature, clocks, utilisation and events are not supported. FAKE_SLOW: reading the counter takes
 * 80 ms. FAKE_SHARED: so many processes hold a context. FAKE_HANG: a file; while it is there, power never comes.
 * With -DOLD_DRIVER the functions that came late are missing. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SUCCESS = 0, NOT_SUPPORTED = 3, NOT_FOUND = 6, INSUFFICIENT_SIZE = 7 };
static const char *uuid = "GPU-1b2c";

static int is(const char *name) { return getenv(name) != NULL; }
static void pause_ms(long ms) { struct timespec t = {ms / 1000, ms % 1000 * 1000000}; nanosleep(&t, NULL); }

int nvmlInitWithFlags(unsigned flags) { return SUCCESS; }
int nvmlInit_v2(void) { return SUCCESS; }
const char *nvmlErrorString(int code) { return code == NOT_SUPPORTED ? "Not Supported" : "Not Found"; }
int nvmlDeviceGetCount_v2(unsigned *count) { *count = 1; return SUCCESS; }
int nvmlDeviceGetHandleByUUID(const char *given, void **gpu) {
	*gpu = (void *)0x10;
	if (is("FAKE_SLICE")) return strcmp(given, "MIG-1b2c") == 0 ? SUCCESS : NOT_FOUND;
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
	*mj = ~0ULL;
	if (is("FAKE_ALL_ONES")) return SUCCESS;
	if (is("FAKE_SLOW")) pause_ms(80);
	clock_gettime(CLOCK_MONOTONIC, &t);
	*mj = 30000ULL * (unsigned long long)(t.tv_sec * 10 + t.tv_nsec / 100000000);
	return SUCCESS;
}
int nvmlDeviceGetPowerUsage(void *gpu, unsigned *mw) { *mw = is("FAKE_ALL_ONES") ? ~0U : 298000; return SUCCESS; }

#ifndef OLD_DRIVER
struct field { unsigned id, scope; long long timestamp, latency; unsigned type, status; unsigned long long value; };
int nvmlDeviceGetFieldValues(void *gpu, int count, struct field *fields) {
	for (int i = 0; i < count; i++) {
		fields[i].status = fields[i].id == 186 && !is("FAKE_OLD") ? SUCCESS : NOT_SUPPORTED;
		fields[i].type = 1;
		fields[i].value = is("FAKE_ALL_ONES") ? 0xffffffffULL : 300000;
	}
	while (is("FAKE_HANG") && access(getenv("FAKE_HANG"), F_OK) == 0) pause_ms(10);
	return SUCCESS;
}
int nvmlDeviceIsMigDeviceHandle(void *gpu, unsigned *mig) { *mig = is("FAKE_SLICE"); return SUCCESS; }
int nvmlDeviceGetDeviceHandleFromMigDeviceHandle(void *slice, void **gpu) { *gpu = (void *)0x10; return SUCCESS; }
int nvmlDeviceGetCurrentClocksEventReasons(void *gpu, unsigned long long *bits) {
	*bits = 0x44;
	return is("FAKE_NO_STATE") ? NOT_SUPPORTED : SUCCESS;
}
int nvmlDeviceGetComputeRunningProcesses_v3(void *gpu, unsigned *count, void *processes) {
	unsigned room = *count;
	*count = is("FAKE_SHARED") ? atoi(getenv("FAKE_SHARED")) : 1;
	return room < *count ? INSUFFICIENT_SIZE : SUCCESS;
}
#endif
int nvmlDeviceGetTemperature(void *gpu, int sensor, unsigned *celsius) {
	*celsius = 61;
	return is("FAKE_NO_STATE") ? NOT_SUPPORTED : SUCCESS;
}
int nvmlDeviceGetClockInfo(void *gpu, int which, unsigned *mhz) {
	*mhz = which == 1 ? 1980 : 2619;
	return is("FAKE_NO_STATE") ? NOT_SUPPORTED : SUCCESS;
}
int nvmlDeviceGetMaxClockInfo(void *gpu, int which, unsigned *mhz) { *mhz = 1980; return SUCCESS; }
int nvmlDeviceGetUtilizationRates(void *gpu, unsigned *rates) {
	rates[0] = 97;
	rates[1] = 40;
	return is("FAKE_NO_STATE") ? NOT_SUPPORTED : SUCCESS;
}
int nvmlDeviceGetCurrentClocksThrottleReasons(void *gpu, unsigned long long *bits) {
	*bits = 0x44;
	return is("FAKE_NO_STATE") ? NOT_SUPPORTED : SUCCESS;
}
int nvmlDeviceGetEnforcedPowerLimit(void *gpu, unsigned *mw) { *mw = 700000; return SUCCESS; }
int nvmlDeviceGetPowerManagementDefaultLimit(void *gpu, unsigned *mw) { *mw = 700000; return SUCCESS; }
int nvmlDeviceGetPersistenceMode(void *gpu, unsigned *mode) { *mode = 1; return SUCCESS; }
