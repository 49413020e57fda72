"""Funding to come: part of the way back to the long mean, fitted on a contract's own past alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.hedge.carry.contract_carry import funding_model as model_at
from volsculpt.hedge.carry.funding_model import BEHIND, FADE, FEWEST, FundingModel
from volsculpt.market.series import FundingRates, Label
from volsculpt.units import DAY_NS, HOUR_NS

LABEL = Label("bybit", "BTC/USD:BTC", "funding", "USD", "made by hand")
BEGIN_NS = 20_000 * DAY_NS
STAMPS_A_YEAR = 365 * 3


def rates_of(rate: np.ndarray, hours: float = 8.0) -> FundingRates:
    """Rates that follow each other."""
    stamps = BEGIN_NS + np.arange(1, len(rate) + 1) * int(hours * HOUR_NS)
    return FundingRates(LABEL, stamps, rate, np.full(len(rate), hours))


def funding_model(rates: FundingRates, days: float) -> FundingModel | str:
    """The model at the last payment."""
    return model_at(rates, days, int(rates.stamp_ns[-1]))


def walk(seed: int, days: int, decay: float = 0.98) -> np.ndarray:
    """A rate that goes back to 0.0001, day after day, three payments each."""
    dice, level, found = np.random.default_rng(seed), 0.0, []
    for _ in range(days):
        level = decay * level + dice.standard_normal() * 1e-4
        found += [1e-4 + level] * 3
    return np.array(found)


def test_a_rate_that_never_moves_stays() -> None:
    """Its mean is what is expected, to the last digit that sums keep, and nothing is off."""
    found = funding_model(rates_of(np.full(900, 0.0001)), 90.0)
    assert isinstance(found, FundingModel)
    assert found.expected == pytest.approx(0.1095, rel=1e-9)
    assert found.error == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("days", [7, 30, 90])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_is_the_line_of_what_followed_on_what_was_before(seed: int, days: int) -> None:
    """Least squares over all days, the older the less, the slow way; `keep` from 0 to 1."""
    rate = walk(seed, 700)
    found = funding_model(rates_of(rate), days)
    assert isinstance(found, FundingModel)
    daily = rate.reshape(-1, 3).sum(axis=1) * 365.0
    before, after = [], []
    for day in range(BEHIND, len(daily) - days + 1):
        before.append(daily[day - BEHIND : day].mean())
        after.append(daily[day : day + days].mean())
    weight = FADE ** np.arange(len(before) - 1, -1, -1.0)
    slope, start = np.polyfit(before, after, 1, w=np.sqrt(weight))
    assert found.weight == pytest.approx(weight.sum())
    assert found.last == pytest.approx(daily[-BEHIND:].mean())
    if 0.0 < slope < 1.0:
        assert found.keep == pytest.approx(slope, rel=1e-6)
        assert found.expected == pytest.approx(start + slope * found.last, rel=1e-6)
        off = np.array(after) - start - slope * np.array(before)
        assert found.error == pytest.approx(
            float(np.sqrt(np.average(off**2, weights=weight))), rel=1e-6
        )
    else:
        assert found.keep in (0.0, 1.0)


@given(st.integers(0, 10**6), st.sampled_from([7, 30, 90]))
def test_what_is_expected_lies_between_the_last_days_and_the_long_run(seed: int, days: int) -> None:
    """Never beyond either."""
    found = funding_model(rates_of(walk(seed, 400)), days)
    assert isinstance(found, FundingModel)
    low, high = sorted((found.mean, found.last))
    assert low - 1e-12 <= found.expected <= high + 1e-12
    assert 0.0 <= found.keep <= 1.0


def test_what_is_long_ago_counts_less_and_less() -> None:
    """The mean age of what is counted is a year and a half, as of three years that count alike."""
    ages = np.arange(100_000)
    weight = FADE**ages
    assert float(np.average(ages, weights=weight)) == pytest.approx(1.5 * 365)
    early, late = walk(5, 4 * 365), walk(5, 4 * 365)
    early[:150] += 1e-4
    late[-1200:-1050] += 1e-4
    plain, moved, other = (
        funding_model(rates_of(one), 30.0) for one in (walk(5, 4 * 365), early, late)
    )
    assert all(isinstance(one, FundingModel) for one in (plain, moved, other))
    off = [abs(one.mean - plain.mean) for one in (moved, other)]  # type: ignore[union-attr]
    assert 0.0 < off[0] < 0.3 * off[1]


@pytest.mark.parametrize("days", [30, 90])
def test_too_little_is_said_with_what_is_needed(days: int) -> None:
    """Thirty days before, those that are held, ninety to compare; a day fewer is refused."""
    needed = BEHIND + days + FEWEST - 1
    short = funding_model(rates_of(walk(1, needed - 1)), days)
    assert short == (
        f"too little of its funding is known: {needed} days without a gap are needed to say what "
        f"{days} will bring"
    )
    assert isinstance(funding_model(rates_of(walk(1, needed)), days), FundingModel)


def test_a_gap_is_no_funding_of_zero() -> None:
    """Stretches that reach into it are left out; in the last days it leaves nothing to say."""
    rate = np.full(3 * 600, 0.0001)
    rates = rates_of(rate)
    kept = np.ones(len(rate), dtype=bool)
    kept[3 * 300 : 3 * 340] = False
    holed = FundingRates(LABEL, rates.stamp_ns[kept], rates.rate[kept], rates.interval_hours[kept])
    found = funding_model(holed, 30.0)
    assert isinstance(found, FundingModel)
    assert found.expected == pytest.approx(0.1095, rel=1e-9)
    kept[:] = True
    kept[3 * 570 : 3 * 595] = False
    late = FundingRates(LABEL, rates.stamp_ns[kept], rates.rate[kept], rates.interval_hours[kept])
    assert funding_model(late, 30.0) == "funding of its last 30 days is not known without a gap"


def test_what_is_old_is_not_known_any_more() -> None:
    """Three of the last thirty days may lack; with the fourth there is nothing to say, and why."""
    rates = rates_of(np.full(900, 0.0001))
    for days in (1, 3):
        assert isinstance(model_at(rates, 30.0, rates.end_ns + days * DAY_NS), FundingModel)
    assert model_at(rates, 30.0, rates.end_ns + 4 * DAY_NS) == (
        "funding of its last 30 days is not known without a gap; its newest is 4 days old"
    )
    assert isinstance(model_at(rates, 30.0, rates.end_ns + 90 * DAY_NS), str)


def test_the_newest_days_count_up_to_the_last_midnight() -> None:
    """A day later without a payment the mean is that of 29 days, not of a month that is over."""
    rate = np.full(900, 0.0001)
    rate[-90:-87] = 0.0009  # the first of the last thirty days
    rates = rates_of(rate)
    now, later = (model_at(rates, 30.0, rates.end_ns + day * DAY_NS) for day in (0, 1))
    assert isinstance(now, FundingModel)
    assert isinstance(later, FundingModel)
    assert now.last == pytest.approx(365 * (29 * 0.0003 + 0.0027) / 30)
    assert later.last == pytest.approx(365 * 0.0003)


def test_what_runs_away_is_expected_to_stay_where_it_is() -> None:
    """A rate that only rises has no mean to go back to: the last is expected, off by its drift."""
    found = funding_model(rates_of(np.linspace(0.0, 0.001, 1500)), 30.0)
    assert isinstance(found, FundingModel)
    assert found.keep == 1.0
    assert found.expected == found.last == found.mean
    drift = 1095 * 0.001 / 1500 * 90  # of thirty days
    assert found.error == pytest.approx(drift, rel=0.01)
