"""Reference values of the correlations by SciPy (Debian python3-scipy 1.10.1).

Run: /usr/bin/python3 test/statistics/reference/correlations.py > test/fixtures/statistics/correlations.json
"""
import json
import sys

import numpy as np
import scipy
from scipy import stats

rng = np.random.default_rng(20240501)


def case(name, x, y):
    x, y = [float(v) for v in x], [float(v) for v in y]
    out = {"name": name, "x": x, "y": y, "ranks_x": list(stats.rankdata(x))}
    for key, result in (
        ("pearson", stats.pearsonr(x, y)),
        ("spearman", stats.spearmanr(x, y)),
        ("kendall", stats.kendalltau(x, y, method="asymptotic")),
    ):
        out[key] = {"value": float(result[0]), "p": float(result[1])}
    return out


n = 60
latent = rng.normal(size=n)
cases = [
    case("four observations", [1, 2, 3, 4], [2, 1, 4, 3]),
    case("no ties, moderate", latent, latent + rng.normal(size=n)),
    case("independent", rng.normal(size=n), rng.normal(size=n)),
    case("heavy ties in both", rng.integers(0, 4, size=n), rng.integers(0, 3, size=n)),
    case("binary against continuous", latent > 0, latent + rng.normal(size=n)),
    case("strong, negative, skewed", np.exp(3 * latent), -np.exp(3 * latent) + rng.normal(size=n)),
    case("far from zero", 1e6 + latent, 1e9 + 3 * latent + rng.normal(size=n)),
    case("very small", 1e-9 * latent, 1e-12 * (latent + rng.normal(size=n))),
    case("monotone, not linear", np.arange(20), np.exp(np.arange(20))),
    case("a sweep of powers of two", np.tile([1, 2, 4, 8, 16], 6), np.repeat([1, 2, 3, 4, 5, 6], 5) * np.tile([5, 3, 2, 1.5, 1.4], 6)),
    case("tiny p value", np.arange(200), np.arange(200) + 5 * rng.normal(size=200)),
]
json.dump({"source": f"SciPy {scipy.__version__}, NumPy {np.__version__}", "cases": cases}, sys.stdout, indent="\t")
