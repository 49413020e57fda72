"""Spreading a pool's futures over its legs: in order of preference, each within its room.

Order: legs to retire or over their limit give way first, then reductions in reverse order,
then increases in order (`leg_moves.py`).
"""

import math

from volsculpt.book.exposure import coins_per_contract
from volsculpt.compilable import compilable
from volsculpt.contracts.lots import WHOLE, less_lots, lots_down, lots_up
from volsculpt.contracts.orders import least_order
from volsculpt.decide.capacity import cut_to
from volsculpt.decide.goal import is_blocked, set_cut, set_goal
from volsculpt.decide.leg_moves import (
    BACK_IN_LOTS,
    LEFT_BY_BAND,
    WHOLE_LOTS,
    pool_goal,
    raise_legs,
    reduce_legs,
    restore_legs,
)
from volsculpt.decide.offset import keep_limits
from volsculpt.decide.posts import post_free_coins
from volsculpt.decide.rules import Problem


@compilable
def least_coins(problem: Problem, pool: int) -> float:
    """The coins of an order that every leg of a pool takes at its venue."""
    layout, _, quote, rules, _, _ = problem
    coins = 0.0
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[use]
        least = least_order(layout.legs, leg, quote.mark[leg])
        coins = max(coins, least * abs(coins_per_contract(layout, quote, leg)))
    return coins


@compilable
def rolled_to(problem: Problem, pool: int, use: int) -> float:
    """Signed contracts that a leg whose rule has rolled on keeps for now: all but a slice.

    What it holds goes in the fewest equal parts that are no more than a share of what the pool's
    legs hold or should, and no less than each of them takes as an order. What limits take off goes
    at once, as does what is on the other side of the target. Worked: 60,500 USD short of 60,000
    wanted, a tenth at a time: 10 parts of 6,050, 54,450 stay.

    Args: pool, use: their rows.
    """
    layout, _, quote, rules, work, answer = problem
    leg = rules.use_leg[use]
    held, lot = work.goal.contracts[leg], layout.legs.lot[leg]
    coins = held * coins_per_contract(layout, quote, leg)
    if coins * answer.want[pool] <= 0.0:
        return 0.0
    whole = max(abs(answer.want[pool]), abs(answer.before[pool]))
    parts = lots_up(abs(coins) / whole / rules.use_slice[use])
    parts = max(1.0, min(parts, lots_down(abs(coins) / least_coins(problem, pool))))
    kept = less_lots(held, min(abs(held), lots_up(abs(held) / parts / lot) * lot), lot)
    within = cut_to(problem, leg, rules.dead_zone)
    return kept if abs(kept) < abs(within) else within


@compilable
def give_way(problem: Problem, pool: int, manner: int, sliced: int) -> None:
    """Cut legs that are to retire or pass a limit by its dead zone, the least preferred first.

    Args: pool: its row; manner: a constant of `leg_moves`; sliced: 1 rolls by slices, 0 whole.
    """
    state, rules, work = problem.state, problem.rules, problem.work
    for back in range(rules.pool_to[pool] - rules.pool_from[pool]):
        use = rules.pool_to[pool] - 1 - back
        leg = rules.use_leg[use]
        held = work.goal.contracts[leg]
        work.cut[leg] = 0.0
        if held == 0.0 or is_blocked(state, leg) == 1:
            continue
        kept = 0.0
        if rules.use_retire[use] == 0:
            kept = cut_to(problem, leg, rules.dead_zone)
        elif sliced == 1 and rules.use_slice[use] < 1.0:
            kept = rolled_to(problem, pool, use)
        work.cut[leg] = abs(held) - abs(kept)
        set_cut(problem, leg, work.cut[leg], 1 if manner == WHOLE_LOTS else 0)


@compilable
def place_rest(problem: Problem, pool: int, left: float) -> None:
    """Put what no leg can carry, even with transfers, on the first leg that coins may move to.

    So that the coins it lacks are asked for, and missed aloud, instead of never wanted.
    """
    layout, state, quote, rules, work, _ = problem
    if left == 0.0:
        return
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[use]
        held = work.goal.contracts[leg]
        opposed = held * left < 0.0
        if rules.planned[layout.legs.group[leg]] == 0 or is_blocked(state, leg) == 1 or opposed:
            continue
        if rules.use_retire[use] == 0:
            more = left / abs(coins_per_contract(layout, quote, leg))
            if abs(more) < layout.legs.lot[leg] * (1.0 - WHOLE):
                return
            set_goal(problem, leg, held + more)
            return


@compilable
def keep_pool(problem: Problem, pool: int) -> None:
    """The goal of each leg of a pool is what it holds and works, and posts what limits need."""
    rules, work = problem.rules, problem.work
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[use]
        work.posting[leg], work.cut[leg] = 0.0, 0.0
        set_goal(problem, leg, work.hold[leg])
        post_free_coins(problem, leg)


