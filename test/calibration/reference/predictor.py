"""What predictor.json holds: a Gaussian process's posterior, marginal likelihood and leave-one-out by NumPy and SciPy.

Written from the formulas (Rasmussen and Williams 2006, eq. 2.25, 2.26, 2.30, 5.10 to 5.12; Matern 5/2 of eq. 4.17), not
from the package: whole inverses, no updates. Run: python test/calibration/reference/predictor.py > .../predictor.json
(NumPy 2, SciPy 1).
"""

import json

import numpy as np
from scipy.stats import multivariate_normal, norm

rng = np.random.default_rng(5)
variants, modes = ["a", "b", "c"], ["slow", "fast"]
cells = []
for v, variant in enumerate(variants):
    for m, mode in enumerate(modes):
        for batch in (1, 4, 16):
            latency = 0.01 * (v + 1) * batch ** 0.8 / (1 + m)
            cells.append(dict(id=f"{variant} {mode} {batch}", variant=variant, allocation=2 + 2 * m, batch=batch,
                              knobs=dict(mode=mode), latency_s=latency, throughput_rps=batch / latency))
count = len(cells)
power = np.array([10 * (1 + 0.3 * variants.index(c["variant"])) * (1.6 if c["knobs"]["mode"] == "fast" else 1)
                  * c["batch"] ** 0.1 for c in cells]) * np.exp(rng.normal(0, 0.02, count))


def scaled(column):
    x = np.log(np.array(column, float))
    return (x - x.mean()) / x.std()


numeric = [scaled([c[k] for c in cells]) for k in ("allocation", "batch", "latency_s", "throughput_rps")]
category = [np.array([c["variant"] for c in cells]), np.array([c["knobs"]["mode"] for c in cells])]
# In the order of the package's hyperparameters: effects of variant and mode, slopes, the mode's effect and slopes, product,
# lengths, deviation, irregularity of each mode.
medians = [0.08, 0.2] + [0.08] * 4 + [0.06, 0.03, 0.12] + [3.0] * 4 + [3.0] * 2 + [0.02] + [1.0] * 2
spreads = [1.0] * 2 + [1.0] * 4 + [1.0, 1.0, 0.8] + [0.8] * 4 + [0.8] * 2 + [0.8] + [0.7] * 2
at = np.round(rng.normal(0, 1, len(medians)), 3)
hyper = np.array(medians) * np.exp(np.array(spreads) * at)
effects, slopes, (mode_effect, mode_slope, product) = hyper[:2], hyper[2:6], hyper[6:9]
lengths, category_lengths, deviation = hyper[9:13], hyper[13:15], hyper[15]
irregular = np.where(category[1] == "slow", hyper[16], hyper[17])

K = np.full((count, count), 0.25)
same_mode = category[1][:, None] == category[1][None, :]
squared = np.zeros((count, count))
for x, slope, length in zip(numeric, slopes, lengths):
    K += slope**2 * np.outer(x, x) + mode_slope**2 * np.outer(x, x) * same_mode
    squared += (x[:, None] - x[None, :]) ** 2 / length**2
K += mode_effect**2 * same_mode
for level, effect, length in zip(category, effects, category_lengths):
    same = level[:, None] == level[None, :]
    K += effect**2 * same
    squared += ~same / length**2
r = np.sqrt(squared)
K += np.outer(irregular, irregular) * product**2 * (1 + np.sqrt(5) * r + 5 * squared / 3) * np.exp(-np.sqrt(5) * r)

measured = [0, 4, 9, 11, 16]
tails = [1, 1, 8, 1, 0.5]
noise = [0.0, 0.01**2, 0.0, 0.02**2, 0.0]
y = np.log(power[measured]) - np.log(power[measured[0]])
A = K[np.ix_(measured, measured)] + np.diag((deviation * irregular[measured]) ** 2 * np.array(tails) + np.array(noise) + 1e-8)
inverse = np.linalg.inv(A)
cross = K[measured]
alpha = inverse @ y
print(json.dumps(dict(
    source="NumPy and SciPy, test/calibration/reference/predictor.py",
    cells=cells, power_w=power.tolist(), at=at.tolist(), measured=measured, tails=tails, relative_se=np.sqrt(noise).tolist(),
    covariance=K.tolist(),
    mean=(cross.T @ alpha).tolist(),
    variance=(np.diag(K) - np.einsum("ij,ik,kj->j", cross, inverse, cross)).tolist(),
    log_likelihood=float(multivariate_normal(np.zeros(len(y)), A).logpdf(y)) + len(y) / 2 * np.log(2 * np.pi),
    leave_one_out_residual=(alpha / np.diag(inverse)).tolist(),
    leave_one_out_variance=(1 / np.diag(inverse)).tolist(),
    normal_cdf={str(x): float(norm.cdf(x)) for x in (-6.2, -3.3, -1, -0.2, 0, 0.77, 2.5)},
)))
