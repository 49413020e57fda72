"""Decisions over time: they rest, keep their limits, and never buy what they should sell."""

import random
from dataclasses import replace

import pytest

from tests.factories import account, decided, filled, fixed, inverse, linear, trades, vault
from volsculpt.book.group import group_equity, group_gross
from volsculpt.book.holdings import Account, Book, Position
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.rules import USELESS
from volsculpt.decide.step import Decision
from volsculpt.decide.words import reasons
from volsculpt.exchange.place import post_own
from volsculpt.hedge.answer import Band
from volsculpt.hedge.spec import BaseKind

BTC = inverse()
NONE, WIDE = Band(0.0, 0.0, 0.0, 0.0), Band(0.2, 0.2, 0.2, 0.2)


def isolated(coins: float, contracts: float, leverage: float, margin: float | None) -> Account:
    """An isolated account at bybit with a short opened at 60,000."""
    held = (Position(BTC, contracts, 60_000.0, margin=margin, leverage=leverage),)
    lines = held if contracts else ()
    return account("fut", {"BTC": coins}, lines, mode="isolated", leverage=leverage)


def one(
    own: Account,
    ratio: float,
    price: float = 60_000.0,
    cold: float = 2.0,
    limits: Limits | None = None,
    plans: tuple[CollateralPlan, ...] = (),
    band: Band = NONE,
) -> Decision:
    """One decision on BTC in an account beside a vault."""
    book = Book((vault(BTC=cold), own))
    legs = (((own.name, BTC, False),),)
    return decided(
        book, (fixed("BTC", ratio, band=band),), legs, {"BTC": price}, limits or Limits(), plans
    )


def leverage_after(decision: Decision) -> float:
    """Leverage of the first group once posts and orders are done."""
    flat, state, quote = decision.flat, filled(decision), decision.quoted.quote
    leg = flat.layout.legs
    if leg.posted_wallet[0] >= 0:
        state.wallet[leg.posted_wallet[0]] += decision.answer.post[0]
    gross = group_gross(flat.layout, state, quote, 0)
    return gross / group_equity(flat.layout, state, quote, 0)


@pytest.mark.parametrize("free", [0.01, 0.04, 0.05, 0.3])
def test_free_coins_are_posted_before_a_position_is_cut(free: float) -> None:
    """1 BTC at 5x under a limit of 4x: 0.05 posted is enough; with less the rest is cut."""
    own, limits = isolated(0.2 + free, -60_000.0, 5.0, 0.2), Limits(max_leverage=4.0)
    decision = one(own, 0.4, cold=2.3 - free, limits=limits)
    assert decision.answer.post[0] == pytest.approx(min(free, 0.05))
    bought = trades(decision).get(BTC.key, 0.0)
    assert bought >= 0.0
    assert (bought > 0.0) == (free < 0.05 - 0.0119)  # 4.2x needs 0.0381 and is left alone


def test_what_is_posted_up_to_a_limit_asks_for_no_more_coins() -> None:
    """The noise of a price says nothing: the last digit is on either side of the limit."""
    dice, limits = random.Random(4), Limits(max_leverage=4.0)
    plans = (CollateralPlan(("vault",), (1.0, 4.0, 4.0, 10.0)),)
    for _ in range(100):
        own = isolated(0.4, -60_000.0, 5.0, dice.uniform(0.195, 0.2))
        decision = one(own, 0.4, 60_000.0 * dice.uniform(0.98, 1.02), 2.1, limits, plans, WIDE)
        assert decision.answer.post[0] > 0.0
        assert leverage_after(decision) == pytest.approx(4.0)
        assert (decision.answer.top_up, trades(decision)) == ([0.0], {})


@pytest.mark.parametrize("mode", ["isolated", "cross"])
@pytest.mark.parametrize("more", [0.0, 60.0])
def test_a_dead_zone_ends_beyond_its_edge(mode: str, more: float) -> None:
    """4.2 BTC on 1 BTC are 4.2x, which a limit of 4x leaves alone; a bit more is too much."""
    own = isolated(1.5, -252_000.0 - more, 5.0, 1.0)
    if mode == "cross":
        own = account("fut", {"BTC": 1.0}, (Position(BTC, -252_000.0 - more, 60_000.0),))
    decision = one(own, 0.42, cold=8.5, limits=Limits(max_leverage=4.0), band=WIDE)
    moved = decision.answer.post[0] if mode == "isolated" else trades(decision).get(BTC.key, 0.0)
    assert (moved > 0.0) == (more > 0.0)
    assert mode == "cross" or trades(decision) == {}


