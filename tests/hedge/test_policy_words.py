"""What policies say of themselves: the ends they reach, what limits cut off, and in which words."""

from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.hedge.test_policies import made
from volsculpt.hedge.feature import EVER_NS
from volsculpt.hedge.features.garch_volatility import GarchVolatility
from volsculpt.hedge.features.level import Level
from volsculpt.hedge.features.trend import Trend
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.policies.drawdown_floor import (
    DrawdownFloorPolicy,
    fall_to_floor,
    floor_ratio,
)
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.policies.liquidation_aware import LiquidationAwarePolicy
from volsculpt.hedge.policies.min_variance import MinVariancePolicy
from volsculpt.hedge.policies.regime import RegimePolicy
from volsculpt.hedge.policies.series import SeriesPolicy
from volsculpt.hedge.policies.trend import TrendPolicy, tilted
from volsculpt.hedge.policies.vol_target import VolTargetPolicy
from volsculpt.hedge.policies.weight import WeightPolicy
from volsculpt.hedge.policy import HedgeSummary, PolicyInput
from volsculpt.hedge.regimes.reading import framework_text
from volsculpt.hedge.registry import policy_names
from volsculpt.units import DAY_NS

SHARES, RATIOS = st.floats(0.01, 1.0), st.floats(-0.5, 2.0)
KEY = "bybit:{coin}/USD:{coin}"


def outside(ends: list[float], lowest: float, highest: float) -> int:
    """How many of some ratios the limits hold to another."""
    return sum(not lowest <= one <= highest for one in ends)


@given(SHARES, SHARES, RATIOS, RATIOS)
def test_the_ends_of_a_tilt(ratio: float, tilt: float, one: float, other: float) -> None:
    """Those of the whole tilt, up and down; the ratio meant is the one without."""
    policy, (lowest, highest) = TrendPolicy(ratio, tilt), sorted((one, other))
    ends = [tilted(ratio, tilt, 1e9), tilted(ratio, tilt, -1e9)]
    assert ends == pytest.approx([ratio - tilt, ratio + tilt])
    assert policy.highest() == ratio + tilt
    assert policy.ratio_meant() == ratio
    doubts = policy.doubts(lowest, highest)
    assert len(doubts) == outside([ratio - tilt, ratio + tilt], lowest, highest)
    assert all(line.startswith("with its whole tilt, ratio ") for line in doubts)


@given(SHARES, RATIOS, RATIOS)
def test_the_one_ratio_of_a_policy(share: float, one: float, other: float) -> None:
    """Of a fixed one and of a weight: highest, meant and answered are the same."""
    lowest, highest = sorted((one, other))
    book = HedgeSummary("BTC", 2.0, 3.0, 3.0, 3.0, 0.0, 60.0)
    for policy in (FixedPolicy(share), WeightPolicy(share)):
        answer, _ = policy.step(None, PolicyInput(0, Features(0), book))
        assert answer.ratio == policy.highest() == policy.ratio_meant()
        assert answer.ratio == (share if isinstance(policy, FixedPolicy) else 1.0 - share)
        doubts = policy.doubts(lowest, highest)
        assert len(doubts) == outside([answer.ratio], lowest, highest)
        assert all(f"ratio {answer.ratio:g} will be held to" in line for line in doubts)


@given(st.floats(0.1, 100.0), st.floats(0.1, 100.0), st.floats(0.05, 0.95), st.floats(1.0, 1e6))
def test_a_weight_tells_the_share_there_is(
    price: float, coins: float, weight: float, wealth: float
) -> None:
    """Coins at their price, of all wealth: hedged only what is above the share that is wanted."""
    book = HedgeSummary("BTC", price, coins, coins, coins, 0.0, wealth)
    answer, _ = WeightPolicy(weight).step(None, PolicyInput(0, Features(0), book))
    share = coins * price / wealth
    assert ("of wealth is hedged" in answer.reasons[0]) is (share > weight)
    assert ("there is nothing to hedge" in answer.reasons[0]) is (share <= weight)
    broke = HedgeSummary("BTC", price, coins, coins, coins, None, 0.0)
    answer, _ = WeightPolicy(weight).step(None, PolicyInput(0, Features(0), broke))
    assert answer.reasons[0] == "your wealth is 0 USD: of none no share can be kept"


def test_shares_of_exactly_all_are_not_too_much() -> None:
    """A half of each of two coins; a little more of one is told, and nothing of one alone."""
    half = WeightPolicy(0.5)
    assert WeightPolicy.together({"BTC": half, "ETH": half}) == []
    (line,) = WeightPolicy.together({"BTC": half, "ETH": WeightPolicy(0.51)})
    assert line == "weight of BTC, ETH: they add up to 101 % of your wealth, more than all"


