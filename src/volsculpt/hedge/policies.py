"""Policies: each a step from memory and inputs to a ratio."""

from bisect import bisect_right

from volsculpt.compilable import compilable
from volsculpt.hedge.spec import SeriesPolicy


@compilable
def fixed_ratio(ratio: float) -> float:
    """The owner's ratio at every step. Worked: 0.5 -> 0.5, whatever the market does."""
    return ratio


def series_ratio(policy: SeriesPolicy, time_ns: int) -> float | None:
    """The last ratio stamped at or before `time_ns`; None before the first.

    Worked: stamps Jan 1 (0.2) and Feb 1 (0.8): on Jan 31 it is 0.2.
    """
    row = bisect_right(policy.times_ns, time_ns) - 1
    return policy.ratios[row] if row >= 0 else None
