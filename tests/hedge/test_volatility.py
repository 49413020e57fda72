"""The forecast of volatility: what it means, when there is one, and that time is what counts."""

import math
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.hedge.features.trend import Trend
from volsculpt.hedge.features.volatility import FEWEST_RETURNS, SAMPLE_NS, Volatility
from volsculpt.hedge.market_features import Features, Watch, features_at
from volsculpt.hedge.policies.vol_target import vol_target_ratio
from volsculpt.market.streams import Stream
from volsculpt.text import duration
from volsculpt.units import DAY_NS, YEAR_NS

HALF = 10 * DAY_NS
INDEX = Stream("index", "BTC")
Observed = list[tuple[int, float]]


def zigzag(sigma: float, gaps_ns: list[int]) -> Observed:
    """Prices whose every move, up and down in turn, is what `sigma` a year means for its time."""
    time_ns, path, found = 5 * YEAR_NS, 0.0, [(5 * YEAR_NS, 100.0)]
    for row, gap in enumerate(gaps_ns):
        time_ns, side = time_ns + gap, 1.0 if row % 2 else -1.0
        path += side * sigma * math.sqrt(gap / YEAR_NS)
        found.append((time_ns, 100.0 * math.exp(path)))
    return found


def walk(days: int, sigma: float, seed: int) -> Observed:
    """An hourly random walk."""
    dice, hours = np.random.default_rng(seed), days * 24
    steps = sigma * math.sqrt(SAMPLE_NS / YEAR_NS) * dice.standard_normal(hours)
    prices = 100.0 * np.exp(np.cumsum(steps))
    return [(YEAR_NS + hour * SAMPLE_NS, float(price)) for hour, price in enumerate(prices)]


def known(observed: Observed, time_ns: int | None = None, half_life: int = HALF) -> Features:
    """What is known of BTC at a time, by default that of the last observation."""
    stamp = observed[-1][0] if time_ns is None else time_ns
    return features_at({INDEX: observed}, {"BTC": (Volatility(half_life),)}, [stamp])[0]


def forecast(observed: Observed, time_ns: int | None = None, half_life: int = HALF) -> float | None:
    """The forecast of BTC."""
    return known(observed, time_ns, half_life).sigma_forecast("BTC", half_life)


@given(
    st.floats(0.05, 3.0),
    st.lists(st.integers(4 * SAMPLE_NS, HALF), min_size=60, max_size=80),
)
def test_time_counts_and_not_rows(sigma: float, gaps_ns: list[int]) -> None:
    """Whatever the stamps, moves of `sigma` a year are forecast as `sigma`, from the first on."""
    assert forecast(zigzag(sigma, gaps_ns)) == pytest.approx(sigma, rel=1e-9)


@pytest.mark.parametrize("every", [2, 6, 24])
def test_the_sampling_interval_hardly_matters(every: int) -> None:
    """Of one random walk, prices of any interval forecast the same, but for their own noise."""
    hourly = walk(120, 0.6, seed=3)
    found = [
        forecast(rows, half_life=30 * DAY_NS) for rows in (hourly, hourly[::-1][::every][::-1])
    ]
    noise = 1.0 / math.sqrt(2.0 * 60.0 * 24.0 / every)  # of a standard deviation
    assert found[0] == pytest.approx(0.6, rel=0.1)
    assert found[1] == pytest.approx(found[0], rel=4.0 * noise)
    assert found[1] != found[0]


def test_a_half_life_halves() -> None:
    """Calm for long, then wild for one half-life: variance is half of each."""
    calm, wild = [DAY_NS] * 400, [DAY_NS] * 10
    rows = zigzag(0.2, calm)
    last, price = rows[-1]
    shift = last - 5 * YEAR_NS
    rows += [(t + shift, p * price / 100.0) for t, p in zigzag(0.8, wild)[1:]]
    assert forecast(rows) == pytest.approx(math.sqrt((0.2**2 + 0.8**2) / 2.0), rel=1e-9)


def test_no_forecast_before_a_half_life() -> None:
    """A day less than it is none, with the reason; the day makes it one."""
    rows = zigzag(0.5, [DAY_NS] * 10)
    assert forecast(rows[:-1]) is None
    assert (
        known(rows[:-1])
        .lacking("BTC", Volatility(HALF))
        .startswith("9 days with 9 returns of BTC are")
    )
    assert forecast(rows) == pytest.approx(0.5)


def test_no_forecast_from_a_few_returns() -> None:
    """A half-life with fewer than ten returns in it is not enough."""
    rows = zigzag(0.5, [9 * DAY_NS] * FEWEST_RETURNS)
    assert forecast(rows[:-1]) is None
    assert forecast(rows) == pytest.approx(0.5)


def test_a_gap_begins_anew() -> None:
    """Prices more than a half-life apart share no return; at a half-life they do."""
    gaps = [DAY_NS] * 30
    assert forecast(zigzag(0.5, [*gaps, HALF])) == pytest.approx(0.5)
    broken = zigzag(0.5, [*gaps, HALF + 1, *([DAY_NS] * 9)])
    assert forecast(broken) is None
    assert "9 days with 9 returns" in known(broken).lacking("BTC", Volatility(HALF))


