"""What a path of daily returns was like: growth, risk, and one against the other.

Every function takes a `Sample` and returns an array with one figure for each path in it (a single
path gives an array without dimensions; `Metric.of` makes it a number). Returns are simple (not
logarithmic), of days of UTC; a year has 365 days; the riskless rate is zero. A loss is negative in
every figure, so that more is better in all but volatility.

Missing figures: a return that is not finite, or is -1 or less, is refused by `Sample`. A figure
that does not exist (a ratio to a risk of zero, fewer than two days) is NaN inside an array and None
when read through `Metric.of`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from volsculpt.errors import ReportError
from volsculpt.report.stats.returns import Floats, finite
from volsculpt.units import DAYS_PER_YEAR

TAIL = 0.05  # CVaR at 95 %: the mean of the worst twentieth
NO_RISK = 1e-12  # a deviation below this is rounding, not risk


@dataclass(frozen=True)
class Sample:
    """Daily returns, paths before days; what several metrics need is computed once.

    years: length of the path in years of 365 days, part days counted as such.
    """

    returns: Floats
    years: float

    def __post_init__(self) -> None:
        if self.returns.shape[-1] == 0 or not self.years > 0.0:
            raise ReportError("metrics need at least one day of returns")
        if not np.all(np.isfinite(self.returns)) or np.any(self.returns <= -1.0):
            raise ReportError("metrics need returns that are numbers above -1")

    @cached_property
    def days(self) -> int:
        """How many days each path has."""
        return int(self.returns.shape[-1])

    @cached_property
    def mean(self) -> Floats:
        """Mean daily return."""
        return np.asarray(self.returns.mean(axis=-1))

    @cached_property
    def deviation(self) -> Floats:
        """Standard deviation of daily returns, n - 1 below the line; NaN for a single day."""
        if self.days < 2:
            return np.full(self.mean.shape, np.nan)
        off = self.returns - self.mean[..., None]
        return root_of(np.einsum("...i,...i->...", off, off) / (self.days - 1))

    @cached_property
    def downside(self) -> Floats:
        """Root of the mean of squared losses, over all days."""
        losses = np.minimum(self.returns, 0.0)
        return root_of(np.einsum("...i,...i->...", losses, losses) / self.days)

    @cached_property
    def log_path(self) -> Floats:
        """Logarithm of what 1 became, at the end of each day."""
        logs = np.log1p(self.returns)
        return np.cumsum(logs, axis=-1, out=logs)

    @cached_property
    def log_growth(self) -> Floats:
        """Logarithm of what 1 became at the end."""
        return np.asarray(self.log_path[..., -1])

    @cached_property
    def worst(self) -> Floats:
        """Mean of the worst twentieth of days; `cvar` says how."""
        tail, whole = tail_days(self.days)
        least = np.partition(self.returns, min(whole, self.days - 1), axis=-1)[..., : whole + 1]
        if whole >= self.days:
            return np.asarray(least.mean(axis=-1))
        weights = np.ones(whole + 1)
        weights[-1] = max(tail - whole, 0.0)
        return np.asarray(least @ weights / weights.sum())

    @cached_property
    def drawdown(self) -> Floats:
        """The deepest fall below the highest close so far, the start included; 0 or less."""
        high = np.maximum.accumulate(self.log_path, axis=-1)
        np.maximum(high, 0.0, out=high)
        np.subtract(self.log_path, high, out=high)
        found = np.expm1(high.min(axis=-1))
        return np.where(found > -NO_RISK, 0.0, found)


def root_of(mean_square: Floats) -> Floats:
    """Root of a mean of squares; 0 where it is rounding, not risk."""
    found = np.sqrt(mean_square)
    return np.where(found < NO_RISK, 0.0, found)


def tail_days(days: int) -> tuple[float, int]:
    """Days in the worst twentieth, and the whole ones of them. Worked: 50 days -> (2.5, 2)."""
    tail = max(TAIL * days, 1.0)
    return tail, int(tail + 1e-9)


def total_growth(sample: Sample) -> Floats:
    """Growth over the whole path: Π(1 + r) - 1, a ratio.

    Worked: 0.1, -0.1 -> -0.01. Source: GIPS, time-weighted return.
    """
    return np.asarray(np.expm1(sample.log_growth))


def cagr(sample: Sample) -> Floats:
    """Compound annual growth: (Π(1 + r))^(1/years) - 1, a ratio a year.

    For a path much shorter than a year it says more than is known. Worked: 0.21 in 2 years
    -> 0.1. Source: Bacon, "Practical Portfolio Performance Measurement" (2008), chapter 2.
    """
    return np.asarray(np.expm1(sample.log_growth / sample.years))


def mean_annual(sample: Sample) -> Floats:
    """Arithmetic mean a year: 365 · mean(r), a ratio a year; nothing is compounded.

    Worked: 0.001 a day -> 0.365. Source: Sharpe (1994), as below.
    """
    return np.asarray(sample.mean * DAYS_PER_YEAR)


def volatility(sample: Sample) -> Floats:
    """Volatility of simple daily returns: √365 · s, s with n - 1; a ratio a (root) year.

    NaN for a single day. Worked: 0.01, -0.01 -> s 0.0141421, volatility 0.270185.
    Source: Hull, "Options, Futures, and Other Derivatives", estimating volatility from history
    (there from logarithms; for daily moves of a few percent the two hardly differ).
    """
    return np.asarray(sample.deviation * np.sqrt(DAYS_PER_YEAR))


def max_drawdown(sample: Sample) -> Floats:
    """Deepest fall of daily closes below the highest before: min(W / max W - 1), a ratio <= 0.

    Worked: 0.1, -0.5, 0.2 -> -0.5. Source: Magdon-Ismail and Atiya, "Maximum drawdown",
    Risk 17(10), 2004.
    """
    return sample.drawdown


def sharpe(sample: Sample) -> Floats:
    """Mean over deviation: √365 · mean(r) / s, a number; the riskless rate is zero.

    NaN where s is 0 or there is a single day. Worked: 0.02, 0, 0.01 -> mean 0.01, s 0.01 ->
    19.105. Source: Sharpe, "The Sharpe Ratio", Journal of Portfolio Management 21(1), 1994,
    49-58.
    """
    return _ratio(sample.mean * np.sqrt(DAYS_PER_YEAR), sample.deviation)


def sortino(sample: Sample) -> Floats:
    """Mean over downside deviation: √365 · mean(r) / √(mean(min(r, 0)²)), a number.

    The mean of squares is over all days, not only those of loss. NaN where no day lost.
    Worked: 0.03, -0.01 -> mean 0.01, downside 0.00707107 -> 27.0185. Source: Sortino and Price,
    "Performance Measurement in a Downside Risk Framework", Journal of Investing 3(3), 1994,
    59-64.
    """
    return _ratio(sample.mean * np.sqrt(DAYS_PER_YEAR), sample.downside)


def calmar(sample: Sample) -> Floats:
    """Compound annual growth over the depth of the deepest fall, both of the whole path; a number.

    NaN where nothing ever fell. Worked: growth 0.2 a year, drawdown -0.4 -> 0.5. Source: Young,
    "Calmar Ratio: A Smoother Tool", Futures 20(1), 1991 (there of the last 36 months).
    """
    return _ratio(cagr(sample), -sample.drawdown)


def cvar(sample: Sample) -> Floats:
    """Mean of the worst 5 % of days, a ratio a day (a loss is negative): CVaR at 95 %.

    With m = 0.05·n days in the tail: the sum of the floor(m) lowest, plus the rest of m times the
    next, over m; so the figure is continuous in the level, and with fewer than 20 days is the worst
    day. Worked: 40 days, the lowest -0.10 and -0.06 -> -0.08. Source: Rockafellar and Uryasev,
    "Optimization of Conditional Value-at-Risk", Journal of Risk 2(3), 2000, 21-41.
    """
    return sample.worst


def _ratio(above: Floats, below: Floats) -> Floats:
    """One over the other, NaN where the lower is zero."""
    safe = np.where(below > 0.0, below, np.nan)
    return np.asarray(above / safe)


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure by its published name, in words, and how to compute it.

    indicative: its bootstrap interval is a hint only, because the figure lives on one stretch of
    the path, which blocks cut up.
    """

    name: str
    words: str
    unit: Literal["ratio", "number"]
    over: Callable[[Sample], Floats]
    indicative: bool = False

    def of(self, sample: Sample) -> float | None:
        """The figure of a single path; None where it does not exist."""
        return finite(float(self.over(sample)))


METRICS = (
    Metric("total_growth", "growth", "ratio", total_growth),
    Metric("cagr", "growth a year", "ratio", cagr),
    Metric("mean_annual", "mean a year", "ratio", mean_annual),
    Metric("volatility", "volatility a year", "ratio", volatility),
    Metric("max_drawdown", "fall, daily closes", "ratio", max_drawdown, indicative=True),
    Metric("cvar", "worst 5 % of days", "ratio", cvar),
    Metric("sharpe", "Sharpe", "number", sharpe),
    Metric("sortino", "Sortino", "number", sortino),
    Metric("calmar", "Calmar", "number", calmar, indicative=True),
)
METRIC = {metric.name: metric for metric in METRICS}
