"""Figures of features against worked numbers, and against the same thing reckoned the long way."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.errors import PolicyError
from volsculpt.hedge.feature import Feature
from volsculpt.hedge.features.change import Change
from volsculpt.hedge.features.drawdown import PriceDrawdown, PriceRebound
from volsculpt.hedge.features.har import HarVolatility, har_terms, refitted
from volsculpt.hedge.features.level import Level
from volsculpt.hedge.features.momentum import Momentum
from volsculpt.hedge.features.pressure import Pressure, VolumePressure, close_place
from volsculpt.hedge.features.rank import FEWEST, Rank, rank_of
from volsculpt.hedge.features.realised_volatility import (
    ESTIMATORS,
    RealisedVolatility,
    variance,
    yang_zhang,
)
from volsculpt.hedge.features.trend import Trend
from volsculpt.hedge.window import NOTHING_KEPT, fed_words, is_full, window_fold
from volsculpt.market.streams import WholeBar
from volsculpt.units import DAY_NS, HOUR_NS, YEAR_NS

Figures = st.lists(st.floats(1.0, 100.0), min_size=15, max_size=40)
BAR = WholeBar(50_000.0, 51_500.0, 49_200.0, 50_900.0, 1.0, 0.0)


def value(feature: Feature, figures: list[Any], every_ns: int = DAY_NS) -> float | None:
    """The figure after some observations, the first at day 1,000."""
    rows = [(1_000 * DAY_NS + row * every_ns, seen) for row, seen in enumerate(figures)]
    return feature.value(feature.fold(None, rows), rows[-1][0])


def bar(open_usd: float, high: float, low: float, close: float, volume: float = 1.0) -> WholeBar:
    """A bar whose squares are those of its open and close."""
    squares = math.log(close / open_usd) ** 2
    return WholeBar(open_usd, high, low, close, volume, squares)


# --- windows --------------------------------------------------------------------------


def test_a_window_keeps_what_stood_at_its_start() -> None:
    """The worked rows: within the window, the newest before it, and anew after a gap."""
    rows = [(known, str(known)) for known in (1, 5, 9, 14)]
    kept = window_fold(NOTHING_KEPT, rows, 10, 5)
    assert kept.known_ns == (1, 5, 9, 14)
    kept = window_fold(kept, [(16, "16")], 10, 5)
    assert kept.known_ns == (5, 9, 14, 16)
    assert kept.figures == ("5", "9", "14", "16")
    assert window_fold(kept, [(22, "22")], 10, 5).known_ns == (22,)


@given(st.lists(st.integers(1, 12), min_size=1, max_size=40), st.integers(1, 30), st.data())
def test_a_window_holds_what_stood_in_it(gaps: list[int], window: int, data: st.DataObject) -> None:
    """All of it, the newest before it, nothing from before a gap; full once it spans, and fresh."""
    times, gap = np.cumsum(gaps).tolist(), 8
    cut = data.draw(st.integers(0, len(times)))
    rows = [(known, str(known)) for known in times]
    kept = window_fold(NOTHING_KEPT, rows[:cut], window, gap) if cut else NOTHING_KEPT
    kept = window_fold(kept, rows[cut:], window, gap) if rows[cut:] else kept
    start = times[-1] - window
    whole = times
    for row in range(1, len(times)):
        if times[row] - times[row - 1] > gap:
            whole = times[row:]
    before = [one for one in whole if one <= start][-1:]
    assert list(kept.known_ns) == [*before, *(one for one in whole if one > start)]
    assert kept.figures == tuple(map(str, kept.known_ns))
    for late in (0, gap, gap + 1):
        wanted = len(kept.known_ns) > 1 and kept.known_ns[0] <= start and late <= gap
        assert is_full(kept, times[-1] + late, window, gap) is wanted


def test_why_a_window_is_not_enough() -> None:
    """Nothing known, too old, too short, or with too little in it; an edge is enough of each."""
    day = DAY_NS
    for asked, said in (
        ((None, 10 * day, 0, 5 * day), "nothing of it is known"),
        ((11 * day, 10 * day, 9 * day, 5 * day), "is 11 days old, more than 10"),
        ((10 * day, 10 * day, 4 * day, 5 * day), "4 days of it without a gap longer than 10 days"),
        ((10 * day, 10 * day, 5 * day, 5 * day), "too much of it is missing in the days"),
    ):
        assert said in fed_words("it", *asked)


@given(Figures)
def test_figures_of_a_window(figures: list[float]) -> None:
    """Ten days back from the last: each against the list itself."""
    window = 10 * DAY_NS
    last, before = figures[-1], figures[-11]
    assert value(Momentum(window), figures) == pytest.approx(math.log(last / before))
    assert value(Change("series:x", window), figures) == pytest.approx(last - before)
    assert value(PriceDrawdown(window), figures) == pytest.approx(1.0 - last / max(figures[-11:]))
    assert value(PriceRebound(window), figures) == pytest.approx(last / min(figures[-11:]) - 1.0)
    assert value(Momentum(window), figures[:10]) is None


def test_worked_windows() -> None:
    """Those of the docstrings."""
    short = 2 * DAY_NS
    assert value(PriceDrawdown(short), [100.0, 80.0, 70.0]) == pytest.approx(0.3)
    assert value(PriceRebound(short), [100.0, 50.0, 60.0]) == pytest.approx(0.2)
    assert value(Momentum(DAY_NS), [100.0, 110.0]) == pytest.approx(0.0953, abs=1e-4)


# --- volatility -----------------------------------------------------------------------


def test_worked_variance_of_bars() -> None:
    """Yang and Zhang's by its parts, and two bars at least."""
    before = bar(99.0, 101.0, 98.0, 100.0)
    one, two = bar(100.0, 110.0, 95.0, 105.0), bar(106.0, 112.0, 100.0, 108.0)
    assert yang_zhang([(one, before, 1), (two, one, 1)]) == pytest.approx(0.00747869, abs=1e-8)
    assert yang_zhang([(one, before, 1), (two, one, 2)]) is None
    assert variance([1.0, 3.0]) == 2.0


