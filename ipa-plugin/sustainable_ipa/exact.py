"""IPA's decision by the exact method: Optimizer.optimize with optimization_method="exact"."""

import logging
import weakref

from .answer import apply, row_of
from .client import Client
from .errors import Infeasible, SettingsError
from .request import fingerprint, pipeline_of, stages_of
from .watch import check, power_interval

log = logging.getLogger(__name__)


def check_weighed(settings):
    """Energy that is weighed or bounded and given for no cell stops IPA when it starts, not at its first decision."""
    weighed = [f"bounds.{name}" for name in ("max_energy_j_per_request", "max_power_w") if name in settings.bounds]
    if settings.prices is not None:
        weighed.insert(0, "prices")
    if settings.delta > 0:
        weighed.insert(0, "delta")
    if weighed and not settings.energies:
        raise SettingsError(
            f"{', '.join(weighed)} under sustainable_ipa weighs energy, and no cell has one: name them in"
            " energy_profiles (a missing energy is never taken as 0), or leave it out"
        )


class Exact:
    """Answers for IPA's optimizers over one long-lived process."""

    def __init__(self, settings):
        check_weighed(settings)
        self.settings = settings
        self.client = Client(settings.command, settings.timeout_s)
        self._stages = weakref.WeakKeyDictionary()
        # Power that the configuration decided last should draw, W.
        self._expected = weakref.WeakKeyDictionary()

    def optimize(
        self,
        optimizer,
        scaling_cap,
        alpha,
        beta,
        gamma,
        arrival_rate,
        num_state_limit=None,
        batching_cap=None,
        dir_path=None,
    ):
        """IPA's table of the best configurations: one row, or up to num_state_limit rows that tie, the best first.

        The pipeline is left at the first row. dir_path is Gurobi's (its model file) and is not used.
        """
        import pandas

        check(self.settings.watch, self._expected.get(optimizer.pipeline))
        rows = []
        try:
            for configuration in self.configurations(
                optimizer, scaling_cap, alpha, beta, gamma, arrival_rate, num_state_limit, batching_cap
            ):
                apply(optimizer.pipeline, configuration)
                self._expect(optimizer.pipeline, configuration, arrival_rate)
                rows.append(row_of(optimizer, configuration, {"alpha": alpha, "beta": beta, "gamma": gamma}))
        except Infeasible as reason:
            if self.settings.infeasible == "raise":
                raise
            log.warning("no configuration: %s", reason)
        return pandas.DataFrame(rows[::-1])

    def _expect(self, pipeline, configuration, arrival_rate):
        """Keeps what the configuration, now that the pipeline is at it, should draw by the calibrated profile."""
        if self.settings.watch is None:
            return
        stages = [
            (task.name, own["variant"], own["cores"], own["batch"], own["replicas"], own["latency_s"])
            for task, own in zip(pipeline.inference_graph, configuration["stages"])
        ]
        rate = max(0.0, float(arrival_rate))
        self._expected[pipeline] = power_interval(stages, rate, self.settings.intervals, self.settings.energies)

    def configurations(self, optimizer, scaling_cap, alpha, beta, gamma, arrival_rate, num_state_limit, batching_cap):
        """The configurations as the program gives them, the best last."""
        stages = self.stages(optimizer, batching_cap)
        # IPA's predictors may go below 0, where no requests come.
        rate = max(0.0, float(arrival_rate))
        pipeline = pipeline_of(optimizer, stages, self.settings, scaling_cap, alpha, beta, gamma, rate)
        if rate == 0 and pipeline["weights"]["delta"] > 0:
            log.warning("no requests at a load of %s, so no energy per request: decided without delta", arrival_rate)
            pipeline["weights"]["delta"] = 0.0
        answer = self.client.ask(pipeline, self.settings.bounds, ties=num_state_limit != 1)
        best = answer["configuration"]
        others = [other for other in answer.get("ties", []) if other["stages"] != best["stages"]]
        return [best, *others][:num_state_limit][::-1]

    def stages(self, optimizer, batching_cap):
        known = fingerprint(optimizer, batching_cap)
        kept = self._stages.get(optimizer.pipeline)
        if kept is None or kept[0] != known:
            kept = (known, stages_of(optimizer, batching_cap, self.settings.energies))
            self._stages[optimizer.pipeline] = kept
        return kept[1]
