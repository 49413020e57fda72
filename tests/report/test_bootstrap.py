"""Resampled histories: what blocks are, how long, and that intervals hold what they say."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.errors import ReportError
from volsculpt.report.stats.bootstrap import (
    NO_INTERVAL,
    Days,
    Interval,
    Samples,
    block_days,
    block_length,
    luck_of,
    middle,
    resample,
    resampled_days,
    shared_block_length,
)
from volsculpt.report.stats.metrics import METRICS, Sample, mean_annual
from volsculpt.report.stats.returns import Floats


def autoregressive(rho: float, seed: int, days: int = 800) -> Floats:
    """x_t = rho · x_{t-1} + noise."""
    noise = np.random.default_rng(seed).normal(0.0, 0.01, days)
    for day in range(1, days):
        noise[day] += rho * noise[day - 1]
    return noise


def the_mean(samples: Samples) -> Floats:
    """Mean a year of the only book."""
    return mean_annual(samples["hedged"])


# What arch 8.0.0 (NCSA licence) says of autoregressive(rho, 0) to autoregressive(rho, 4): the
# column "stationary" of arch.bootstrap.optimal_block_length.
ARCH = {
    -0.4: (10.0254480635, 8.94548520681, 12.4790096387, 9.12259009886, 8.31852108451),
    0.0: (0.639394915584, 0.83524872829, 0.687872914738, 0.142725249702, 1.89916062476),
    0.3: (6.2485900767, 6.14729789958, 6.10767523069, 6.17479033352, 7.44270444018),
    0.6: (12.3620333412, 13.4148282364, 9.28725627291, 14.1587948763, 13.8594353154),
    0.9: (26.0330195151, 36.6995055312, 20.0029628963, 29.4164388116, 36.4049128894),
}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rho", ARCH)
def test_block_length_as_another_library_says(rho: float, seed: int) -> None:
    """arch finds the same length; we give no less than a day."""
    found = block_length(autoregressive(rho, seed))
    assert found == pytest.approx(max(ARCH[rho][seed], 1.0), rel=1e-9)


def test_blocks_grow_with_memory() -> None:
    """The more a day resembles the day before, the longer the blocks."""
    lengths = [
        np.mean([block_length(autoregressive(rho, seed)) for seed in range(20)])
        for rho in (0.0, 0.3, 0.6, 0.8, 0.9)
    ]
    assert lengths == sorted(lengths)
    assert lengths[0] < 3.0


def test_block_length_as_theory_says() -> None:
    """AR(1): b = (2 rho / (1 - rho²))^(2/3) · n^(1/3), as G / g(0) is 2 rho / (1 - rho²)."""
    rho, days = 0.5, 50_000
    found = np.mean([block_length(autoregressive(rho, seed, days)) for seed in range(4)])
    assert found == pytest.approx((2 * rho / (1 - rho**2)) ** (2 / 3) * days ** (1 / 3), rel=0.1)


@pytest.mark.parametrize("returns", [np.zeros(100), np.full(100, 0.01), np.arange(5.0)])
def test_without_variation_or_days_blocks_are_days(returns: Floats) -> None:
    """Nothing to learn, nothing claimed."""
    assert block_length(returns) == 1.0


@given(st.integers(0, 10**6), st.integers(1, 120), st.integers(0, 3), st.floats(-0.9, 0.9))
def test_a_block_is_a_day_or_longer(seed: int, days: int, turns: int, rho: float) -> None:
    """Whatever days are like: those that swing back each time have a long run of nothing."""
    noise = autoregressive(rho, seed, days + turns)
    found = block_length(np.diff(noise, n=turns))
    assert 1.0 <= found <= max(1.0, np.ceil(min(3.0 * np.sqrt(days), days / 3.0)))
    assert block_length(np.diff(autoregressive(0.0, 1, 60), n=3)) == 1.0


def test_clustered_volatility_lengthens_blocks() -> None:
    """Squares count: returns without memory, but with quiet and wild months."""
    random = np.random.default_rng(3)
    wild = np.where(np.arange(1_000) // 60 % 2 == 0, 0.01, 0.05)
    returns = wild * random.normal(size=1_000)
    assert shared_block_length([returns]) > 3.0 * block_length(returns)


@given(length=st.floats(1.0, 50.0), days=st.integers(1, 90), draws=st.integers(1, 9))
def test_histories_are_made_of_real_days_in_order(length: float, days: int, draws: int) -> None:
    """Every place holds a day; within a block the next day follows, the first after the last."""
    taken = block_days(length, days, draws, np.random.default_rng(5))
    assert taken.shape == (draws, days)
    assert taken.min() >= 0
    assert taken.max() < days


def test_blocks_are_as_long_as_asked() -> None:
    """A block ends with probability 1/b: within three standard errors."""
    days, draws, length = 1_000, 200, 8.0
    taken = block_days(length, days, draws, np.random.default_rng(1))
    follows = (np.diff(taken, axis=1) - 1) % days == 0
    share = 1.0 - 1.0 / length + 1.0 / length / days
    error = np.sqrt(share * (1.0 - share) / follows.size)
    assert follows.mean() == pytest.approx(share, abs=3.0 * error)


def test_every_day_is_drawn_as_often() -> None:
    """Round the end, so that the first and last days are not rarer: chi-square over 50 days."""
    taken = block_days(5.0, 50, 4_000, np.random.default_rng(2))
    counts = np.bincount(taken.ravel(), minlength=50)
    spread = counts.std() / counts.mean()
    assert spread < 3.0 * np.sqrt(2.0 * 5.0 / 4_000)


def test_same_seed_same_bits() -> None:
    """And another seed, other bits."""
    books = {"hedged": autoregressive(0.2, 1)}
    first, again, other = (
        resample(books, 2.0, {"mean": the_mean}, seed, 300).intervals["mean"] for seed in (4, 4, 5)
    )
    assert first == again
    assert first != other


def test_a_seed_is_the_same_in_every_version() -> None:
    """What is on pages and in reports is found again, with as many histories as they say."""
    found = resample({"hedged": autoregressive(0.2, 1, 200)}, 1.0, {"mean": the_mean}, 4)
    assert found.draws == 2_000
    assert found.block_days == pytest.approx(1.5698906873849632)
    span = found.intervals["mean"]
    assert (span.low, span.high) == pytest.approx((-0.7032723520491206, 0.04726415037524708))
    assert found.luck["mean"] == pytest.approx((1_847 / 2_001, 155 / 2_001))


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Days without memory: 90 % of intervals hold the true mean, within theory's error.

    400 trials: three standard errors are 4.5 %; percentiles of 120 days lose about 1 %.
    """
    random, truth, trials = np.random.default_rng(11), 0.001, 400
    held = 0
    for trial in range(trials):
        books = {"hedged": random.normal(truth, 0.02, 120)}
        span = resample(books, 1.0, {"mean": the_mean}, trial, 400).intervals["mean"]
        assert span.low is not None
        assert span.high is not None
        held += span.low <= 365 * truth <= span.high
    assert held / trials == pytest.approx(0.90, abs=0.045 + 0.01)