@pytest.mark.parametrize("free", [0.01, 0.05, 0.2])
@pytest.mark.parametrize("price", [54_000.0, 57_000.0, 60_000.0])
def test_two_isolated_positions_do_not_post_the_same_coins(free: float, price: float) -> None:
    """What one posts to grow within its limit is not there for the other; what grows keeps it."""
    other = replace(BTC, symbol="BTC/USD:BTC-301227", expiry_ns=10**19)
    held = (
        Position(BTC, -60_000.0, 60_000.0, margin=0.2, leverage=10.0),
        Position(other, -6_000.0, 60_000.0, margin=0.2, leverage=10.0),
    )
    own = account("fut", {"BTC": 0.4 + free}, held, mode="isolated", leverage=10.0)
    legs = [[("fut", BTC, False), ("fut", other, False)]]
    book, limits = Book((vault(BTC=10.0), own)), Limits(max_leverage=4.0)
    decision = decided(book, [fixed()], legs, {"BTC": price}, limits)
    flat, quote, answer = decision.flat, decision.quoted.quote, decision.answer
    after = filled(decision)
    for group in range(2):
        post_own(flat.layout, after, answer, group)
        if answer.trade[group] < 0.0:
            gross = group_gross(flat.layout, after, quote, group)
            assert gross <= 4.0 * group_equity(flat.layout, after, quote, group) * (1.0 + 1e-9)
    assert after.wallet[flat.layout.legs.free_wallet[0]] >= -1e-12


def test_an_isolated_hedge_over_its_limit_is_not_bought_back_to_nothing() -> None:
    """It grows to its target instead, with what its account has free."""
    decision = one(isolated(0.5, -60_000.0, 5.0, 0.2), 0.8, limits=Limits(max_leverage=4.0))
    assert -60_000.0 <= trades(decision)[BTC.key] <= -59_800.0


@pytest.mark.parametrize(("leverage", "coins"), [(2.0, 1.0), (3.0, 0.7), (1.0, 2.0)])
def test_an_isolated_order_leaves_room_for_its_fee(leverage: float, coins: float) -> None:
    """V/leverage + V*taker is within the free coins, to the contract."""
    decision = one(isolated(coins, 0.0, leverage, None), 1.0, cold=50.0)
    most = coins / (1.0 / leverage + 0.0005) * 60_000.0
    assert trades(decision)[BTC.key] == pytest.approx(-most, abs=1.0)
    assert filled(decision).wallet[decision.flat.layout.legs.free_wallet[0]] >= 0.0


def test_an_isolated_position_posts_within_its_plan() -> None:
    """Set to 3x under a band that ends at 2.67x: it posts at 2x, and asks for nothing."""
    plans = (CollateralPlan(("vault",), (4 / 3, 2.0, 2.0, 8 / 3)),)
    decision = one(isolated(1.0, 0.0, 3.0, None), 0.5, plans=plans)
    assert trades(decision) == {BTC.key: -90_000.0}
    assert leverage_after(decision) == pytest.approx(2.0, rel=1e-3)
    assert (decision.answer.post, decision.answer.top_up) == ([0.0], [0.0])


@pytest.mark.parametrize(("price", "cut"), [(60_000, 0), (60_900, 0), (63_000, 1), (71_000, 1)])
def test_a_limit_is_kept_inside_the_band(price: float, cut: int) -> None:
    """Up to 5 % past it a position stays; beyond, it is cut to the limit, whatever the band."""
    own = account("m", {"BTC": 0.05}, (Position(BTC, -12_000.0, 60_000.0),))
    wide = Band(0.9, 0.0, 0.9, 0.0)
    decision = one(own, 1.0, price, 2.5, Limits(max_leverage=4.0), band=wide)
    assert (trades(decision) != {}) == bool(cut)
    if cut:
        assert trades(decision)[BTC.key] > 0.0
        assert 3.9 < leverage_after(decision) <= 4.0


def test_tighter_distances_never_allow_more() -> None:
    """A long of 30,000 dollars: as the distance rises to a fall to nothing, it shrinks."""
    contract = linear(venue="binance")
    own = account("u", {"USDT": 30_000.0}, venue="binance")
    sizes = []
    for distance in (0.2, 0.5, 0.9, 0.99, 1.0, 1.5):
        limits = Limits(min_ratio=-2.0, min_liquidation_distance=distance)
        decision = decided(
            Book((vault(BTC=1.0), own)),
            (fixed("BTC", -1.0),),
            ((("u", contract, False),),),
            {"BTC": 60_000.0, "USDT": 1.0},
            limits,
        )
        sizes.append(trades(decision).get(contract.key, 0.0))
    assert sizes == sorted(sizes, reverse=True)
    assert 0.0 < sizes[-2] <= 0.5


