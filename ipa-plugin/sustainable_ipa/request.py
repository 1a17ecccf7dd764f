"""IPA's Pipeline and the arguments of Optimizer.optimize, as the JSON that `sustainable-ipa optimize` reads."""

from .errors import SettingsError, UnsupportedPipeline

ACCURACY_METHODS = {"sum": "sum", "average": "average", "multiply": "product"}
# IPA adds no constraint for switch-scale.
BASELINES = {None: "none", "switch": "switch", "scale": "scale", "switch-scale": "none"}


def pipeline_of(optimizer, stages, settings, scaling_cap, alpha, beta, gamma, arrival_rate):
    """The pipeline as JSON; `stages` as stages_of gives them."""
    pipeline = optimizer.pipeline
    spec = {
        "name": "IPA",
        "stages": [
            {
                **stage,
                "initial_variant": task.active_variant,
                "initial_cores": float(task.initial_allocation.cpu),
                "initial_replicas": int(task.replicas),
            }
            for stage, task in zip(stages["stages"], pipeline.inference_graph)
        ],
        "sla_s": stages["sla_s"],
        # The points are those of the allocation mode, with IPA's own accuracies, latencies and SLA.
        "allocation_mode": "variable",
        "only_measured_profiles": True,
        "normalize_accuracy": False,
        "threshold_rps": 0,
        "sla_factor": 1,
        "accuracy_method": known(ACCURACY_METHODS, pipeline.accuracy_method, "accuracy_method"),
        "scaling_cap": int(scaling_cap),
        "weights": {"alpha": float(alpha), "beta": float(beta), "gamma": float(gamma), "delta": settings.delta},
        "arrival_rate_rps": float(arrival_rate),
        "semantics": settings.semantics,
        "baseline": known(BASELINES, optimizer.baseline_mode, "baseline_mode"),
    }
    if settings.prices is not None:
        spec["prices"] = settings.prices
    if spec["baseline"] == "switch":
        for task in pipeline.inference_graph:
            if task.replicas > scaling_cap:
                raise UnsupportedPipeline(
                    f"task {task.name} has {task.replicas} replicas, which the baseline switch keeps, but scaling_cap is"
                    f" {scaling_cap}: raise scaling_cap"
                )
    return spec


def known(values, given, name):
    if given not in values:
        choices = ", ".join(str(value) for value in values)
        raise UnsupportedPipeline(f"{name} {given!r} is not one of {choices}")
    return values[given]


def stages_of(optimizer, batching_cap, energies):
    """What every stage can run, and the pipeline's SLA. Depends on the profiles alone, not on the load."""
    pipeline = optimizer.pipeline
    if pipeline.gpu_mode or any(task.gpu_mode for task in pipeline.inference_graph):
        raise UnsupportedPipeline("GPU allocations are not supported: the exact method counts CPU cores")
    check_energies(pipeline, energies)
    return {
        "sla_s": float(pipeline.sla),
        "stages": [stage_of(task, optimizer.allocation_mode, batching_cap, energies) for task in pipeline.inference_graph],
    }


def check_energies(pipeline, energies):
    """An energy for a task or variant that the pipeline does not have is a misspelling, not one to pass over."""
    variants = {task.name: set(task.variant_names) for task in pipeline.inference_graph}
    for task, variant, *_ in energies:
        if task not in variants:
            raise SettingsError(f"energy_profiles has the task {task!r}: the pipeline's are {', '.join(variants)}")
        if variant not in variants[task]:
            own = ", ".join(sorted(variants[task]))
            raise SettingsError(f"energy_profiles has the variant {variant!r}: those of task {task} are {own}")


def stage_of(task, allocation_mode, batching_cap, energies):
    accuracies = task.variants_accuracies_normalized if task.normalize_accuracy else task.variants_accuracies
    points = []
    for model in allowed(task, allocation_mode):
        for profile in model.profiles:
            if batching_cap is not None and profile.batch > batching_cap:
                continue
            cores, batch = float(model.resource_allocation.cpu), int(profile.batch)
            point = {
                "variant": model.name,
                "accuracy_pct": percent(float(accuracies[model.name])),
                "cores": cores,
                "batch": batch,
                "latency_s": float(profile.latency),
                "throughput_rps": float(profile.throughput),
                # IPA's regression gives latencies that nobody measured.
                "kind": "measured" if profile.measured else "modelled",
            }
            energy = energies.get((task.name, model.name, cores, batch))
            points.append(point if energy is None else {**point, "energy": energy})
    if not points:
        raise UnsupportedPipeline(f"task {task.name} has no profile with a batch of at most {batching_cap}")
    return {"name": task.name, "points": points}


def allowed(task, allocation_mode):
    """The models of the task that the allocation mode lets run."""
    if allocation_mode == "variable":
        return task.available_model_profiles
    if allocation_mode == "fix":
        fixed = task.initial_allocation.cpu
        return [model for model in task.available_model_profiles if model.resource_allocation.cpu == fixed]
    if allocation_mode != "base":
        raise UnsupportedPipeline(f"allocation_mode {allocation_mode!r} is not one of base, fix, variable")
    try:
        base = task.base_allocations
    except (ValueError, LookupError) as cause:
        # IPA raises ValueError where it runs out of allocations, or the KeyError of its walk past the last one.
        raise UnsupportedPipeline(
            f"IPA finds no base allocation for task {task.name} ({cause}): lower the threshold or raise sla_factor"
        ) from cause
    if base is None:
        raise UnsupportedPipeline(
            f"the optimizer's allocation_mode is base, but task {task.name} was made with {task.allocation_mode!r}:"
            " give both the same"
        )
    return [model for model in task.available_model_profiles if model.resource_allocation.cpu == base[model.name].cpu]


def percent(accuracy):
    """The percentage whose hundredth is the accuracy: accuracy * 100 may be off by the last bit."""
    rounded = round(accuracy * 100, 10)
    return rounded if rounded / 100 == accuracy else accuracy * 100


def fingerprint(optimizer, batching_cap):
    """All that stages_of reads, so that unchanged profiles are worked out once."""
    return (
        optimizer.allocation_mode,
        batching_cap,
        optimizer.pipeline.gpu_mode,
        tuple(
            (
                task.name,
                task.allocation_mode,
                task.threshold,
                task.sla_factor,
                task.normalize_accuracy,
                task.gpu_mode,
                task.initial_allocation.cpu,
                tuple(
                    (
                        model.name,
                        model.accuracy,
                        model.resource_allocation.cpu,
                        len(model.measured_profiles),
                        tuple((p.batch, p.latency, p.throughput, p.measured) for p in model.profiles),
                    )
                    for model in task.available_model_profiles
                ),
            )
            for task in optimizer.pipeline.inference_graph
        ),
    )
