"""How much of a coin to hold for the fastest growth, and how badly that is known."""

import math
from typing import NamedTuple

import numpy as np

from volsculpt.errors import EstimateError
from volsculpt.hedge.estimators.estimator import stands_still
from volsculpt.hedge.estimators.ols import least_squares
from volsculpt.market.gate import Floats


def kelly_exposure(mean: float, deviation: float) -> float:
    """Growth-optimal share of wealth in a price that diffuses: mean/deviation², of excess returns.

    Both over the same time. Source: Merton, "Lifetime Portfolio Selection under Uncertainty",
    Review of Economics and Statistics 51(3), 1969, 247-257, for log utility.
    Worked: 0.08 and 0.2 -> 2.
    """
    return mean / deviation**2


class GrowthOptimal(NamedTuple):
    """exposure: share of wealth in the coin for the fastest growth. std: its standard error."""

    exposure: float
    std: float


def growth_optimal(returns: Floats) -> GrowthOptimal:
    """Kelly's exposure from returns over cash, and its standard error.

    The error is that of mean/variance by the delta method, returns being allowed to depend on those
    before (Newey-West). Nearly all of it is the mean's, which no shorter step makes better known:
    about 1/(σ·√years). Raises EstimateError for fewer than 30 returns. Worked: 4 years at σ 0.7:
    std of about 0.7.

    returns: (n,), fractions a row.
    """
    if len(returns) < 30:
        raise EstimateError(
            f"the growth-optimal exposure needs 30 returns; there are {len(returns)}: give a "
            f"longer span"
        )
    if stands_still(returns):
        raise EstimateError(
            f"the growth-optimal exposure needs prices that move; none of {len(returns)} returns "
            f"differs: look at the stored prices, or give another span"
        )
    mean, variance = float(returns.mean()), float(returns.var())
    off = returns - mean
    influence = off / variance - mean * (off**2 - variance) / variance**2
    error = least_squares(np.ones((len(returns), 1)), influence, None).bse[0]
    return GrowthOptimal(kelly_exposure(mean, math.sqrt(variance)), float(error))
