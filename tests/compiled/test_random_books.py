"""Random books, compiled: the same answers as plain, whatever is held and asked."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings

from tests.compiled.lanes import Book, Lane, plain_inputs, record_inputs
from tests.compiled.test_compiled import PLAIN, fields, run
from tests.laws.drawn import Drawn, draw
from tests.laws.strategies import Case, cases
from volsculpt.book.holdings import Account
from volsculpt.decide.rules import OVER_LIMIT
from volsculpt.decide.step import Decision
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.simulate.lanes import fitting_room, needed_room, room_class

ONE_FIXTURE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
BOOKS = 150
Drivers = dict[str, Callable[..., None]]


def is_small(decision: Decision) -> bool:
    """Whether a book is of the first size class: others are compiled anew."""
    return fitting_room(needed_room(decision.flat, decision.rules)) == room_class(0)


def both(decision: Decision, driver: str, drivers: Drivers) -> tuple[Any, Any]:
    """What a driver makes of a decided book, plain and compiled."""
    flat, rules = decision.flat, decision.rules
    book = Book(flat, decision.quoted.quote, rules)
    ratios = [aim.ratio or 0.0 for aim in decision.aims]
    lanes = [Lane(flat.state, decision.quoted.quote, rules, ratios)]
    plain, fast = plain_inputs(book, lanes), record_inputs(book, lanes)
    run(driver, PLAIN, plain)
    run(driver, drivers, fast)
    return plain, fast


def small(case: Case) -> Decision:
    """The decision on a case of the first size class."""
    decision = case.decide()
    assume(is_small(decision))
    return decision


@given(case=cases())
@ONE_FIXTURE
def test_act_agrees_on_random_books(case: Case, compiled: Drivers) -> None:
    """Law 11: every figure of the answer has the same bits plain and compiled."""
    plain, fast = both(small(case), "decide_lanes", compiled)
    left, right = fields(fast.answers[0], plain.answers[0])
    assert left == right
    left, right = fields(fast.triggers[0], plain.triggers[0])
    assert left == right


@given(case=cases())
@ONE_FIXTURE
def test_margin_agrees_on_random_books(case: Case, compiled: Drivers) -> None:
    """Law 11: equity, maintenance and liquidation have the same bits plain and compiled."""
    plain, fast = both(small(case), "measure_lanes", compiled)
    assert fast.figures.tolist() == plain.figures


@given(case=cases())
@ONE_FIXTURE
def test_fills_agree_on_random_books(case: Case, compiled: Drivers) -> None:
    """Law 11: a filled book has the same bits plain and compiled."""
    plain, fast = both(small(case), "fill_lanes", compiled)
    left, right = fields(fast.states[0], plain.states[0])
    assert left == right


def with_bonus(account: Account) -> Account:
    """A tenth of an account's coins again as a bonus of its venue's."""
    bonus = {name: 0.1 * abs(coins) for name, coins in account.balances.items()}
    return replace(account, bonus=bonus) if account.kind == "margin" else account


def altered(drawn: Drawn) -> Drawn:
    """A third of the books has a bonus; a third may be long, and some of them are to be."""
    setup = drawn.setup
    if drawn.seed % 3 == 0:
        accounts = tuple(with_bonus(one) for one in setup.book.accounts)
        setup = replace(setup, book=replace(setup.book, accounts=accounts))
    if drawn.seed % 3 == 1:
        limits = replace(setup.limits, allow_long=True, min_ratio=-1.0)
        setup = replace(setup, limits=limits)
    if drawn.seed % 6 == 1:
        long = tuple(replace(one, policy=FixedPolicy(-0.4)) for one in setup.hedges)
        setup = replace(setup, hedges=long)
    return replace(drawn, setup=setup)


def kinds(drawn: Drawn, decision: Decision) -> set[str]:
    """What a book is and what was decided on it, by name."""
    answer, legs = decision.answer, decision.flat.layout.legs
    found = {str(one.margin_mode) for one in drawn.setup.book.accounts}
    found |= {"bonus"} if any(decision.flat.state.bonus) else set()
    found |= {"groups of one hedge"} if len({*legs.group}) > len(drawn.setup.hedges) else set()
    found |= {"bought to be long"} if max(answer.after) > 0.0 else set()
    found |= {"posted"} if any(answer.post) else set()
    found |= {"moved"} if any(answer.top_up) else set()
    found |= {"within capacity"} if answer.want != answer.can else set()
    found |= {"cut back"} if any(code & OVER_LIMIT for code in answer.leg_code) else set()
    found |= {"reasons of a group"} if any(answer.group_code) else set()
    return found


@pytest.fixture(scope="module")
def decided() -> list[Decision]:
    """Decisions on books by seed, of the first size class, of every kind at least five."""
    found, seen = [], Counter[str]()
    for seed in range(BOOKS):
        drawn = altered(draw(seed))
        decision = drawn.decided()
        if is_small(decision):
            found.append(decision)
            seen.update(kinds(drawn, decision))
    assert len(seen) == 12
    assert min(seen.values()) >= 5, seen
    return found


def test_answers_agree_on_books_of_every_kind(decided: list[Decision], compiled: Drivers) -> None:
    """Capacity, the book to come, collateral and posting in all margin modes: the same bits."""
    for number, decision in enumerate(decided):
        plain, fast = both(decision, "decide_lanes", compiled)
        left, right = fields(fast.answers[0], plain.answers[0])
        assert left == right, number


def test_margin_and_fills_agree_on_books_of_every_kind(
    decided: list[Decision], compiled: Drivers
) -> None:
    """Margin, liquidation and what a fill makes of posted coins: the same bits."""
    for number, decision in enumerate(decided):
        plain, fast = both(decision, "measure_lanes", compiled)
        assert fast.figures.tolist() == plain.figures, number
        plain, fast = both(decision, "fill_lanes", compiled)
        left, right = fields(fast.states[0], plain.states[0])
        assert left == right, number
