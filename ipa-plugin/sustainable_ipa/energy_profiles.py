"""Energy of the cells that a pipeline can run: rows in IPA's YAML file, or a CSV file that it names."""

import csv
import math
from pathlib import Path

from .errors import SettingsError

KINDS = ("measured", "digitised", "modelled")
REQUIRED = ("task", "variant", "cores", "batch", "energy_j_per_batch", "idle_power_w", "kind")
OPTIONAL = ("energy_se_j_per_batch", "idle_kind")


def energies_of(given, folder, at):
    """(task, variant, cores, batch) -> energy, from a list of rows or the path of a CSV file."""
    rows = read_csv(folder / given) if isinstance(given, str) else given
    if not isinstance(rows, list):
        raise SettingsError(f"{at} must be a list of rows or the path of a CSV file, not {given!r}")
    name = str(folder / given) if isinstance(given, str) else at
    energies = {}
    for r, row in enumerate(rows):
        key, energy = cell(row, f"{name}: row {r + 1}")
        if key in energies:
            raise SettingsError(f"{name}: row {r + 1} repeats task {key[0]}, {key[1]} on {key[2]:g} cores, batch {key[3]}")
        energies[key] = energy
    return energies


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
    return (str(row["task"]), str(row["variant"]), quantity(row, "cores", at, above=True), int(batch)), energy


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
