"""Alignment: everything at its time, nothing before."""

from dataclasses import replace

import numpy as np
import pytest

from tests.market.made import BTC, LAST, LINEAR, MARK, START_NS, USDT, at, bars, funding, prices
from volsculpt.errors import HistoryError
from volsculpt.market.align import Aligned, align, clock_of
from volsculpt.market.asof import TimeGrid
from volsculpt.market.history import history_of
from volsculpt.market.marks import CARRIED, OWN, UNKNOWN
from volsculpt.market.marks import LAST as FROM_LAST
from volsculpt.market.series import Bars, Label, Series
from volsculpt.units import HOUR_NS

EURO = Label("ecb", "BTC", "index", "EUR", "made by hand")


def hourly(hours: int, *series: Series) -> Aligned:
    """The series on an hourly clock from the start."""
    clock = TimeGrid(START_NS, START_NS + hours * HOUR_NS, HOUR_NS)
    return align(history_of(series), clock)


def test_a_close_is_known_at_its_end_only() -> None:
    """At the first stamp nothing is known; at the second the first bar's close."""
    got = hourly(3, bars(BTC, [100.0, 110.0, 120.0]))
    assert list(got.index.value[1:, 0]) == [100.0, 110.0, 120.0]
    assert np.isnan(got.index.value[0, 0])
    assert list(got.index.available[:, 0]) == [False, True, True, True]
    assert list(got.index.age_ns[:, 0]) == [-1, 0, 0, 0]


def test_between_observations_the_mark_moves_with_the_index() -> None:
    """Index * last mark/index: 60,060 against 60,000, index 50,000, mark 50,050."""
    got = hourly(
        3, bars(BTC, [60_000.0, 50_000.0, 40_000.0]), bars(MARK, [60_060.0, 1.0], hours=[0, 5])
    )
    assert list(got.mark.value[1:, 0]) == pytest.approx([60_060.0, 50_050.0, 40_040.0])
    assert list(got.mark.source[:, 0]) == [UNKNOWN, OWN, CARRIED, CARRIED]
    assert list(got.mark.age_ns[1:, 0]) == [0, HOUR_NS, 2 * HOUR_NS]


def test_a_basis_is_taken_when_both_are_fresh() -> None:
    """While the index stands still its distance from the mark is no basis."""
    got = hourly(
        5,
        bars(BTC, [100.0, 80.0], hours=[0, 4]),  # silent from 1 to 4
        bars(MARK, [101.0, 91.0, 86.0], hours=[0, 1, 2]),
    )
    assert got.mark.value[1:4, 0].tolist() == [101.0, 91.0, 86.0]
    assert got.mark.value[5, 0] == pytest.approx(80.0 * 1.01)


def test_a_stale_index_moves_with_a_fresh_contract() -> None:
    """An outage of the spot venue is not a basis."""
    got = hourly(
        4,
        bars(BTC, [100.0, 90.0], hours=[0, 3]),
        bars(MARK, [101.0, 50.5, 60.6, 91.0], hours=[0, 1, 2, 3]),
    )
    assert got.index.value[1:, 0].tolist() == pytest.approx([100.0, 50.0, 60.0, 90.0])
    assert list(got.index.source[:, 0]) == [UNKNOWN, OWN, CARRIED, CARRIED, OWN]
    assert list(got.index.age_ns[1:, 0]) == [0, HOUR_NS, 2 * HOUR_NS, 0]


def test_what_a_stale_index_is_worth_does_not_depend_on_the_step() -> None:
    """It moves from its own last hour, also where no stamp of the clock meets that hour."""
    spot, mark = bars(BTC, [100.0, 80.0], hours=[0, 1]), bars(MARK, [101.0, 80.8, 90.9, 96.96])
    fine = hourly(4, spot, mark)
    for step in (2, 3, 4):
        clock = TimeGrid(START_NS, START_NS + 12 * HOUR_NS, step * HOUR_NS)
        coarse = align(history_of((spot, mark)), clock)
        row = 4 // step
        assert coarse.index.value[row, 0] == pytest.approx(fine.index.value[row * step, 0])
    assert fine.index.value[4, 0] == pytest.approx(80.0 * 1.2)


def test_without_a_mark_the_last_price_stands_for_it() -> None:
    """Flagged in the rows and told in words."""
    got = hourly(2, bars(BTC, [100.0, 90.0]), bars(LAST, [101.0, 91.0]))
    assert list(got.mark.source[:, 0]) == [UNKNOWN, FROM_LAST, FROM_LAST]
    assert list(got.inside.range_source[:, 0]) == [FROM_LAST, FROM_LAST]
    assert any("last_for_mark: bybit:BTC/USD:BTC" in line for line in got.warnings)


