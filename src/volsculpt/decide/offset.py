"""Legs of one margin group that offset each other: closed against each other while a limit binds.

Reducing one of two such legs can bring a group nearer to its end, so a pool that has reduced is
judged once more; closing both by the same coins leaves its futures as they are.
"""

from volsculpt.book.exposure import coins_per_contract
from volsculpt.compilable import compilable
from volsculpt.contracts.lots import less_lots, lots_down, lots_up
from volsculpt.decide.capacity import cut_to, cut_within_distance, spare_at
from volsculpt.decide.goal import is_blocked, set_cut, set_goal
from volsculpt.decide.margin_need import Within
from volsculpt.decide.rules import Problem

TURNS = 60
FINE = 1e-9  # of the lots that could be closed: real sizes are found to this


@compilable
def offsetting(problem: Problem, pool: int, leg: int) -> int:
    """Another leg of the pool in the same group whose futures have the other sign; -1: none."""
    layout, state, quote, rules, work, _ = problem
    coins = work.goal.contracts[leg] * coins_per_contract(layout, quote, leg)
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        other = rules.use_leg[use]
        theirs = work.goal.contracts[other] * coins_per_contract(layout, quote, other)
        same = layout.legs.group[other] == layout.legs.group[leg]
        if same and coins * theirs < 0.0 and is_blocked(state, other) == 0:
            return other
    return -1


@compilable
def is_over(problem: Problem, leg: int) -> int:
    """1 when the goal book of a leg's group passes a limit of the owner's."""
    rules, work = problem.rules, problem.work
    within = Within(rules.max_leverage, rules.min_distance, 0)
    return 1 if spare_at(problem, leg, work.goal.contracts[leg], within) < 0.0 else 0


@compilable
def close_against(
    problem: Problem,
    leg: int,
    other: int,
    held: float,
    offset: float,
    lots: float,
    whole: int,
    side: float,
) -> None:
    """Goals with lots of a leg closed, and the same coins of another.

    In whole lots the other's are rounded so that the pool goes no further to the side of its
    target: up where closing the leg goes there, else down.

    Args: leg, other: their rows; held, offset: contracts, signed, of leg and other before; lots: of
    leg, 0 or more; whole: 1 in whole lots; side: 1.0 when the pool's target is longer, else -1.0.
    """
    layout, quote = problem.layout, problem.quote
    legs = layout.legs
    part = min(abs(held), lots * legs.lot[leg])
    per_coin = coins_per_contract(layout, quote, leg)
    back = part * abs(per_coin / coins_per_contract(layout, quote, other))
    if whole == 1:
        count = back / legs.lot[other]
        count = lots_up(count) if held * per_coin * side < 0.0 else lots_down(count)
        back = count * legs.lot[other]
    back = min(abs(offset), back)
    set_goal(problem, leg, less_lots(held, part, legs.lot[leg]))
    set_goal(problem, other, less_lots(offset, back, legs.lot[other]))


@compilable
def pair_off(problem: Problem, leg: int, other: int, whole: int, side: float) -> None:
    """Close the fewest lots of two offsetting legs that keep their group within the limits.

    Of a group that passes one now: at least a lot is closed.

    Args: leg, other: their rows; whole: 1 in whole lots; side: as `close_against` takes it.
    """
    layout, quote, work = problem.layout, problem.quote, problem.work
    held, offset = work.goal.contracts[leg], work.goal.contracts[other]
    fixed = (problem, leg, other, held, offset)
    per = coins_per_contract(layout, quote, leg) / coins_per_contract(layout, quote, other)
    most = min(abs(held), abs(offset / per)) / layout.legs.lot[leg]
    low, high = 0.0, lots_up(most) if whole == 1 else most
    for _ in range(TURNS):
        middle = 0.5 * (low + high)
        if whole == 1:
            middle = lots_down(middle)
        if middle <= low or high - low <= FINE * most:
            break
        close_against(*fixed, middle, whole, side)
        if is_over(problem, leg) == 0:
            high = middle
        else:
            low = middle
    close_against(*fixed, high, whole, side)


@compilable
def cut_back(problem: Problem, leg: int, whole: int) -> None:
    """Cut a leg to what its group carries, no dead zone left, rounded up to whole lots."""
    work = problem.work
    kept = cut_to(problem, leg, 0.0)
    set_cut(problem, leg, abs(work.goal.contracts[leg]) - abs(kept), whole)


@compilable
def settle_group(problem: Problem, pool: int, group: int, whole: int, side: float) -> None:
    """Bring a group within the limits: what offsets is closed first, the rest is cut.

    Args: pool, group: their rows; whole: 1 in whole lots; side: as `close_against` takes it.
    """
    layout, state, rules = problem.layout, problem.state, problem.rules
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[use]
        if layout.legs.group[leg] == group and is_blocked(state, leg) == 0:
            other = offsetting(problem, pool, leg)
            if other >= 0 and is_over(problem, leg) == 1:
                pair_off(problem, leg, other, whole, side)
    for back in range(rules.pool_to[pool] - rules.pool_from[pool]):
        leg = rules.use_leg[rules.pool_to[pool] - 1 - back]
        if layout.legs.group[leg] == group and is_blocked(state, leg) == 0:
            cut_back(problem, leg, whole)


@compilable
def hold_back(problem: Problem, leg: int) -> None:
    """Reduce a leg no further than the distance of its group allows, where less is no help."""
    work = problem.work
    kept = cut_within_distance(problem, leg, work.hold[leg], work.goal.contracts[leg])
    set_goal(problem, leg, kept)


@compilable
def is_reduced(problem: Problem, leg: int, least: float) -> int:
    """1 when a leg is cut for a limit or to retire, or its goal is less by so many lots.

    Args: leg: its row; least: lots, 0 or more; any part of one counts at 0.
    """
    layout, work = problem.layout, problem.work
    less = abs(work.hold[leg]) - abs(work.goal.contracts[leg])
    enough = work.cut[leg] > 0.0 or less >= least * layout.legs.lot[leg]
    return 1 if less > 0.0 and enough else 0


@compilable
def keep_limits(problem: Problem, pool: int, whole: int, side: float, least: float) -> int:
    """Groups that a pool has reduced in stand within the limits once its orders are filled.

    1 when one had to be brought there, which moves what the pool holds. Others keep what a limit's
    dead zone leaves them. Worked: at 2.08x for 2x, 0.00002 of 1 BTC over a target with a band of
    2 %: nothing is bought, so nothing is cut.

    Args: pool: its row; whole: 1 in whole lots; side: as `close_against` takes it; least: lots that
    a reduction is of, to count.
    """
    layout, rules = problem.layout, problem.rules
    settled = 0
    if rules.max_leverage <= 0.0 and rules.min_distance <= 0.0:
        return settled
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[use]
        if is_reduced(problem, leg, least) == 1 and is_over(problem, leg) == 1:
            group = layout.legs.group[leg]
            settle_group(problem, pool, group, whole, side)
            if is_over(problem, leg) == 1:
                hold_back(problem, leg)
            settled = 1
    return settled