def test_coins_that_count_nothing_are_not_moved() -> None:
    """A unified account that gives BTC no weight asks for none, and the plan can tell why."""
    own = account(
        "u",
        {"BTC": 3.0, "USDT": 1_000.0},
        (Position(BTC, -60_000.0, 60_000.0),),
        mode="unified",
        collateral_weights={"BTC": 0.0, "USDT": 1.0},
    )
    decision = one(own, 0.2, plans=(CollateralPlan(("vault",)),))
    assert decision.answer.top_up == [0.0]
    assert decision.answer.group_code[0] & USELESS


@pytest.mark.parametrize("limits", [Limits(max_leverage=3.0), Limits(min_liquidation_distance=0.5)])
def test_a_cut_is_followed_by_coins_so_that_the_next_rise_cuts_nothing(limits: Limits) -> None:
    """Past a limit, inside the band: cut to it and topped up; 4 % more want no other cut."""
    plan, band = CollateralPlan(("vault",), (3.0, 5.0, 5.0, 6.0)), Band(0.3, 0.0, 0.3, 0.0)
    own = account("fut", {"BTC": 0.35}, (Position(BTC, -60_000.0, 60_000.0),))
    decision = one(own, 0.45, 64_000.0, limits=limits, plans=(plan,), band=band)
    assert trades(decision)[BTC.key] > 0.0
    assert decision.answer.top_up[0] > 0.0
    state = filled(decision)
    held = (Position(BTC, state.contracts[0], state.contracts[0] / state.cost[0]),)
    coins = sum(amount for row, amount in enumerate(state.wallet) if wallet_of(decision, row))
    later = account("fut", {"BTC": coins + decision.answer.top_up[0]}, held)
    after = one(later, 0.45, 66_560.0, 2.0 - decision.answer.top_up[0], limits, (plan,), band)
    assert trades(after) == {}
    short = one(own, 0.45, 64_000.0, 0.0, limits, (plan,), band)
    assert (short.answer.top_up, short.answer.lacking) == ([0.0], [0.0])


def wallet_of(decision: Decision, row: int) -> bool:
    """Whether a wallet is of the margin account."""
    return decision.flat.wallets[row].account == "fut"