@given(st.lists(RATIOS, min_size=1, max_size=6), RATIOS, RATIOS)
def test_ratios_of_a_file_outside_the_limits_are_counted(
    ratios: list[float], one: float, other: float
) -> None:
    """At a limit they are not; its stamps are the times at which it changes."""
    lowest, highest = sorted((one, other))
    policy = SeriesPolicy(tuple(range(len(ratios))), tuple(ratios), "ratio.csv")
    for low, high in ((lowest, highest), (min(ratios), max(ratios))):
        doubts, count = policy.doubts(low, high), outside(ratios, low, high)
        assert bool(doubts) is bool(count)
        if doubts:
            assert doubts[0].startswith(f"{count} of {len(ratios)} ratios of its file are outside")
    assert policy.change_times_ns() == policy.times_ns
    assert policy.first_ns() == 0
    assert SeriesPolicy((), (), "empty.csv").first_ns() is None


def test_a_ratio_of_a_file_holds_from_its_stamp_on() -> None:
    """Worked: what is held before the first; the last for ever."""
    policy = SeriesPolicy((10, 20), (0.2, 0.8), "ratio.csv")
    assert [policy.ratio_at(at) for at in (9, 10, 19, 20, 99)] == [None, 0.2, 0.2, 0.8, 0.8]


# --- conditions of the market ---------------------------------------------------------


@cache
def regime(fallback_ratio: float | None = None) -> RegimePolicy:
    """The package's framework."""
    return RegimePolicy(framework_text(), fallback_ratio=fallback_ratio)


@given(st.none() | st.floats(-0.5, 1.5), RATIOS, RATIOS)
def test_the_highest_of_a_regime_is_of_its_bands_or_its_fallback(
    fallback: float | None, one: float, other: float
) -> None:
    """Whichever is higher; ends of bands outside the limits are doubted, one by one."""
    policy, (lowest, highest) = regime(fallback), sorted((one, other))
    ends = list(policy.of("BTC").ends)
    assert ends == [
        min(one.low for one in policy.of("BTC").conditions),
        max(one.high for one in policy.of("BTC").conditions),
    ]
    assert policy.highest() == max(ends[1], fallback or 0.0)
    doubts = policy.doubts(lowest, highest)
    assert len(doubts) == outside(ends, lowest, highest)
    assert all(line.startswith("at the ends of its bands, ratio ") for line in doubts)


def test_what_an_unknown_regime_lacks_is_named_with_its_reason() -> None:
    """A figure that is missing, with its own reason."""
    now_ns = 20_000 * DAY_NS
    assessment = regime().look(Features(now_ns), "BTC")
    assert len(assessment.missing) > 1
    answer, _ = regime().step(
        None, PolicyInput(now_ns, Features(now_ns), HedgeSummary("BTC", 1, 1, 1, 1, 0, 1))
    )
    words = [regime().of("BTC").figure(one).words for one in assessment.missing]
    assert any(f"; {one}: nothing of " in answer.reasons[0] for one in words)


# --- floors and targets ---------------------------------------------------------------


def floored(wealth: float, high: float | None = None) -> tuple[list[str], float]:
    """Reasons at a wealth, and the highest that is remembered."""
    book = HedgeSummary("BTC", 1.0, 1.0, 1.0, 1.0, 0.0, wealth)
    policy = DrawdownFloorPolicy(0.5, 3.0, high)
    answer, memory = policy.step(None, PolicyInput(0, Features(0), book))
    return list(answer.reasons), memory["high_usd"]


@pytest.mark.parametrize(
    ("wealth", "told"),
    [
        (-5.0, "wealth is -5 USD: there is none to keep above it"),
        (0.0, "wealth is 0 USD: there is none to keep above it"),
        (40.0, "wealth is 40 USD, at it or below: all is hedged"),
        (50.0, "wealth is 50 USD, at it or below: all is hedged"),
        (60.0, "wealth is 60 USD, 10 above it: 3 times that may stay exposed to BTC, 50 %"),
    ],
)
def test_where_wealth_stands_to_its_floor(wealth: float, told: str) -> None:
    """Below nothing, at nothing, below the floor of 50, at it, and above."""
    reasons, high = floored(wealth, 100.0)
    assert reasons[1] == told
    assert high == 100.0


