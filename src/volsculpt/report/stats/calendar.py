"""Daily returns by calendar month and year (UTC), and figures of the days up to each day."""

from collections.abc import Iterator

import numpy as np

from volsculpt.report.stats.metrics import Metric, Sample, total_growth
from volsculpt.report.stats.returns import Daily, Floats, Ints
from volsculpt.units import DAY_NS, DAYS_PER_YEAR

ROLLING_DAYS = 90


def months_of(end_ns: Ints) -> Ints:
    """Months since January 1970 of days, by the midnight that ends each. Worked: 1970-02-01 -> 0.

    Twelve of them are a year: month // 12 + 1970 is the year, month % 12 + 1 the month in it.
    """
    begins = (end_ns - DAY_NS).astype("datetime64[ns]")
    return begins.astype("datetime64[M]").astype(np.int64)


def years_of(end_ns: Ints) -> Ints:
    """Calendar year of days, by the midnight that ends each. Worked: 2021-01-01 -> 2020."""
    return months_of(end_ns) // 12 + 1970


def spans(days: Daily, part: Ints) -> Iterator[tuple[int, Floats]]:
    """Each part (a month, a year) and the returns of its days, in order of time."""
    begins = np.flatnonzero(np.diff(part, prepend=part[0] - 1))
    for returns, name in zip(np.split(days.returns, begins[1:]), part[begins], strict=True):
        yield int(name), returns


def growth_of(returns: Floats) -> float:
    """Growth over some days; -1 where everything was lost on one. Worked: 0.1, -0.1 -> -0.01."""
    if returns.min() <= -1.0:
        return -1.0
    return float(total_growth(sample_of(returns)))


def sample_of(returns: Floats) -> Sample:
    """Whole days as a sample."""
    return Sample(returns, returns.shape[-1] / DAYS_PER_YEAR)


def rolling(metric: Metric, returns: Floats) -> Floats:
    """A metric of the `ROLLING_DAYS` days up to each day, from the first that has so many.

    NaN where it does not exist. Worked: 91 days -> two figures.
    """
    windows = np.lib.stride_tricks.sliding_window_view(returns, ROLLING_DAYS)
    return np.asarray(metric.over(sample_of(windows)))
