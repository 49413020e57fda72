"""Orders in parts: coins go where all parts lead, once, and stay where a part still stands."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import account, dated, fixed, inverse, linear, vault
from tests.laws.drawn import Drawn
from tests.laws.rounds import run
from volsculpt.book.holdings import Account, Book, Position
from volsculpt.contracts.spec import Contract, Orders
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.step import Setup
from volsculpt.market.quotes import Quotes

QUOTES = Quotes(0, {"BTC": 60_000.0})
PEGGED = Quotes(0, {"BTC": 60_000.0, "USDT": 1.0})
ROUNDS = 400
PART_USD = 5_000.0
FROM, TO = inverse(), inverse(venue="binance")


def holding(name: str, contract: Contract, mode: str, coins: float, held: float = 0.0) -> Account:
    """An account with a short of so many contracts; all of its coins are posted where isolated."""
    leverage = 3.0 if mode == "isolated" else None
    margin = coins if leverage is not None else None
    short = (Position(contract, held, 60_000.0, margin, leverage),) if held else ()
    venue = contract.venue
    return account(name, {"BTC": coins}, short, mode=mode, venue=venue, leverage=leverage)


def roll(mode: str, *accounts: Account, part: float | None = PART_USD, ratio: float = 0.5) -> Setup:
    """A hedge that leaves the first account for the second, in orders of at most so much."""
    plan = CollateralPlan(("vault",), (1.5, 2.0, 2.0, 2.5), cost=0.0002)
    legs = ((accounts[0].name, FROM, True), (accounts[-1].name, TO, False))
    book = Book((vault(BTC=9.0), *accounts))
    limits = Limits(max_order_usd=part)
    return Setup(book, (fixed(ratio=ratio),), (legs,), limits=limits, collateral=(plan,))


def moved(setup: Setup) -> list[tuple[str, str, float]]:
    """Every transfer between accounts until nothing is asked for: from, to, coins."""
    trace = run(Drawn(0, setup, QUOTES), ROUNDS)
    is_at_rest = trace.rested
    assert is_at_rest
    return [
        (one.source, one.target, one.coins)
        for moves in trace.moves
        for one in moves
        if not one.is_inside
    ]


@pytest.mark.parametrize("mode", ["cross", "isolated"])
@pytest.mark.parametrize("part", [PART_USD, 40_000.0, None])
def test_a_roll_in_parts_moves_coins_as_often_as_at_once(mode: str, part: float | None) -> None:
    """300,000 from one account to another: coins come once, and what is left goes once."""
    first = holding("from", FROM, mode, 4.0, -300_000.0)
    second = holding("to", TO, mode, 0.5)
    found = moved(roll(mode, first, second, part=part))
    assert [(source, target) for source, target, _ in found].count(("vault", "to")) == 1
    assert not [one for one in found if one[0] == "to" or one[1] == "from"]
    assert len(found) <= 2


def test_coins_that_a_roll_will_need_do_not_leave() -> None:
    """An account without a position keeps what the parts to come stand on."""
    first = holding("from", FROM, "cross", 3.0, -120_000.0)
    second = holding("to", TO, "cross", 0.2)
    found = moved(roll("cross", first, second, part=50_000.0, ratio=20_000.0 / 732_000.0))
    assert not [one for one in found if "to" in one]


@given(
    held=st.integers(1_000, 300_000),
    coins=st.floats(0.0, 4.0),
    part=st.floats(4_000.0, 100_000.0),
    ratio=st.floats(0.01, 0.6),
    mode=st.sampled_from(["cross", "isolated"]),
)
def test_no_coins_go_to_where_a_roll_leads_and_back(
    held: int, coins: float, part: float, ratio: float, mode: str
) -> None:
    """Whatever is held, asked for and allowed: one way alone, however many parts there are."""
    first = holding("from", FROM, mode, held / 60_000.0 / 1.4, -float(held))
    setup = roll(mode, first, holding("to", TO, mode, coins), part=part, ratio=ratio)
    ways = {(source, target) for source, target, _ in moved(setup)}
    assert not {("vault", "to"), ("to", "vault")} <= ways


@pytest.mark.parametrize("mode", ["cross", "isolated"])
def test_a_roll_within_an_account_needs_no_coins(mode: str) -> None:
    """The same coins carry what is still there and what takes its place."""
    one = holding("one", FROM, mode, 2.0, -200_000.0)
    setup = roll(mode, one, ratio=200_000.0 / 660_000.0)
    new = dated()
    setup = replace(setup, legs=((("one", FROM, True), ("one", new, False)),))
    assert moved(setup) == []


def test_a_roll_within_a_unified_account_needs_no_coins() -> None:
    """From contracts settled in the coin to contracts settled in dollars: one margin for both."""
    weights = {"BTC": 0.95, "USDT": 1.0}
    short = (Position(FROM, -200_000.0, 60_000.0),)
    coins = {"BTC": 2.0, "USDT": 1.0}
    one = account("one", coins, short, mode="unified", collateral_weights=weights)
    setup = roll("cross", one, ratio=200_000.0 / 660_000.0)
    plan = replace(setup.collateral[0], currency="BTC", account="one")
    setup = replace(setup, legs=((("one", FROM, True), ("one", linear(), False)),))
    assert moved(replace(setup, collateral=(plan,))) == []


def test_a_venues_largest_order_makes_parts_too() -> None:
    """Where the owner says nothing of the size of orders: coins come once."""
    most = inverse(orders=Orders(market_most=5_000.0))
    first = holding("from", most, "cross", 4.0, -300_000.0)
    setup = roll("cross", first, holding("to", TO, "cross", 0.5), part=None)
    setup = replace(setup, legs=((("from", most, True), ("to", TO, False)),))
    assert len([one for one in moved(setup) if one[1] == "to"]) == 1


def test_what_stands_until_the_last_part_has_its_coins() -> None:
    """A short at 3x is reduced in 30 parts: coins come meanwhile, as the leverage band says."""
    one = holding("one", FROM, "cross", 1.0, -180_000.0)
    setup = roll("cross", one, ratio=0.05)
    setup = replace(setup, legs=((("one", FROM, False),),))
    assert moved(setup)[0][:2] == ("vault", "one")


def test_a_part_of_what_grows_is_no_reason_to_ask_twice() -> None:
    """The whole target is asked for with the first part, in the account that goes first."""
    accounts = (holding("from", FROM, "cross", 0.3), holding("to", TO, "cross", 0.3))
    setup = roll("cross", *accounts)
    setup = replace(setup, legs=((("from", FROM, False), ("to", TO, False)),))
    found = moved(replace(setup, limits=Limits(max_order_usd=20_000.0)))
    assert [one[1] for one in found if one[0] == "vault"] == ["from"]


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("part", [20_000.0, 7_000.0, None])
def test_parts_that_an_account_carries_ask_no_coins_for_another(
    part: float | None, late: bool
) -> None:
    """1 BTC sold on 40,000 dollars, an empty account named first: no coins go there, and back."""
    used = linear(settle="USDT")
    accounts = (account("one", {"USDT": 0.0}), account("two", {"USDT": 40_000.0}))
    setup = Setup(
        Book((vault(USDT=60_000.0, BTC=1.0), *accounts)),
        (fixed(),),
        ((("one", used, False), ("two", used, False)),),
        limits=Limits(max_leverage=3.0, max_order_usd=part),
        collateral=(CollateralPlan(("vault",), (1.0, 2.0, 3.0, 4.0)),),
    )
    trace = run(Drawn(0, setup, PEGGED), 40, late=late)
    assert trace.rested
    assert not any(trace.moves)
    assert trace.decisions[-1].flat.state.contracts == pytest.approx([0.0, -1.0])


@pytest.mark.parametrize("late", [False, True])
def test_coins_for_what_is_held_go_before_those_for_more(late: bool) -> None:
    """4x for 3x, and an empty account named first: the cut one stands beyond its limit again."""
    used = linear(settle="USDT")
    held = (Position(used, -1.0, 60_000.0),)
    accounts = (account("one", {"USDT": 0.0}), account("two", {"USDT": 15_000.0}, held))
    setup = Setup(
        Book((vault(USDT=13_000.0, BTC=2.0), *accounts)),
        (fixed(),),
        ((("one", used, False), ("two", used, False)),),
        limits=Limits(max_leverage=3.0),
        collateral=(CollateralPlan(("vault",), (1.0, 2.0, 3.0, 4.0)),),
    )
    trace = run(Drawn(0, setup, PEGGED), 40, late=late)
    sent = {one.target: one.coins for one in trace.moves[0]}
    assert trace.rested
    assert sent["two"] >= 0.08 * 45_000.0
    assert sum(sent.values()) == pytest.approx(13_000.0)
