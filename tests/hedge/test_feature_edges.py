"""Where a figure begins, ends and begins anew: just at an age, a gap or a span, and just beyond."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.hedge.feature import Feature, Rows
from volsculpt.hedge.features.har import DAYS, FEWEST, HarVolatility
from volsculpt.hedge.features.level import Level, LevelMemory
from volsculpt.hedge.features.pressure import Pressure, VolumePressure
from volsculpt.hedge.features.rank import FEWEST as FEWEST_RANKED
from volsculpt.hedge.features.rank import Rank
from volsculpt.hedge.features.realised_volatility import RealisedVolatility
from volsculpt.hedge.features.volatility import FEWEST_RETURNS, Volatility
from volsculpt.hedge.window import fed_words
from volsculpt.market.streams import WholeBar
from volsculpt.units import DAY_NS, YEAR_NS

FIRST_NS = 1_000 * DAY_NS
SERIES = "series:x"
SHORT = st.lists(st.integers(0, 3), min_size=1, max_size=60)


def bar(variance: float = 0.04, volume: float | None = 1.0, close: float = 101.0) -> WholeBar:
    """A bar between 100 and 104, of a variance a year."""
    return WholeBar(100.0, 104.0, 100.0, close, volume, variance * DAY_NS / YEAR_NS)


def rows(figures: list[Any], every_ns: int = DAY_NS) -> Rows:
    """Figures one after the other."""
    return [(FIRST_NS + row * every_ns, one) for row, one in enumerate(figures)]


def remembered(feature: Feature, observed: Rows) -> Any:  # noqa: ANN401
    """After some observations."""
    return feature.fold(None, observed)


@pytest.mark.parametrize(
    ("feature", "figures", "most_days", "why"),
    [
        (Level(SERIES), [5.0], 10, "11 days old, more than 10"),
        (Level(SERIES, 3 * DAY_NS, 4 * DAY_NS), [5.0], 4, "5 days old, more than 4"),
        (VolumePressure(), [bar()] * 8, 10, "11 days old, more than 10"),
        (Pressure(SERIES, 12 * DAY_NS), [5.0, 6.0] * 10, 12, "13 days old, more than 12"),
        (HarVolatility((0.1, 0.5, 0.0, 0.2)), [bar()] * 30, 10, "11 days old, more than 10"),
        (Volatility(12 * DAY_NS), [5.0, 6.0] * 10, 12, "13 days old, more than 12 days"),
    ],
    ids=lambda one: getattr(one, "NAME", None),
)
def test_a_figure_lives_to_its_age(
    feature: Feature, figures: list[Any], most_days: int, why: str
) -> None:
    """To the nanosecond; then the reason says how old it is, and how old it may be."""
    observed = rows(figures)
    memory, last = remembered(feature, observed), observed[-1][0]
    assert feature.value(memory, last + most_days * DAY_NS) == feature.value(memory, last)
    assert feature.value(memory, last) is not None
    assert feature.value(memory, last + most_days * DAY_NS + 1) is None
    assert why in feature.lacking("BTC", memory, last + (most_days + 1) * DAY_NS)


@pytest.mark.parametrize("age", [0, 1, 4, 5])
def test_a_mean_goes_on_over_what_is_fresh(age: int) -> None:
    """Four days are: the mean of both by age; a longer gap begins anew; no half-life: newest."""
    mean = Level(SERIES, 2 * DAY_NS, 4 * DAY_NS)
    memory = mean.step(LevelMemory(10.0, FIRST_NS), FIRST_NS + age * DAY_NS, 20.0)
    decay = 0.5 ** (age / 2.0)
    wanted = 20.0 if age > 4 else decay * 10.0 + (1.0 - decay) * 20.0
    assert memory == LevelMemory(pytest.approx(wanted), FIRST_NS + age * DAY_NS)  # type: ignore[arg-type]
    newest = Level(SERIES).step(LevelMemory(10.0, FIRST_NS), FIRST_NS + age * DAY_NS, 20.0)
    assert newest.mean == 20.0


# --- volume ---------------------------------------------------------------------------


def test_volume_needs_a_half_life_of_bars() -> None:
    """Seven days of it, in which anything was traded; what lacks volume is left out."""
    feature = VolumePressure()
    for count, there in ((7, False), (8, True)):
        memory = remembered(feature, rows([bar()] * count))
        assert (feature.value(memory, memory.last_ns) is not None) is there
    assert "6 days of volume in 1d bars of BTC" in feature.lacking(
        "BTC", remembered(feature, rows([bar()] * 7)), FIRST_NS + 6 * DAY_NS
    )
    assert "nothing of volume in" in feature.lacking("BTC", None, FIRST_NS)
    still = remembered(feature, rows([bar(volume=0.0)] * 9))
    assert feature.value(still, still.last_ns) is None
    some = remembered(feature, rows([bar(), bar(volume=None), bar()]))
    assert some.last_ns == FIRST_NS + 2 * DAY_NS
    assert some.traded == pytest.approx(1.0 + 0.5 ** (2.0 / 7.0))


@pytest.mark.parametrize(("gap", "anew"), [(10, False), (11, True)])
def test_volume_begins_anew_after_a_gap(gap: int, anew: bool) -> None:
    """Ten days of bars are missed at most; a close without a range pushes nowhere."""
    feature = VolumePressure()
    before = remembered(feature, rows([bar(close=104.0)] * 9))
    after = feature.step(before, before.last_ns + gap * DAY_NS, bar(close=100.0))
    assert after is not None
    assert (after.first_ns == after.last_ns) is anew
    assert (after.pushed == -1.0) is anew
    flat = WholeBar(100.0, 100.0, 100.0, 100.0, 2.0, 0.0)
    assert feature.step(None, FIRST_NS, flat) == (0.0, 2.0, FIRST_NS, FIRST_NS)


def test_a_series_at_nothing_is_no_figure() -> None:
    """It is left out as if it were not there, alone or among others."""
    feature = Pressure(SERIES, 12 * DAY_NS)
    figures = [100.0 + row % 5 for row in range(30)]
    holes = [0.0 if row in (3, 17, 29) else one for row, one in enumerate(figures)]
    kept = [row for row in rows(holes) if row[1] > 0.0]
    whole = remembered(feature, kept)
    assert remembered(feature, rows(holes)) == whole
    held = None
    for time_ns, one in rows(holes):
        held = feature.step(held, time_ns, one)
    assert held == whole
    assert feature.fold(None, [(FIRST_NS, 0.0)]) is None
    assert feature.lacking("BTC", None, FIRST_NS).startswith("nothing of ")
    short = remembered(feature, kept[:3])
    assert "days of" in feature.lacking("BTC", short, kept[2][0])


# --- HAR ------------------------------------------------------------------------------


def test_har_fits_after_a_month_and_answers_after_ninety_days() -> None:
    """Thirty days of terms, then each day is fitted; stated weights need the month alone."""
    fitted, stated = HarVolatility(), HarVolatility((0.1, 0.5, 0.0, 0.25))
    figures = [bar(0.04 + 0.01 * (row % 7)) for row in range(DAYS[-1] + FEWEST)]
    for count, there in ((len(figures), True), (len(figures) - 1, False)):
        memory = remembered(fitted, rows(figures[:count]))
        assert memory.fitted == count - DAYS[-1]
        assert len(memory.variances) == DAYS[-1]
        assert (fitted.value(memory, memory.last_ns) is not None) is there
    said = fitted.lacking("BTC", memory, memory.last_ns)
    assert "119 days of 1d bars of BTC" in said
    assert "120 days are needed" in said
    for count, there in ((30, True), (29, False)):
        memory = remembered(stated, rows(figures[:count]))
        assert (stated.value(memory, memory.last_ns) is not None) is there
        assert memory.fitted == 0
    assert "29 days of 1d bars" in stated.lacking("BTC", memory, memory.last_ns)
    assert "30 days are needed" in stated.lacking("BTC", memory, memory.last_ns)
    assert "nothing of 1d bars of BTC" in stated.lacking("BTC", None, FIRST_NS)


@pytest.mark.parametrize(("gap", "anew"), [(10, False), (11, True)])
def test_har_begins_a_month_anew_after_a_gap(gap: int, anew: bool) -> None:
    """What was fitted stays, and so do the least and the most that were seen."""
    feature = HarVolatility()
    before = remembered(feature, rows([bar(0.01 * (1 + row % 5)) for row in range(40)]))
    after = feature.step(before, before.last_ns + gap * DAY_NS, bar(0.9))
    assert len(after.variances) == (1 if anew else DAYS[-1])
    assert after.variances[-1] == pytest.approx(0.9)
    assert after.fitted == (10 if anew else 11)
    assert (after.weights == before.weights) is anew
    assert (after.least, after.most) == pytest.approx((0.01, 0.9))
    assert feature.newest_ns(after) == before.last_ns + gap * DAY_NS
    still = remembered(HarVolatility((0.1, 0.0, 0.0, 0.0)), rows([bar(0.0)] * 30))
    assert HarVolatility((0.1, 0.0, 0.0, 0.0)).value(still, still.last_ns) is None


# --- ranks, ranges, spans -------------------------------------------------------------


@given(SHORT | st.lists(st.integers(0, 3), min_size=60, max_size=120), st.integers(30, 50))
def test_a_rank_is_among_the_days_of_its_window(figures: list[int], window: int) -> None:
    """As many earlier days as it has, at least thirty; the day of now is not among them."""
    feature = Rank(Level(SERIES), window * DAY_NS)
    memory = remembered(feature, rows([float(one) for one in figures]))
    earlier = figures[:-1][-window:]
    assert memory.figures == tuple(map(float, earlier))
    found = feature.value(memory, FIRST_NS + (len(figures) - 1) * DAY_NS)
    if len(earlier) < FEWEST_RANKED:
        assert found is None
        said = feature.lacking("BTC", memory, FIRST_NS + (len(figures) - 1) * DAY_NS)
        assert said.startswith(f"{len(earlier)} earlier days of level (series:x, newest) are known")
        assert "30 are needed to rank it" in said
    else:
        below = sum(one < figures[-1] for one in earlier)
        same = sum(one == figures[-1] for one in earlier)
        assert found == pytest.approx((below + 0.5 * same) / len(earlier))


def test_a_rank_takes_the_first_figure_of_each_day() -> None:
    """Whatever comes later that day; a day on which there was none is none."""
    feature, half = Rank(Level(SERIES, 0, DAY_NS // 4)), DAY_NS // 2
    memory = remembered(feature, rows([float(one) for one in range(9)], half))
    assert memory.figures == (0.0, 2.0, 4.0, 6.0)
    assert (memory.today, memory.first) == (FIRST_NS // DAY_NS + 4, 8.0)
    assert memory.days == tuple(FIRST_NS // DAY_NS + day for day in range(4))
    lacking = Rank(Pressure(SERIES))
    memory = remembered(lacking, rows([1.0, 2.0, 3.0]))
    assert memory.figures == ()
    assert "are needed" in lacking.lacking("BTC", memory, FIRST_NS + 2 * DAY_NS)


@pytest.mark.parametrize(("every", "there"), [(1, True), (2, True), (3, False)])
def test_volatility_of_a_window_needs_half_of_its_bars(every: int, there: bool) -> None:
    """Closes two days apart count for both; a price that never moved has none."""
    feature = RealisedVolatility("close", 12 * DAY_NS)
    closes = [100.0 * math.exp(0.01 * (row % 2)) for row in range(13)]
    bars = [bar(close=one) for one in closes]
    observed = [(FIRST_NS + row * every * DAY_NS, one) for row, one in enumerate(bars)]
    memory = remembered(feature, observed)
    found = feature.value(memory, memory.known_ns[-1])
    if there:
        assert found == pytest.approx(math.sqrt(0.0001 / every * YEAR_NS / DAY_NS))
    else:
        assert found is None
        assert "too much of 1d bars of BTC is missing" in feature.lacking(
            "BTC", memory, memory.known_ns[-1]
        )


def test_volatility_is_told_what_it_lacks() -> None:
    """A half-life, ten returns, a price that moves; each of them alone."""
    feature = Volatility(20 * DAY_NS)
    daily, seldom = [5.0, 6.0] * 11, [5.0, 6.0] * 5
    for observed, said in (
        (
            rows(daily[:20]),
            "19 days with 19 returns of BTC are known; 20 days (a half-life)",
        ),
        (rows(seldom, 3 * DAY_NS), "27 days with 9 returns of BTC are known"),
        (rows([5.0] * 22), "the price of BTC never moved"),
    ):
        memory = remembered(feature, observed)
        assert feature.value(memory, observed[-1][0]) is None
        assert feature.lacking("BTC", memory, observed[-1][0]).startswith(said)
    assert FEWEST_RETURNS == 10
    for observed in (rows(daily[:21]), rows([*seldom, 5.0], 3 * DAY_NS)):
        assert feature.value(remembered(feature, observed), observed[-1][0]) is not None


def test_a_single_observation_is_no_length_of_time() -> None:
    """As after a gap: it is said so, and how much is needed."""
    said = fed_words("prices", DAY_NS, 10 * DAY_NS, 0, 60 * DAY_NS)
    assert said == (
        "a single one of prices is known, or none since a gap longer than 10 days; 60 days are "
        "needed: import what is missing before it"
    )