@given(
    st.floats(-50.0, 150.0, allow_subnormal=False),
    st.sampled_from([0.0, 50.0, 100.0]),
    st.floats(0.5, 20.0),
)
@example(0.0, 0.0, 3.0)
@example(100.0, 100.0, 3.0)
def test_at_a_floor_or_below_all_is_hedged(wealth: float, floor: float, multiplier: float) -> None:
    """Of nothing too; above it a fall as deep as is told takes wealth to it, and no lesser one."""
    ratio, fall = (one(wealth, floor, multiplier) for one in (floor_ratio, fall_to_floor))
    if wealth <= floor:
        assert (ratio, fall) == (1.0, 0.0)
    else:
        exposed = min(1.0 - ratio, 1.0)
        assert exposed == pytest.approx(min(multiplier * (wealth - floor) / wealth, 1.0))
        assert wealth * (1.0 - exposed * fall) == pytest.approx(floor, abs=1e-9 * wealth)


@given(st.floats(-10.0, 10.0), st.none() | st.floats(0.01, 10.0))
def test_the_highest_wealth_is_never_below_nothing(wealth: float, high: float | None) -> None:
    """That of before, of now, or none; a fraction of a dollar counts."""
    assert floored(wealth, high)[1] == max(high or 0.0, wealth, 0.0)


def test_limits_that_let_a_floor_hedge_all_raise_no_doubt() -> None:
    """At a max_ratio of 1 nothing stays exposed; below it the rest is told."""
    policy = DrawdownFloorPolicy(0.8)
    assert policy.doubts(0.0, 1.0) == policy.doubts(0.0, 1.5) == []
    (line,) = policy.doubts(0.0, 0.9)
    assert line == "max_ratio 0.9 leaves 10 % exposed at the floor, so it cannot hold"


def test_a_volatility_target_names_its_forecast() -> None:
    """With a half-life where it has one; what it keeps exposed at most, as limits stand."""
    for forecast, how in (
        ("ewma", "a forecast with a half-life of 30 days"),
        ("har", "the forecast har"),
        ("garch", "the forecast garch"),
    ):
        policy = VolTargetPolicy(0.4, forecast=forecast)
        assert policy.volatility_wanted() == 0.4
        (said,) = policy.notes("BTC", 0.0, 0.9)
        assert "keeps 10 % to 100 % of your whole wealth exposed (max_ratio 0.9, " in said
        assert f"by {how}; a min_ratio below 0 would allow more than all" in said
        assert policy.notes("BTC", -0.5, 1.0)[0].endswith(f"by {how}")
    (said,) = VolTargetPolicy.together({"BTC": VolTargetPolicy(0.4), "ETH": VolTargetPolicy(0.3)})
    assert "coins that move together add up to 70 % a year" in said


def test_a_figure_holds_as_long_as_it_says() -> None:
    """A half-life, a gap of ten days, or for ever where a feature has no such limit."""
    assert Trend(9 * DAY_NS).holds_ns == 9 * DAY_NS
    assert GarchVolatility().holds_ns == 10 * DAY_NS
    assert Level("series:x").holds_ns == EVER_NS > 0


# --- fitted ratios --------------------------------------------------------------------


def test_a_fitted_policy_says_what_it_is_fitted_on() -> None:
    """Its own contract or that of another coin; a text that is no contract is of none."""
    own = MinVariancePolicy(KEY, window_ns=120 * DAY_NS, refit_ns=5 * DAY_NS)
    assert own.fitted_on("ETH") == "ETH"
    assert MinVariancePolicy("bybit:BTC/USD:BTC").fitted_on("ETH") == "BTC"
    assert MinVariancePolicy("nowhere").fitted_on("ETH") is None
    assert FixedPolicy(0.5).fitted_on("ETH") is None
    assert own.words() == (
        "hedge what leaves the least variance (ols on 120 days of 1d prices, anew every 5 days)"
    )
    assert (
        "120 days of 1d prices, anew every 5 days"
        in LiquidationAwarePolicy(KEY, window_ns=120 * DAY_NS, refit_ns=5 * DAY_NS).words()
    )
    assert own.feature("BTC").own
    assert not MinVariancePolicy("bybit:BTC/USD:BTC").feature("ETH").own


@pytest.mark.parametrize("name", policy_names())
def test_what_looks_at_nothing_on_a_schedule_is_not_followed(name: str) -> None:
    """Such a policy remembers nothing of the market, so nothing of its beginning can show."""
    policy = made(name)
    if policy.looks_every_ns() is None:
        assert policy.follow("BTC", []) == (None, True)
    else:
        assert policy.follow("BTC", []) == (None, False)
