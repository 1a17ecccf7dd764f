"""Energy of the cells that a pipeline can run: rows in IPA's YAML file, or a CSV file that it names."""

import csv
import math
from pathlib import Path

from .errors import SettingsError

KINDS = ("measured", "digitised", "modelled")
REQUIRED = ("task", "variant", "cores", "batch", "energy_j_per_batch", "idle_power_w", "kind")
OPTIONAL = ("energy_se_j_per_batch", "idle_kind", "power_low_w", "power_high_w", "calibration")


def energies_of(given, folder, at):
    """(task, variant, cores, batch) -> energy, from a list of rows or the path of a CSV file; and, of calibrated cells, the
    interval of the power while busy: (low, high, calibration)."""
    rows = read_csv(folder / given) if isinstance(given, str) else given
    if not isinstance(rows, list):
        raise SettingsError(f"{at} must be a list of rows or the path of a CSV file, not {given!r}")
    name = str(folder / given) if isinstance(given, str) else at
    energies = {}
    intervals = {}
    for r, row in enumerate(rows):
        key, energy = cell(row, f"{name}: row {r + 1}")
        if key in energies:
            raise SettingsError(f"{name}: row {r + 1} repeats task {key[0]}, {key[1]} on {key[2]:g} cores, batch {key[3]}")
        energies[key] = energy
        own = interval(row, f"{name}: row {r + 1}")
        if own is not None:
            intervals[key] = own
    return energies, intervals


def read_csv(path):
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            # An empty field is one not given.
            return [{key: value for key, value in row.items() if value != ""} for row in csv.DictReader(file)]
    except (OSError, ValueError, csv.Error) as cause:
        raise SettingsError(f"{path} cannot be read as CSV: {cause}") from cause


def cell(row, at):
    if not isinstance(row, dict):
        raise SettingsError(f"{at} must be a mapping, not {row!r}")
    for key in row:
        if key not in REQUIRED + OPTIONAL:
            raise SettingsError(f"{at} has no field {key!r}: it has {', '.join(REQUIRED + OPTIONAL)}")
    for key in REQUIRED:
        if row.get(key) is None:
            raise SettingsError(f"{at} lacks {key}: a missing energy is never taken as 0")
    batch = quantity(row, "batch", at)
    if batch != int(batch) or batch < 1:
        raise SettingsError(f"{at}: batch must be a whole number of 1 or more, not {row['batch']!r}")
    energy = {
        "energy_j_per_batch": quantity(row, "energy_j_per_batch", at, above=True),
        "idle_power_w": quantity(row, "idle_power_w", at),
        "kind": kind(row, "kind", at),
    }
    if row.get("energy_se_j_per_batch") is not None:
        energy["energy_se_j_per_batch"] = quantity(row, "energy_se_j_per_batch", at)
    if row.get("idle_kind") is not None:
        energy["idle_kind"] = kind(row, "idle_kind", at)
    if row.get("calibration") is not None:
        energy["calibration"] = str(row["calibration"])
    return (str(row["task"]), str(row["variant"]), quantity(row, "cores", at, above=True), int(batch)), energy


def interval(row, at):
    """The power that a calibration foresees while the cell is busy, or None where the row has no interval."""
    given = [row.get(name) is not None for name in ("power_low_w", "power_high_w")]
    if not any(given):
        return None
    if not all(given):
        raise SettingsError(f"{at} must have power_low_w and power_high_w together")
    low, high = quantity(row, "power_low_w", at), quantity(row, "power_high_w", at)
    if low > high:
        raise SettingsError(f"{at}: power_low_w must be at most power_high_w, not {low:g} and {high:g}")
    return low, high, str(row.get("calibration", "no calibration named"))


def quantity(row, name, at, above=False):
    given = row[name]
    try:
        value = math.nan if isinstance(given, bool) else float(given)
    except (TypeError, ValueError):
        value = math.nan
    if not (math.isfinite(value) and (value > 0 if above else value >= 0)):
        raise SettingsError(f"{at}: {name} must be a number {'above 0' if above else 'of 0 or more'}, not {given!r}")
    return value


def kind(row, name, at):
    if row[name] not in KINDS:
        raise SettingsError(f"{at}: {name} must be one of {', '.join(KINDS)}, not {row[name]!r}")
    return row[name]