def test_the_last_price_fills_a_gap_of_the_mark() -> None:
    """Where bars of the mark are missing, a trade is nearer than a carried mark."""
    got = hourly(
        3,
        bars(BTC, [100.0, 90.0, 80.0]),
        bars(LAST, [101.0, 91.0, 81.0]),
        bars(MARK, [100.5, 80.5], hours=[0, 2]),
    )
    assert list(got.mark.value[1:, 0]) == [100.5, 91.0, 80.5]
    assert list(got.mark.source[1:, 0]) == [OWN, FROM_LAST, OWN]


def test_a_stablecoin_quote_becomes_dollars() -> None:
    """BTC at 100 USDT with USDT at 0.98 is 98 dollars; the linear mark stays in USDT."""
    spot = Label("binance", "BTC", "index", "USDT", "made by hand")
    got = hourly(
        2, bars(spot, [100.0, 100.0]), bars(USDT, [0.98, 0.99]), bars(LINEAR, [101.0, 102.0])
    )
    assert got.currencies == ("BTC", "USDT")
    assert got.index.value[1:, 0].tolist() == pytest.approx([98.0, 99.0])
    assert got.mark.value[1:, 0].tolist() == [101.0, 102.0]


def test_a_stablecoin_without_a_price_is_one_with_a_warning() -> None:
    """The peg is an assumption, and is said to be one."""
    spot = Label("binance", "BTC", "index", "USDT", "made by hand")
    got = hourly(2, bars(spot, [100.0, 100.0]))
    assert got.index.value[1:, 0].tolist() == [100.0, 100.0]
    assert [line.split(":")[0] for line in got.warnings] == ["assumed_peg"]


def test_a_stablecoin_beyond_its_prices_is_at_its_peg() -> None:
    """One hour at 0.9 is known of sixty: it holds for a day, then it is no better than a guess."""
    spot = Label("binance", "BTC", "index", "USDT", "made by hand")
    got = hourly(60, bars(spot, [100.0] * 60), bars(USDT, [0.9]))
    assert got.index.available[1:].all()
    found = got.index.value[:, got.currencies.index("BTC")]
    assert found[1:26].tolist() == pytest.approx([90.0] * 25)
    assert found[26:].tolist() == [100.0] * 35
    (line,) = got.warnings
    assert line.startswith("assumed_peg: prices of USDT are known from 20")
    assert line.endswith("where none of the last day is known, it is taken at 1 US dollar")


def test_a_stablecoin_in_euros_is_worth_a_euro() -> None:
    """By the euro's own prices; one that an owner tells of is worth its peg likewise."""
    spot = Label("kraken", "BTC", "index", "EURC", "made by hand")
    money = Label("kraken", "EUR", "index", "USD", "made by hand")
    series = (bars(spot, [100.0, 100.0]), bars(money, [1.08, 1.1]))
    got = hourly(2, *series)
    column = got.currencies.index("BTC")
    assert got.index.value[1:, column].tolist() == pytest.approx([108.0, 110.0])
    assert got.warnings == (
        "assumed_peg: no price of EURC is stored of this time; it is taken at 1 EUR",
    )
    told = replace(history_of(series), pegs={"EURC": "USD"})
    clock = TimeGrid(START_NS, START_NS + 2 * HOUR_NS, HOUR_NS)
    dollars = align(told, clock, currencies=("BTC",))
    assert dollars.index.value[1:, 0].tolist() == [100.0, 100.0]


def test_a_quote_without_a_price_is_refused() -> None:
    """Euros are not dollars; the message names what to import."""
    with pytest.raises(HistoryError, match=r"no index of EUR is stored \(needed for BTC\)"):
        hourly(2, bars(EURO, [100.0, 100.0]))


def test_funding_is_paid_at_its_stamp_and_known_from_then() -> None:
    """Not a step earlier; until the first there is no last rate."""
    got = hourly(10, bars(BTC, [1.0] * 10), bars(MARK, [1.0] * 10), funding([1e-4, 2e-4], [2, 10]))
    assert np.flatnonzero(got.funding.paid[:, 0]).tolist() == [2, 10]
    assert got.funding.count[:, 0].sum() == 2
    assert np.isnan(got.funding.last_rate[1, 0])
    assert got.funding.last_rate[2:, 0].tolist() == [1e-4] * 8 + [2e-4]
    assert got.funding.last_hours[10, 0] == 8.0


