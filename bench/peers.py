"""CodeCarbon or Zeus, each by its own code, over one window of a powercap tree: `peers.py codecarbon|zeus {"root": ...}`.

Writes {"status": "open"}, reads a line, begins, writes {"status": "watching"}, reads a line, and writes what it reports:
{"status": "energy", "parts": {name: J}, "mode"} or {"status": "none", "reason"}, either with its "version", what it "said"
(warnings) and the "connections" that it tried to make.
"""

import contextlib
import json
import logging
import socket
import sys
import time
import warnings
from importlib.metadata import version

SAID = []
CONNECTIONS = []


class Listener(logging.Handler):
    def emit(self, record):
        SAID.append(record.getMessage().strip())


def no_network():
    """Neither may reach the network; that neither tries is reported."""

    def connect(self, address, *_):
        CONNECTIONS.append(str(address))
        raise OSError("the network is off limits")

    socket.socket.connect = socket.socket.connect_ex = connect


def codecarbon(asked):
    """Its offline tracker as a user has it; the defaults of its own parameter rapl_dir name the tree."""
    import codecarbon.core.cpu as core
    import codecarbon.external.hardware as hardware
    from codecarbon import OfflineEmissionsTracker

    logging.getLogger("codecarbon").addHandler(Listener(logging.WARNING))
    tree = f"{asked['root']}/intel-rapl/subsystem"
    core.is_rapl_available.__defaults__ = (tree,)
    core.IntelRAPL.__init__.__defaults__ = (tree, *core.IntelRAPL.__init__.__defaults__[1:])
    hardware.CPU.__init__.__defaults__ = (tree, *hardware.CPU.__init__.__defaults__[1:])
    tracker = OfflineEmissionsTracker(
        country_iso_code="FRA",
        save_to_file=False,
        allow_multiple_runs=True,
        log_level="warning",
        gpu_ids=[],
        **asked.get("codecarbon", {}),
    )
    yield
    if asked.get("task"):
        tracker.start_task("scenario")
        yield
        seen = tracker.stop_task("scenario")
        tracker.stop()
    else:
        tracker.start()
        yield
        tracker.stop()
        seen = tracker.final_emissions_data
    mode = next(own._mode for own in tracker._hardware if isinstance(own, hardware.CPU))
    yield {"status": "energy", "parts": {"cpu": seen.cpu_energy * 3.6e6}, "mode": mode}


def settle():
    """Until the processes that Zeus started to look for wraps have been idle for a while: they have begun to look."""
    import psutil

    def spent():
        return sum(sum(child.cpu_times()[:2]) for child in psutil.Process().children(recursive=True))

    deadline = time.monotonic() + 60
    before, since = spent(), time.monotonic()
    while time.monotonic() < deadline and (before == 0 or time.monotonic() - since < 1.5):
        time.sleep(0.1)
        if (now := spent()) > before + 0.02:
            before, since = now, time.monotonic()


def zeus(asked):
    """Its monitor as a user has it; the constant RAPL_DIR of its module names the tree, since no parameter does."""
    import zeus.device.cpu.rapl as rapl
    from zeus.monitor import ZeusMonitor

    logging.getLogger("zeus").addHandler(Listener(logging.WARNING))
    rapl.RAPL_DIR = f"{asked['root']}/intel-rapl"
    monitor = ZeusMonitor(gpu_indices=[])
    if not asked.get("cold"):
        # Its watchers of wraps start with the first window, and take a second or more to begin.
        monitor.begin_window("warm-up")
        monitor.end_window("warm-up")
        if monitor.cpu_indices:
            settle()
    yield
    monitor.begin_window("scenario")
    yield
    measured = monitor.end_window("scenario")
    parts = {
        f"{kind} {index}": joules
        for kind, own in (("cpu", measured.cpu_energy), ("dram", measured.dram_energy))
        for index, joules in (own or {}).items()
    }
    yield {"status": "energy", "parts": parts} if parts else {"status": "none", "reason": "cpu_energy is None"}


def main():
    answers, name, asked = sys.stdout, sys.argv[1], json.loads(sys.argv[2])

    def answer(**fields):
        print(json.dumps(fields), file=answers, flush=True)

    with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        no_network()
        window = {"codecarbon": codecarbon, "zeus": zeus}[name](asked)
        result = None
        for stage in ("open", "watching", "ended"):
            try:
                result = result or next(window)
            except Exception as error:
                result = {"status": "none", "reason": f"{type(error).__name__}: {error}"}
            if stage != "ended":
                answer(status=stage)
                sys.stdin.readline()
        said = [*SAID, *(str(own.message) for own in warned if name in own.filename)]
        answer(**result, version=version(name), said=said, connections=CONNECTIONS)


if __name__ == "__main__":
    main()
