"""How far figures could be off: intervals from resampled histories, for books side by side.

The stationary bootstrap of Politis and Romano, Journal of the American Statistical Association
89(428), 1994, 1303-1313. A history is made of blocks of real days; a block begins at a day drawn
evenly, and goes on to the next day with probability 1 - 1/b, round the end to the start. All books
take the same days, so that a difference between books is of one and the same world: paired.

An interval holds the middle 90 % of the draws (percentile method). It says how much of the figure
is luck of the draw within the days that were seen; it knows nothing of what they did not contain.
Drawdown and Calmar live on one stretch of the path, which blocks cut up: theirs are indicative.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from volsculpt.errors import ReportError
from volsculpt.report.stats.arrays import Floats, Ints
from volsculpt.report.stats.block_length import shared_block_length
from volsculpt.report.stats.drawn import Days, drawn
from volsculpt.report.stats.metrics import Sample

DRAWS = 2_000
LEVEL = 0.90
FEWEST_DAYS = 30
CHUNK = 125  # draws at a time, so that memory stays flat
MOST_UNDEFINED = 0.1

Samples = Mapping[str, Sample]
Statistic = Callable[[Samples], Floats]


@dataclass(frozen=True, slots=True)
class Interval:
    """The middle of the draws; both ends None where the figure exists in too few of them."""

    low: float | None
    high: float | None


NO_INTERVAL = Interval(None, None)


@dataclass(frozen=True, slots=True)
class Resampled:
    """Intervals by the name of their statistic, and how they were made."""

    intervals: dict[str, Interval]
    block_days: float
    draws: int


def block_days(length: float, days: int, draws: int, random: np.random.Generator) -> Ints:
    """The place of the day that stands at each place of each drawn history: (draws, days).

    length: mean block length; 1 draws every day by itself.
    """
    begins = random.random(draws * days) < 1.0 / length
    begins[::days] = True
    at = np.flatnonzero(begins)
    first = random.integers(0, days, at.size)
    place = np.zeros(draws * days, dtype=np.int64)
    place[at] = np.diff(first - at, prepend=0)  # how far the next block jumps; then day by day
    np.cumsum(place, out=place)
    place += np.arange(draws * days)
    place %= days
    return place.reshape(draws, days)


def resample(
    books: Mapping[str, Floats],
    years: float,
    statistics: Mapping[str, Statistic],
    seed: int,
    draws: int = DRAWS,
    block: float | None = None,
) -> Resampled:
    """Intervals of statistics of daily returns of books, day by day the same days for all.

    Same seed, same bits. Fewer than 30 days give no intervals. NaN in returns is refused; a
    statistic that is NaN in some draws is left out there, and has no interval when it is in more
    than one in ten. block: mean block length in days, found from the returns when None.
    """
    lengths = {returns.size for returns in books.values()}
    if len(lengths) != 1 or draws < 1 or (block is not None and block < 1.0):
        raise ReportError("a bootstrap needs books of the same days, draws and blocks of 1 or more")
    (days,) = lengths
    if days < FEWEST_DAYS:
        return Resampled(dict.fromkeys(statistics, NO_INTERVAL), 1.0, 0)
    length = shared_block_length(list(books.values())) if block is None else block
    random = np.random.default_rng(seed)
    real = {name: Days(Sample(returns, years)) for name, returns in books.items()}
    found: dict[str, list[Floats]] = {name: [] for name in statistics}
    for begin in range(0, draws, CHUNK):
        taken = block_days(length, days, min(CHUNK, draws - begin), random)
        samples = drawn(real, taken)
        for name, statistic in statistics.items():
            found[name].append(statistic(samples))
    intervals = {name: middle(np.concatenate(parts)) for name, parts in found.items()}
    return Resampled(intervals, length, draws)


def middle(draws: Floats) -> Interval:
    """The interval that holds the middle 90 % of the draws. Worked: 0, 1, … 100 -> 5 to 95."""
    there = draws[np.isfinite(draws)]
    if there.size < (1.0 - MOST_UNDEFINED) * draws.size or there.size == 0:
        return NO_INTERVAL
    side = 50.0 * (1.0 - LEVEL)
    low, high = np.percentile(there, [side, 100.0 - side])
    return Interval(float(low), float(high))