def test_books_share_their_days() -> None:
    """The difference of a book and itself, less a constant a day, has no spread at all."""
    returns = autoregressive(0.1, 9)
    books = {"hedged": returns, "unhedged": returns - 0.001}

    def difference(samples: Samples) -> Floats:
        return np.asarray(mean_annual(samples["hedged"]) - mean_annual(samples["unhedged"]))

    span = resample(books, 2.0, {"less": difference}, 1, 200).intervals["less"]
    assert span.low == pytest.approx(0.365, rel=1e-9)
    assert span.high == pytest.approx(0.365, rel=1e-9)


def test_memory_widens_intervals() -> None:
    """Blocks keep what day-by-day draws forget."""
    books = {"hedged": autoregressive(0.6, 3)}
    kept = resample(books, 2.0, {"mean": the_mean}, 1, 500).intervals["mean"]
    forgot = resample(books, 2.0, {"mean": the_mean}, 1, 500, block=1.0).intervals["mean"]
    wide, narrow = ((one.high or 0.0) - (one.low or 0.0) for one in (kept, forgot))
    assert wide > 1.5 * narrow


def test_too_few_days_have_no_interval() -> None:
    """Below 30 days nothing is claimed."""
    found = resample({"hedged": autoregressive(0.0, 1, 29)}, 0.1, {"mean": the_mean}, 1)
    assert (found.intervals["mean"], found.draws) == (NO_INTERVAL, 0)


