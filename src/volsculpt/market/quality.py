"""The data check: what the gate lets through and a person should know about.

Each finding is a row: which check, from when to when, how many rows, the worst figure, and a
sentence. A check may look at the whole series, later rows included: it judges data, not
decisions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from volsculpt.market.asof import observations
from volsculpt.market.doubts import percent_words, usual_rate
from volsculpt.market.gate import Flags, Floats, Stamps
from volsculpt.market.series import Bars, FundingRates, Prices, PriceSeries, Series, Values
from volsculpt.market.times import interval_text
from volsculpt.units import DAY_NS, HOUR_NS

QualityCheck = Literal[
    "gap", "jump", "spike", "stale", "no_volume", "divergence", "interval", "missing", "percent"
]

JUMP_Z = 20.0  # robust deviations of the neighbourhood that make a return a finding
SPIKE_BACK = 0.3  # a spike's two returns cancel to this share of the first
BLOCK = 200  # bars of a neighbourhood
MAD_TO_SIGMA = 1.482602218505602  # of a normal distribution
STALE_BARS = 4  # closes in a row that do not move
HOLIDAYS = 2  # weekdays in a row without a value that are no gap
DIVERGENCE = 0.02  # of mark over index
DATED_DIVERGENCE = 0.25  # of a dated contract, whose premium is the interest of months


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know. [from_ns, to_ns); count rows; worst: a share, a z or hours."""

    check: QualityCheck
    series: str
    from_ns: int
    to_ns: int
    count: int
    worst: float
    text: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A checked series: what it spans and what was found."""

    name: str
    rows: int
    from_ns: int
    to_ns: int
    findings: tuple[Finding, ...]

    def count(self, check: QualityCheck) -> int:
        """How many rows one check found, all its findings together."""
        return sum(one.count for one in self.findings if one.check == check)


def check_series(series: Series, jump_z: float = JUMP_Z, stale_bars: int = STALE_BARS) -> Checked:
    """All checks that need one series only."""
    found: list[Finding] = list(gaps(series))
    if isinstance(series, FundingRates):
        found += [*interval_changes(series), *looks_like_percent(series)]
    if isinstance(series, Bars | Prices):
        found += jumps(series, jump_z)
        found += stale_runs(series, stale_bars)
    if isinstance(series, Bars):
        found += silent_runs(series)
    found.sort(key=lambda one: (one.from_ns, one.check))
    return Checked(
        series.name, len(series.stamps), int(series.stamps[0]), series.end_ns, tuple(found)
    )


def gaps(series: Series) -> Iterator[Finding]:
    """Bars, funding stamps or values that are missing. Plain prices have no rhythm and no gaps."""
    if isinstance(series, Values):
        yield from _value_gaps(series)
    elif isinstance(series, Bars):
        ends, opens = series.available_ns[:-1], series.open_ns[1:]
        for row in np.flatnonzero(opens > ends):
            start, end = int(ends[row]), int(opens[row])
            count = max(1, (end - start) // series.interval_ns)
            text = f"{count} bar(s) of {interval_text(series.interval_ns)} missing"
            yield Finding("gap", series.name, start, end, count, (end - start) / HOUR_NS, text)
    elif isinstance(series, FundingRates):
        missing = series.missing_ns()
        for start, end in _runs_of_stamps(missing, series.stamps):
            count = int(((missing >= start) & (missing < end)).sum())
            text = f"{count} funding stamp(s) missing"
            yield Finding("missing", series.name, start, end, count, (end - start) / HOUR_NS, text)


def _value_gaps(series: Values) -> Iterator[Finding]:
    """Where values are further apart than usual; of weekdays alone, from three of them on.

    Two weekdays without a value are a holiday beside a weekend, or two.
    """
    stamps = series.stamp_ns
    if len(stamps) < 3:
        return
    steps = np.diff(stamps)
    lengths, counts = np.unique(steps, return_counts=True)
    usual = int(lengths[np.argmax(counts)])
    missing = np.rint(steps / usual).astype(np.int64) - 1
    least, what = 1, f"value(s) {interval_text(usual)} apart"
    if usual == DAY_NS and np.is_busday((stamps // DAY_NS).astype("datetime64[D]")).all():
        days = (stamps // DAY_NS).astype("datetime64[D]")
        missing = np.busday_count(days[:-1], days[1:]) - 1
        least, what = HOLIDAYS + 1, "weekday(s)"
    for row in np.flatnonzero(missing >= least):
        start, end, count = int(stamps[row]) + usual, int(stamps[row + 1]), int(missing[row])
        text = f"{count} {what} missing"
        yield Finding("gap", series.name, start, end, count, (end - start) / HOUR_NS, text)


def lacking(series: Series) -> tuple[int, int]:
    """(gaps, rows missing in them)."""
    found = list(gaps(series))
    return len(found), sum(one.count for one in found)


def jumps(series: PriceSeries, jump_z: float = JUMP_Z) -> list[Finding]:
    """Returns far outside their neighbourhood; a spike when the next takes it back."""
    price = series.close if isinstance(series, Bars) else series.price
    if len(price) < 3:
        return []
    change = np.diff(np.log(price))
    z = change / local_sigma(change)
    back = np.zeros(len(change), dtype=np.bool_)
    back[:-1] = np.abs(change[:-1] + change[1:]) < SPIKE_BACK * np.abs(change[:-1])
    wild = np.abs(z) > jump_z
    spike = wild & back
    wild[1:] &= ~spike[:-1]
    return [
        _jump(series, int(row), change[row], z[row], bool(spike[row]))
        for row in np.flatnonzero(wild)
    ]


def _jump(series: PriceSeries, row: int, change: float, z: float, spike: bool) -> Finding:
    """The finding for the return into row + 1."""
    start = int(series.stamps[row + 1])
    end = start + (series.interval_ns if isinstance(series, Bars) else 1)
    what = "and back at once" if spike else "and stayed"
    text = f"moved {np.expm1(change):+.1%} {what}, {abs(z):.0f} deviations of its neighbourhood"
    return Finding("spike" if spike else "jump", series.name, start, end, 1, float(z), text)


def local_sigma(change: Floats) -> Floats:
    """Deviation from medians of blocks and their neighbours, never under a tenth of all's.

    Median of |change| times 1.4826; infinite for a series that never moves, which so has
    no outliers.
    """
    size = np.abs(change)
    whole = float(np.median(size[size > 0.0])) if (size > 0.0).any() else np.inf
    medians = np.array(
        [
            float(np.median(size[max(0, start - BLOCK) : start + 2 * BLOCK]))
            for start in range(0, len(size), BLOCK)
        ]
    )
    local = np.repeat(medians, BLOCK)[: len(size)]
    sigma: Floats = MAD_TO_SIGMA * np.maximum(local, 0.1 * whole)
    return sigma


def stale_runs(series: PriceSeries, least: int = STALE_BARS) -> Iterator[Finding]:
    """Closes that repeat `least` times or more in a row."""
    price = series.close if isinstance(series, Bars) else series.price
    same = np.concatenate([[False], np.diff(price) == 0.0])
    for first, last in runs(same):
        if last - first + 1 >= least - 1:
            count = last - first + 2
            start, end = int(series.stamps[first - 1]), _end_of(series, last)
            text = f"{count} closes in a row at {price[last]:.10g}"
            yield Finding("stale", series.name, start, end, count, (end - start) / HOUR_NS, text)


def silent_runs(series: Bars) -> Iterator[Finding]:
    """Bars without volume."""
    if series.volume is None:
        return
    for first, last in runs(series.volume == 0.0):
        count, start, end = last - first + 1, int(series.open_ns[first]), _end_of(series, last)
        text = f"{count} bar(s) without volume: the price is not a trade"
        yield Finding("no_volume", series.name, start, end, count, (end - start) / HOUR_NS, text)


def interval_changes(series: FundingRates) -> Iterator[Finding]:
    """Stamps at which the venue changed how often it charges."""
    hours = series.interval_hours
    for row in np.flatnonzero(np.diff(hours) != 0.0):
        start = int(series.stamp_ns[row + 1])
        text = f"funding every {hours[row]:g} hours becomes every {hours[row + 1]:g}"
        yield Finding("interval", series.name, start, start + 1, 1, float(hours[row + 1]), text)


def looks_like_percent(series: FundingRates) -> Iterator[Finding]:
    """Rates whose usual size is that of percent rather than of fractions."""
    text = percent_words(series)
    if text is not None:
        rows, start = len(series.rate), int(series.stamp_ns[0])
        usual, _ = usual_rate(series)
        yield Finding("percent", series.name, start, series.end_ns, rows, usual, text)


def divergence(mark: PriceSeries, index: PriceSeries, limit: float = DIVERGENCE) -> list[Finding]:
    """Runs of stamps at which a contract's price is further from its index than `limit`.

    Compared where both were seen at the same instant; both in the same quote.
    """
    at_mark, values = observations(mark)
    at_index, spots = observations(index)
    both, rows, spot_rows = np.intersect1d(at_mark, at_index, True, True)
    basis = values[rows] / spots[spot_rows] - 1.0
    found = []
    for first, last in runs(np.abs(basis) > limit):
        worst = float(basis[first : last + 1][np.argmax(np.abs(basis[first : last + 1]))])
        text = f"{mark.name} is {worst:+.2%} from {index.name}; one of the two may be stale"
        start, end = int(both[first]), int(both[last]) + 1
        found.append(Finding("divergence", mark.name, start, end, last - first + 1, worst, text))
    return found


def runs(flags: Flags) -> list[tuple[int, int]]:
    """(first, last) of each unbroken run of true."""
    turns = np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8))
    firsts, afters = np.flatnonzero(turns == 1), np.flatnonzero(turns == -1)
    return [(int(first), int(after) - 1) for first, after in zip(firsts, afters, strict=True)]


def _end_of(series: PriceSeries, row: int) -> int:
    """The end of a row's interval."""
    return int(series.stamps[row]) + (series.interval_ns if isinstance(series, Bars) else 1)


def _runs_of_stamps(missing: Stamps, stamps: Stamps) -> list[tuple[int, int]]:
    """[first missing, next stamp that is there) of each run of missing stamps."""
    after = np.unique(np.searchsorted(stamps, missing))
    starts = [int(missing[np.searchsorted(missing, stamps[row - 1])]) for row in after]
    return [(start, int(stamps[row])) for start, row in zip(starts, after, strict=True)]
