"""Falls below the highest level so far, at every step: how deep, from when to when."""

from dataclasses import dataclass

import numpy as np

from volsculpt.report.stats.arrays import DAY_NS, Floats
from volsculpt.report.stats.returns import Growth


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


def deepest(path: Growth) -> Drawdown | None:
    """The deepest fall of a path at its stamps; None when it never fell.

    The high is the last time the level stood at its highest before the low.
    """
    index, stamps = path.index, path.stamps_ns
    below = falls(index)
    low = int(np.argmin(below))
    if below[low] >= 0.0:
        return None
    level = index[: low + 1].max()
    high = int(np.flatnonzero(index[: low + 1] == level)[-1])
    again = np.flatnonzero(index[low:] >= level)
    recovered = int(stamps[low + again[0]]) if again.size else None
    last = int(stamps[-1]) if recovered is None else recovered
    days = (last - int(stamps[high])) / DAY_NS
    return Drawdown(float(below[low]), int(stamps[high]), int(stamps[low]), recovered, days)
