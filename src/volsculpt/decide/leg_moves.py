"""Moving the legs of a pool: reductions, increases and what is given back, each within its room.

Reductions go from the least preferred leg, increases and what is given back from the most
preferred. `set_goal` keeps the book being built, so each leg's room sees what the legs before it
already took.
"""

import math

from volsculpt.book.exposure import coins_per_contract, venue_contracts
from volsculpt.book.state import Layout, Quote
from volsculpt.compilable import compilable
from volsculpt.contracts.lots import WHOLE, less_lots, lots_between, lots_down, lots_up
from volsculpt.contracts.orders import position_cap
from volsculpt.decide.capacity import grow_to, most_toward, spare_at
from volsculpt.decide.collateral import movable, reserve
from volsculpt.decide.goal import is_blocked, set_goal, share_margin
from volsculpt.decide.margin_need import Within, grown_leverage
from volsculpt.decide.posts import post_beside, post_free_coins
from volsculpt.decide.rules import Problem, Work

LEFT_BY_BAND = 0  # as the next, of a pool that its band leaves alone: no reduction is made
HELD_TO_LIMITS = 1  # real sizes within the coins that have arrived
WITH_TRANSFERS = 2  # real sizes, counting coins that can be moved in
WHOLE_LOTS = 3  # sizes to send
BACK_IN_LOTS = 4  # likewise, back to a target that cuts have passed: no lot of it stays beyond


@compilable
def goal_coin(layout: Layout, quote: Quote, work: Work, leg: int) -> float:
    """Base coins of a leg at its goal.

    Args: leg: its row.
    """
    return work.goal.contracts[leg] * coins_per_contract(layout, quote, leg)


@compilable
def room(problem: Problem, leg: int, wanted: float, manner: int) -> float:
    """Signed contracts a leg can grow to, at most `wanted`; its sign is the side.

    With coins that can be moved in, up to the third leverage of the band.

    Args: leg: its row; wanted: contracts, signed; manner: WITH_TRANSFERS counts coins that can be
    moved in.
    """
    layout, quote, rules, work = problem.layout, problem.quote, problem.rules, problem.work
    group = layout.legs.group[leg]
    cap = position_cap(layout.legs, leg, quote.mark[leg])
    whole = wanted + work.goal.others[leg]
    if cap > 0.0 and abs(whole) > max(cap, abs(venue_contracts(work.goal, leg))):
        cap = max(cap, abs(venue_contracts(work.goal, leg)))
        wanted = (cap if whole > 0.0 else -cap) - work.goal.others[leg]
    most, coins = grown_leverage(rules, group), 0.0
    if rules.planned[group] == 1 and manner == WITH_TRANSFERS:
        safe = rules.band_third[group]
        most = min(rules.max_leverage, safe) if rules.max_leverage > 0.0 else safe
        coins = movable(problem, group)
    return grow_to(problem, leg, wanted, most, coins)


@compilable
def change(
    layout: Layout, quote: Quote, leg: int, near: float, far: float, most: float, manner: int
) -> float:
    """Contracts (>= 0) to move one leg, at most `most`, in lots where the manner says so.

    Args: leg: its row; near, far: coins, 0 or more, to the inner bound and to the target, which on
    the way back lies first; most: contracts, 0 or more; manner: a constant of this module.
    """
    per = abs(coins_per_contract(layout, quote, leg))
    if manner < WHOLE_LOTS:
        return min(far / per, most)
    lot = layout.legs.lot[leg]
    if manner == BACK_IN_LOTS:
        back = max(lots_up(far / (per * lot)), lots_down(near / (per * lot)))
        return min(back, lots_down(most / lot)) * lot
    return min(lots_between(near / (per * lot), far / (per * lot)), lots_down(most / lot)) * lot


@compilable
def reduce_legs(
    problem: Problem, pool: int, near: float, far: float, manner: int
) -> tuple[float, float]:
    """Buy back or sell off legs opposed to the trade: those to retire, then the least preferred.

    Returns what is left of both after the reductions.

    Args: pool: its row; near, far: coins still to trade to the inner bound and to the target, +
    buys; manner: a constant of this module. Writes goals.
    """
    layout, state, quote, rules, work, _ = problem
    side = far  # its sign alone is read
    uses = rules.pool_to[pool] - rules.pool_from[pool]
    for turn in range(2 * uses):
        use = rules.pool_to[pool] - 1 - turn % uses
        leg, gone = rules.use_leg[use], 1 if turn < uses else 0
        held = work.goal.contracts[leg]
        if rules.use_retire[use] != gone or is_blocked(state, leg) == 1:
            continue
        if held * side >= 0.0 or near * side < 0.0:
            continue
        moved = change(layout, quote, leg, abs(near), abs(far), abs(held), manner)
        if moved > 0.0:
            left = less_lots(held, moved, layout.legs.lot[leg])
            set_goal(problem, leg, left)
            coins = (left - held) * coins_per_contract(layout, quote, leg)
            near -= coins
            far -= coins
    return near, far


@compilable
def makes_room(problem: Problem, pool: int, leg: int) -> int:
    """1 when a leg stands on the coins of one that takes over from it: less of it lets that grow.

    Args: pool, leg: their rows.
    """
    rules = problem.rules
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        other = rules.use_leg[use]
        if rules.use_retire[use] == 0 and share_margin(problem.layout, leg, other) == 1:
            return 1
    return 0


