"""One window of one cell: workers warm, meter watched, batches counted."""

import time

from arithmetic import batches_within, deviation, mean, quantile
from watch import Interrupted, watch
from worker import WorkerFailed

READY_LIMIT_S = 60
DONE_LIMIT_S = 30


def measure(cell, workers, meter, seconds, look):
    """The record's fields of a window in which every worker runs the cell. `look` raises when the sweep must stop."""
    for worker in workers:
        worker.send("run", cell)
    warm_ups = [worker.answer("ready", READY_LIMIT_S, look) for worker in workers]

    def disturbed():
        look()
        return any(worker.heard() for worker in workers)

    try:
        seen = watch(meter, seconds, disturbed)
    except Interrupted:
        for worker in workers:
            if worker.heard():
                worker.answer("done", 0)
        raise WorkerFailed("a worker spoke up inside the window") from None
    for worker in workers:
        worker.send("stop", seen["end_s"])
    done = [worker.answer("done", DONE_LIMIT_S, look) for worker in workers]
    return {"warm_ups": warm_ups, **seen, **work_within(cell, done, seen["start_s"], seen["end_s"])}


def work_within(cell, done, start, end):
    """What the workers did in the window: batches at its edges by their share, latencies of those that ended within.

    `ends`: when the warm-up and then each batch ended. `parts` of a batch: seconds of drawing the images, then of each stage; the latency is that of the stages.
    """
    batches = [batches_within(each["ends"], start, end) for each in done]
    inside = [
        parts for each in done for when, parts in zip(each["ends"][1:], each["parts"]) if start < when <= end
    ]
    if len(inside) < 2:
        raise WorkerFailed(f"{len(inside)} batches ended within the window, at least 2 needed")
    latencies = [sum(parts[1:]) for parts in inside]
    return {
        "batches": sum(batches),
        "batches_by_tenant": batches,
        "images": sum(batches) * cell.batch,
        "latency_s": {
            "count": len(latencies),
            "mean": mean(latencies),
            "sd": deviation(latencies),
            "p50": quantile(latencies, 0.5),
            "p99": quantile(latencies, 0.99),
            "max": max(latencies),
        },
        "draw_s": mean([parts[0] for parts in inside]),
        "stages_s": [mean([parts[i] for parts in inside]) for i in range(1, len(inside[0]))],
    }


def at_rest(meter, settle_s, seconds, look):
    """The meter's window while nothing runs, after a pause in which the power comes down."""
    until = time.monotonic() + settle_s
    while time.monotonic() < until:
        look()
        time.sleep(0.05)

    def quiet():
        look()
        return False

    return watch(meter, seconds, quiet)
