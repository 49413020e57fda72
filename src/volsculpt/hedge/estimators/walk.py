"""An estimator as its user would have met it: refitted now and then, blind to what comes."""

import numpy as np

from volsculpt.hedge.estimators.estimator import Estimator
from volsculpt.market.gate import Floats


def walk_forward(estimator: Estimator, X: Floats, y: Floats, first: int, every: int) -> Floats:
    """(n - first, k): the ratio held over each row from `first` on, known before it.

    Parameters are fitted on all rows before `first`, and anew every `every` rows; between two fits
    a ratio that changes with time goes on with each row (`path`). Raises EstimateError where a fit
    fails. Worked: `Naive` -> ones.

    Args: estimator: any, left fitted on the last training rows; X: (n, k); y: (n,); first: rows of
    the first fit; every: rows from one fit to the next.
    """
    found = np.empty((len(y) - first, X.shape[1]))
    for start in range(first, len(y), every):
        stop = min(start + every, len(y))
        estimator.fit_ratio(X[:start], y[:start])
        found[start - first : stop - first] = estimator.path(X[:stop], y[:stop])[start:stop]
    return found
