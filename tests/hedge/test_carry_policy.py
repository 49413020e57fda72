"""Coins are sold forward while it pays: when it comes and goes, by what, and in which words."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hedge.a_market import KEY
from volsculpt.hedge.answer import Aim
from volsculpt.hedge.carry.standing import (
    CarryBounds,
    CarryPast,
    CarryStanding,
    after_look,
    narrowed_past,
)
from volsculpt.hedge.carry.traded import CarryOutlook, TradedContract, best_first
from volsculpt.hedge.features.forward_premium import PremiumMemory
from volsculpt.hedge.features.funding_forecast import FundingForecast
from volsculpt.hedge.market_features import CoinFeatures, Features
from volsculpt.hedge.policies.carry import CarryPolicy
from volsculpt.hedge.policy import HedgeSummary, PolicyInput
from volsculpt.market.streams import PaidFunding
from volsculpt.units import DAY_NS, moment_ns

BOOK = HedgeSummary("BTC", 60_000.0, 1.0, 1.0, 1.0, 0.0, 60_000.0)
BOUNDS = CarryBounds(0.05, 0.025, 0.0, 7 * DAY_NS, 7 * DAY_NS)
PERPETUAL = TradedContract(KEY, False, 0.0, 0.00055, None, 0.01)
RULE = TradedContract("binance:BTC/USD:BTC@quarter", True, 7.0, 0.0005, 0.00015, 0.05)
DATED = TradedContract("binance:BTC/USD:BTC-240628", True, 0.0, 0.0005, 0.00015, 0.05)
NOW_NS = moment_ns("2024-05-20")
EXPIRY_NS = moment_ns("2024-06-28T08:00:00Z")
YIELDS = st.none() | st.floats(-0.2, 0.2) | st.sampled_from((0.0, 0.025, 0.05))
WALKS = st.lists(st.tuples(YIELDS, YIELDS), min_size=1, max_size=80)


def a_look(*yields: float | None) -> list[CarryOutlook]:
    """Contracts A, B, … with these yields; staying earns a little more."""
    return [
        CarryOutlook(name, name, None, None, why="not known")
        if one is None
        else CarryOutlook(name, name, one, one + 0.002)
        for name, one in zip("AB", yields, strict=False)
    ]


def standings(
    walk: list[tuple[float | None, float | None]], before: CarryStanding | None = None
) -> list[CarryStanding | None]:
    """After a look a day."""
    found: list[CarryStanding | None] = [before]
    for day, yields in enumerate(walk):
        found.append(after_look(found[-1], a_look(*yields), day * DAY_NS, BOUNDS))
    return found[1:]


# --- laws -----------------------------------------------------------------------------


@given(WALKS)
def test_it_changes_no_sooner_than_it_dwells(walk: list[tuple[float | None, float | None]]) -> None:
    """In at the hurdle, out below the exit, and a week between two changes."""
    found, changes = [None, *standings(walk)], []
    for day, (one, other) in enumerate(pairwise(found)):
        was, is_on = one is not None and one.is_on, other is not None and other.is_on
        if was == is_on:
            continue
        changes.append(day)
        looked = a_look(*walk[day])
        if is_on:
            assert other is not None
            assert best_first(looked)[0].key == other.key
            assert (other.entry or 0.0) >= 0.05
        else:
            assert one is not None
            held = next(seen for seen in looked if seen.rule == one.rule)
            gone = (day * DAY_NS - one.known_ns) > BOUNDS.max_age_ns
            assert (held.stay < 0.025) if held.stay is not None else gone
    assert all(later - earlier >= 7 for earlier, later in pairwise(changes))


BEGUN = st.none() | st.builds(
    lambda on, name, ago: CarryStanding(
        on, name * on, name * on, 0.1 if on else None, False, -ago if on else None, -ago, -1
    ),
    st.booleans(),
    st.sampled_from("AB"),
    st.integers(1, 30 * DAY_NS),
)


@given(WALKS, BEGUN)
def test_what_is_sure_does_not_depend_on_where_it_began(
    walk: list[tuple[float | None, float | None]], begun: CarryStanding | None
) -> None:
    """Once sure of itself, what was before the first look shows no more."""
    past, one, other = CarryPast(), begun, None
    for day, yields in enumerate(walk):
        looked, now_ns = a_look(*yields), day * DAY_NS
        past = narrowed_past(past, looked, now_ns, BOUNDS)
        one, other = (after_look(held, looked, now_ns, BOUNDS) for held in (one, other))
        if past.is_sure:
            assert one == other


def test_it_becomes_sure() -> None:
    """A week in which all leave, another, and a yield at which all come in."""
    past, sure = CarryPast(), []
    for day, one in enumerate([0.0] * 15 + [0.1, 0.03]):
        past = narrowed_past(past, a_look(one, one), day * DAY_NS, BOUNDS)
        sure.append(past.is_sure)
    assert sure == [False] * 15 + [True, True]
    past = CarryPast()
    for day, one in enumerate([0.0] * 10 + [0.1]):  # who left on day 7 may not come in on day 10
        past = narrowed_past(past, a_look(one, one), day * DAY_NS, BOUNDS)
    assert not past.is_sure


def funded(rates: list[float]) -> Features:
    """What is known at midnight after days of three payments each."""
    feature, memory = FundingForecast(KEY, 90), None
    begin_ns = NOW_NS - len(rates) // 3 * DAY_NS
    for day in range(len(rates) // 3):
        paid = PaidFunding(sum(rates[3 * day : 3 * day + 3]), 24.0)
        memory = feature.step(memory, begin_ns + (day + 1) * DAY_NS, paid)
    return Features(NOW_NS, {"BTC": CoinFeatures(60_000.0, NOW_NS, {feature: memory})})


@given(st.floats(-0.0075, 0.0075), st.integers(1, 90))
def test_one_payment_counts_for_its_share_of_a_month(rate: float, ago: int) -> None:
    """The largest that venues allow moves the mean of the month by a ninetieth; it decides nothing.

    0.75 % is 821 % a year as venues show it, and 9.1 % of the month's mean.
    """
    rates = [0.0001] * 900
    plain = funded(rates)
    rates[-ago] = rate
    moved = funded(rates)
    feature = FundingForecast(KEY, 90)
    one, other = (feature.model(known.memory("BTC", feature), NOW_NS) for known in (plain, moved))
    assert one is not None
    assert other is not None
    share = (rate - 0.0001) * 1095 / 90
    assert other.last - one.last == pytest.approx(share, abs=1e-12)
    assert abs(other.expected - one.expected) <= abs(share) + 1e-9
    policy = CarryPolicy(contracts=(PERPETUAL,))
    assert policy.step(None, PolicyInput(NOW_NS, moved, BOOK))[0].ratio == 1.0


# --- worked ---------------------------------------------------------------------------


def told(policy: CarryPolicy, features: Features, memory: object = None) -> Aim:
    """What it says at a moment."""
    return policy.step(memory, PolicyInput(features.time_ns, features, BOOK))[0]


def test_a_perpetual_that_pays_is_sold_by() -> None:
    """0.01 % three times a day: 2.7 % in 90 days, less 0.13 %: 10.4 % a year."""
    said = told(CarryPolicy(contracts=(PERPETUAL,)), funded([0.0001] * 900))
    assert said.ratio == 1.0
    assert said.prefer == (KEY,)
    first, last = said.reasons
    assert first == (
        "selling BTC forward by bybit:BTC/USD:BTC is expected to earn 10.4 % a year after costs, "
        "above your hurdle of 5 %: hedge 100 %"
    )
    assert last == "it is let go of below 2.5 % a year"


def test_one_that_does_not_is_left_alone() -> None:
    """A hurdle above every yield is no error: what it would take is told."""
    policy = CarryPolicy(hurdle=0.2, otherwise=0.1, contracts=(PERPETUAL,))
    said = told(policy, funded([0.0001] * 900))
    assert (said.ratio, said.prefer) == (0.1, ())
    first, last = said.reasons
    assert first == (
        "selling BTC forward by bybit:BTC/USD:BTC is expected to earn 10.4 % a year after costs, "
        "below your hurdle of 20 %: hedge 10 %"
    )
    assert last == "it is sold from 20 % a year on"


def test_the_hurdle_stands_over_what_cash_earns() -> None:
    """10.4 % less 4 % is above 5 %, and below 7 %; margin is lost to cash, 0.04 % a year."""
    policy = CarryPolicy(cash_rate=0.04, contracts=(PERPETUAL,))
    features = funded([0.0001] * 900)
    assert (
        "above your hurdle of 5 % over the 4 % that cash earns" in told(policy, features).reasons[0]
    )
    assert told(replace(policy, hurdle=0.07), features).ratio == 0.0
    assert policy.look(features, "BTC")[0].enter == pytest.approx(
        (0.027 - 0.0013) * 365 / 90 - 4e-4
    )


def forward(premium: float, now_ns: int = NOW_NS, *contracts: TradedContract) -> Features:
    """What is known of dated contracts, all of one premium."""
    kept = {
        one.feature(90): PremiumMemory("binance:BTC/USD:BTC-240628", EXPIRY_NS, premium, now_ns)
        for one in contracts or (DATED,)
    }
    return Features(now_ns, {"BTC": CoinFeatures(60_000.0, now_ns, kept)})


def test_a_dated_contract_locks_its_premium_less_costs() -> None:
    """1 % in 39 days and 8 hours, 0.06 % to enter, 0.015 % at delivery: 8.6 % a year."""
    policy, days = CarryPolicy(contracts=(DATED,)), 39.0 + 1.0 / 3.0
    (one,) = policy.look(forward(0.01), "BTC")
    assert one.enter == pytest.approx((0.01 - 0.0006 - 0.00015) * 365 / days)
    assert one.stay == pytest.approx((0.01 - 0.00015) * 365 / days)
    assert one.is_locked
    said = told(policy, forward(0.01))
    assert said.reasons[1] == "held to its delivery, 8.6 % a year are locked in"
    memory = policy.step(None, PolicyInput(NOW_NS, forward(0.01), BOOK))[1]
    later = forward(0.008, NOW_NS + 8 * DAY_NS)
    assert (
        "the rule sells by binance:BTC/USD:BTC-240628 since 2024-05-20, when 8.6 % a year was "
        "locked in" in told(policy, later, memory).reasons
    )


def test_a_rule_is_left_a_week_before_delivery() -> None:
    """32 of 39 days: its part of the premium, two trades, and nothing is locked."""
    policy = CarryPolicy(contracts=(RULE,))
    (one,) = policy.look(forward(0.01, NOW_NS, RULE), "BTC")
    left = 39.0 + 1.0 / 3.0
    held = left - 7.0
    assert one.enter == pytest.approx((0.01 * held / left - 0.0012) * 365 / held)
    assert not one.is_locked
    assert one.key == "binance:BTC/USD:BTC-240628"


@pytest.mark.parametrize(
    ("premium", "days_before", "why"),
    [
        (0.31, 30.0, "its premium is none that a market pays: look at its price"),
        (0.03, 6.0, "fewer than 7 days are left, so nothing is said a year"),
    ],
)
def test_what_no_market_pays_and_the_last_week_are_told(
    premium: float, days_before: float, why: str
) -> None:
    """Neither is used: the fallback holds, and why."""
    policy = CarryPolicy(fallback_ratio=0.3, contracts=(DATED,))
    said = told(policy, forward(premium, EXPIRY_NS - round(days_before * DAY_NS)))
    assert said.ratio == 0.3
    assert why in said.reasons[0]


def test_a_contract_that_is_delivered_earns_nothing_more() -> None:
    """Its premium counts no longer; the last ratio holds for a week, then the fallback."""
    policy = CarryPolicy(fallback_ratio=0.3, contracts=(DATED,))
    before = forward(0.01, EXPIRY_NS - 8 * DAY_NS)
    _, memory = policy.step(None, PolicyInput(before.time_ns, before, BOOK))
    after = Features(EXPIRY_NS + DAY_NS, forward(0.01, EXPIRY_NS - DAY_NS).coins)
    assert policy.look(after, "BTC")[0].enter is None
    said = told(policy, after, memory)
    assert said.ratio == 0.3
    kept = Features(EXPIRY_NS - 2 * DAY_NS, after.coins)
    assert told(policy, kept, memory).ratio == 1.0


def test_a_curve_that_crosses_changes_the_best() -> None:
    """The near contract pays more a year, then the far one; who holds the near one keeps it."""
    first, then = a_look(0.09, 0.07), a_look(0.04, 0.08)
    held = after_look(None, first, 0, BOUNDS)
    assert held is not None
    assert (held.key, held.entry) == ("A", 0.09)
    later = after_look(held, then, 20 * DAY_NS, BOUNDS)
    assert later is not None
    assert (later.is_on, later.key) == (True, "A")
    fresh = after_look(None, then, 20 * DAY_NS, BOUNDS)
    assert fresh is not None
    assert fresh.key == "B"


def test_the_exit_stands_over_what_cash_earns_too() -> None:
    """5 % is above an exit of 2.5 %, and not over cash at 4 %."""
    held = after_look(None, a_look(0.2), 0, BOUNDS)
    for cash, stays in ((0.0, True), (0.04, False)):
        bounds = replace(BOUNDS, cash_rate=cash)
        after = after_look(held, a_look(0.05), 9 * DAY_NS, bounds)
        assert after is not None
        assert after.is_on is stays


def test_a_rule_that_rolls_enters_anew() -> None:
    """The contract changes under the same rule: what it was entered at is that of the new one."""
    one = CarryOutlook("R", "R-1", 0.09, 0.1)
    held = after_look(None, [one], 0, BOUNDS)
    rolled = after_look(held, [CarryOutlook("R", "R-2", 0.06, 0.065)], 9 * DAY_NS, BOUNDS)
    assert rolled is not None
    assert (rolled.key, rolled.entry, rolled.since_ns) == ("R-2", 0.06, 0)
    assert rolled.entered_ns == 9 * DAY_NS


def test_the_runner_up_is_named() -> None:
    """A dated contract at 8.6 % beside a perpetual at 10.4 %."""
    features = funded([0.0001] * 900)
    coin = features.coins["BTC"]
    both = Features(
        NOW_NS,
        {"BTC": replace(coin, memories={**coin.memories, **forward(0.01).coins["BTC"].memories})},
    )
    said = told(CarryPolicy(contracts=(DATED, PERPETUAL)), both)
    assert said.prefer == (KEY,)
    assert said.reasons[1] == "next best: binance:BTC/USD:BTC-240628, 8.6 % a year"


def test_nothing_known_is_no_zero() -> None:
    """No funding stored: the fallback, or what is held; the reason names the fix."""
    policy = CarryPolicy(contracts=(PERPETUAL,))
    said = told(policy, Features(NOW_NS))
    assert said.ratio is None
    assert "none of its funding is known; import funding of bybit:BTC/USD:BTC" in said.reasons[0]
    assert told(replace(policy, fallback_ratio=0.4), Features(NOW_NS)).ratio == 0.4
    free = PERPETUAL._replace(taker=None)
    assert (
        "its taker fee is unknown"
        in told(CarryPolicy(contracts=(free,)), funded([1e-4] * 900)).reasons[0]
    )
    assert "has no contract to sell by" in told(CarryPolicy(), Features(NOW_NS)).reasons[0]
