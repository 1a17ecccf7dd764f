"""What IPA's own parser makes of a profiling series.

in (JSON on standard input): {"ipa_home", "project", "series", "model", "load", "latency", "throughput", "latency_margin",
    "throughput_margin", "accuracies", "only_measured_profiles"}
out: {"profiles": [[variant, cores, accuracy, [[batch, latency, throughput], ...]], ...]} or {"error", "message"}
IPA's checkout is arranged as python/ipa_simulator.py arranges it.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "python"))
import ipa_simulator


def main():
    asked = json.load(sys.stdin)
    ipa_simulator.arrange(asked["ipa_home"], asked["project"])
    from experiments.utils.simulation_operations import load_profile, make_task_profiles

    try:
        table = load_profile(
            series=asked["series"],
            model_name=asked["model"],
            reference_latency=asked["latency"],
            reference_throughput=asked["throughput"],
            latency_margin=asked["latency_margin"],
            throughput_margin=asked["throughput_margin"],
            load=asked["load"],
        )
        models = make_task_profiles(table, asked["accuracies"], asked["only_measured_profiles"])
    except Exception as error:
        return {"error": type(error).__name__, "message": str(error)}
    return {
        "profiles": [
            [
                str(model.name),
                float(model.resource_allocation.cpu),
                float(model.accuracy),
                [
                    [int(own.batch), float(own.latency), float(getattr(own, "measured_throughput", float("nan")))]
                    for own in model.measured_profiles
                ],
            ]
            for model in models
        ]
    }


print(json.dumps(main()))
