"""Funding on a clock: each rate at its stamp, and the stamps that are missing."""

from typing import NamedTuple

import numpy as np

from volsculpt.market.asof import last_observation
from volsculpt.market.gate import Floats, Stamps
from volsculpt.market.series import FundingRates
from volsculpt.units import HOUR_NS


class FundingRows(NamedTuple):
    """A row per stamp of the clock.

    paid: sum of the rates stamped in (stamp before, stamp]; at the first, of its own instant.
    stamps_in: how many those are. missing: how many more should have been. last_rate,
    last_hours: the newest rate known and its interval, NaN before the first. inside_last: sum of
    the rates stamped inside the last step, not at its ends.
    """

    paid: Floats
    stamps_in: Stamps
    missing: Stamps
    last_rate: Floats
    last_hours: Floats
    inside_last: float


def funding_rows(series: FundingRates | None, stamps: Stamps) -> FundingRows:
    """Funding of one contract on a clock; without a series nothing is paid or known."""
    rows = len(stamps)
    if series is None:
        none = np.zeros(rows, dtype=np.int64)
        unknown = np.full(rows, np.nan)
        return FundingRows(np.zeros(rows), none, none, unknown, unknown, 0.0)
    place, inside = _clock_rows(series.stamp_ns, stamps)
    paid: Floats = np.bincount(place, weights=series.rate[inside], minlength=rows).astype(
        np.float64
    )
    missing, _ = _clock_rows(expected_ns(series, int(stamps[0]), int(stamps[-1])), stamps)
    return FundingRows(
        paid,
        _counted(place, rows),
        _counted(missing, rows),
        last_observation(series.stamp_ns, series.rate, stamps).value,
        last_observation(series.stamp_ns, series.interval_hours, stamps).value,
        _inside_last(series, stamps),
    )


def _inside_last(series: FundingRates, stamps: Stamps) -> float:
    """Sum of the rates between the last two stamps of a clock."""
    if len(stamps) < 2:
        return 0.0
    inside = (series.stamp_ns > stamps[-2]) & (series.stamp_ns < stamps[-1])
    return float(series.rate[inside].sum())


def expected_ns(series: FundingRates, from_ns: int, to_ns: int) -> Stamps:
    """Stamps in [from, to) that should be there and are not: before, inside and after.

    The end of the clock is left out: what is due then is paid in the step after it.
    """
    first, last = int(series.stamp_ns[0]), int(series.stamp_ns[-1])
    step_first = round(float(series.interval_hours[0]) * HOUR_NS)
    step_last = round(float(series.interval_hours[-1]) * HOUR_NS)
    before = np.arange(first - step_first, from_ns - 1, -step_first, dtype=np.int64)[::-1]
    after = np.arange(last + step_last, to_ns, step_last, dtype=np.int64)
    found = np.concatenate([before, series.missing_ns(), after])
    return found[(found >= from_ns) & (found < to_ns)]


def _clock_rows(times: Stamps, stamps: Stamps) -> tuple[Stamps, slice]:
    """The rows of the clock that times fall on, and which times are inside the clock."""
    start, end = np.searchsorted(times, [stamps[0], stamps[-1] + 1], side="left")
    inside = slice(int(start), int(end))
    return np.searchsorted(stamps, times[inside], side="left").astype(np.int64), inside


def _counted(place: Stamps, rows: int) -> Stamps:
    return np.bincount(place, minlength=rows).astype(np.int64)
