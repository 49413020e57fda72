"""How likely a Sharpe ratio is more than the luck of the best of many tries.

Bailey and Lopez de Prado, "The Deflated Sharpe Ratio: Correcting for Selection Bias, Backtest
Overfitting and Non-Normality", Journal of Portfolio Management 40(5), 2014, 94-107. Sharpe ratios
here are daily: mean over standard deviation of daily returns, not scaled to a year.

    DSR = Φ((S - S0)·√(T - 1) / √(1 - γ3·S + (γ4 - 1)/4·S²))
    S0 = σ·((1 - γ)·Φ⁻¹(1 - 1/N) + γ·Φ⁻¹(1 - 1/(N·e)))

S the Sharpe ratio of T days with skewness γ3 and kurtosis γ4 (3 for a normal one), N variants that
were tried, σ the standard deviation of their Sharpe ratios, γ Euler's constant. Days are taken as
independent of each other; where they are not, it says too much.
"""

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from volsculpt.errors import ReportError
from volsculpt.report.stats.bootstrap import FEWEST_DAYS
from volsculpt.report.stats.metrics import NO_RISK
from volsculpt.report.stats.returns import Floats

EULER = 0.5772156649015329
NORMAL = NormalDist()


class ReturnShape(NamedTuple):
    """Daily returns in four figures. kurtosis: 3 for a normal distribution."""

    days: int
    sharpe: float
    skew: float
    kurtosis: float


def shape_of(returns: Floats) -> ReturnShape | None:
    """Days, daily Sharpe ratio (n - 1 below the line), skewness and kurtosis (n below it).

    None for fewer than 30 days, or where returns do not vary. Worked: 15 days of 0.03 and 15 of
    -0.01 -> Sharpe 0.4916, skewness 0, kurtosis 1.
    """
    days = returns.size
    off = returns - returns.mean()
    square = float(off @ off) / days
    if days < FEWEST_DAYS or not math.sqrt(square) > NO_RISK:
        return None
    sharpe = float(returns.mean()) / math.sqrt(square * days / (days - 1))
    cube, fourth = float((off**3).mean()), float((off**4).mean())
    return ReturnShape(days, sharpe, cube / square**1.5, fourth / square**2)


def luckiest_sharpe(variants: int, scatter: float) -> float:
    """The Sharpe ratio that the best of some variants without skill is expected to show: S0.

    0 for a single variant. Worked (the paper's example): 100 variants, scatter √(0.5/250) ->
    0.1132. Raises ReportError for fewer than one variant, or a scatter below 0.

    Args: variants: how many were tried; scatter: standard deviation of their Sharpe ratios, in the
    unit of the answer.
    """
    if variants < 1 or not scatter >= 0.0:
        raise ReportError("a deflated Sharpe ratio needs one variant or more, and their scatter")
    if variants == 1:
        return 0.0
    best = NORMAL.inv_cdf(1.0 - 1.0 / variants)
    beyond = NORMAL.inv_cdf(1.0 - 1.0 / (variants * math.e))
    return scatter * ((1.0 - EULER) * best + EULER * beyond)


def probabilistic_sharpe(shape: ReturnShape, benchmark: float) -> float:
    """Probability that the true daily Sharpe ratio is above a benchmark.

    Φ((S - benchmark)·√(T - 1) / √(1 - γ3·S + (γ4 - 1)/4·S²)). Worked: T 1,250, S 2.5/√250, skewness
    -3, kurtosis 10, benchmark 0.1132 -> 0.9004. Source: Bailey and Lopez de Prado, "The Sharpe
    Ratio Efficient Frontier", Journal of Risk 15(2), 2012, 3-44.
    """
    sharpe = shape.sharpe
    spread = 1.0 - shape.skew * sharpe + (shape.kurtosis - 1.0) / 4.0 * sharpe * sharpe
    above = (sharpe - benchmark) * math.sqrt(shape.days - 1)
    if spread <= NO_RISK:  # two values only: nothing is left of chance
        return 0.5 if above == 0.0 else float(above > 0.0)
    return NORMAL.cdf(above / math.sqrt(spread))


def scatter_of(sharpes: list[float], days: int) -> float:
    """How far apart Sharpe ratios of variants without skill lie: the larger of two figures.

    1/√(days - 1), which chance alone makes of a true ratio of zero, and the standard deviation (n -
    1) of those that are known. Variants that were tried and not shown are not known, so that the
    first is the least. Worked: 0.1 and 0.3 over 1,001 days -> 0.1414; one of them alone -> 0.0316.
    """
    chance = 1.0 / math.sqrt(days - 1)
    if len(sharpes) < 2:
        return chance
    return max(chance, float(np.std(np.sort(np.array(sharpes)), ddof=1)))


def deflated_sharpe(shape: ReturnShape, variants: int, scatter: float) -> float:
    """Probability that a Sharpe ratio is more than the best of so many tries without skill shows.

    `probabilistic_sharpe` against `luckiest_sharpe`. More variants never raise it. Worked (the
    paper's example): T 1,250, S 2.5/√250, skewness -3, kurtosis 10, 100 variants, scatter
    √(0.5/250) -> 0.9004; 46 variants -> 0.9505.

    Args: shape: daily; variants: how many were tried; scatter: of their daily Sharpe ratios.
    """
    return probabilistic_sharpe(shape, luckiest_sharpe(variants, scatter))