@pytest.mark.parametrize("ratio", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("cash", [0.0, 700_000.0])
def test_futures_are_never_net_long_unless_allowed(ratio: float, cash: float) -> None:
    """Wealth beyond the coins asks for a long: none is bought, but where the owner says so."""
    contract = linear(venue="binance")
    own = account("u", {"USDT": 50_000.0 + cash}, venue="binance")
    book = Book((vault(BTC=8.0), own))
    hedge = replace(fixed("BTC", ratio), base="wealth")
    rest = ((("u", contract, False),),), {"BTC": 20_000.0, "USDT": 1.0}
    plain = decided(book, (hedge,), *rest)
    assert trades(plain).get(contract.key, 0.0) <= 0.0
    allowed = decided(book, (hedge,), *rest, limits=Limits(allow_long=True))
    if cash and ratio == 0.3:
        assert any("allow_long" in line for line in reasons(plain, 0))
        assert trades(allowed)[contract.key] > 0.0


@pytest.mark.parametrize(
    ("coins", "ratio", "base", "limits", "said"),
    [
        (-2.0, 1.0, "coins", Limits(), "you owe 2 BTC net: that asks for a long of 2 BTC"),
        (
            0.5,
            0.2,
            "coins",
            Limits(allow_long=True),
            "you have 0.5 BTC of the 1 stated: that asks for a long of 0.3 BTC",
        ),
        (
            0.5,
            -0.5,
            "equity",
            Limits(min_ratio=-1.0),
            "a target below 0 % keeps more exposed than you own: that asks for a long of 0.25 BTC",
        ),
    ],
)
def test_a_long_is_asked_for_with_its_own_reason(
    coins: float, ratio: float, base: BaseKind, limits: Limits, said: str
) -> None:
    """Nothing of these books is money counted as coins, and another base changes nothing."""
    contract = linear(venue="binance")
    book = Book((vault(BTC=coins), account("u", {"USDT": 200_000.0}, venue="binance")))
    hedge = replace(fixed("BTC", ratio), base=base, coins=1.0 if base == "coins" else None)
    rest = ((("u", contract, False),),), {"BTC": 60_000.0, "USDT": 1.0}
    decision = decided(book, (hedge,), *rest, limits=limits)
    words = reasons(decision, 0)
    assert said in words
    assert not any("money" in line for line in words)
    assert trades(decision)[contract.key] > 0.0


@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize("ratio", [0.0, 0.8])
def test_a_position_that_is_closed_or_turned_round_posts_nothing(side: float, ratio: float) -> None:
    """1 BTC at 5x under a limit of 4x posts 0.05 where it is kept, and not where it is shut."""
    own = isolated(0.5, side * 60_000.0, 5.0, 0.2)
    decision = one(own, ratio, limits=Limits(max_leverage=4.0))
    kept = ratio > 0.0 and side < 0.0
    assert decision.answer.post[0] == pytest.approx(0.05 if kept else 0.0)
    assert leverage_after(decision) <= 4.0 + 1e-9 if ratio > 0.0 else True


def test_a_hedge_sees_what_contracts_quoted_in_its_coin_leave() -> None:
    """10 ETH sold against BTC leave 0.5 BTC more, and the hedge of BTC sells it too."""
    cross = linear("ETH", settle="BTC", quote="BTC", symbol="ETH/BTC:BTC", lot=0.01)
    own = account("u", {"BTC": 1.0})
    book = Book((vault(BTC=1.0, ETH=10.0), own))
    hedges = (fixed("BTC", 1.0), fixed("ETH", 1.0))
    legs = ((("u", BTC, False),), (("u", cross, False),))
    decision = decided(book, hedges, legs, {"BTC": 60_000.0, "ETH": 3_000.0})
    assert trades(decision)[cross.key] == pytest.approx(-10.0)
    assert trades(decision)[BTC.key] == pytest.approx(-150_000.0)


@pytest.mark.parametrize("distance", [None, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("cost", [0.0, 0.0002])
@pytest.mark.parametrize("mode", ["cross", "isolated", "unified"])
def test_a_still_market_comes_to_rest(distance: float | None, cost: float, mode: str) -> None:
    """Thirty rounds of filled orders and arrived coins: after six at most nothing moves again."""
    limits = Limits(max_leverage=4.0, min_liquidation_distance=distance)
    plans = (CollateralPlan(("vault",), cost=cost),)
    cold, coins, held, entry, posted = 2.5, 0.5, 0.0, 60_000.0, 0.0
    busy = []
    for turn in range(30):
        lines = (Position(BTC, held, entry, margin=posted or None),) if held else ()
        own = account("f", {"BTC": coins}, lines, mode=mode, leverage=3.0)
        decision = one(own, 0.6, cold=cold, limits=limits, plans=plans)
        answer, state = decision.answer, filled(decision)
        if trades(decision) or any(answer.top_up) or any(answer.post):
            busy.append(turn)
        legs = decision.flat.layout.legs
        held, moved = state.contracts[0], answer.top_up[0]
        coins = state.wallet[legs.cash_wallet[0]]
        if legs.posted_wallet[0] >= 0:
            posted = state.wallet[legs.posted_wallet[0]] + answer.post[0]
            coins += state.wallet[legs.posted_wallet[0]]
        cold -= moved + (cost if moved > 0.0 else 0.0)
        coins += moved
        entry = held / state.cost[0] if held else 60_000.0
    assert max(busy, default=0) < 6


def test_margin_that_is_shared_is_said_to_be_taken_in_order() -> None:
    """Leverage 2 on 35,000 USDT: the first is hedged, of the second what margin is left."""
    dollars = account("um", {"USDT": 35_000.0}, mode="unified", collateral_weights={"USDT": 1.0})
    book = Book((vault(BTC=2.5, ETH=20.0), dollars))
    legs = [[("um", linear(), False)], [("um", linear("ETH"), False)]]
    prices = {"BTC": 60_000.0, "ETH": 3_000.0, "USDT": 1.0}
    found = decided(book, [fixed(), fixed("ETH")], legs, prices, Limits(max_leverage=2.0))
    first, second = (reasons(found, row) for row in (0, 1))
    said = "BTC comes before it in the file, and comes first where margin is shared"
    assert said in second
    assert not any("before it in the file" in line for line in first)
