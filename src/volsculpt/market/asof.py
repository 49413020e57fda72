"""What is known at a time: the last observation at or before it, never a later one."""

from dataclasses import dataclass

import numpy as np

from volsculpt.market.gate import Flags, Floats, Stamps
from volsculpt.market.series import Bars, PriceSeries

NEVER = -1


@dataclass(frozen=True, slots=True, eq=False)
class TimeGrid:
    """Steps of equal length: stamps from_ns, from_ns + step_ns, ... , to_ns."""

    from_ns: int
    to_ns: int
    step_ns: int

    @property
    def steps(self) -> int:
        """How many steps lie between the first and the last stamp."""
        return (self.to_ns - self.from_ns) // self.step_ns

    @property
    def stamps(self) -> Stamps:
        """Every stamp, the last one included: one more than there are steps."""
        return np.arange(self.steps + 1, dtype=np.int64) * self.step_ns + self.from_ns


@dataclass(frozen=True, slots=True, eq=False)
class LastObservation:
    """The last observation at each stamp: value (NaN where there was none) and its time."""

    value: Floats
    at_ns: Stamps  # NEVER where there was none
    available: Flags


def observations(series: PriceSeries) -> tuple[Stamps, Floats]:
    """(when known, price): closes at the ends of bars, plain prices at their stamps."""
    if isinstance(series, Bars):
        return series.available_ns, series.close
    return series.stamp_ns, series.price


def last_rows(available_ns: Stamps, stamps: Stamps) -> Stamps:
    """Row of the last observation at or before each stamp, NEVER where there is none."""
    return np.searchsorted(available_ns, stamps, side="right").astype(np.int64) - 1


def last_observation(available_ns: Stamps, values: Floats, stamps: Stamps) -> LastObservation:
    """What is known at each stamp of values that became known at `available_ns`."""
    rows = last_rows(available_ns, stamps)
    available = rows >= 0
    safe = np.maximum(rows, 0)
    return LastObservation(
        np.where(available, values[safe], np.nan),
        np.where(available, available_ns[safe], np.int64(NEVER)),
        available,
    )


def last_price_observation(series: PriceSeries, stamps: Stamps) -> LastObservation:
    """What is known at each stamp of a price."""
    available_ns, values = observations(series)
    return last_observation(available_ns, values, stamps)


def step_of_end(available_ns: Stamps, stamps: Stamps) -> Stamps:
    """The step (t, t + step] that each bar ends in; before the first step -1."""
    return np.searchsorted(stamps, available_ns, side="left").astype(np.int64) - 1


def extremes(bars: Bars, stamps: Stamps) -> tuple[Floats, Floats, Flags]:
    """Highest high and lowest low of the bars that end inside each step, and whether any does.

    A bar that is longer than a step counts in the step it ends in: only then is it known.
    """
    steps = len(stamps) - 1
    place = step_of_end(bars.available_ns, stamps)
    inside = (place >= 0) & (place < steps)
    place, highs, lows = place[inside], bars.high[inside], bars.low[inside]
    high, low = np.full(steps, np.nan), np.full(steps, np.nan)
    there = np.zeros(steps, dtype=np.bool_)
    if len(place) > 0:
        starts = np.flatnonzero(np.diff(place, prepend=place[0] - 1))
        high[place[starts]] = np.maximum.reduceat(highs, starts)
        low[place[starts]] = np.minimum.reduceat(lows, starts)
        there[place[starts]] = True
    return high, low, there


def opens_at(series: PriceSeries, stamps: Stamps) -> tuple[Floats, Flags]:
    """The open of the bar that opens exactly at each stamp (a price stamped so), if there is."""
    values = series.open if isinstance(series, Bars) else series.price
    rows = np.minimum(np.searchsorted(series.stamps, stamps, side="left"), len(values) - 1)
    there = series.stamps[rows] == stamps
    return np.where(there, values[rows], np.nan), there