@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_estimator_finds_the_volatility_of_a_walk(name: str) -> None:
    """A walk of 60 % a year, seen every few minutes: each within its error, ranges a bit low."""
    dice, inside = np.random.default_rng(7), 600
    steps = dice.standard_normal(400 * inside) * 0.6 * math.sqrt(DAY_NS / YEAR_NS / inside)
    path = 100.0 * np.exp(np.append([0.0], np.cumsum(steps)))
    bars = [
        WholeBar(
            part[0],
            part.max(),
            part.min(),
            part[-1],
            1.0,
            float(np.sum(np.diff(np.log(part)) ** 2)),
        )
        for part in (path[day * inside : (day + 1) * inside + 1] for day in range(400))
    ]
    found = value(RealisedVolatility(name, 399 * DAY_NS), bars)
    assert found == pytest.approx(0.6, rel=0.08)


def test_an_estimator_that_there_is_not_is_refused() -> None:
    """With the names there are."""
    with pytest.raises(PolicyError, match="write one of close, intraday, parkinson"):
        RealisedVolatility("garch")


def test_half_of_the_bars_must_be_there() -> None:
    """Every third day alone is no month; every second is."""
    for every, is_there in ((2, True), (3, False)):
        bars = [bar(100.0, 103.0, 98.0, 101.0 + row % 2) for row in range(40)]
        found = value(RealisedVolatility("close", 30 * DAY_NS), bars, every * DAY_NS)
        assert (found is not None) is is_there


def test_bars_that_never_moved_are_no_volatility() -> None:
    """Zero would ask for an endless position; it is a lack of data."""
    for name in ESTIMATORS:
        assert value(RealisedVolatility(name), [bar(9.0, 9.0, 9.0, 9.0)] * 40) is None


# --- HAR ------------------------------------------------------------------------------


def har_days(count: int) -> list[float]:
    """Daily variances that follow one another."""
    dice, found = np.random.default_rng(3), [0.5]
    for _ in range(count - 1):
        found.append(0.1 + 0.8 * found[-1] * float(dice.uniform(0.6, 1.4)))
    return found


def har_bars(variances: list[float]) -> list[WholeBar]:
    """Bars of these variances a year."""
    return [WholeBar(1.0, 1.0, 1.0, 1.0, None, one * DAY_NS / YEAR_NS) for one in variances]


