"""A roll in slices: never open or doubled by more than one, and nothing asked for twice."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import account, dated, decided, fixed, inverse, trades, vault
from tests.laws.drawn import Drawn
from tests.laws.rounds import Trace, run
from volsculpt.book.holdings import Account, Book, Position
from volsculpt.contracts.spec import Contract
from volsculpt.decide.build import LAST_ROLL_NS
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.step import Decision, Setup
from volsculpt.hedge.answer import Band
from volsculpt.market.quotes import Quotes

LATER_NS = 1_900_000_000 * 10**9
OLD, NEXT = dated(expiry_ns=LATER_NS), inverse(symbol="BTC/USD:BTC-250328", venue="bybit")
ELSEWHERE = inverse(venue="binance")
QUOTES, PRICE = Quotes(0, {"BTC": 60_000.0}), 60_000.0
ROUNDS = 300
BAND = 0.005  # of the base, to each side


def holding(
    name: str, contract: Contract, mode: str, coins: float, held: float = 0.0, **more: object
) -> Account:
    """An account with a short of so many contracts; all of its coins are posted where isolated."""
    leverage = 3.0 if mode == "isolated" else None
    margin = coins if leverage is not None else None
    short = (Position(contract, held, PRICE, margin, leverage),) if held else ()
    where = {"mode": mode, "venue": contract.venue, "leverage": leverage}
    return account(name, {"BTC": coins}, short, **where, **more)  # type: ignore[arg-type]


def roll(
    first: Account, second: Account, new: Contract, share: float, ratio: float, **limits: float
) -> Setup:
    """A hedge that leaves the dated contract of the first account for that of the second."""
    plan = CollateralPlan(("vault",), (1.5, 2.0, 2.0, 2.5), cost=0.0002)
    legs = ((first.name, OLD, True), (second.name, new, False))
    book = Book((vault(BTC=9.0), *((first,) if first == second else (first, second))))
    hedge = fixed(ratio=ratio, roll_slice=share, band=Band(BAND, 0.0, BAND, 0.0))
    allowed = Limits(**limits)  # type: ignore[arg-type]
    return Setup(book, (hedge,), (legs,), limits=allowed, collateral=(plan,))


def rolled(setup: Setup) -> Trace:
    """The rounds of a roll, to rest."""
    trace = run(Drawn(0, setup, QUOTES), ROUNDS)
    is_at_rest = trace.rested
    assert is_at_rest
    return trace


def held_of(decision: Decision, contract: Contract) -> float:
    """Contracts of one leg that a decision finds."""
    legs = [one.key for _, one in decision.flat.legs]
    return decision.flat.state.contracts[legs.index(contract.key)]


@given(
    held=st.integers(20_000, 300_000),
    share=st.sampled_from([0.05, 0.1, 0.25, 0.5, 1.0]),
    mode=st.sampled_from(["cross", "isolated"]),
    is_elsewhere=st.booleans(),
)
def test_it_is_never_open_or_doubled_by_more_than_a_slice(
    held: int, share: float, mode: str, is_elsewhere: bool
) -> None:
    """Each round the old gives at most a slice, the new takes it, and in the end none is left.

    What a slice leaves open stays open where the band lets it: of a small hedge more than a tenth.
    """
    new = ELSEWHERE if is_elsewhere else NEXT
    first = holding("from", OLD, mode, 5.0, -float(held))
    second = holding("to", new, mode, 5.0) if is_elsewhere else first
    coins = 9.0 + 5.0 * (1 + is_elsewhere)
    trace = rolled(roll(first, second, new, share, held / PRICE / coins))
    most = math.ceil(share * held * 1.02) + 1.0  # fees are paid from what the ratio is a share of
    for decision in trace.decisions[:-1]:
        found = trades(decision)
        assert 0.0 <= found.get(OLD.key, 0.0) <= most
        total = sum(found.values())
        assert abs(total) <= most
    assert held_of(trace.decisions[-1], OLD) == 0.0
    assert held_of(trace.decisions[-1], new) == pytest.approx(-held, abs=BAND * coins * PRICE)
    slices = [one for one in trace.decisions if OLD.key in trades(one)]
    assert math.ceil(1.0 / share) <= len(slices) <= math.ceil(1.0 / share) + 1


@given(held=st.integers(20_000, 300_000), share=st.sampled_from([0.1, 0.25, 1.0]))
def test_coins_for_a_roll_come_once(held: int, share: float) -> None:
    """Whatever the slices: the new account is given what the whole roll needs, with the first."""
    first = holding("from", OLD, "cross", 5.0, -float(held))
    second = holding("to", ELSEWHERE, "cross", 0.1)
    trace = rolled(roll(first, second, ELSEWHERE, share, held / PRICE / 14.1))
    ways = [(one.source, one.target) for moves in trace.moves for one in moves]
    assert ways.count(("vault", "to")) == 1
    assert not [way for way in ways if way[0] == "to"]


def after(setup: Setup, time_ns: int = 0) -> dict[str, float]:
    """What one decision trades."""
    prices, used = {"BTC": PRICE}, setup.legs
    return trades(decided(setup.book, setup.hedges, used, prices, setup.limits, time_ns=time_ns))


def test_in_the_last_two_days_what_is_left_goes_at_once() -> None:
    """A slice, until the contract has two days left; then all of it."""
    first = holding("from", OLD, "cross", 5.0, -60_000.0)
    setup = roll(first, first, NEXT, 0.1, 1.0 / 14.0)
    late = LATER_NS - LAST_ROLL_NS
    assert after(setup, late - 1) == {OLD.key: 6_000.0, NEXT.key: -6_000.0}
    assert after(setup, late) == {OLD.key: 60_000.0, NEXT.key: -60_000.0}


def test_slices_are_equal_and_none_is_left_over() -> None:
    """60,500 where 60,000 are wanted, a tenth of what is held at a time: 10 parts of 6,050."""
    first = holding("from", OLD, "cross", 5.0, -60_500.0)
    setup = roll(first, first, NEXT, 0.1, 1.0 / 14.0)
    assert after(setup)[OLD.key] == 6_050.0


def test_a_slice_is_an_order_that_the_venue_takes() -> None:
    """A tenth of 600 is under a least of 250: two parts of 300."""
    old, new = (replace(one, minimum=250.0) for one in (OLD, NEXT))
    first = holding("from", old, "cross", 5.0, -600.0)
    setup = roll(first, first, new, 0.1, 0.01 / 14.0)
    setup = replace(setup, legs=((("from", old, True), ("from", new, False)),))
    assert after(setup) == {old.key: 300.0, new.key: -300.0}


def test_what_is_too_much_goes_beside_the_slice() -> None:
    """Half of the target: what is left of the old gives the difference at once, the new nothing."""
    first = holding("from", OLD, "cross", 5.0, -60_000.0)
    found = after(roll(first, first, NEXT, 0.1, 0.5 / 14.0))
    assert found == {OLD.key: 30_000.0}


def test_a_limit_takes_all_that_it_must() -> None:
    """At 4x for 2x: half goes at once; a slice of a tenth would leave it at 3.6x."""
    first = holding("from", OLD, "cross", 0.25, -60_000.0)
    setup = replace(roll(first, first, NEXT, 0.1, 1.0 / 9.25, max_leverage=2.0), collateral=())
    found = after(setup)
    assert sum(found.values()) >= 29_000.0


def test_what_stands_on_the_other_side_goes_whole() -> None:
    """A long that is left behind is no part of a short."""
    first = holding("from", OLD, "cross", 5.0, 60_000.0)
    found = after(roll(first, first, NEXT, 0.1, 1.0 / 14.0))
    assert found[OLD.key] == -60_000.0


def test_what_is_left_behind_gives_way_before_what_stays() -> None:
    """Whatever the order of `use`: too much is bought back of the old contract first."""
    both = (Position(OLD, -60_000.0, PRICE), Position(NEXT, -30_000.0, PRICE))
    first = account("from", {"BTC": 5.0}, both)
    setup = roll(first, first, NEXT, 0.1, 0.5 / 14.0)
    for legs in (setup.legs, (setup.legs[0][::-1],)):
        found = after(replace(setup, legs=legs))
        assert found == {OLD.key: 60_000.0}


def test_a_part_waits_for_what_takes_its_place() -> None:
    """Nothing is bought back while the next account is empty: its coins are asked for first."""
    first = holding("from", OLD, "cross", 5.0, -60_000.0)
    second = holding("to", ELSEWHERE, "cross", 0.0)
    setup = roll(first, second, ELSEWHERE, 0.1, 1.0 / 14.0)
    assert after(setup) == {}
    trace = rolled(setup)
    assert ("vault", "to") in [(one.source, one.target) for one in trace.moves[0]]
    assert held_of(trace.decisions[-1], OLD) == 0.0
    for decision in trace.decisions:
        assert abs(sum(decision.flat.state.contracts)) == pytest.approx(60_000.0, rel=0.03)


def test_a_part_that_nothing_replaces_stays() -> None:
    """Where no coins may move to the next account, the old contract stays until its last days."""
    first = holding("from", OLD, "cross", 5.0, -60_000.0)
    second = holding("to", ELSEWHERE, "cross", 0.0)
    setup = replace(roll(first, second, ELSEWHERE, 0.1, 1.0 / 14.0), collateral=())
    setup = replace(setup, limits=Limits(max_leverage=2.0))
    assert after(setup) == {}
    assert after(setup, LATER_NS - LAST_ROLL_NS) == {OLD.key: 60_000.0}
