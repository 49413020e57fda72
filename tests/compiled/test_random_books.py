"""Random books, compiled: the same answers as plain, whatever is held and asked."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, assume, given, settings

from tests.compiled.lanes import Book, Lane, plain_inputs, record_inputs
from tests.compiled.test_compiled import PLAIN, fields, run
from tests.laws.strategies import Case, cases
from volsculpt.simulate.lanes import fitting_room, needed_room, room_class

ONE_FIXTURE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def both(case: Case, driver: str, drivers: dict[str, Callable[..., None]]) -> tuple[Any, Any]:
    """What a driver makes of a case, plain and compiled; books of the first size class only."""
    decision = case.decide()
    flat, rules = decision.flat, decision.rules
    assume(fitting_room(needed_room(flat, rules)) == room_class(0))
    book = Book(flat, decision.quoted.quote, rules)
    ratios = [aim.ratio or 0.0 for aim in decision.aims]
    lanes = [Lane(flat.state, decision.quoted.quote, rules, ratios)]
    plain, fast = plain_inputs(book, lanes), record_inputs(book, lanes)
    run(driver, PLAIN, plain)
    run(driver, drivers, fast)
    return plain, fast


@given(case=cases())
@ONE_FIXTURE
def test_act_agrees_on_random_books(case: Case, compiled: dict[str, Callable[..., None]]) -> None:
    """Law 11: every figure of the answer has the same bits plain and compiled."""
    plain, fast = both(case, "decide_lanes", compiled)
    left, right = fields(fast.answers[0], plain.answers[0])
    assert left == right


@given(case=cases())
@ONE_FIXTURE
def test_margin_agrees_on_random_books(
    case: Case, compiled: dict[str, Callable[..., None]]
) -> None:
    """Law 11: equity, maintenance and liquidation have the same bits plain and compiled."""
    plain, fast = both(case, "measure_lanes", compiled)
    assert fast.figures.tolist() == plain.figures


@given(case=cases())
@ONE_FIXTURE
def test_fills_agree_on_random_books(case: Case, compiled: dict[str, Callable[..., None]]) -> None:
    """Law 11: a filled book has the same bits plain and compiled."""
    plain, fast = both(case, "fill_lanes", compiled)
    left, right = fields(fast.states[0], plain.states[0])
    assert left == right