def test_the_recursion_is_least_squares() -> None:
    """Folded weights forecast what a fit of all days at once does."""
    days = har_days(300)
    terms = np.array([har_terms(tuple(days[row - 30 : row])) for row in range(30, 300)])
    weights, *_ = np.linalg.lstsq(terms, np.array(days[30:]), rcond=None)
    said = float(np.dot(weights, har_terms(tuple(days[-30:]))))
    assert value(HarVolatility(), har_bars(days)) == pytest.approx(math.sqrt(said), rel=1e-5)


def test_worked_har() -> None:
    """One step from nothing, the terms, and stated weights."""
    begun = tuple(tuple(1e6 * (row == one) for one in range(4)) for row in range(4))
    weights, _ = refitted((0.0,) * 4, begun, (1.0, 0.0, 0.0, 0.0), 2.0)  # type: ignore[arg-type]
    assert weights[0] == pytest.approx(1.999998, abs=1e-9)
    days = (1.0,) * 29 + (31.0,)
    assert har_terms(days) == pytest.approx((1.0, 31.0, 37.0 / 7.0, 2.0))
    stated = HarVolatility((0.1, 0.5, 0.0, 0.25))
    assert value(stated, har_bars(list(days))) == pytest.approx(math.sqrt(0.1 + 15.5 + 0.5))
    assert value(HarVolatility(), har_bars(list(days))) is None


def test_a_har_forecast_stays_within_what_was_seen() -> None:
    """Weights that would say less than nothing, or more than ever was, say the nearest of both."""
    days = har_days(60)
    for weights, end in (((-9.0, 0.0, 0.0, 0.0), min(days)), ((99.0, 0.0, 0.0, 0.0), max(days))):
        found = value(HarVolatility(weights), har_bars(days))
        assert found == pytest.approx(math.sqrt(end))


# --- levels, pressure, rank -----------------------------------------------------------


def test_a_level_fades() -> None:
    """The newest figure; or half of it after a half-life; anew after a gap."""
    assert value(Level("series:x"), [10.0, 20.0]) == 20.0
    assert value(Level("series:x", DAY_NS), [10.0, 20.0]) == 15.0
    assert value(Level("series:x", DAY_NS), [10.0, 20.0], 11 * DAY_NS) == 20.0


def test_volume_pressure() -> None:
    """The worked number; a close at the middle pushes nowhere; without volume there is none."""
    top, bottom = bar(1.0, 2.0, 1.0, 2.0), bar(2.0, 2.0, 1.0, 1.0, 3.0)
    feature = VolumePressure(DAY_NS)
    assert value(feature, [top, bottom]) == pytest.approx(-2.5 / 3.5)
    assert close_place(bar(1.0, 110.0, 100.0, 107.0)) == pytest.approx(0.4)
    assert value(feature, [bar(1.0, 2.0, 1.0, 1.5)] * 9) == 0.0
    assert feature.fold(None, [(1, top._replace(volume_coin=None))]) is None


def test_pressure_is_the_trend_of_a_series() -> None:
    """The same fold as of a price; a zero is no figure."""
    figures = [100.0 + row + 5.0 * math.sin(row) for row in range(60)]
    series = Pressure("series:BTC:open_interest", 10 * DAY_NS)
    assert value(series, figures) == value(Trend(10 * DAY_NS), figures)
    last = 1_059 * DAY_NS
    held = series.fold(None, [(1_000 * DAY_NS + row * DAY_NS, x) for row, x in enumerate(figures)])
    assert series.step(held, last + HOUR_NS, 0.0) == held


@given(st.lists(st.integers(0, 9), min_size=FEWEST + 1, max_size=80))
def test_rank_among_earlier_days(figures: list[int]) -> None:
    """The last against all before it, whatever came between on its own day."""
    seen = [float(one) for one in figures]
    rank = value(Rank(Level("series:x")), list(seen))
    assert rank == pytest.approx(rank_of(seen[-1], seen[:-1]))
    thrice = [one for one in seen for _ in range(3)]
    assert value(Rank(Level("series:x")), thrice, DAY_NS // 3) == rank


def test_worked_rank() -> None:
    """The docstring's; the window forgets; too few days are no rank."""
    assert rank_of(3.0, [1.0, 2.0, 3.0, 4.0]) == 0.625
    feature = Rank(Level("series:x"), 40 * DAY_NS)
    assert value(feature, [9.0] * 50 + [1.0] * 40 + [5.0]) == 1.0
    assert value(feature, [1.0] * FEWEST) is None
    assert value(feature, [1.0] * (FEWEST + 1)) == 0.5
