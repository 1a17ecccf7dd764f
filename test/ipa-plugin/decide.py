"""Asks IPA's own Optimizer for decisions by the method exact, beside IPA's own methods.

in:  {"ipa_home", "command", "cases": [{"pipeline", "settings", "enumerate", "gurobi", "limit", "batching_cap"}]}
out: one JSON line a case: {"exact", "enumerated", "gurobi", "state"}, each a table or an error
"""

import contextlib
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "python"))
import ipa_bridge  # noqa: E402

import sustainable_ipa  # noqa: E402


def table(frame):
    rows = json.loads(frame.to_json(orient="records", double_precision=15))
    return {"columns": list(frame.columns), "rows": rows}


def settings_of(given, command):
    cells = given.pop("energies", [])
    energies = {(c["task"], c["variant"], float(c["cores"]), c["batch"]): c["energy"] for c in cells}
    return sustainable_ipa.Settings(command=command, energies=energies, **given)


def failure(error):
    return {"error": type(error).__name__, "message": str(error), "bound": getattr(error, "bound", None)}


def decide(models, optimizer, case, command, previous):
    spec = case["pipeline"]
    weights = spec["weights"]
    batches = [point["batch"] for stage in spec["stages"] for point in stage["points"]]
    asked = {
        "scaling_cap": spec["scaling_cap"],
        "alpha": weights["alpha"],
        "beta": weights["beta"],
        "gamma": weights["gamma"],
        "arrival_rate": spec["arrival_rate_rps"],
        "num_state_limit": case.get("limit", 1),
    }
    # Installed anew, and so with a new process, only where the settings change.
    if case["settings"] != previous:
        sustainable_ipa.install(settings_of(dict(case["settings"]), command))
    answer = {}
    try:
        ours = ipa_bridge.optimizer_of(models, optimizer, spec)
        ours.complete_profile = case.get("complete", False)
        frame = ours.optimize("exact", **asked, batching_cap=case.get("batching_cap", max(batches)))
        answer["exact"] = table(frame)
        pipeline = ours.pipeline
        answer["state"] = {
            "latency_s": float(pipeline.pipeline_latency),
            "throughput_rps": float(pipeline.pipeline_throughput),
            "objective": float(ours.objective(weights["alpha"], weights["beta"], weights["gamma"])["objective"]),
        }
    except Exception as error:
        answer["exact"] = failure(error)
    try:
        if case.get("enumerate", False):
            _, answer["enumerated"] = ipa_bridge.enumerated(models, optimizer, spec, True, None)
        if case["gurobi"]:
            theirs = ipa_bridge.optimizer_of(models, optimizer, spec)
            theirs.complete_profile = case.get("complete", False)
            cap = case.get("batching_cap", max(batches))
            answer["gurobi"] = table(theirs.optimize("gurobi", **asked, batching_cap=cap))
    except Exception as error:
        answer["enumerated" if case.get("enumerate", False) else "gurobi"] = failure(error)
    return answer


def main():
    asked = json.load(sys.stdin)
    models, optimizer, has_gurobi = ipa_bridge.load(asked["ipa_home"])
    previous = None
    for case in asked["cases"]:
        case["gurobi"] = case.get("gurobi", False) and has_gurobi
        answer = decide(models, optimizer, case, asked["command"], previous)
        previous = case["settings"]
        print(json.dumps(answer), file=ANSWERS, flush=True)
    sustainable_ipa.uninstall()


if __name__ == "__main__":
    ANSWERS = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        main()