def test_the_middle() -> None:
    """Of 0 to 100, from 5 to 95; and nothing when too many draws have no figure."""
    span = middle(np.arange(101.0))
    assert (span.low, span.high) == pytest.approx((5.0, 95.0))
    assert middle(np.array([np.nan, 1.0, 2.0])) == NO_INTERVAL
    assert middle(np.array([np.nan] * 5)) == NO_INTERVAL
    known = np.arange(18.0)
    assert middle(np.append(known, [np.nan, np.inf])) == middle(known)
    assert middle(np.append(known, [np.nan] * 3)) == NO_INTERVAL
    assert middle(np.arange(101.0), 0.5) == Interval(25.0, 75.0)


@pytest.mark.parametrize(("draws", "block"), [(0, None), (10, 0.5)])
def test_nonsense_is_refused(draws: int, block: float | None) -> None:
    """No draws, or blocks shorter than a day."""
    with pytest.raises(ReportError, match="a bootstrap needs"):
        resample({"hedged": autoregressive(0.0, 1)}, 1.0, {}, 1, draws, block)


def test_books_of_other_days_are_refused() -> None:
    """Pairs need the same days."""
    books = {"hedged": autoregressive(0.0, 1), "unhedged": autoregressive(0.0, 1, 99)}
    with pytest.raises(ReportError, match="the same days"):
        resample(books, 1.0, {}, 1)


def test_fall_and_calmar_are_indicative() -> None:
    """They live on one stretch of the path."""
    assert {one.name for one in METRICS if one.indicative} == {"max_drawdown", "calmar"}


def test_luck_is_the_share_of_histories_on_the_other_side() -> None:
    """Nineteen above zero, and the one that is always counted; zero counts on both sides."""
    assert luck_of(np.arange(1.0, 20.0)) == (0.05, 1.0)
    assert luck_of(np.array([0.0, np.nan])) == (1.0, 1.0)
    one = {"a": autoregressive(0.1, 3, 200), "b": autoregressive(0.1, 4, 200)}
    found = resample(one, 1.0, {"gap": lambda s: s["a"].mean - s["b"].mean}, 0, 400)
    low, high = found.intervals["gap"].low, found.intervals["gap"].high
    assert low is not None
    assert high is not None
    assert (found.luck["gap"].not_above <= 0.05) == (low > 0.0)
    assert (found.luck["gap"].not_below <= 0.05) == (high < 0.0)


def skew(sample: Sample) -> Floats:
    """A figure that no metric of the package is: third moment, of the returns themselves."""
    off = sample.returns - sample.returns.mean(axis=-1, keepdims=True)
    return np.asarray((off**3).mean(axis=-1))


def streak(sample: Sample) -> Floats:
    """Another, that asks in which order days came."""
    return np.asarray((sample.returns[..., 1:] * sample.returns[..., :-1]).sum(axis=-1))


@pytest.mark.parametrize("metric", [skew, streak, *(one.over for one in METRICS)])
def test_resampled_days_are_samples_of_the_same_draws(metric: Callable[[Sample], Floats]) -> None:
    """Every figure, those that read returns too, as of a sample of each history."""
    real, years = autoregressive(0.3, 5, 90), 90 / 365
    drawn = np.random.default_rng(1).integers(0, 90, (40, 90))
    made = resampled_days({"hedged": Days(Sample(real, years))}, drawn)["hedged"]
    assert metric(made) == pytest.approx(metric(Sample(real[drawn], years)), rel=1e-9, abs=1e-15)
    assert (made.years, made.days) == (years, 90)
