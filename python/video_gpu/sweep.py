"""Measures the Video pipeline's models on a GPU, a call of some minutes at a time.

    python3 sweep.py --journal FILE

Each call goes on where the journal ends. Exit code 0: every window is there; 3: there is more to do, call again;
1: refused or failed, with the reason on standard error; 130 and 143: stopped by SIGINT and SIGTERM, all kept. A call
that hangs (a driver that no longer answers) ends itself HUNG_AFTER_S after its time, with 1.
"""

import argparse
import datetime
import importlib.util
import os
import platform
import re
import signal
import sys
import threading
import time

from cells import CONTROL, chosen, grid, schedule
from journal import Journal, JournalFault
from measure import at_rest, measure
from meter import Nvml, NoMeter
from worker import Worker, WorkerFailed

VERSION = 1
SETTLE_S = 5.0
START_LIMIT_S = 180
# Time kept free for a window beyond its own: warm-up, two ticks, a model to build; and for new processes to start.
OVERHEAD_S = 10.0
NEW_WORKERS_S = 30.0
CLOSING_S = 3.0
HUNG_AFTER_S = 20.0
# So many failures one after another, of as many cells, are no cell's own.
FAILURES_AT_MOST = 5


class Refused(Exception):
    """What was asked cannot be done here."""


class Stopped(Exception):
    """A signal came."""


def arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--journal", help="JSON lines, added to and gone on from")
    parser.add_argument("--seconds", type=float, default=540, help="the call ends within this time (540)")
    parser.add_argument("--seed", type=int, default=20240711, help="of the order, the weights and the images")
    parser.add_argument("--window", type=float, default=5, help="seconds of a window at least (5)")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--idle", type=float, default=30, help="seconds of idle power before and after (30)")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda", help="cpu: without energy, for trying out")
    parser.add_argument("--cells", help="regular expression: only cells whose whole id matches")
    parser.add_argument("--control", default=CONTROL.id, help=f"the control cell ({CONTROL.id})")
    parser.add_argument("--retry", action="store_true", help="try failed windows again")
    parser.add_argument("--list", action="store_true", help="print the windows in their order and stop")
    given = parser.parse_args(argv)
    if not given.list and given.journal is None:
        parser.error("--journal is needed")
    if given.window <= 0 or given.seconds <= 0 or given.idle <= 0 or given.repetitions < 1:
        parser.error("--window, --seconds and --idle must be above 0, --repetitions at least 1")
    return given


class OutOfTime(Exception):
    """The call's time is up: what was going on (a worker that does not answer) is left for the next call."""


class Sweep:
    """One call: the processes that it holds, its time, and whether a signal came."""

    def __init__(self, given):
        self.given = given
        self.deadline = time.monotonic() + given.seconds
        self.signal = 0
        self.workers = []
        self.overhead_s = OVERHEAD_S
        self.rest_s = min(SETTLE_S, given.idle)
        self.reserve_s = 0.0

    def look(self):
        """Raises when a signal came, or no more time is left than is kept for closing."""
        if self.signal:
            raise Stopped
        if self.left_s() < self.reserve_s:
            raise OutOfTime

    def closing_s(self):
        return self.rest_s + self.given.idle + CLOSING_S

    def guard(self):
        """Ends the process, and its workers, where even an exception would not: a call of NVML's that never returns."""

        def end():
            tell("hung: the GPU or its driver does not answer; all windows are kept")
            for worker in list(self.workers):
                worker.process.kill()
            os._exit(1)

        timer = threading.Timer(max(0.0, self.left_s()) + HUNG_AFTER_S, end)
        timer.daemon = True
        timer.start()

    def crew(self, tenants):
        """As many workers as tenants; those left over end, since an open context draws power of its own."""
        while len(self.workers) > tenants:
            self.workers.pop().close()
        new = [Worker(self.given.device, self.given.seed + i) for i in range(len(self.workers), tenants)]
        self.workers += new
        return [worker.answer("started", START_LIMIT_S, self.look) for worker in new]

    def dismiss(self):
        while self.workers:
            self.workers.pop().close()

    def need_s(self, entry):
        """Time for the entry's window and the closing idle power."""
        new = NEW_WORKERS_S if len(self.workers) < entry.cell.tenants else 0
        return self.given.window + self.overhead_s + new + self.closing_s()

    def left_s(self):
        return self.deadline - time.monotonic()


def header(given, about, parameters, identity):
    return {
        "type": "header",
        "version": VERSION,
        "created_at": now(),
        "seed": given.seed,
        "window_s": given.window,
        "repetitions": given.repetitions,
        "idle_s": given.idle,
        "device": given.device,
        "cells": given.cells,
        "grid": [cell.id for cell in grid()],
        "control": given.control,
        "gpu": identity,
        "software": {**about, "python": platform.python_version()},
        "parameters": parameters,
    }


