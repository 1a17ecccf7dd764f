"""A program of IPA's kind: decides at the loads of its arguments, and prints what it gets."""

import json
import sys

from optimizer.optimizer import Optimizer

method, alpha, *loads = sys.argv[1:]
optimizer = Optimizer()
for load in loads:
    answer = optimizer.optimize(
        optimization_method=method, scaling_cap=4, alpha=float(alpha), beta=1, gamma=0, arrival_rate=float(load)
    )
    print(json.dumps(answer))
