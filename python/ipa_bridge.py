"""Asks IPA's own model and optimiser about a pipeline.

Reads one JSON object on standard input and writes JSON lines on standard output. Of IPA's checkout only
optimizer/models.py and optimizer/optimizer.py are loaded: its package pulls in kubernetes and tensorflow, which a
decision does not need. Where gurobipy is not installed an empty module stands in for it, and the Gurobi path is
unavailable.

in:  {"ipa_home", "pipeline": a pipeline as in docs/protocol.md, "limit": most states or null, "feasible": bool,
      "gurobi": bool}
out: {"event": "states", "seconds", "columns": {...}}   every state, or the first `limit`, with IPA's metrics
     {"event": "feasible", "seconds", "states": [...], "optimum"}   by IPA's own constraints, where asked for
     {"event": "gurobi", "status": "answered" | "unavailable" | "failed", ...}
     {"event": "done", "sla_s", "stage_slas_s", "python"}
"""

import contextlib
import importlib
import json
import platform
import sys
import time
import types
from pathlib import Path

ACCURACY = {"sum": "sum", "average": "average", "product": "multiply"}


def load(home):
    """IPA's two modules, without running its package's __init__."""
    folder = Path(home) / "optimizer"
    if not (folder / "models.py").is_file():
        raise SystemExit(f"{folder / 'models.py'} is not there: IPA_HOME must name a checkout of IPA")
    try:
        importlib.import_module("gurobipy")
        gurobi = True
    except ImportError:
        stand_in = types.ModuleType("gurobipy")
        stand_in.GRB = types.SimpleNamespace()
        sys.modules["gurobipy"] = stand_in
        gurobi = False
    package = types.ModuleType("optimizer")
    package.__path__ = [str(folder)]
    sys.modules["optimizer"] = package
    return importlib.import_module("optimizer.models"), importlib.import_module("optimizer.optimizer"), gurobi


def pipeline_of(models, spec):
    tasks = []
    for stage in spec["stages"]:
        groups = {}
        for point in stage["points"]:
            groups.setdefault((point["variant"], point["cores"]), []).append(point)
        profiles = [
            models.Model(
                name=variant,
                resource_allocation=models.ResourceAllocation(cpu=cores),
                measured_profiles=[
                    models.Profile(
                        batch=point["batch"],
                        latency=point["latency_s"],
                        measured=True,
                        measured_throughput=point["throughput_rps"],
                    )
                    for point in points
                ],
                only_measured_profiles=spec["only_measured_profiles"],
                accuracy=points[0]["accuracy_pct"],
            )
            for (variant, cores), points in groups.items()
        ]
        tasks.append(
            models.Task(
                name=stage["name"],
                available_model_profiles=profiles,
                active_variant=stage["initial_variant"],
                active_allocation=models.ResourceAllocation(cpu=stage["initial_cores"]),
                replica=stage.get("initial_replicas", 1),
                batch=min(point["batch"] for point in stage["points"]),
                allocation_mode=spec["allocation_mode"],
                threshold=spec["threshold_rps"],
                sla_factor=spec["sla_factor"],
                normalize_accuracy=spec["normalize_accuracy"],
                gpu_mode=False,
            )
        )
    return models.Pipeline(
        inference_graph=tasks,
        gpu_mode=False,
        sla_factor=spec["sla_factor"],
        accuracy_method=ACCURACY[spec["accuracy_method"]],
        normalize_accuracy=spec["normalize_accuracy"],
    )


def optimizer_of(models, optimizer, spec):
    baseline = {"none": None, "switch": "switch", "scale": "scale"}[spec["baseline"]]
    return optimizer.Optimizer(
        pipeline=pipeline_of(models, spec),
        allocation_mode=spec["allocation_mode"],
        complete_profile=True,
        only_measured_profiles=spec["only_measured_profiles"],
        random_sample=False,
        baseline_mode=baseline,
    )


