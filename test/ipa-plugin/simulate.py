"""Runs IPA's own simulation adapter over a workload, once a method.

in:  {"ipa_home", "command", "pipeline", "workload", "interval_s", "methods", "config": content of IPA's YAML file}
out: one JSON line a method: IPA's adaptation report
"""

import contextlib
import json
import sys
import tempfile
import types
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "python"))
import ipa_bridge  # noqa: E402

import sustainable_ipa  # noqa: E402


def module(name, **content):
    made = types.ModuleType(name)
    vars(made).update(content)
    sys.modules[name] = made
    return made


def sim_adapter(home, models, optimizer):
    """IPA's optimizer/sim_adapter.py. Stands in for the predictors it imports but does not ask here, and its paths."""
    module("tensorflow", keras=None)
    module("tensorflow.keras")
    module("tensorflow.keras.models", load_model=lambda path: None)
    module("statsmodels")
    module("statsmodels.tsa")
    module("statsmodels.tsa.arima")
    module("statsmodels.tsa.arima.model", ARIMA=None)
    module("experiments").__path__ = [str(Path(home) / "experiments")]
    constants = {"LSTM_PATH": "", "LSTM_INPUT_SIZE": 12, "LOGGING_LEVEL": "error", "LOG_TO": "print"}
    module("experiments.utils.constants", **constants)
    package = sys.modules["optimizer"]
    package.Optimizer, package.Pipeline = optimizer.Optimizer, models.Pipeline
    return ipa_bridge.importlib.import_module("optimizer.sim_adapter")


def configured(config):
    """The YAML file's path where this Python reads YAML, else its content."""
    try:
        import yaml
    except ImportError:
        return config
    path = Path(tempfile.mkdtemp()) / "ipa.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return path


def report(adapters, models, asked, method):
    spec = asked["pipeline"]
    weights = spec["weights"]
    batches = [point["batch"] for stage in spec["stages"] for point in stage["points"]]
    adapter = adapters.SimAdapter(
        pipeline_name=spec["name"],
        pipeline=ipa_bridge.pipeline_of(models, spec),
        node_names=[stage["name"] for stage in spec["stages"]],
        adaptation_interval=asked["interval_s"],
        optimization_method=method,
        allocation_mode=spec["allocation_mode"],
        only_measured_profiles=spec["only_measured_profiles"],
        scaling_cap=spec["scaling_cap"],
        batching_cap=max(batches),
        alpha=weights["alpha"],
        beta=weights["beta"],
        gamma=weights["gamma"],
        num_state_limit=1,
        monitoring_duration=1,
        predictor_type="reactive",
        backup_predictor_type="reactive",
    )
    initial = {
        stage["name"]: {"replicas": 1, "batch": 1, "cpu": stage["initial_cores"], "variant": stage["initial_variant"]}
        for stage in spec["stages"]
    }
    adapter.start_adaptation(workload=asked["workload"], initial_config=initial)
    return adapter.monitoring.adaptation_report


def main():
    asked = json.load(sys.stdin)
    models, optimizer, has_gurobi = ipa_bridge.load(asked["ipa_home"])
    adapters = sim_adapter(asked["ipa_home"], models, optimizer)
    sustainable_ipa.install(configured(asked["config"]))
    for method in asked["methods"]:
        if method == "gurobi" and not has_gurobi:
            continue
        print(json.dumps(report(adapters, models, asked, method), default=float), file=ANSWERS, flush=True)
    sustainable_ipa.uninstall()


if __name__ == "__main__":
    ANSWERS = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        main()
