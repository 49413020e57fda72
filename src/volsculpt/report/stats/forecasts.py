"""Which of two forecasts of volatility was nearer to what came: QLIKE, and whether it may be luck.

A forecast made at the beginning of a day is held against the variance of that day: the sum of its
squared log returns, from step to step. That is a noisy figure of the true variance, and QLIKE is
one of the losses that rank forecasts right all the same (Patton, "Volatility forecast comparison
using imperfect volatility proxies", Journal of Econometrics 160(1), 2011, 246-256).
"""

import math
from typing import NamedTuple

import numpy as np

from volsculpt.errors import ReportError
from volsculpt.report.stats.bootstrap import FEWEST_DAYS
from volsculpt.report.stats.returns import Floats, Ints
from volsculpt.units import DAY_NS, YEAR_NS

NO_DIFFERENCE = 1e-12  # of a loss: rounding


class Forecasts(NamedTuple):
    """Days of UTC, by the midnight that ends them: variance a year as forecast, and as it came."""

    end_ns: Ints
    forecast: Floats
    realised: Floats


class Comparison(NamedTuple):
    """Two forecasts against each other. statistic: above 0 where the first lost more.

    statistic, p_value: None where they never differed or the days are too few.
    """

    days: int
    first_loss: float
    second_loss: float
    statistic: float | None
    p_value: float | None


def daily_forecasts(stamps_ns: Ints, sigma: Floats, price_usd: Floats) -> Forecasts:
    """Each whole or part day that begins with a forecast, and the variance of its own steps.

    realised = Σ ln(P_k/P_{k-1})²·365 days / length of the day's steps. Worked: a day of three steps
    of 1 % -> 3·0.01²·365 = 0.11 (of 33 % a year).

    Args: stamps_ns: ns UTC, rising; sigma: forecast known at each, a ratio a year, NaN for none;
    price_usd: the coin's index at each.
    """
    day = (stamps_ns[1:] - 1) // DAY_NS
    starts = np.concatenate([[0], np.flatnonzero(np.diff(day)) + 1])
    ends = np.append(starts[1:], day.size)
    squares = np.diff(np.log(price_usd)) ** 2
    elapsed = stamps_ns[ends] - stamps_ns[starts]
    realised = np.add.reduceat(squares, starts) * YEAR_NS / elapsed
    there = np.isfinite(sigma[starts])
    end_ns = (day[starts] + 1) * DAY_NS
    return Forecasts(end_ns[there], sigma[starts][there] ** 2, realised[there])


def qlike(forecast: Floats, realised: Floats) -> Floats:
    """Loss of forecasts of variance, ln(forecast) + realised/forecast; less is better.

    It differs from realised/forecast - ln(realised/forecast) - 1 by a term without the forecast,
    and exists where nothing moved. Both variances in one unit; forecasts above 0. Worked: forecast
    0.25, realised 0.25 -> -0.3863; realised 0.5 -> 0.6137. Source: Patton (2011), above.
    """
    return np.asarray(np.log(forecast) + realised / forecast)


def diebold_mariano(first: Floats, second: Floats, horizon: int = 1) -> tuple[float, float] | None:
    """(statistic, p-value of two sides) that two rows of losses have the same mean.

    d = first - second, S = mean(d)/√((γ0 + 2·Σ_{k<h} γk)/n)·√((n + 1 - 2h + h(h-1)/n)/n), against
    Student's t with n - 1 degrees of freedom. None for fewer than 30 losses, losses that never
    differed, or a variance that comes out at zero or below. Worked: d of 1, 2, 3 ten times over ->
    13.1909. Sources: Diebold and Mariano, "Comparing Predictive Accuracy", Journal of Business &
    Economic Statistics 13(3), 1995, 253-263; Harvey, Leybourne and Newbold, "Testing the equality
    of prediction mean squared errors", International Journal of Forecasting 13(2), 1997, 281-291.

    Args: first, second: losses of the same days; horizon: steps ahead that forecasts look.
    """
    if first.shape != second.shape or horizon < 1:
        raise ReportError("a comparison of forecasts needs losses of the same days")
    n, lost = first.size, first - second
    off = lost - lost.mean() if n else lost
    if n < FEWEST_DAYS or not np.abs(lost).max() > NO_DIFFERENCE:
        return None
    lagged = sum(float(off[k:] @ off[: n - k]) for k in range(1, horizon))
    variance = (float(off @ off) + 2.0 * lagged) / n / n
    if not variance > 0.0:
        return None
    corrected = math.sqrt((n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n)
    statistic = float(lost.mean()) / math.sqrt(variance) * corrected
    return statistic, student_p(statistic, n - 1)


def student_p(statistic: float, degrees: int) -> float:
    """Probability of a Student's t so far from zero, on either side.

    The finite sums for whole degrees of freedom; 0 beyond what they resolve, about 1e-15. Worked:
    2.228139 with 10 degrees -> 0.05; 1 with 1 degree -> 0.5. Source: Abramowitz and Stegun,
    "Handbook of Mathematical Functions" (1964), 26.7.3 and 26.7.4.
    """
    angle = math.atan2(abs(statistic), math.sqrt(degrees))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = degrees % 2
    term = total = cosine if odd else 1.0
    for k in range(2 + odd, degrees - 1, 2):
        term *= cosine * cosine * (k - 1) / k
        total += term
    inside = sine * total if degrees > 1 else 0.0
    within = 2.0 / math.pi * (angle + inside) if odd else inside
    return min(max(1.0 - within, 0.0), 1.0)


def compared(first: Forecasts, second: Forecasts) -> Comparison | None:
    """Two forecasts of one coin on the days that both have; None where they share none."""
    days, one, two = np.intersect1d(first.end_ns, second.end_ns, return_indices=True)
    if not days.size:
        return None
    losses = [
        qlike(held.forecast[rows], held.realised[rows])
        for held, rows in ((first, one), (second, two))
    ]
    found = diebold_mariano(losses[0], losses[1])
    statistic, p_value = found if found is not None else (None, None)
    means = (float(losses[0].mean()), float(losses[1].mean()))
    return Comparison(days.size, *means, statistic, p_value)
