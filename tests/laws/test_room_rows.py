"""A row of room turns where `capacity` says that a leg is as large as its group carries."""

import os
from collections.abc import Iterator

import pytest

from tests.laws.drawn import draw
from tests.laws.test_rows_in_vain import cramped
from volsculpt.book.exposure import coins_per_contract
from volsculpt.book.liquidation import is_smooth
from volsculpt.contracts.margin import initial_rate, maintenance_rate
from volsculpt.contracts.payoff import LINEAR, value
from volsculpt.decide.act import clear, measure
from volsculpt.decide.capacity import grow_to
from volsculpt.decide.goal import start_goal
from volsculpt.decide.margin_need import grown_leverage
from volsculpt.decide.rules import Problem, new_problem
from volsculpt.decide.trigger_room import BASIS, room_row
from volsculpt.decide.triggers import (
    AT_CLOSE,
    FORM,
    ROOM,
    add_index,
    new_row,
    new_triggers,
    row_now,
    write_numbers,
)

PARTS = 4
BOOKS = {"quick": 40, "daily": 100, "long": 1200}.get(
    os.environ.get("VOLSCULPT_HYPOTHESIS", ""), 200
)
NEAR, HUGE = 1e-6, 1e4  # of a size; coins
PAST = 1.1  # a size is held back by a tier that begins just past it


def problem_of(seed: int) -> Problem:
    """A random book with each position as its leg's goal; of each second one a tenth is left."""
    decision = (draw(seed) if seed % 2 else cramped(seed)).decided()
    own = (decision.flat.layout, decision.flat.state, decision.quoted.quote, decision.rules)
    problem = new_problem(*own)
    clear(problem)
    measure(problem, [aim.ratio or 0.0 for aim in decision.aims])
    start_goal(problem)
    return problem


def room_for(problem: Problem, leg: int, contracts: float, up: float) -> bool:
    """Whether the row for so many contracts more says that there is room."""
    layout, rules = problem.layout, problem.rules
    rows = new_triggers(layout, rules.hedges)
    rows.used[0] = 0
    write_numbers(layout, problem.quote, rows.now)
    size = new_row(layout, rules.hedges, rows, FORM, leg, AT_CLOSE)
    coins = contracts * abs(coins_per_contract(layout, problem.quote, leg))
    add_index(layout, rows, size, layout.legs.base[leg], coins)
    room_row(problem, rows, leg, size, up)
    assert rows.full[0] == 0
    return all(
        row_now(layout, rows, row) <= 0.0 for row in range(rows.used[0]) if rows.kind[row] == ROOM
    )


def has_one_rate(problem: Problem, leg: int, more: float) -> bool:
    """Whether the same margin rates hold from the position to one so much larger, at any price."""
    legs, far = problem.layout.legs, min(0.999, problem.rules.min_distance)
    held = abs(problem.state.contracts[leg])
    mark = problem.quote.mark[leg]
    rates = {
        (initial_rate(legs, leg, size, count), maintenance_rate(legs, leg, size, count))
        for count in (held, held + more)
        for by in (1.0 - far, 1.0 + far, 1.0)
        for size in [value(legs.payoff[leg], count, legs.multiplier[leg], mark * by)]
    }
    return len(rates) == 1


@pytest.mark.parametrize("part", range(PARTS))
def test_a_row_of_room_is_what_capacity_finds(part: int) -> None:
    """Never less; no more where one rate holds for all sizes, but for what a basis may move.

    In a unified group a coin may come to be owed on the way, and then counts whole; with quanto
    the worst price may lie between.
    """
    one_rate = compared = exact = 0
    for seed, problem, leg, more, up in full_legs(part):
        assert room_for(problem, leg, more * (1.0 - NEAR), up), (seed, leg)
        basis = BASIS if problem.layout.legs.payoff[leg] == LINEAR else 1.0
        holds = not room_for(problem, leg, more * (1.0 + NEAR) / basis, up)
        compared, exact = compared + 1, exact + holds
        group = problem.layout.legs.group[leg]
        plain = problem.layout.group_currency[group] >= 0 and is_smooth(problem.layout, group) == 1
        if plain and has_one_rate(problem, leg, PAST * more):
            one_rate += 1
            assert holds, (seed, leg)
    assert one_rate >= compared / 4
    assert exact >= 0.6 * compared


def full_legs(part: int) -> Iterator[tuple[int, Problem, int, float, float]]:
    """(seed, problem, leg, contracts that it can grow by, side) of legs that can grow by a lot."""
    for seed in range(part, BOOKS, PARTS):
        problem = problem_of(seed)
        layout, legs, rules = problem.layout, problem.layout.legs, problem.rules
        for leg in range(legs.rows):
            group, held = legs.group[leg], problem.state.contracts[leg]
            if legs.free_wallet[leg] >= 0 or rules.assumed[group] == 1:
                continue
            up = 1.0 if held > 0.0 else -1.0
            per = abs(coins_per_contract(layout, problem.quote, leg))
            far = up * (abs(held) + HUGE / per)
            most = grow_to(problem, leg, far, grown_leverage(rules, group), 0.0)
            if most != far and abs(most - held) >= legs.lot[leg]:
                yield seed, problem, leg, abs(most - held), up