def test_old_prices_are_no_forecast() -> None:
    """A forecast lives as long as its half-life."""
    rows = zigzag(0.5, [DAY_NS] * 30)
    last = rows[-1][0]
    assert forecast(rows, last + HALF) == pytest.approx(0.5)
    assert forecast(rows, last + HALF + 1) is None
    assert "newest price of BTC is 10 days old" in known(rows, last + HALF + 1).lacking(
        "BTC", Volatility(HALF)
    )


def test_a_price_that_never_moves_is_no_forecast() -> None:
    """Zero volatility would ask for an endless position; it is a lack of data."""
    still = zigzag(0.0, [DAY_NS] * 30)
    assert forecast(still) is None
    assert known(still).lacking("BTC", Volatility(HALF)) == "the price of BTC never moved"


@pytest.mark.parametrize("days", [HALF // DAY_NS, HALF // DAY_NS + 1, 4_000])
def test_a_price_that_stands_still_is_no_forecast(days: int) -> None:
    """For a half-life the last moves still count; then it is not a small volatility, but none."""
    moved = zigzag(0.6, [DAY_NS] * 30)
    last_ns, price = moved[-1]
    still = [*moved, *((last_ns + (day + 1) * DAY_NS, price) for day in range(days))]
    if days * DAY_NS <= HALF:
        assert forecast(still) == pytest.approx(0.6 * math.sqrt(0.5), rel=0.1)
        return
    assert forecast(still) is None
    said = known(still).lacking("BTC", Volatility(HALF))
    assert said.startswith(f"the price of BTC has not moved for {duration(days * DAY_NS)}, more")
    again = [*still, (still[-1][0] + DAY_NS, price * 1.01)]
    assert forecast(again) is not None


def test_a_memory_of_before_counts_as_moving() -> None:
    """As ledgers kept it: without the last move, acted on again as it was."""
    still = [*zigzag(0.6, [DAY_NS] * 30)]
    still += [(still[-1][0] + (day + 1) * DAY_NS, still[-1][1]) for day in range(20)]
    feature = Volatility(HALF)
    memory = feature.fold(None, still)
    stored = feature.plain(memory)
    assert feature.value(feature.memory_of(stored), still[-1][0]) is None
    del stored["moved_ns"]
    assert feature.value(feature.memory_of(stored), still[-1][0]) is not None


def test_prices_within_the_hour_are_left_out() -> None:
    """A bid and ask that bounce every minute are not volatility."""
    rows = zigzag(0.5, [SAMPLE_NS] * 400)
    noisy = sorted(rows + [(t + SAMPLE_NS // 2, p * 1.01) for t, p in rows[:-1]])
    assert forecast(noisy) == forecast(rows)


def test_one_at_a_time_is_the_same() -> None:
    """Fed as they come, observations leave the memories that a history leaves."""
    rows = walk(20, 0.6, seed=1)
    watch = Watch({INDEX: rows}, {"BTC": (Volatility(HALF),)})
    for time_ns, _ in rows:
        one = watch(time_ns)
    assert known(rows) == one


@given(st.integers(0, 479), st.floats(0.2, 5.0))
def test_the_future_does_not_reach_back(hour: int, by: float) -> None:
    """Other prices from an hour on change no features stamped before it."""
    rows = walk(20, 0.6, seed=2)
    other = [*rows[:hour], *((t, p * by) for t, p in rows[hour:])]
    stamps = [t - 1 for t, _ in rows]
    needs = {"BTC": (Volatility(DAY_NS),)}
    true, false = (features_at({INDEX: said}, needs, stamps) for said in (rows, other))
    assert true[: hour + 1] == false[: hour + 1]


def test_the_past_does_reach_on() -> None:
    """The same change of a price is seen at its own stamp, so the test above can fail."""
    rows = walk(20, 0.6, seed=2)
    other = [*rows[:300], *((t, p * 2.0) for t, p in rows[300:])]
    stamps = [t for t, _ in rows]
    needs = {"BTC": (Volatility(DAY_NS),)}
    true, false = (features_at({INDEX: said}, needs, stamps) for said in (rows, other))
    assert true[299] == false[299]
    assert true[300] != false[300]


@given(st.floats(0.01, 2.0))
def test_what_the_ratio_is(sigma: float) -> None:
    """As volatile as wanted: nothing to hedge. Twice as much: half. Calmer: below zero."""
    assert vol_target_ratio(sigma, sigma) == 0.0
    assert vol_target_ratio(sigma, 2.0 * sigma) == pytest.approx(0.5)
    assert vol_target_ratio(sigma, 0.5 * sigma) == pytest.approx(-1.0)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([1, SAMPLE_NS // 2, SAMPLE_NS, 5 * SAMPLE_NS, HALF, HALF + 1]),
            st.floats(1e-6, 1e6),
        ),
        min_size=1,
        max_size=60,
    ),
    st.integers(0, 60),
)
def test_many_at_once_are_the_same_to_the_bit(moves: list[tuple[int, float]], cut: int) -> None:
    """Whatever the gaps: too near, too far, at their edges; trend and volatility alike."""
    times = accumulate((gap for gap, _ in moves), initial=YEAR_NS)
    rows = [(time_ns, price) for time_ns, (_, price) in zip(times, moves, strict=False)]
    for feature in (Volatility(HALF), Trend(HALF)):
        held = None
        for time_ns, price in rows:
            held = feature.step(held, time_ns, price)
        first = feature.fold(None, rows[:cut]) if rows[:cut] else None
        assert feature.fold(first, rows[cut:]) == held if rows[cut:] else first == held
