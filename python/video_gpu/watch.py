"""One window of a meter: from a tick of the energy counter to another, with power and state sampled in between."""

import time

from arithmetic import counter_energy, integrated_energy, mean, unavailable
from meter import event_names

POWER_EVERY_S = 0.05
STATE_EVERY_S = 0.5
# How finely the counter is looked at for a tick, and how long a counter may stand still while the GPU works.
TICK_POLL_S = 0.001
TICK_LIMIT_S = 1.0
# How late the window's ends may be seen, as a share of the window: a slower look could not tell its energy's time.
TICK_WITHIN = 0.01


class Interrupted(Exception):
    """The program was asked to stop."""


def watch(meter, seconds, interrupted=lambda: False, clock=time.monotonic, sleep=time.sleep):
    """Watches for at least `seconds`. Both ends lie where the counter changes, so that its step (tens of ms) is no error.

    Times are of CLOCK_MONOTONIC, s. Each energy is `available` with joules, or `unavailable` with the reason; where the
    counter cannot be read or stands still, the window is `seconds` long and the sampled power has its energy alone.
    """
    powers, states = [], []
    due = {"power": clock(), "state": clock()}

    edges = []

    def look(at_state=True):
        if interrupted():
            raise Interrupted
        now = clock()
        if now >= due["power"]:
            due["power"] = now + POWER_EVERY_S
            power = meter.power_w()
            # 0 W is no reading of a GPU that is switched on.
            if power is not None and power > 0:
                powers.append((clock(), power))
        if at_state and now >= due["state"]:
            due["state"] = now + STATE_EVERY_S
            states.append(meter.state())

    def tick():
        """Time and value just after the counter's next change, or the time and why there is no value.

        The change came between the last look that did not see it and now: that span is kept in `edges`. The state is
        not read meanwhile, since that takes as long as the counter's step on some drivers.
        """
        seen_before = clock()
        before = meter.energy_mj()
        limit = clock() + TICK_LIMIT_S
        while before is not None and clock() < limit:
            asked = clock()
            now = meter.energy_mj()
            if now is None:
                break
            if now != before:
                came = clock()
                edges.append(came - seen_before)
                return came, now, None
            seen_before = asked
            look(at_state=False)
            sleep(TICK_POLL_S)
        still = before is not None and clock() >= limit
        why = unavailable(f"the counter stood still for {TICK_LIMIT_S:g} s") if still else meter.missing("energy")
        return clock(), None, why

    look()
    start, first, why = tick()
    while clock() < start + seconds:
        look()
        sleep(min(POWER_EVERY_S / 5, max(0.0, start + seconds - clock())))
    due["power"] = clock()
    look()
    end, last = clock(), None
    if first is not None:
        end, last, why = tick()
    due["power"] = clock()
    look(at_state=False)
    if why is None and max(edges) > TICK_WITHIN * (end - start):
        why = unavailable(f"the counter's tick was seen within {max(edges):.3f} s only: the host was too slow")
    return {
        "start_s": start,
        "end_s": end,
        "counter": why if why is not None else counter_energy(first, last),
        "integrated": integrated_energy(powers, start, end) if powers else meter.missing("power"),
        **({"edge_s": max(edges)} if edges else {}),
        "power_source": meter.power_source,
        "power_samples": len([1 for when, _ in powers if start <= when <= end]),
        "state": summary(states),
    }


def summary(states):
    """Least, mean and greatest of each quantity, and the share of looks at which each event held."""
    names = sorted({name for state in states for name in state} - {"events"})
    found = {}
    for name in names:
        values = [state[name] for state in states if name in state]
        found[name] = {"min": min(values), "mean": mean(values), "max": max(values)}
    masks = [state["events"] for state in states if "events" in state]
    if masks:
        held = [name for mask in masks for name in event_names(mask)]
        found["events"] = {name: held.count(name) / len(masks) for name in sorted(set(held))}
    return found
