"""Standard errors without a formula: what the ratio would be with a stretch of time left out.

    std = √((G - 1)/G · Σ (r_g - mean r)²),  r_g the ratio of parameters fitted without group g

Groups are G adjacent stretches of equal length, so that what depends on its neighbours in time
stays together. Parameters are fitted without the group; the ratio is the one they give for the next
row of the whole history, so the error is that of the parameters, given the past. Source: Künsch,
"The Jackknife and the Bootstrap for General Stationary Observations", Annals of Statistics 17(3),
1989, 1217-1241. For a tail of few rows it is rough.
"""

from collections.abc import Callable

import numpy as np

from volsculpt.errors import EstimateError
from volsculpt.market.gate import Floats

Refit = Callable[[Floats, Floats], Floats]


def jackknife_std(refit: Refit, X: Floats, y: Floats, groups: int) -> Floats:
    """Standard error of a ratio, (k,).

    Worked: the mean of 1, 2, 3, 4 in 4 groups: r = 3, 2.667, 2.333, 2, std 0.6455, that of a mean.

    Args: refit: rows without a group -> the ratio their fit gives for the next row of all; X: (n,
    k); y: (n,); groups: how many, 2 or more.
    """
    if groups < 2:
        raise EstimateError(f"groups = {groups}: a jackknife needs 2 or more")
    group = np.arange(len(y)) * groups // len(y)
    found = np.array([refit(X[group != one], y[group != one]) for one in range(groups)])
    off = found - found.mean(axis=0)
    return np.asarray(np.sqrt((groups - 1) / groups * np.sum(off * off, axis=0)))