def run(given, sweep, journal, entries):
    """Measures entries until they or the time are at an end; returns why it ended."""
    [about] = sweep.crew(1)
    meter = meter_of(given.device, about.pop("uuid", None))
    sweep.workers[0].send("count", None)
    parameters = sweep.workers[0].answer("counted", START_LIMIT_S, sweep.look)
    for name, count in parameters.items():
        if count["counted"] != count["published"]:
            raise Refused(f"{name} has {count['counted']} parameters here, {count['published']} as published")
    if not about["settings"]["fp32_is_fp32"]:
        raise Refused("fp32 is not computed as fp32 here, though TF32 was switched off")
    identity = meter.identity() if given.device == "cuda" else {"name": f"a CPU ({platform.machine()}), for trial"}
    journal.claim(header(given, about, parameters, identity))
    done = journal.done(given.retry)
    left = [entry for entry in entries if entry.key not in done]
    if not left:
        return "complete"
    # A call that could not hold a window would be repeated for ever.
    short = sweep.need_s(left[0]) + sweep.rest_s + given.idle - sweep.left_s()
    if short > 0:
        raise Refused(f"--seconds {given.seconds:g} is too short for a window: it needs {short:.0f} s more")
    call = journal.calls()
    journal.append(
        {"type": "call", "call": call, "at": now(), "settings": meter.settings(), "host": platform.platform()}
    )
    before = at_rest(meter, sweep.rest_s, given.idle, sweep.look)
    idle(journal, call, "before", before)
    if before["counter"]["status"] == "unavailable" and given.device == "cuda":
        tell(f"NO ENERGY will be measured: {before['counter']['reason']}")
    why, measured, failures = "complete", 0, []
    for entry in left:
        if sweep.need_s(entry) > sweep.left_s():
            why = "time"
            break
        begun = time.monotonic()
        record = {"call": call, "key": entry.key, "cell": entry.cell.id, "repetition": entry.repetition,
                  "control": entry.control >= 0, "at": now()}
        sweep.reserve_s = sweep.closing_s()
        try:
            hire(sweep, entry.cell.tenants)
            found = measure(entry.cell, sweep.workers, meter, given.window, sweep.look)
            journal.append({"type": "window", **record, **found})
            said = f"{found['images'] / (found['end_s'] - found['start_s']):.0f} images/s"
            failures = []
        except WorkerFailed as failure:
            journal.append({"type": "failed", **record, "reason": str(failure)})
            said = f"failed: {failure}"
            sweep.dismiss()
            failures.append(entry.cell.id)
        except OutOfTime:
            why = "time"
            sweep.dismiss()
            # Begun with a whole call's time and not done within it, it would be begun for ever.
            if measured == 0:
                journal.append({"type": "failed", **record, "reason": f"not done within a call of {given.seconds:g} s"})
            break
        measured += 1
        spent = time.monotonic() - begun
        sweep.overhead_s = max(sweep.overhead_s, spent - given.window)
        tell(f"{len(entries) - len(left) + measured}/{len(entries)} {entry.key} {spent:.1f} s {said}")
        if len(set(failures)) >= FAILURES_AT_MOST:
            raise Refused(f"{len(failures)} windows failed one after another: --retry measures them again")
    sweep.reserve_s = 0.0
    try:
        sweep.crew(1)
        idle(journal, call, "after", at_rest(meter, sweep.rest_s, given.idle, sweep.look))
    except OutOfTime:
        # The call goes without its closing idle power, and its windows without an energy less idle.
        sweep.dismiss()
    journal.append({"type": "end", "call": call, "at": now(), "why": why})
    return why


def hire(sweep, tenants):
    """The crew of a cell. Where not even one process starts, that is the machine's fault and no cell's."""
    try:
        sweep.crew(tenants)
    except WorkerFailed as failure:
        if tenants == 1:
            raise Refused(f"no process can be started: {failure}") from failure
        raise


def meter_of(device, uuid):
    if device == "cpu":
        return NoMeter()
    try:
        return Nvml(uuid)
    except Exception as error:  # NVML's errors are of classes that only its bindings have
        raise Refused(f"no NVML for GPU {uuid}: {type(error).__name__}: {error}") from error


def idle(journal, call, when, seen):
    journal.append({"type": "idle", "call": call, "when": when, "contexts": 1, **seen})


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def tell(text):
    print(text, file=sys.stderr, flush=True)


def show(lines):
    """Prints lines; a reader that wants no more of them (head) ends it, as it ends any tool."""
    try:
        print("\n".join(lines), flush=True)
    except BrokenPipeError:
        # Python flushes once more as it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def main(argv):
    given = arguments(argv)
    cells = chosen(grid(), given.cells)
    [control] = chosen(grid(), re.escape(given.control)) or [None]
    if not cells or control is None or control.tenants > 1:
        tell(f"no cell for --cells {given.cells!r} or --control {given.control!r}")
        return 1
    entries = schedule(cells, given.repetitions, given.seed, control)
    if given.list:
        return show([entry.key for entry in entries])
    missing = [name for name in ("torch", "torchvision") if importlib.util.find_spec(name) is None]
    if missing:
        tell(f"{sys.executable} has no {' and no '.join(missing)}: name a Python that has (docs/gpu-sweep.md)")
        return 1
    sweep = Sweep(given)
    sweep.guard()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda came, _: setattr(sweep, "signal", came))
    try:
        journal = Journal(given.journal)
    except (JournalFault, OSError) as fault:
        tell(str(fault))
        return 1
    try:
        why = run(given, sweep, journal, entries)
    except OutOfTime:
        tell(f"--seconds {given.seconds:g} went by before a window could begin")
        return 1
    except Stopped:
        tell(f"stopped by a signal; all windows are kept in {given.journal}: give the same command to go on")
        return 128 + sweep.signal
    except (Refused, JournalFault, WorkerFailed) as fault:
        tell(f"{type(fault).__name__}: {fault}")
        return 1
    finally:
        sweep.dismiss()
        journal.close()
    failed = journal.failed()
    if failed:
        tell(f"{len(failed)} windows failed and have no measurement: --retry measures them again")
    tell("nothing is left to measure" if why == "complete" else "time is up: give the same command to go on")
    return 0 if why == "complete" else 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
