"""Whether a volatility that was asked for was kept, on the days on which it could be.

A policy that may not hedge less than nothing cannot move a calm coin faster: its target stands at a
limit. Such days say nothing of its forecast, so they are told apart.
"""

import numpy as np

from volsculpt.decide.band import EDGE
from volsculpt.report.stats.bootstrap import Samples, Statistic
from volsculpt.report.stats.returns import Floats, Ints, Truths
from volsculpt.units import DAY_NS, DAYS_PER_YEAR


def free_days(
    stamps_ns: Ints, target_ratio: Floats, limits: tuple[float, float], end_ns: Ints
) -> Truths:
    """Days at whose beginning a target lay strictly between its limits.

    A day is named by the midnight that ends it; it begins at the first stamp at or after the
    midnight before. Without a target it is none. Worked: targets 0.2, 0, 1 within 0 and 1 -> the
    first alone.

    Args: stamps_ns: ns UTC, rising; target_ratio: at each; limits: lowest and highest; end_ns:
    of each day.
    """
    begins = np.searchsorted(stamps_ns, end_ns - DAY_NS)
    target = target_ratio[np.minimum(begins, stamps_ns.size - 1)]
    low, high = limits
    return np.asarray((target > low + EDGE) & (target < high - EDGE))


def over_target(target: float, book: str = "hedged") -> Statistic:
    """Volatility of a book over the one asked for, a year each: 1 is kept.

    The standard deviation of daily return over daily target. Worked: 2 % a day of 38.2 % a year,
    40 % asked -> 0.955.
    """

    def over(samples: Samples) -> Floats:
        return np.asarray(samples[book].deviation * np.sqrt(DAYS_PER_YEAR) / target)

    return over
