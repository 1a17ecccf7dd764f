"""What the plugin reads of IPA's classes, for a machine without IPA: one task, two variants, batches of one."""

from types import SimpleNamespace


def model(name, cpu, accuracy, latency):
    profile = SimpleNamespace(batch=1, latency=latency, throughput=1 / latency, measured=True)
    allocation = SimpleNamespace(cpu=cpu, gpu=0)
    return SimpleNamespace(
        name=name, accuracy=accuracy, resource_allocation=allocation, profiles=[profile], measured_profiles=[profile]
    )


class Task:
    def __init__(self):
        self.name = "crop"
        self.available_model_profiles = [model("light", 1, 0.5, 0.1), model("heavy", 2, 0.9, 0.2)]
        self.initial_allocation = self.available_model_profiles[0].resource_allocation
        self.active_variant = "light"
        self.allocation_mode = "base"
        self.threshold, self.sla_factor, self.replicas, self.batch = 1, 1, 1, 1
        self.normalize_accuracy = self.gpu_mode = False
        self.variant_names = ["light", "heavy"]
        self.variants_accuracies = {"light": 0.5, "heavy": 0.9}
        self.base_allocations = {own.name: own.resource_allocation for own in self.available_model_profiles}
        self.gpu = 0

    @property
    def cpu(self):
        return self.available_model_profiles[self.active_variant_index].resource_allocation.cpu

    def re_scale(self, replica):
        self.replicas = replica

    def change_batch(self, batch):
        self.batch = batch


class Pipeline:
    def __init__(self):
        self.inference_graph = [Task()]
        self.gpu_mode = False
        self.accuracy_method = "sum"
        self.sla = 1.0

    @property
    def cpu_usage(self):
        return sum(task.cpu * task.replicas for task in self.inference_graph)


class Optimizer:
    def __init__(self):
        self.pipeline = Pipeline()
        self.allocation_mode = "base"
        self.complete_profile = False
        self.baseline_mode = None

    def optimize(self, optimization_method, **arguments):
        """IPA's other methods."""
        return f"IPA's own {optimization_method}"
