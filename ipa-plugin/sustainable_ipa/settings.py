"""What IPA's own configuration does not say: energy, its weight, its bounds, and the program."""

import json
import math
import os
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from .client import TIMEOUT_S
from .energy_profiles import energies_of
from .errors import SettingsError
from .watch import Watch, watch_of

KEY = "sustainable_ipa"
BOUNDS = ("max_energy_j_per_request", "max_power_w", "max_cost_cores", "min_accuracy", "max_latency_s")
PRICES = ("eur_per_kwh", "eur_per_core_hour", "pue")
CHOICES = {"semantics": ("published", "ipa-e1f08dd"), "infeasible": ("raise", "empty")}


@dataclass(frozen=True)
class Settings:
    """The keys under `sustainable_ipa:` in IPA's YAML file (README.md), worked out."""

    delta: float = 0.0
    prices: dict = None
    bounds: dict = field(default_factory=dict)
    # (task, variant, cores, batch) -> the cell's energy, as docs/protocol.md has it.
    energies: dict = field(default_factory=dict)
    # (task, variant, cores, batch) -> (low, high, calibration): power while busy of a calibrated cell, W.
    intervals: dict = field(default_factory=dict)
    # Where power is read, to be held against the intervals.
    watch: Watch = None
    semantics: str = "published"
    infeasible: str = "raise"
    command: list = None
    timeout_s: float = TIMEOUT_S


def settings_of(config):
    """Settings from IPA's YAML file by its path, from its content as a dict, or as they are."""
    if config is None:
        return Settings()
    if isinstance(config, Settings):
        return config
    if isinstance(config, (str, os.PathLike)):
        return from_dict(read(Path(config)), Path(config).parent, str(config))
    return from_dict(config, Path("."), "the configuration")


def read(path):
    """The content of a YAML file, or of a JSON file, which needs nothing that Python does not bring."""
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".json":
            return json.loads(text)
        return yaml_of(text)
    except ImportError as cause:
        raise SettingsError(f"reading {path} needs PyYAML, as IPA does: pip install pyyaml") from cause
    except (OSError, ValueError) as cause:
        raise SettingsError(f"{path} cannot be read: {cause}") from cause


def yaml_of(text):
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as cause:
        raise ValueError(cause) from cause


def from_dict(config, folder, name):
    """Settings from the content of IPA's YAML file; `folder` is where a relative path starts."""
    given = mapping(config, name, None).get(KEY)
    if given is None:
        return Settings()
    at = f"{name}: {KEY}"
    known = ("delta", "prices", "bounds", "energy_profiles", "watch", "command", "timeout_s", *CHOICES)
    given = mapping(given, at, known)
    settings = {}
    if "delta" in given:
        settings["delta"] = number(given["delta"], f"{at}.delta", 0)
    if "prices" in given:
        settings["prices"] = numbers(given["prices"], f"{at}.prices", PRICES)
        if settings.get("delta", 0) != 0:
            raise SettingsError(f"{at}: prices give delta, so delta must not be given too")
    if "bounds" in given:
        settings["bounds"] = numbers(given["bounds"], f"{at}.bounds", BOUNDS)
    if "energy_profiles" in given:
        settings["energies"], settings["intervals"] = energies_of(given["energy_profiles"], folder, f"{at}.energy_profiles")
    if "watch" in given:
        own = mapping(given["watch"], f"{at}.watch", ("interval_log", "prometheus", "query", "floor_w", "window_s"))
        limits = {name: number(own[name], f"{at}.watch.{name}", 0) for name in ("floor_w", "window_s") if name in own}
        settings["watch"] = Watch(**watch_of(own, folder, f"{at}.watch"), **limits)
        if not settings.get("intervals"):
            raise SettingsError(f"{at}.watch needs energy_profiles with power_low_w and power_high_w, as calibrate writes them")
    for key, choices in CHOICES.items():
        if key in given:
            if given[key] not in choices:
                raise SettingsError(f"{at}.{key} must be one of {', '.join(choices)}, not {given[key]!r}")
            settings[key] = given[key]
    if "command" in given:
        command = given["command"]
        try:
            words = shlex.split(command) if isinstance(command, str) else command
        except ValueError:
            # A quote that is not closed.
            words = None
        if not (isinstance(words, list) and words and all(isinstance(word, str) for word in words)):
            raise SettingsError(f"{at}.command must be a program, or a list of it and its arguments, not {command!r}")
        settings["command"] = words
    if "timeout_s" in given:
        settings["timeout_s"] = number(given["timeout_s"], f"{at}.timeout_s", 0.1)
    return Settings(**settings)


def mapping(value, at, known):
    """The value as a dict; with `known`, of these keys alone, so that a misspelt one is not passed over."""
    if not isinstance(value, dict):
        raise SettingsError(f"{at} must be a mapping, not {value!r}")
    for key in value:
        if known is not None and key not in known:
            raise SettingsError(f"{at} has no key {key!r}: it has {', '.join(known)}")
    return value


def numbers(value, at, known):
    return {key: number(own, f"{at}.{key}", 0) for key, own in mapping(value, at, known).items()}


def number(value, at, least):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        hint = " (YAML reads 1e-6 as text: write 1.0e-6)" if isinstance(value, str) else ""
        raise SettingsError(f"{at} must be a number, not {value!r}{hint}")
    if not (math.isfinite(value) and value >= least):
        raise SettingsError(f"{at} must be a number of {least} or more, not {value!r}")
    return float(value)