def test_funding_inside_a_longer_step_is_summed_at_its_end() -> None:
    """Three hourly rates on a three-hour clock are one payment of their sum."""
    history = history_of([bars(BTC, [1.0] * 6), bars(MARK, [1.0] * 6)])
    rates = funding([1e-4, 2e-4, 4e-4], [1, 2, 3], 1.0)
    clock = TimeGrid(START_NS, START_NS + 6 * HOUR_NS, 3 * HOUR_NS)
    got = align(history_of([*history.series, rates]), clock)
    assert got.funding.paid[:, 0].tolist() == pytest.approx([0.0, 7e-4, 0.0])
    assert got.funding.count[:, 0].tolist() == [0, 3, 0]


def test_missing_funding_is_counted() -> None:
    """Before the first stamp, inside, and after the last; the clock's end is not inside."""
    got = hourly(40, bars(BTC, [1.0] * 40), bars(MARK, [1.0] * 40), funding([1e-4] * 2, [8, 24]))
    assert np.flatnonzero(got.funding.missing[:, 0]).tolist() == [0, 16, 32]
    assert got.funding.stored == (True,)


def test_high_and_low_of_finer_bars_are_gathered() -> None:
    """A step holds the extremes of all the bars that end inside it."""
    mark = bars(MARK, [100.0, 120.0, 90.0, 100.0])
    history = history_of([bars(BTC, [100.0] * 4), mark])
    clock = TimeGrid(START_NS, START_NS + 4 * HOUR_NS, 2 * HOUR_NS)
    got = align(history, clock)
    assert got.inside.high[:, 0].tolist() == pytest.approx([121.2, 121.2])
    assert got.inside.low[:, 0].tolist() == pytest.approx([99.0, 89.1])
    assert got.inside.open[:, 0].tolist() == [100.0, 120.0]


def test_a_longer_bar_counts_in_the_step_it_ends_in() -> None:
    """Before its end nobody knows it; till then the index's high times the basis stands."""
    spot = bars(BTC, [100.0] * 5)
    mark = Bars(
        MARK,
        2 * HOUR_NS,
        at([-1, 1]),
        *(np.array([101.0, value]) for value in (101.0, 150.0, 50.0, 101.0)),
    )
    got = hourly(3, spot, mark)
    assert got.inside.range_source[:, 0].tolist() == [OWN, CARRIED, OWN]
    assert got.inside.high[1:, 0].tolist() == pytest.approx([1.01 * 101.0, 150.0])
    assert got.inside.low[1:, 0].tolist() == pytest.approx([1.01 * 99.0, 50.0])
    assert got.inside.open_source[:, 0].tolist() == [UNKNOWN, OWN, CARRIED]


def test_too_old_is_unknown() -> None:
    """The figure is there, but nobody may act on it."""
    clock = TimeGrid(START_NS, START_NS + 4 * HOUR_NS, HOUR_NS)
    got = align(history_of([bars(BTC, [100.0])]), clock, max_age_ns=HOUR_NS)
    assert got.index.available[:, 0].tolist() == [False, True, True, False, False]


def test_the_clock_spans_what_all_have_in_common() -> None:
    """From when all are known to the earliest end, in steps of the shortest bar."""
    history = history_of([bars(BTC, [1.0] * 9), bars(MARK, [1.0] * 5, every=2.0)])
    clock = clock_of(history)
    assert (clock.from_ns, clock.steps, clock.step_ns) == (START_NS + 2 * HOUR_NS, 7, HOUR_NS)
    assert align(history, clock).index.available.all()
    assert clock_of(history, step_ns=3 * HOUR_NS).steps == 2
    with pytest.raises(HistoryError, match="there is no step of 1d"):
        clock_of(history, step_ns=24 * HOUR_NS)
    apart = history_of([bars(BTC, [1.0]), bars(MARK, [1.0], hours=[9])])
    with pytest.raises(HistoryError, match=r"no time is common to all: BTC index .* ends before"):
        clock_of(apart)


def test_two_series_of_one_thing_are_refused() -> None:
    """Which one is meant is for the user to say."""
    with pytest.raises(HistoryError, match="two series for one thing"):
        history_of([bars(BTC, [1.0]), prices(BTC, [1.0], [0])])


def test_a_contract_without_prices_is_named() -> None:
    """Missing is an error, never a zero."""
    history = history_of([bars(BTC, [1.0, 1.0])])
    with pytest.raises(HistoryError, match="okx:BTC/USD:BTC: no price of it is stored"):
        align(history, clock_of(history), contracts=("okx:BTC/USD:BTC",))


def test_aligned_arrays_are_read_only() -> None:
    """What a run reads, it cannot write."""
    got = hourly(2, bars(BTC, [1.0, 1.0]), bars(MARK, [1.0, 1.0]))
    tables = [got.index, got.mark, got.inside, got.funding]
    arrays = [getattr(table, name) for table in tables for name in type(table).__slots__]
    flags = [array.flags.writeable for array in arrays if isinstance(array, np.ndarray)]
    assert len(flags) == 19
    assert not any(flags)
