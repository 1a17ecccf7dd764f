"""The sums behind a window: batches in it, energy by counter and by samples, quantiles. Pure."""

# A hole in the power samples longer than this is not filled by a straight line.
LONGEST_GAP_S = 0.5


def available(energy_j):
    return {"status": "available", "energy_j": energy_j}


def unavailable(reason):
    return {"status": "unavailable", "reason": reason}


def batches_within(completions, start, end):
    """Batches done between start and end, with those at the edges counted by their share in time.

    `completions`: times at which batches were done, one after another, ascending; they must begin before the window and
    end after it, so that its edges lie within batches. Batch i is taken to go on evenly from completion i - 1 to i.
    """
    if not (completions and completions[0] <= start < end <= completions[-1]):
        raise ValueError("the window must lie within the work: batches before and after it")
    return _done_by(completions, end) - _done_by(completions, start)


def _done_by(completions, time):
    """Batches done by a time since the first completion, a fraction of the one that was going on."""
    low, high = 0, len(completions) - 1
    while high - low > 1:
        middle = (low + high) // 2
        if completions[middle] <= time:
            low = middle
        else:
            high = middle
    return low + (time - completions[low]) / (completions[high] - completions[low])


def counter_energy(first_mj, last_mj):
    """Energy between two readings of the total-energy counter, J, or why there is none."""
    if last_mj < first_mj:
        return unavailable(f"the counter went back from {first_mj} mJ to {last_mj} mJ: reset, or the driver reloaded")
    if last_mj == first_mj:
        return unavailable(f"the counter stood still at {first_mj} mJ")
    return available((last_mj - first_mj) / 1000)


def integrated_energy(samples, start, end):
    """Power samples (time s, W), ascending, integrated by trapezoids over the window, J, or why there is none.

    At an edge the power is that of the line between the samples around it, or of the nearest one where the window's edge
    lies outside of the samples.
    """
    inside = [(time, power) for time, power in samples if start < time < end]
    if not samples:
        return unavailable("no power sample")
    points = [(start, _power_at(samples, start)), *inside, (end, _power_at(samples, end))]
    known = [max(start, samples[0][0]), *(time for time, _ in inside), min(end, samples[-1][0])]
    gap = max([later - earlier for earlier, later in zip([start, *known], [*known, end])])
    if not inside or gap > LONGEST_GAP_S:
        return unavailable(f"no power sample for {gap:.2f} s of the window")
    energy = sum((later - earlier) * (a + b) / 2 for (earlier, a), (later, b) in zip(points, points[1:]))
    return available(energy) if energy > 0 else unavailable("power read as 0 W throughout")


def _power_at(samples, time):
    before = [sample for sample in samples if sample[0] <= time]
    after = [sample for sample in samples if sample[0] >= time]
    if not before or not after:
        return (before or after)[-1 if before else 0][1]
    (t0, p0), (t1, p1) = before[-1], after[0]
    return p0 if t1 == t0 else p0 + (p1 - p0) * (time - t0) / (t1 - t0)


def quantile(values, share):
    """Quantile by linear interpolation of the order statistics (Hyndman and Fan's type 7, as numpy and R have it)."""
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def mean(values):
    return sum(values) / len(values)


def deviation(values):
    """Sample standard deviation (n - 1); 0 of a single value is not known and raises."""
    if len(values) < 2:
        raise ValueError("a standard deviation needs two values")
    centre = mean(values)
    return (sum((value - centre) ** 2 for value in values) / (len(values) - 1)) ** 0.5


def settled(latencies, count=5, within=0.05):
    """Whether the last `count` latencies vary (s / mean) under `within`."""
    last = latencies[-count:]
    return len(last) == count and deviation(last) / mean(last) < within
