"""Whole lots at their edges, and a goal that a question leaves as it was."""

import dataclasses
import math

import pytest

from tests.laws.drawn import draw
from volsculpt.decide.allocate import carried
from volsculpt.decide.limits import Limits
from volsculpt.decide.lots import COUNTED, lots_down, lots_up
from volsculpt.decide.rules import Problem


@pytest.mark.parametrize("amount", [COUNTED, 1.5e15 + 0.5, 1e300, math.inf])
def test_a_number_of_lots_that_means_no_limit_is_left_alone(amount: float) -> None:
    """No limit is written as a number so large that its lots are not counted."""
    assert lots_down(amount) == amount
    assert lots_up(amount) == amount


@pytest.mark.parametrize(
    ("amount", "down", "up"), [(740.7, 740, 741), (4.0 - 1e-8, 4, 4), (0, 0, 0)]
)
def test_below_it_they_are_whole(amount: float, down: int, up: int) -> None:
    """Nearly whole is whole."""
    assert (lots_down(amount), lots_up(amount)) == (down, up)


def test_what_may_be_added_is_found_without_adding_it() -> None:
    """In groups that are past a limit of 0.01x already, as in those that are not."""
    past = 0
    for seed in range(40):
        drawn = draw(seed)
        for leverage in (0.01, 5.0):
            setup = dataclasses.replace(drawn.setup, limits=Limits(max_leverage=leverage))
            found = drawn.decided(setup)
            flat, work = found.flat, found.work
            own = (flat.layout, flat.state, found.quoted.quote, found.rules)
            problem = Problem(*own, work, found.answer)
            for leg in range(len(flat.legs)):
                before, lot = list(work.goal.contracts), flat.layout.legs.lot[leg]
                moved = carried(problem, leg, -1.0, 10.0 * lot, 1_000.0 * lot)
                assert list(work.goal.contracts) == before
                past += moved == 0.0
    assert past > 50
