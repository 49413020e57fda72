"""Whole lots at their edges, and a goal that a question leaves as it was."""

import dataclasses
import math

import pytest

from tests.laws.drawn import draw
from volsculpt.contracts.lots import (
    is_whole,
    less_lots,
    lots_between,
    lots_down,
    lots_up,
    near_whole,
    nearest_lots,
)
from volsculpt.decide.leg_moves import carried
from volsculpt.decide.limits import Limits
from volsculpt.decide.rules import Problem


@pytest.mark.parametrize("amount", [1e15, 1.5e15 + 0.5, 1e300, math.inf])
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


def test_a_large_count_is_whole_within_its_own_noise() -> None:
    """A millionth of a lot, and of ten thousand millions a hundred-thousandth more."""
    assert near_whole(0.0) == 1e-6
    assert near_whole(1e10) == pytest.approx(1.1e-5)


@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize("lot", [0.001, 1.0, 5.0])
def test_what_is_left_of_a_position_keeps_its_side(lot: float, side: float) -> None:
    """Of 787 lots less 100 there are 687; of all of them, but for noise, none."""
    held = side * 787.0 * lot
    assert less_lots(held, 0.0, lot) == held
    assert less_lots(held, 100.0 * lot, lot) == pytest.approx(side * 687.0 * lot)
    assert less_lots(held, 786.0 * lot, lot) == pytest.approx(side * lot)
    assert less_lots(held, 787.0 * lot * (1.0 - 1e-12), lot) == 0.0
    assert less_lots(held, 786.99999 * lot, lot) == pytest.approx(side * 1e-5 * lot, rel=1e-6)


def test_noise_grows_with_the_count_of_lots() -> None:
    """Of 5,000 thousand millions of lots four thousandths of one are noise, and six are not."""
    held, lot = 5e9, 0.001
    assert less_lots(held, held - 4e-6, lot) == 0.0
    assert less_lots(held, held - 6e-6, lot) == pytest.approx(6e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("near", "far", "lots"),
    [(4.3, 4.3, 4), (2.2, 4.3, 3), (2.0, 4.3, 2), (0.0, 4.3, 0), (0.0, 0.0, 0), (4.3, 5.0, 5)],
)
def test_a_trade_ends_between_the_bound_and_the_target(near: float, far: float, lots: int) -> None:
    """As few whole lots as reach the bound; where none lies between, as many as fall short."""
    assert lots_between(near, far) == lots


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


@pytest.mark.parametrize("count", [0.0, 1.0, 740.0, 1e9])
def test_a_count_is_whole_within_noise_on_either_side(count: float) -> None:
    """Nearest is up at a half; a millionth of a lot off is whole, two are not."""
    off = near_whole(count)
    for side in (-1.0, 1.0):
        amount = count + side * 0.9 * off
        if amount >= 0.0:
            assert (nearest_lots(amount), is_whole(amount)) == (count, 1)
        assert is_whole(abs(count + side * 2.0 * off)) == 0
    assert (nearest_lots(count + 0.5), nearest_lots(count + 0.49)) == (count + 1.0, count)
    assert is_whole(count + 0.5) == 0
