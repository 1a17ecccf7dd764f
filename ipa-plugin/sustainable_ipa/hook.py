"""Puts the exact method beside IPA's own. None of IPA's files changes."""

import functools
import importlib
import importlib.util
import sys
import types

from .exact import Exact
from .settings import settings_of

_installed = []


def install(config=None):
    """Makes IPA's Optimizer accept optimization_method="exact"; its other methods stay as they are.

    `config` is the path of IPA's YAML file, its content as a dict, or Settings. Call it before IPA decides, with IPA's
    folder on sys.path. Installed again, the new settings hold. Raises SettingsError where the YAML file breaks a rule.
    """
    exact = Exact(settings_of(config))
    uninstall()
    optimizer_class = optimizer_of_ipa()
    original = optimizer_class.optimize

    @functools.wraps(original)
    def optimize(self, optimization_method, *args, **kwargs):
        if optimization_method == "exact":
            return exact.optimize(self, *args, **kwargs)
        return original(self, optimization_method, *args, **kwargs)

    optimizer_class.optimize = optimize
    _installed.append((optimizer_class, original, exact))


def uninstall():
    """Gives IPA its own method back and ends the program."""
    while _installed:
        optimizer_class, original, exact = _installed.pop()
        optimizer_class.optimize = original
        exact.client.close()


def optimizer_of_ipa():
    """IPA's Optimizer class. Where gurobipy is not installed, a stand-in lets IPA load without it."""
    if "gurobipy" not in sys.modules and importlib.util.find_spec("gurobipy") is None:
        stand_in = types.ModuleType("gurobipy")
        stand_in.GRB = types.SimpleNamespace()
        stand_in.__getattr__ = without_gurobi
        sys.modules["gurobipy"] = stand_in
    return importlib.import_module("optimizer.optimizer").Optimizer


def without_gurobi(name):
    raise AttributeError(f"gurobipy.{name}: gurobipy is not installed; set optimization_method: exact, or install it")
