"""The reasons that a decision gives are those it had: each is there exactly when it is true."""

import pytest
from hypothesis import given

from tests.factories import account, decided, fixed, inverse, vault
from tests.laws.drawn import draw
from tests.laws.strategies import Case, cases
from volsculpt.book.exposure import coins_per_contract
from volsculpt.book.holdings import Book, Position
from volsculpt.decide.limits import Limits
from volsculpt.decide.rules import (
    BASE_GONE,
    BLOCKED,
    BUSY,
    CAPPED,
    IN_BAND,
    LEAST_VALUE,
    MAX_ORDER,
    MIN_ORDER,
    OVER_LIMIT,
    ROUNDED_AWAY,
    TRADED,
    UNKNOWN_DATA,
    VENUE_MOST,
    ZERO_TARGET,
    hedge_pools,
    pool_hedges,
)
from volsculpt.decide.step import Decision
from volsculpt.hedge.answer import Band


def legs_of(decision: Decision, pool: int) -> list[int]:
    """The legs of a pool."""
    rules = decision.rules
    return [rules.use_leg[slot] for slot in range(rules.pool_from[pool], rules.pool_to[pool])]


def coins_of(decision: Decision, legs: list[int]) -> list[tuple[float, float]]:
    """(coins held and wanted, coins of a contract) of each leg, without signs."""
    work, found = decision.work, []
    for leg in legs:
        per = abs(coins_per_contract(decision.flat.layout, decision.quoted.quote, leg))
        found.append(((abs(work.hold[leg]) + abs(work.goal.contracts[leg])) * per, per))
    return found


def check_hedges(decision: Decision) -> None:
    """In the band, traded or rounded away: one of the three; capped where it is."""
    rules, answer = decision.rules, decision.answer
    for hedge, code in enumerate(answer.hedge_code):
        (pool,) = hedge_pools(rules, hedge)
        legs = legs_of(decision, pool)
        sends = any(answer.trade[leg] != 0.0 or answer.cancel[leg] for leg in legs)
        if code & UNKNOWN_DATA:
            assert not sends
            continue
        ways = [IN_BAND, TRADED, ROUNDED_AWAY]
        assert sum(code & way != 0 for way in ways) == 1, code
        assert (code & TRADED != 0) == sends, code
        want, can, sizes = answer.want[pool], answer.can[pool], coins_of(decision, legs)
        others = [answer.hedge_code[row] for row in pool_hedges(rules, pool)]
        if all(one & (ZERO_TARGET | BASE_GONE) for one in others):
            assert want == 0.0
        if code & CAPPED:
            assert abs(can - want) > 1e-12 * abs(want)
        elif legs:
            lots = [
                decision.flat.layout.legs.lot[leg] * size[1]
                for leg, size in zip(legs, sizes, strict=True)
            ]
            noise = 1e-11 * (abs(want) + sum(size[0] for size in sizes)) + 1e-6 * min(lots)
            assert abs(can - want) <= noise


def check_legs(decision: Decision) -> None:
    """A busy slot is a cancel; what is under the least is not sent; what is cut is at the most."""
    rules, answer, legs = decision.rules, decision.answer, decision.flat.layout.legs
    for leg, code in enumerate(answer.leg_code):
        trade, lot = abs(answer.trade[leg]), legs.lot[leg]
        if code & BUSY:
            assert answer.cancel[leg] == 1
        if code & (MIN_ORDER | LEAST_VALUE | BUSY | BLOCKED):
            assert trade == 0.0
        if code & VENUE_MOST:
            assert trade <= legs.order_most[leg] * (1.0 + 1e-9)
        if code & VENUE_MOST and not code & MAX_ORDER:
            assert trade == 0.0 or trade > legs.order_most[leg] - lot * (1.0 + 1e-6)
        if code & MAX_ORDER:
            assert rules.max_order_usd > 0.0


@given(cases())
def test_reasons_are_those_it_had(case: Case) -> None:
    """On odd books, with orders and transfers under way."""
    decision = case.decide()
    check_hedges(decision)
    check_legs(decision)


@pytest.mark.parametrize("first", [0, 60])
def test_reasons_are_those_it_had_by_seed(first: int) -> None:
    """On the contracts and rules that venues have."""
    for seed in range(first, first + 60):
        decision = draw(seed).decided()
        check_hedges(decision)
        check_legs(decision)


@pytest.mark.parametrize("most", [None, 4.0])
def test_a_cut_says_that_a_limit_asked_for_it(most: float | None) -> None:
    """A short of 60,000 on 0.25 BTC, 10 % up, stands at 5.7 times: it is cut only by the limit."""
    contract = inverse()
    margin = account("coinm", {"BTC": 0.25}, (Position(contract, -60_000.0, 60_000.0),))
    hedge = fixed("BTC", 0.9, band=Band(0.9, 0.0, 0.9, 0.0))
    legs = [[("coinm", contract, False)]]
    limits = Limits(max_leverage=most)
    book = Book((vault(BTC=0.9), margin))
    decision = decided(book, [hedge], legs, {"BTC": 66_000.0}, limits)
    cut = most is not None
    assert bool(decision.answer.trade[0] > 0.0) == cut
    assert (decision.answer.leg_code[0] == OVER_LIMIT) == cut
    assert (decision.answer.hedge_code[0] & IN_BAND == 0) == cut