@compilable
def allocate(
    problem: Problem,
    pool: int,
    near: float,
    far: float,
    closing: int,
    manner: int,
    sliced: int = 1,
) -> float:
    """Set the goal of every leg of a pool; returns the futures coins they then hold.

    Args: pool: its row; near, far: coins its legs should hold at the inner bound and at the target,
    signed; closing: 1 closes every leg, those too that offset each other; manner: a constant of
    this module; sliced: 1 rolls by slices, 0 whole.
    """
    keep_pool(problem, pool)
    if closing == 1:
        close_legs(problem, pool)
        return pool_goal(problem, pool)
    start = pool_goal(problem, pool)
    give_way(problem, pool, manner, sliced)
    held = pool_goal(problem, pool)
    passed = manner == WHOLE_LOTS and (start - far) * (held - far) < 0.0
    back = BACK_IN_LOTS if passed else manner
    inner, target = near, far
    near, far = to_trade(inner, target, held)
    if far != 0.0:
        whole, side = 1 if manner == WHOLE_LOTS else 0, math.copysign(1.0, far)
        near, far = reduce_legs(problem, pool, near, far, back)
        if keep_limits(problem, pool, whole, side, least_reduction(manner)) == 1:
            bring_back(problem, pool, inner, target, side, manner)
            near, far = to_trade(inner, target, pool_goal(problem, pool))
            if near != 0.0:
                raise_legs(problem, pool, near, far, manner)
        elif far * side > 0.0:
            raise_legs(problem, pool, near, far, manner)
        refill(problem, pool, inner, target, manner)
        if sliced == 1:  # a part of a roll waits for what takes its place
            near, far = to_trade(inner, target, pool_goal(problem, pool))
            restore_legs(problem, pool, near, far, manner, 1)
    return pool_goal(problem, pool)


@compilable
def is_shared(problem: Problem, pool: int, leg: int) -> int:
    """1 when a pool reduces one of several legs that it has in a leg's margin group.

    Isolated positions have a group each, and share free coins alone.
    """
    layout, rules, work = problem.layout, problem.rules, problem.work
    legs, reduced = 0, 0
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        other = rules.use_leg[use]
        if layout.legs.group[other] == layout.legs.group[leg]:
            hold, goal = work.hold[other], work.goal.contracts[other]
            legs += 1
            reduced += 1 if abs(goal) < abs(hold) or goal * hold < 0.0 else 0
    return 1 if legs > 1 and reduced > 0 and layout.legs.free_wallet[leg] < 0 else 0


@compilable
def refill(problem: Problem, pool: int, inner: float, target: float, manner: int) -> None:
    """Share out anew the room of groups that legs are reduced in, in order, if that hedges more.

    Cuts go leg by leg, so one may go for a limit that another passes, and a less preferred one fill
    the room. Gains of under a lot are none: legs then stay as they were.
    Worked: 12 million dollars beside 300 BTC that count nothing, a rise of 90 % to be survived, 550
    BTC long by the first leg, 238 short by the second: 220 short by that one, or 849 by the first.

    Args: pool: its row; inner, target: coins its legs should hold, signed; manner: a constant of
    `leg_moves`.
    """
    layout, state, quote, rules, work, _ = problem
    held, lot, side = pool_goal(problem, pool), 0.0, math.copysign(1.0, target)
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[use]
        lot = max(lot, layout.legs.lot[leg] * abs(coins_per_contract(layout, quote, leg)))
        work.kept[leg] = work.goal.contracts[leg]
    if abs(target) <= lot or (inner - held) * side <= lot:
        return
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[use]
        if is_blocked(state, leg) == 0 and is_shared(problem, pool, leg) == 1:
            set_goal(problem, leg, 0.0)
    near, far = to_trade(inner, target, pool_goal(problem, pool))
    raise_legs(problem, pool, near, far, manner)
    if (pool_goal(problem, pool) - held) * side <= lot:
        for use in range(rules.pool_from[pool], rules.pool_to[pool]):
            leg = rules.use_leg[use]
            if work.goal.contracts[leg] != work.kept[leg]:
                set_goal(problem, leg, work.kept[leg])


@compilable
def least_reduction(manner: int) -> float:
    """The fewest lots taken off a leg after which its group is to stand within the limits.

    A part of a lot is not sent, nor anything of what a band leaves alone: a group in the dead zone
    of a limit then stays there.
    """
    if manner == WHOLE_LOTS:
        return 0.0
    return math.inf if manner == LEFT_BY_BAND else 1.0 - WHOLE


@compilable
def bring_back(
    problem: Problem, pool: int, inner: float, target: float, side: float, manner: int
) -> None:
    """Undo what cuts for limits have made needless: reductions beside them, then legs opposed.

    Args: pool: its row; inner, target: coins its legs should hold, signed; side: 1.0 when the
    target was longer than what was held, else -1.0; manner: a constant of this module.
    """
    back = BACK_IN_LOTS if manner == WHOLE_LOTS else manner
    held = pool_goal(problem, pool)
    if (inner - held) * side < 0.0:
        restore_legs(problem, pool, inner - held, target - held, back)
    far = target - pool_goal(problem, pool)
    if far * side < 0.0:
        reduce_legs(problem, pool, far, far, back)


@compilable
def to_trade(inner: float, target: float, held: float) -> tuple[float, float]:
    """Signed coins from `held` to the inner bound and to the target; the bound is no farther.

    Worked: -1.6 and -1.7 wanted, -1.65 held: 0 and -0.05.
    """
    near, far = inner - held, target - held
    if near * far < 0.0:
        near = 0.0
    return (far if abs(near) > abs(far) else near), far


@compilable
def close_legs(problem: Problem, pool: int) -> None:
    """Make every leg of a pool flat, but those that nothing may be sent on."""
    state, rules = problem.state, problem.rules
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        if is_blocked(state, rules.use_leg[use]) == 0:
            set_goal(problem, rules.use_leg[use], 0.0)
