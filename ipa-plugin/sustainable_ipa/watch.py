"""Does the power measured on the cluster still lie in the interval of the calibrated profile?"""

import csv
import json
import logging
import math
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from .errors import SettingsError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Watch:
    """Where power is read, as the key `watch` says it."""

    interval_log: Path = None
    prometheus: str = None
    query: str = None
    # What the meter counts beside the pipeline: the node's floor, W.
    floor_w: float = 0.0
    # How much of an interval log, from its end, is averaged.
    window_s: float = 60.0

    def power_w(self):
        """Mean power now, W; raises OSError or ValueError where there is none to read."""
        if self.interval_log is not None:
            return log_power(self.interval_log.read_text(encoding="utf-8"), self.window_s)
        address = f"{self.prometheus.rstrip('/')}/api/v1/query?{urllib.parse.urlencode({'query': self.query})}"
        with urllib.request.urlopen(address, timeout=10) as answer:
            return prometheus_power(json.load(answer))


def log_power(text, window_s):
    """Mean power of the last window of an interval log: a table with t_log_s, pkg_j and maybe dram_j, or `perf stat -I -x,`."""
    rows = perf_rows(text) if "t_log_s" not in text.split("\n", 1)[0] else table_rows(text)
    if len(rows) < 2:
        raise ValueError("an interval log of fewer than two intervals has no power")
    last = rows[-1][0]
    # An interval ends at its time: the first row of the window only says when the second begins.
    kept = [row for row in rows if row[0] >= last - window_s - 1e-9]
    kept = kept if len(kept) > 1 else rows[-2:]
    return sum(joules for _, joules in kept[1:]) / (last - kept[0][0])


def table_rows(text):
    return [
        (float(row["t_log_s"]), float(row["pkg_j"]) + float(row.get("dram_j") or 0))
        for row in csv.DictReader(text.splitlines())
    ]


def perf_rows(text):
    joules = {}
    for line in text.splitlines():
        fields = [part.strip() for part in line.split(",")]
        if len(fields) > 3 and fields[2] == "Joules" and fields[3].split("/")[1:2] in (["energy-pkg"], ["energy-ram"]):
            joules[float(fields[0])] = joules.get(float(fields[0]), 0.0) + float(fields[1])
    return sorted(joules.items())


def prometheus_power(answer):
    """The sum of an instant query's values, W."""
    if answer.get("status") != "success":
        raise ValueError(f"Prometheus answers {answer.get('error', 'without success')}")
    result = answer["data"]["result"]
    values = [result] if answer["data"]["resultType"] == "scalar" else [series["value"] for series in result]
    if not values:
        raise ValueError("the query finds no series")
    return math.fsum(float(value) for _, value in values)


def power_interval(stages, rate, intervals, energies):
    """Power of a configuration at a load, from its calibrated cells' intervals: (low, high, calibration), W.

    `stages` are (task, variant, cores, batch, replicas, latency_s). Busy replicas draw what their cell's interval says,
    idle ones what its idle power says. None where a stage's cell has no interval.
    """
    low = high = 0.0
    calibrations = []
    for task, variant, cores, batch, replicas, latency_s in stages:
        key = (task, variant, float(cores), int(batch))
        if key not in intervals:
            return None
        own_low, own_high, calibration = intervals[key]
        busy = min(rate * latency_s / batch, replicas)
        idle = (replicas - busy) * energies[key]["idle_power_w"]
        low += busy * own_low + idle
        high += busy * own_high + idle
        if calibration not in calibrations:
            calibrations.append(calibration)
    return low, high, "; ".join(calibrations)


def check(watch, expected):
    """Compares the power now with the interval expected; logs what to do. True within, False outside, None unknown."""
    if watch is None or expected is None:
        return None
    low, high, calibration = expected
    try:
        measured = watch.power_w() - watch.floor_w
    except (OSError, ValueError, KeyError, TypeError) as cause:
        log.warning("power cannot be read, so the calibration is not checked: %s", cause)
        return None
    if low <= measured <= high:
        return True
    log.warning(
        "the pipeline draws %.1f W, outside of the %.1f to %.1f W that its energy profile foresees (%s):"
        " calibrate again (sustainable-ipa calibrate)",
        measured,
        low,
        high,
        calibration,
    )
    return False


def watch_of(given, folder, at):
    """The key `watch`, checked."""
    log_file, prometheus, query = given.get("interval_log"), given.get("prometheus"), given.get("query")
    if (log_file is None) == (prometheus is None):
        raise SettingsError(f"{at} must have interval_log or prometheus, one of the two")
    if (prometheus is None) != (query is None):
        raise SettingsError(f"{at} must have prometheus and query together")
    for name, value in (("interval_log", log_file), ("prometheus", prometheus), ("query", query)):
        if value is not None and not isinstance(value, str):
            raise SettingsError(f"{at}.{name} must be a text, not {value!r}")
    return {"interval_log": None if log_file is None else folder / log_file, "prometheus": prometheus, "query": query}
