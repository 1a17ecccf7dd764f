"""Seconds of every decision of IPA's Optimizer, by method, in turns: {"ipa_home", "command", "pipeline", "rates"} in."""

import contextlib
import json
import sys
import time
from pathlib import Path

root = Path(__file__).parents[1]
sys.path[:0] = [str(root / "python"), str(root / "ipa-plugin")]
import ipa_bridge  # noqa: E402

import sustainable_ipa  # noqa: E402


def timed(optimizer, method, spec, rate):
    weights = spec["weights"]
    start = time.perf_counter()
    frame = optimizer.optimize(
        optimization_method=method,
        scaling_cap=spec["scaling_cap"],
        batching_cap=max(point["batch"] for stage in spec["stages"] for point in stage["points"]),
        alpha=weights["alpha"],
        beta=weights["beta"],
        gamma=weights["gamma"],
        arrival_rate=rate,
        num_state_limit=1,
    )
    return {"seconds": time.perf_counter() - start, "objective": None if frame.empty else float(frame["objective"][0])}


def main():
    asked = json.load(sys.stdin)
    models, optimizer, has_gurobi = ipa_bridge.load(asked["ipa_home"])
    sustainable_ipa.install({"sustainable_ipa": {"command": asked["command"], "infeasible": "empty"}})
    methods = ["exact", "gurobi"] if has_gurobi else ["exact"]
    own = {method: ipa_bridge.optimizer_of(models, optimizer, asked["pipeline"]) for method in methods}
    for rate in asked["rates"]:
        answer = {method: timed(own[method], method, asked["pipeline"], rate) for method in methods}
        print(json.dumps({"rate_rps": rate, **answer}), file=ANSWERS, flush=True)
    sustainable_ipa.uninstall()


if __name__ == "__main__":
    ANSWERS = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        main()