def states_of(frame, stages):
    """IPA's table, a list a column, with plain numbers."""

    def numbers(name):
        return [float(value) for value in frame[name]]

    objective = frame["objective"]
    return {
        "stages": [
            {
                "variant": [str(value) for value in frame[f"task_{s}_variant"]],
                "cores": numbers(f"task_{s}_cpu"),
                "batch": numbers(f"task_{s}_batch"),
                "replicas": numbers(f"task_{s}_replicas"),
            }
            for s in range(stages)
        ],
        "accuracy": numbers("pipeline_accuracy"),
        "latency_s": numbers("pipeline_latency"),
        "throughput_rps": numbers("pipeline_throughput"),
        # Not resource_objective, which in the Gurobi path's table is beta x cost.
        "cost_cores": numbers("pipeline_cpu"),
        "objective": [float(value["objective"] if isinstance(value, dict) else value) for value in objective],
    }


EMPTY = {"accuracy": [], "latency_s": [], "throughput_rps": [], "cost_cores": [], "objective": []}


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), file=ANSWERS, flush=True)


def enumerated(models, optimizer, spec, check, limit):
    asked = optimizer_of(models, optimizer, spec)
    weights = spec["weights"]
    start = time.perf_counter()
    frame = asked.all_states(
        check_constraints=check,
        scaling_cap=spec["scaling_cap"],
        alpha=weights["alpha"],
        beta=weights["beta"],
        gamma=weights["gamma"],
        arrival_rate=spec["arrival_rate_rps"],
        num_state_limit=limit,
    )
    seconds = time.perf_counter() - start
    stages = len(spec["stages"])
    empty = {**EMPTY, "stages": [{"variant": [], "cores": [], "batch": [], "replicas": []}] * stages}
    return seconds, (empty if frame.empty else states_of(frame, stages))


def gurobi_answer(models, optimizer, spec):
    asked = optimizer_of(models, optimizer, spec)
    weights = spec["weights"]
    start = time.perf_counter()
    try:
        frame = asked.optimize(
            optimization_method="gurobi",
            scaling_cap=spec["scaling_cap"],
            batching_cap=spec.get("batching_cap")
            or max(point["batch"] for stage in spec["stages"] for point in stage["points"]),
            alpha=weights["alpha"],
            beta=weights["beta"],
            gamma=weights["gamma"],
            arrival_rate=spec["arrival_rate_rps"],
            num_state_limit=1,
        )
    except Exception as error:  # IPA's code and Gurobi raise many kinds; each is an answer that is passed on.
        return {"status": "failed", "error": f"{type(error).__name__}: {error}"}
    seconds = time.perf_counter() - start
    if frame.empty:
        return {"status": "failed", "error": "IPA returned no configuration"}
    return {"status": "answered", "seconds": seconds, "columns": states_of(frame, len(spec["stages"]))}


def main():
    asked = json.load(sys.stdin)
    spec = asked["pipeline"]
    models, optimizer, has_gurobi = load(asked["ipa_home"])
    if asked.get("enumerate", True):
        seconds, columns = enumerated(models, optimizer, spec, False, asked.get("limit"))
        say("states", seconds=seconds, columns=columns)
    if asked.get("feasible", False):
        seconds, columns = enumerated(models, optimizer, spec, True, None)
        say("feasible", seconds=seconds, columns=columns)
    if asked.get("gurobi", False):
        unavailable = {"status": "unavailable", "error": "gurobipy is not installed for this Python"}
        say("gurobi", **(gurobi_answer(models, optimizer, spec) if has_gurobi else unavailable))
    pipeline = pipeline_of(models, spec)
    say(
        "done",
        sla_s=float(pipeline.sla),
        stage_slas_s=[float(task.sla) for task in pipeline.inference_graph],
        python=platform.python_version(),
    )


if __name__ == "__main__":
    # IPA and Gurobi print; answers keep standard output to themselves.
    ANSWERS = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        main()
