"""Reads settings as install does: {"configs": paths or dicts} in, the settings or the error a line out."""

import json
import sys
from dataclasses import asdict

from sustainable_ipa import SettingsError
from sustainable_ipa.settings import settings_of

for line in json.load(sys.stdin)["configs"]:
    try:
        settings = asdict(settings_of(line))
        # Held by watch.py.
        del settings["intervals"], settings["watch"]
        settings["energies"] = [[*key, energy] for key, energy in settings["energies"].items()]
        print(json.dumps(settings))
    except SettingsError as error:
        print(json.dumps({"error": str(error)}))
