"""The law of alignment: what comes later never changes what was known before."""

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.market.made import BTC, LAST, LINEAR, MARK, START_NS, USDT, bars, funding, same
from volsculpt.market.align import Aligned, align
from volsculpt.market.asof import TimeGrid
from volsculpt.market.history import History, history_of
from volsculpt.market.series import Bars, FundingRates, Label, Series
from volsculpt.units import HOUR_NS

HOURS = 48
SPOT = Label("binance", "BTC", "index", "USDT", "made by hand")


@st.composite
def some_bars(draw: st.DrawFn, label: Label) -> Bars:
    """Bars of 1, 2 or 8 hours with some missing."""
    every = draw(st.sampled_from([1, 2, 8]))
    places = range(-8, HOURS, every)
    kept = [k for k in places if draw(st.integers(0, 4)) > 0] or [0]
    closes = draw(st.lists(st.floats(0.5, 2.0), min_size=len(kept), max_size=len(kept)))
    return bars(label, closes, [float(k) for k in kept], float(every))


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Spot in USDT, a stablecoin, one or two contracts, each with holes; funding."""
    labels = [SPOT, USDT, MARK, *draw(st.sampled_from([(), (LAST,), (LINEAR,), (LAST, LINEAR)]))]
    series: list[Series] = [draw(some_bars(label)) for label in labels]
    stamps = [float(k) for k in range(0, HOURS, 8) if draw(st.booleans())] or [8.0]
    rates = draw(st.lists(st.floats(-0.01, 0.01), min_size=len(stamps), max_size=len(stamps)))
    return history_of([*series, funding(rates, stamps)])


def later_changed(series: Series, time_ns: int, factor: float) -> Series:
    """The series with everything that is known only after a time changed."""
    if isinstance(series, FundingRates):
        late = series.stamp_ns > time_ns
        rates = np.where(late, series.rate * 0.5 + 0.01, series.rate)
        return FundingRates(series.label, series.stamp_ns, rates, series.interval_hours)
    assert isinstance(series, Bars)
    late, unopened = series.available_ns > time_ns, series.open_ns > time_ns
    opens = np.where(unopened, series.open * factor, series.open)
    close = np.where(late, series.close * factor, series.close)
    high = np.where(late, np.maximum(opens, close) * 1.5, series.high)
    low = np.where(late, np.minimum(opens, close) * 0.5, series.low)
    return Bars(series.label, series.interval_ns, series.open_ns, opens, high, low, close)


def check_same_until(one: Aligned, other: Aligned, time_ns: int) -> None:
    """Every figure known at a time is the same in both."""
    row = int(np.searchsorted(one.stamp_ns, time_ns, side="right"))
    ended = int(np.searchsorted(one.stamp_ns[1:], time_ns, side="right"))
    opened = min(row, len(one.inside.open))
    for part in ("value", "age_ns", "available", "source"):
        for table in ("index", "mark"):
            before, after = getattr(getattr(one, table), part), getattr(getattr(other, table), part)
            assert same(before[:row], after[:row]), (table, part)
    for part in ("paid", "count", "last_rate", "last_hours"):
        assert same(getattr(one.funding, part)[:row], getattr(other.funding, part)[:row]), part
    for part in ("open", "open_source"):
        was: Any = getattr(one.inside, part)
        assert same(was[:opened], getattr(other.inside, part)[:opened]), part
    for part in ("high", "low", "range_source"):
        assert same(getattr(one.inside, part)[:ended], getattr(other.inside, part)[:ended]), part


CLOCKS = st.sampled_from([1, 2, 3, 8]).map(
    lambda step: TimeGrid(START_NS, START_NS + HOURS // step * step * HOUR_NS, step * HOUR_NS)
)
TIMES = st.integers(0, HOURS * 2).map(lambda half: START_NS + half * HOUR_NS // 2)


@given(histories(), CLOCKS, TIMES, st.floats(0.2, 5.0))
def test_what_changes_later_is_not_seen(
    history: History, clock: TimeGrid, time_ns: int, factor: float
) -> None:
    """Every later close, high, low, open and rate changed: nothing known before moves."""
    other = history_of([later_changed(one, time_ns, factor) for one in history.series])
    check_same_until(align(history, clock), align(other, clock), time_ns)


@given(histories(), CLOCKS, TIMES)
def test_what_is_cut_off_later_is_not_missed(
    history: History, clock: TimeGrid, time_ns: int
) -> None:
    """A history that ends early tells the same about the time before its end."""
    cut: list[Series] = []
    for one in history.series:
        first = int(one.stamps[0])
        # a bar that has opened stays: its open is known, and an order fills at it
        cut.append(one.between(first, max(time_ns, first) + 1))
    check_same_until(align(history, clock), align(history_of(cut), clock), time_ns)


@given(histories(), CLOCKS)
def test_aligned_figures_are_whole(history: History, clock: TimeGrid) -> None:
    """Known figures are finite and positive, and low <= mark at the end <= high."""
    got = align(history, clock)
    for table in (got.index, got.mark):
        assert (table.value[table.available] > 0.0).all()
        assert np.isfinite(table.value[table.available]).all()
        assert same(table.available, table.age_ns >= 0)
    end, there = got.mark.value[1:], got.inside.range_source > 0
    assert (got.inside.low[there] <= end[there]).all()
    assert (end[there] <= got.inside.high[there]).all()


@given(histories(), CLOCKS)
def test_all_funding_inside_the_clock_is_paid_once(history: History, clock: TimeGrid) -> None:
    """The sum over rows is the sum over stamps."""
    got = align(history, clock)
    rates = history.funding["bybit:BTC/USD:BTC"]
    inside = (rates.stamp_ns >= clock.from_ns) & (rates.stamp_ns <= clock.to_ns)
    assert np.isclose(got.funding.paid.sum(), rates.rate[inside].sum(), atol=1e-12)
    assert got.funding.count.sum() == inside.sum()


def test_the_law_can_fail() -> None:
    """A bar that is stamped with its end in place of its open is seen early, and found out."""
    honest = bars(BTC, [1.0, 2.0, 3.0, 4.0])
    early = replace(honest, open_ns=honest.open_ns - HOUR_NS)
    clock = TimeGrid(START_NS, START_NS + 4 * HOUR_NS, HOUR_NS)
    one, other = align(history_of([honest]), clock), align(history_of([early]), clock)
    assert not same(one.index.value, other.index.value)
