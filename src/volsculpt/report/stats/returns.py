"""Returns of a wealth path that leave deposits and withdrawals out, by step and by day (UTC).

Each step grows by g = W_k / (W_{k-1} + F_k): W the wealth at a stamp with all flows up to it, F
what came in (+) or went out (-) after the stamp before and up to this one, in the unit of W, valued
at the stamp before. A flow counts as arriving at the start of its step, where a run books it: what
it gains in that step is its own. Growth multiplied over
steps is the time-weighted return: it does not depend on when or how much the owner pays in.
Source: Dietz, "Pension Funds: Measuring Investment Performance" (1966); Global Investment
Performance Standards (GIPS), time-weighted return.

Missing figures: wealth or a flow that is NaN or infinite is refused, and so is wealth that is not
above zero at the first stamp. A path whose wealth falls to zero or below ends there, and says
whether it was lost (`ruined`) or taken out (`emptied`); no NaN comes out.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from volsculpt.errors import ReportError
from volsculpt.units import DAY_NS, YEAR_NS, iso

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]
End = Literal["complete", "ruined", "emptied"]

MOST_MISSING = 0.1  # share of days that may lack a stamp


def floats(values: Any) -> Floats:  # noqa: ANN401
    """Anything like a sequence of numbers, as an array; None in it becomes NaN."""
    return np.asarray(values, dtype=np.float64)


def finite(number: float) -> float | None:
    """A figure for reading: None where it is not finite. Worked: nan -> None, 0.5 -> 0.5."""
    return float(number) if np.isfinite(number) else None


def years_between(first_ns: int, last_ns: int) -> float:
    """Years of 365 days. Worked: 730 days -> 2.0."""
    return (int(last_ns) - int(first_ns)) / YEAR_NS


@dataclass(frozen=True, slots=True)
class Growth:
    """Growth factors of the steps up to where the path ends.

    stamps_ns: one more than the factors. The last factor is 0 when the path is ruined.
    """

    stamps_ns: Ints
    factors: Floats
    end: End

    @property
    def index(self) -> Floats:
        """What 1 became, at each stamp. Worked: factors 1.1, 0.9 -> 1, 1.1, 0.99."""
        return np.concatenate([[1.0], np.cumprod(self.factors)])

    @property
    def total(self) -> float:
        """Growth over the whole path, as a ratio. Worked: factors 1.1, 0.9 -> -0.01."""
        return float(np.prod(self.factors)) - 1.0

    @property
    def years(self) -> float:
        """Length of the path in years of 365 days."""
        return years_between(self.stamps_ns[0], self.stamps_ns[-1])


@dataclass(frozen=True, slots=True)
class Daily:
    """One return a day, linked from the steps of the day; the first and last may be part days.

    end_ns: the midnight that ends the day. missing: days between the first and last without a
    stamp; what happened on them is in the return of the next day there is.
    """

    end_ns: Ints
    returns: Floats
    missing: int


def growth(stamps_ns: Ints, wealth: Floats, flows: Floats) -> Growth:
    """Growth factors of a wealth path without its flows.

    flows: what came in at each stamp since the one before; the first is part of the start.
    Worked: wealth 100, 165, 148.5 and flows 0, 50, 0 -> factors 1.1, 0.9.
    """
    _refuse(stamps_ns, wealth, flows)
    begun = wealth[:-1] + flows[1:]
    emptied = begun <= 0.0
    ended = np.flatnonzero(emptied | (wealth[1:] <= 0.0))
    stop = int(ended[0]) + 1 if ended.size else len(begun)
    there = np.where(emptied, 1.0, begun)[:stop]
    factors = np.where(emptied[:stop], 1.0, np.maximum(wealth[1 : stop + 1], 0.0) / there)
    if not ended.size:
        return Growth(stamps_ns, factors, "complete")
    return Growth(stamps_ns[: stop + 1], factors, "emptied" if emptied[stop - 1] else "ruined")


def _refuse(stamps_ns: Ints, wealth: Floats, flows: Floats) -> None:
    """Raise ReportError where no return can be computed."""
    if not stamps_ns.shape == wealth.shape == flows.shape or stamps_ns.size < 2:
        raise ReportError(
            f"returns need at least two stamps and as many figures as stamps, not "
            f"{stamps_ns.size} stamps, {wealth.size} of wealth and {flows.size} flows"
        )
    unordered = np.flatnonzero(np.diff(stamps_ns) <= 0)
    if unordered.size:
        raise ReportError(f"stamps must increase: see {iso(stamps_ns[unordered[0] + 1])}")
    for name, figures in (("wealth", wealth), ("flows", flows)):
        wrong = np.flatnonzero(~np.isfinite(figures))
        if wrong.size:
            at = iso(stamps_ns[wrong[0]])
            raise ReportError(f"{name} is not a number at {at}: give every stamp a figure")
    if wealth[0] <= 0.0:
        raise ReportError(
            f"wealth at the start is {wealth[0]:g}: returns need a start above zero; begin the "
            f"backtest with coins in an account"
        )


def daily(path: Growth) -> Daily:
    """The path by days of UTC. A stamp at midnight ends the day before it.

    The product of the days is the product of the steps. Steps longer than a day leave days
    without a stamp; more than one such day in ten is refused, since a year would then not have
    365 returns.
    """
    day = (path.stamps_ns[1:] - 1) // DAY_NS
    starts = np.concatenate([[0], np.flatnonzero(np.diff(day)) + 1])
    days = day[starts]
    span = int(days[-1] - days[0]) + 1
    missing = span - days.size
    if missing > MOST_MISSING * span:
        raise ReportError(
            f"{missing} of {span} days have no stamp: daily statistics need a step of a day or less"
        )
    returns = np.multiply.reduceat(path.factors, starts) - 1.0
    return Daily((days + 1) * DAY_NS, returns, missing)


# --- falls below the highest so far --------------------------------------------------


@dataclass(frozen=True, slots=True)
class Drawdown:
    """The deepest fall. recovered_ns: when the old high was reached again, None if never.

    days: from the high to recovery, or to the end of the path.
    """

    depth: float
    high_ns: int
    low_ns: int
    recovered_ns: int | None
    days: float


def falls(index: Floats) -> Floats:
    """How far each point lies below the highest so far, 0 or less. Worked: 1, 2, 1 -> 0, 0, -0.5.

    A point after which everything was lost stands at -1. NaN is refused where the index is made.
    """
    return np.asarray(index / np.maximum.accumulate(index) - 1.0)


def deepest_falls(path: Growth, most: int) -> list[Drawdown]:
    """The deepest falls of a path at its stamps, the deepest first; those of one depth by time.

    A fall begins the last time the level stands at its highest and ends when it stands there
    again: within a fall there is no other.
    """
    below = falls(path.index)
    under = np.concatenate([[False], below < 0.0, [False]])
    begins, ends = np.flatnonzero(np.diff(under)).reshape(-1, 2).T
    if not begins.size:
        return []
    depths = np.minimum.reduceat(below, np.ravel([begins, ends], "F")[:-1])[::2]
    deepest = np.argsort(depths, kind="stable")[:most].tolist()
    return [_fall(path, below, int(begins[n]), int(ends[n])) for n in deepest]


def _fall(path: Growth, below: Floats, begin: int, end: int) -> Drawdown:
    """The fall that is under its high from `begin` to before `end`."""
    stamps = path.stamps_ns
    high, low = int(stamps[begin - 1]), begin + int(np.argmin(below[begin:end]))
    recovered = int(stamps[end]) if end < stamps.size else None
    days = ((int(stamps[-1]) if recovered is None else recovered) - high) / DAY_NS
    return Drawdown(float(below[low]), high, int(stamps[low]), recovered, days)
