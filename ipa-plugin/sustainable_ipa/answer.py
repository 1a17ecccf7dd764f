"""The program's answer, put into IPA's pipeline and into the table that IPA's Gurobi method returns."""

import math

from .errors import InvalidAnswer


def apply(pipeline, configuration):
    """Sets every task to what the configuration runs; checks that IPA then counts the same cores and accuracy."""
    stages = configuration["stages"]
    if len(stages) != len(pipeline.inference_graph):
        raise InvalidAnswer(f"{len(stages)} stages for a pipeline of {len(pipeline.inference_graph)}")
    for task, stage in zip(pipeline.inference_graph, stages):
        index = index_of(task, stage)
        model = task.available_model_profiles[index]
        # As IPA's model_switch, change_allocation, re_scale and change_batch leave a task.
        task.active_variant_index = index
        task.active_variant = model.name
        task.active_allocation = model.resource_allocation
        task.re_scale(int(stage["replicas"]))
        task.change_batch(int(stage["batch"]))
    cores = float(pipeline.cpu_usage)
    if not math.isclose(cores, configuration["cost_cores"], rel_tol=1e-9):
        raise InvalidAnswer(f"IPA counts {cores} cores where the answer counts {configuration['cost_cores']}")


def index_of(task, stage):
    for index, model in enumerate(task.available_model_profiles):
        if model.name == stage["variant"] and float(model.resource_allocation.cpu) == stage["cores"]:
            return index
    raise InvalidAnswer(f"task {task.name} has no variant {stage['variant']} on {stage['cores']} cores")


def row_of(optimizer, configuration, weights):
    """One row of IPA's table. The objectives are the answer's; columns on energy follow where it has one."""
    pipeline = optimizer.pipeline
    alpha, beta, gamma = weights["alpha"], weights["beta"], weights["gamma"]
    objectives = {
        "accuracy_objective": alpha * configuration["accuracy"],
        "resource_objective": beta * configuration["cost_cores"],
        "batch_objective": gamma * sum(stage["batch"] for stage in configuration["stages"]),
        "objective": configuration["objective"],
    }
    row = {}
    if optimizer.complete_profile:
        for t, task in enumerate(pipeline.inference_graph):
            for name in ("latency", "throughput", "throughput_all_replicas", "accuracy", "measured"):
                row[f"task_{t}_{name}"] = getattr(task, name)
            row[f"task_{t}_cpu_all_replicas"] = task.cpu_all_replicas
            row[f"task_{t}_gpu_all_replicas"] = task.gpu_all_replicas
        for name in ("accuracy", "latency", "throughput", "cpu", "gpu"):
            row[f"pipeline_{name}"] = getattr(pipeline, f"pipeline_{name}")
        row.update(alpha=alpha, beta=beta, gamma=gamma)
        row.update({name: objectives[name] for name in objectives if name != "objective"})
    for t, task in enumerate(pipeline.inference_graph):
        row[f"task_{t}_variant"] = task.active_variant
        row[f"task_{t}_cpu"] = task.cpu
        row[f"task_{t}_gpu"] = task.gpu
        row[f"task_{t}_batch"] = task.batch
        row[f"task_{t}_replicas"] = task.replicas
    row.update(objectives)
    energy = configuration["energy"]
    if energy["status"] == "available":
        row["energy_j_per_request"] = energy["energy_j_per_request"]
        row["power_w"] = energy["power_w"]
        row["energy_kind"] = energy["kind"]
    return row
