"""Runs IPA's own simulator, experiments/pipeline-simulation/static_search_space.py, unmodified.

    python ipa_simulator.py CHECKOUT PROJECT CONFIG [--gurobi]    (--gurobi: the experiment decides by Gurobi)

IPA's files keep their code; three things around them are arranged:
- The project path that experiments/utils/constants.py fixes is pointed at PROJECT, which holds data/configs and
  data/results as IPA lays them out.
- Packages that IPA imports and its simulator does not use (a cluster's client, TensorFlow, data sets) are stood in for
  where they are not installed; the cluster's client always, so that no cluster is ever spoken to. A stand-in may be
  imported and set up; once the simulator runs, calling one is an error, never a made-up answer.
- While IPA enumerates, a thread reads how many states its list holds, and changes nothing.

Standard output has a JSON object a line: {"event": "rows", "table", "rows"}, {"event": "unavailable", "reason"},
{"event": "done", "python", "gurobi"}. What IPA logs and prints goes to standard error. The program ends, with whatever it
started, when its standard input is closed: it does not outlive the program that asked.
"""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import platform
import runpy
import signal
import sys
import threading
import types
from pathlib import Path

NEEDED = {"numpy": "numpy", "pandas": "pandas", "sklearn": "scikit-learn", "click": "click", "yaml": "pyyaml",
          "tabulate": "tabulate"}
UNUSED = ["barazmoon", "datasets", "gurobipy", "jinja2", "kubernetes", "PIL", "requests", "statsmodels", "tensorflow",
          "tqdm"]
ALWAYS = {"kubernetes"}
RUNNING = threading.Event()


class StandIn(types.ModuleType):
    """A module, and anything in it, that is not there."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        part = StandIn(f"{self.__name__}.{name}")
        setattr(self, name, part)
        return part

    def __call__(self, *_, **__):
        if RUNNING.is_set():
            raise RuntimeError(f"the simulator called {self.__name__}, which is not installed and only stood in for")
        return StandIn(f"{self.__name__}()")


class StandInFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, roots):
        self.roots = roots

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] not in self.roots:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return StandIn(spec.name)

    def exec_module(self, module):
        pass


def installed(name):
    return importlib.util.find_spec(name) is not None


def say(event, **fields):
    os.write(ANSWERS, (json.dumps({"event": event, **fields}) + "\n").encode())


def end_with_the_asker():
    """Waits for the end of standard input, then ends this process and its group, where it leads one."""
    while os.read(0, 4096):
        pass
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def report_rows(thread, finished):
    """Every second, the states that all_states has gathered, read off its frame."""
    told = None
    while not finished.wait(1):
        frame = sys._current_frames().get(thread)
        while frame is not None and frame.f_code.co_name != "all_states":
            frame = frame.f_back
        if frame is None:
            continue
        local = frame.f_locals
        if isinstance(local.get("states"), list):
            table = "with-constraints" if local.get("check_constraints") else "all-states"
            rows = len(local["states"])
            if (table, rows) != told:
                told = (table, rows)
                say("rows", table=table, rows=rows)


def point_at(project):
    """IPA's constants, with the path that they fix replaced wherever they use it."""
    constants = importlib.import_module("experiments.utils.constants")
    fixed = constants.PROJECT_PATH
    for name, value in list(vars(constants).items()):
        if isinstance(value, str) and (value == fixed or value.startswith(fixed + "/")):
            setattr(constants, name, project + value[len(fixed):])


def unavailable(reason):
    say("unavailable", reason=reason)
    sys.exit(0)


def arrange(home, project):
    """Makes IPA's packages importable, on PROJECT's data and without what its simulator does not use."""
    stood_in = {name for name in UNUSED if name in ALWAYS or not installed(name)}
    sys.meta_path.insert(0, StandInFinder(stood_in))
    # Where the script itself puts the checkout.
    sys.path.append(home)
    point_at(project)
    importlib.import_module("optimizer")


def main():
    home, project, config, *needs = sys.argv[1:]
    script = Path(home) / "experiments/pipeline-simulation/static_search_space.py"
    # As Python itself sets it for a script: the script's own folder, not this program's.
    sys.path[0] = str(script.parent)
    missing = [package for name, package in NEEDED.items() if not installed(name)]
    if missing:
        unavailable(f"{sys.executable} has no {', '.join(missing)}, which IPA's simulator needs")
    gurobi = installed("gurobipy")
    if needs == ["--gurobi"] and not gurobi:
        unavailable(f"{sys.executable} has no gurobipy, by which the experiment {config} decides")
    arrange(home, project)
    RUNNING.set()
    finished = threading.Event()
    threading.Thread(target=report_rows, args=(threading.get_ident(), finished), daemon=True).start()
    sys.argv = [str(script), "--config-name", config]
    try:
        runpy.run_path(str(script), run_name="__main__")
    except SystemExit as end:
        if end.code not in (None, 0):
            raise
    finally:
        finished.set()
    say("done", python=platform.python_version(), gurobi=gurobi)


if __name__ == "__main__":
    # Answers keep standard output to themselves: what IPA and Gurobi print goes to standard error.
    ANSWERS = os.dup(1)
    os.dup2(2, 1)
    threading.Thread(target=end_with_the_asker, daemon=True).start()
    main()
