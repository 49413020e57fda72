"""The rows of a book at rest, ready to be scanned: what `act` would have to say, as data."""

from collections.abc import Sequence

from volsculpt.book.state import SLOT_FREE, Layout, State
from volsculpt.compilable import compilable
from volsculpt.decide.act import clear, measure
from volsculpt.decide.goal import start_goal
from volsculpt.decide.rules import Problem, use_rows, wants_change
from volsculpt.decide.sizing import holds
from volsculpt.decide.trigger_forms import add_base, add_wealth
from volsculpt.decide.trigger_groups import group_rows
from volsculpt.decide.trigger_pools import answer_rows, pool_rows
from volsculpt.decide.triggers import (
    AT_CLOSE,
    FORM,
    NO_ROWS,
    NOISE,
    Triggers,
    new_row,
    row_now,
    size_of,
    write_numbers,
)


@compilable
def is_at_rest(problem: Problem) -> int:
    """1 when nothing was just decided, and nothing works or is on its way."""
    layout, state, rules = problem.layout, problem.state, problem.rules
    if wants_change(problem.answer):
        return 0
    for leg in range(layout.legs.rows):
        if state.slot[leg] != SLOT_FREE or state.working[leg] != 0.0:
            return 0
    for group in range(layout.groups):
        if state.incoming[group] != 0.0:
            return 0
    for use in range(use_rows(rules)):
        if rules.use_retire[use] == 1 and state.contracts[rules.use_leg[use]] != 0.0:
            return 0
    return 1


@compilable
def loses_bonus(layout: Layout, state: State) -> int:
    """1 when funding is swept out of a group that has a bonus, which goes with it."""
    legs = layout.legs
    for leg in range(legs.rows):
        if legs.funding_wallet[leg] != legs.cash_wallet[leg]:
            first = legs.group[leg] * layout.currencies
            for row in range(first, first + layout.currencies):
                if state.bonus[row] != 0.0:
                    return 1
    return 0


@compilable
def has_least(layout: Layout, out: Triggers, wealth: int) -> int:
    """1 when every row that is tested is above its least, which is written; 0 speaks already.

    Args: wealth: the row up to which forms are read over time, and have a least as well.
    """
    for row in range(out.used[0]):
        form = out.kind[row] == FORM
        if form and row > wealth:
            continue
        out.least[row] = NOISE * size_of(layout, out, row)
        if not form and row_now(layout, out, row) <= out.least[row]:
            return 0
    return 1


@compilable
def find_silence(problem: Problem, ratio: Sequence[float], out: Triggers) -> None:
    """The rows of a book before `act` is asked: where there are any, it has nothing to say.

    Args: problem: work, answer are written as far as rows need them; ratio: per hedge.
    """
    clear(problem)
    measure(problem, ratio)
    start_goal(problem)
    find_rows(problem, ratio, out)


@compilable
def find_rows(problem: Problem, ratio: Sequence[float], out: Triggers) -> None:
    """The rows of a book on which `act` has just said nothing, ready to be scanned.

    First a form of each hedge's base, then one of wealth. NO_ROWS where something works or is
    on its way, where a condition has no form, or where a row is at its least already.
    work, answer: as `act` left them.
    """
    layout, state, quote, rules = problem.layout, problem.state, problem.quote, problem.rules
    out.used[0], out.full[0] = NO_ROWS, 0
    if is_at_rest(problem) == 0 or loses_bonus(layout, state) == 1:
        return
    out.used[0] = 0
    write_numbers(layout, quote, out.now)
    for hedge in range(rules.hedges):
        out.ratio[hedge] = ratio[hedge]
        row = new_row(layout, rules.hedges, out, FORM, hedge, AT_CLOSE)
        add_base(problem, out, row, hedge, 1.0)
    wealth = new_row(layout, rules.hedges, out, FORM, 0, AT_CLOSE)
    add_wealth(layout, state, out, wealth, 1.0)
    for pool in range(rules.pools):  # first, for they have no form more often than groups have
        if holds(rules, problem.answer, pool) == 0:
            pool_rows(problem, ratio, out, pool)
        else:
            answer_rows(problem, out, pool)
        if out.full[0] == 1:
            out.used[0] = NO_ROWS
            return
    for group in range(rules.groups):
        group_rows(problem, out, group)
    if out.full[0] == 1 or has_least(layout, out, wealth) == 0:
        out.used[0] = NO_ROWS