@compilable
def restore_legs(
    problem: Problem, pool: int, near: float, far: float, manner: int, rolled: int = 0
) -> None:
    """Give back reductions that a cut beside them has made too large, or parts of a roll.

    The most preferred first, each as far as its group stands within the limits. In whole lots back
    to the inner bound: without the cut the band would have traded no further. Worked: 0.459 of
    0.648 sold short bought back, then 0.2 cut for a limit elsewhere: 0.2 of it is not bought.

    Args: pool: its row; near, far: coins to trade back to the inner bound and to the target, which
    lies first, + buys; manner: a constant of this module; rolled: 1, of legs alone that go by
    slices, which nothing has room to replace. Writes goals.
    """
    layout, state, quote, rules, work, _ = problem
    within = Within(rules.max_leverage, rules.min_distance, 0)
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[use]
        hold, goal = work.hold[leg], work.goal.contracts[leg]
        reduced = abs(hold) - abs(goal)
        if hold * near <= 0.0 or reduced <= 0.0 or rules.use_retire[use] != rolled:
            continue
        if rolled == 1 and (rules.use_slice[use] == 1.0 or makes_room(problem, pool, leg) == 1):
            continue
        if is_blocked(state, leg) == 1:
            continue
        back = max(0.0, math.copysign(1.0, hold) * far)
        moved = change(layout, quote, leg, abs(near), back, reduced, manner)
        most = most_toward(problem, leg, goal + math.copysign(moved, hold), within, 0.0)
        moved = change(layout, quote, leg, abs(near), back, abs(most - goal), manner)
        set_goal(problem, leg, goal + math.copysign(moved, hold))
        coins = math.copysign(moved, hold) * coins_per_contract(layout, quote, leg)
        near -= coins
        far -= coins


@compilable
def carried(problem: Problem, leg: int, side: float, moved: float, most: float) -> float:
    """Contracts to add to a leg: `moved`, or `most` in lots where only so many keep the limits.

    A leg may be what brings its group within them: then less does not stand where more does.
    None where neither does.

    Args: leg: its row; side: 1.0 longer, -1.0 shorter; moved, most: contracts, 0 or more. The goal
    is left as it was.
    """
    layout, rules, work = problem.layout, problem.rules, problem.work
    held, lot = work.goal.contracts[leg], layout.legs.lot[leg]
    within = Within(grown_leverage(rules, layout.legs.group[leg]), rules.min_distance, 1)
    if spare_at(problem, leg, held, within) < 0.0:
        most = lots_down(most / lot) * lot
        if spare_at(problem, leg, held + side * moved, within) < 0.0:
            moved = most
            if spare_at(problem, leg, held + side * moved, within) < 0.0:
                moved = 0.0
    set_goal(problem, leg, held)
    return moved


@compilable
def raise_legs(problem: Problem, pool: int, near: float, far: float, manner: int) -> float:
    """Add to legs in order of preference, each up to its room; returns coins left to trade.

    Args: pool: its row; near, far: coins still to trade to the inner bound and to the target, +
    buys; manner: a constant of this module. Writes goals.
    """
    layout, state, quote, rules, work, _ = problem
    side = math.copysign(1.0, far)
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[use]
        held = work.goal.contracts[leg]
        if held * side < 0.0 or is_blocked(state, leg) == 1 or rules.use_retire[use] == 1:
            continue
        per = abs(coins_per_contract(layout, quote, leg))
        if near * side < 0.0 or far * side <= layout.legs.lot[leg] * per * WHOLE:
            break
        if manner != WITH_TRANSFERS:  # what is to come posts nothing now
            post_beside(problem, leg)
        grown = room(problem, leg, held + far / per, manner)
        most = (grown - held) * side
        least = layout.legs.lot[leg] * (1.0 - WHOLE) if manner == WITH_TRANSFERS else 0.0
        if manner <= HELD_TO_LIMITS and most < abs(far) / per * (1.0 - 1e-9):
            least = layout.legs.lot[leg] * (1.0 - WHOLE)
        if most <= least:  # no coins are moved for a part of a lot, and no room is one
            continue
        moved = change(layout, quote, leg, abs(near), abs(far), most, manner)
        if manner == WHOLE_LOTS:
            moved = carried(problem, leg, side, moved, most)
        if moved > 0.0:
            set_goal(problem, leg, held + side * moved)
            post_free_coins(problem, leg)
            if manner == WITH_TRANSFERS:
                reserve(problem, layout.legs.group[leg])
            coins = side * moved * per
            near -= coins
            far -= coins
        if far * side <= 0.0 or moved < most * (1.0 - 1e-9):
            if manner != WHOLE_LOTS or most - moved >= layout.legs.lot[leg]:
                break
    return far


@compilable
def pool_goal(problem: Problem, pool: int) -> float:
    """Futures coins of a pool's legs at their goals."""
    layout, quote, rules, work = problem.layout, problem.quote, problem.rules, problem.work
    total = 0.0
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        total += goal_coin(layout, quote, work, rules.use_leg[use])
    return total
