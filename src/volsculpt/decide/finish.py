"""The last steps on a leg: a free order slot, the largest and the smallest order."""

import math

from volsculpt.book.exposure import coins_per_contract, venue_contracts
from volsculpt.book.state import SLOT_BUSY, Layout, Quote
from volsculpt.compilable import compilable
from volsculpt.contracts.lots import WHOLE, is_whole, lots_down, nearest_lots
from volsculpt.contracts.orders import TAKEN, UNDER_SIZE, UNDER_VALUE, judge_order, position_cap
from volsculpt.contracts.payoff import INVERSE, QUANTO
from volsculpt.decide.capacity import cut_to
from volsculpt.decide.goal import is_blocked, is_growth, set_cut, set_goal
from volsculpt.decide.leg_moves import HELD_TO_LIMITS, pool_goal, room
from volsculpt.decide.margin_need import UNLIMITED
from volsculpt.decide.offset import is_over
from volsculpt.decide.rules import (
    BLOCKED,
    BUSY,
    CAPPED,
    FULL,
    IN_BAND,
    LEAST_VALUE,
    MAX_ORDER,
    MIN_ORDER,
    OVER_LIMIT,
    POSITION_MOST,
    RETIRED,
    ROUNDED_AWAY,
    TRADED,
    VENUE_MOST,
    Problem,
)

NOISE = 1e-12  # of the size of a pool: what sums over its legs leave


@compilable
def contract_usd(layout: Layout, quote: Quote, leg: int) -> float:
    """Face of one contract in US dollars: inverse mult, linear mult*mark, at the quote's price.

    quanto: mult * mark settle coins, at the settle coin's price.
    """
    legs = layout.legs
    if legs.payoff[leg] == INVERSE:
        return legs.multiplier[leg] * quote.index_usd[legs.quote[leg]]
    face = legs.multiplier[leg] * quote.mark[leg]
    if legs.payoff[leg] == QUANTO:
        return face * quote.index_usd[legs.settle[leg]]
    return face * quote.index_usd[legs.quote[leg]]


@compilable
def is_capped(problem: Problem, pool: int) -> int:
    """1 when limits leave a pool other futures than it wants, by more than the noise of sums.

    Of lots and of sizes, so that it means the same of 1e-8 bitcoin and of 1e10 SHIB. Worked: of
    5,000,000,000 coins in lots of 1 it is one coin; of 0.0001 in lots of 1e-8, a millionth of them.
    """
    layout, quote, rules = problem.layout, problem.quote, problem.rules
    work, answer = problem.work, problem.answer
    size, least = abs(answer.want[pool]), 0.0
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[use]
        per = abs(coins_per_contract(layout, quote, leg))
        size = max(size, abs(work.hold[leg]) * per, abs(work.goal.contracts[leg]) * per)
        lot = layout.legs.lot[leg] * per
        least = lot if least == 0.0 else min(least, lot)
    off = abs(answer.can[pool] - answer.want[pool])
    return 1 if off > max(NOISE * size, WHOLE * least) else 0


@compilable
def flag_legs(problem: Problem, pool: int) -> int:
    """Note legs that are blocked, retire, are cut by a limit or are full; 1 when one is cut.

    Reads the allocation within limits, the last one made.
    """
    layout, state, quote, rules, work, answer = problem
    cut, short = 0, is_capped(problem, pool)
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[use]
        if is_blocked(state, leg) == 1:
            answer.leg_code[leg] += BLOCKED
        elif rules.use_retire[use] == 1:
            if work.hold[leg] != 0.0:
                answer.leg_code[leg] += RETIRED
        elif work.cut[leg] > 0.0:
            cut = 1
            answer.leg_code[leg] += OVER_LIMIT
        elif short == 1 and abs(answer.can[pool]) < abs(answer.want[pool]):
            cap = position_cap(layout.legs, leg, quote.mark[leg])
            capped = cap > 0.0 and abs(venue_contracts(work.goal, leg)) >= cap * (1.0 - 1e-9)
            answer.leg_code[leg] += FULL + POSITION_MOST if capped else FULL
    return cut


@compilable
def whole(contracts: float, lot: float) -> float:
    """Contracts with the noise of binary fractions taken off: a near whole lot is that lot.

    A lot like 0.001 is divided by 1,000, not multiplied by 0.001, which would bring noise
    back. Worked: 27.96100000000002 with lot 0.001 is 27.961.
    """
    lots = abs(contracts) / lot
    if is_whole(lots) == 0:
        return contracts
    count = nearest_lots(lots)
    per_one = lots_down(1.0 / lot)
    size = count * lot
    if abs(per_one * lot - 1.0) < 1e-12:
        size = count / per_one
    return math.copysign(size, contracts)


@compilable
def at_most(trade: float, most: float, lot: float) -> float:
    """A trade cut to `most` contracts (>= 0), in whole lots, when it is larger."""
    return math.copysign(min(abs(trade), lots_down(most / lot) * lot), trade)


@compilable
def within_largest(problem: Problem, leg: int, trade: float) -> float:
    """A trade cut to the largest order the venue takes, and the owner's largest.

    Leaves codes; what is cut off an order follows at the next step.
    """
    layout, quote, rules, answer = problem.layout, problem.quote, problem.rules, problem.answer
    legs, lot = layout.legs, layout.legs.lot[leg]
    size = abs(trade)
    if legs.order_most[leg] > 0.0:
        trade = at_most(trade, legs.order_most[leg], lot)
        if abs(trade) < size:
            answer.leg_code[leg] += VENUE_MOST
    if rules.max_order_usd > 0.0:
        size = abs(trade)
        trade = at_most(trade, rules.max_order_usd / contract_usd(layout, quote, leg), lot)
        if abs(trade) < size:
            answer.leg_code[leg] += MAX_ORDER
    return trade


@compilable
def not_least(problem: Problem, leg: int, trade: float) -> float:
    """A trade the venue takes, or 0.0 and a code when it is under the least quantity or value."""
    layout, quote, work, answer = problem.layout, problem.quote, problem.work, problem.answer
    if trade == 0.0:
        return 0.0
    held, mark = work.hold[leg] + work.goal.others[leg], quote.mark[leg]
    why = judge_order(layout.legs, leg, held, trade, mark, layout.legs.order_most[leg])
    if why == UNDER_SIZE:
        answer.leg_code[leg] += MIN_ORDER
    if why == UNDER_VALUE:
        answer.leg_code[leg] += LEAST_VALUE
    return trade if why == TAKEN else 0.0


@compilable
def finish_leg(problem: Problem, leg: int, pool: int, most_coins: float) -> int:
    """Turn a leg's goal into an order or a cancel; returns 1 when something is sent.

    Args: leg, pool: their rows; most_coins: futures coins the pool may still move by, + buys,
    UNLIMITED = any.
    """
    layout, state, quote = problem.layout, problem.state, problem.quote
    work, answer = problem.work, problem.answer
    trade = work.goal.contracts[leg] - work.hold[leg]
    if work.goal.contracts[leg] != 0.0:
        trade = whole(trade, layout.legs.lot[leg])
    if trade == 0.0 or is_blocked(state, leg) == 1:
        return 0
    if state.slot[leg] == SLOT_BUSY:
        answer.cancel[leg] = 1
        answer.leg_code[leg] += BUSY
        keep_worse(problem, leg)
        return 1
    if most_coins < UNLIMITED:
        coins = most_coins / coins_per_contract(layout, quote, leg)
        trade = at_most(trade, max(0.0, coins if trade > 0.0 else -coins), layout.legs.lot[leg])
    trade = within_largest(problem, leg, trade)
    trade = not_least(problem, leg, trade)
    set_goal(problem, leg, work.hold[leg] + trade)
    answer.trade[leg] = trade
    answer.after[pool] += trade * coins_per_contract(layout, quote, leg)
    return 1 if trade != 0.0 else 0


@compilable
def finish_pool(problem: Problem, pool: int) -> int:
    """Finish reductions, then increases; returns how many legs send something.

    When a reduction is held up (a busy slot, the largest order), increases that were to
    replace it wait, so that neither the pool passes its goal nor a group its limits.
    """
    layout, rules, work, answer = problem.layout, problem.rules, problem.work, problem.answer
    goal = pool_goal(problem, pool)
    sent = 0
    held_up = 0
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[use]
        change = work.goal.contracts[leg] - work.hold[leg]
        if is_growth(work.goal.contracts[leg], work.hold[leg]) == 0:
            sent += finish_leg(problem, leg, pool, UNLIMITED)
            if abs(answer.trade[leg] - change) > layout.legs.lot[leg] * WHOLE:
                held_up = 1
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[use]
        if is_growth(work.goal.contracts[leg], work.hold[leg]) == 1:
            most = UNLIMITED
            if held_up == 1:
                most = goal - answer.after[pool]
                keep_within(problem, leg)
            sent += finish_leg(problem, leg, pool, most)
    return sent


@compilable
def is_traded_in(problem: Problem, group: int) -> int:
    """1 when this step sends an order in a group."""
    layout, answer = problem.layout, problem.answer
    for leg in range(layout.group_leg_from[group], layout.group_leg_to[group]):
        if layout.legs.group[leg] == group and answer.trade[leg] != 0.0:
            return 1
    return 0


@compilable
def cut_rest(problem: Problem, pool: int) -> None:
    """Cut what still passes a limit in groups that are traded in, now that all pools are sized.

    A pool sized later may close what made a smaller position of an earlier one no help: then that
    is what brings their group within the limits. The least preferred legs first.
    """
    layout, state, _, rules, work, answer = problem
    for back in range(rules.pool_to[pool] - rules.pool_from[pool]):
        leg = rules.use_leg[rules.pool_to[pool] - 1 - back]
        if is_blocked(state, leg) == 1 or layout.legs.free_wallet[leg] >= 0:
            continue
        if answer.leg_code[leg] & (BUSY | MAX_ORDER | VENUE_MOST) != 0:  # no more is sent now
            continue
        if is_traded_in(problem, layout.legs.group[leg]) == 0 or is_over(problem, leg) == 0:
            continue
        goal = work.goal.contracts[leg]
        set_cut(problem, leg, abs(goal) - abs(cut_to(problem, leg, 0.0)), 1)
        if work.goal.contracts[leg] != goal:
            send_anew(problem, leg, pool)


@compilable
def send_anew(problem: Problem, leg: int, pool: int) -> None:
    """Make another order of a leg's goal than the one that was written; limits allow no more.

    Args: leg, pool: their rows.
    """
    layout, quote, rules, answer = problem.layout, problem.quote, problem.rules, problem.answer
    carried = pool_goal(problem, pool)
    if abs(carried) < abs(answer.can[pool]):
        answer.can[pool] = carried
    capped = CAPPED if is_capped(problem, pool) == 1 else 0
    answer.after[pool] -= answer.trade[leg] * coins_per_contract(layout, quote, leg)
    answer.trade[leg], answer.cancel[leg], answer.leg_code[leg] = 0.0, 0, OVER_LIMIT
    if finish_leg(problem, leg, pool, UNLIMITED) == 0:
        return
    for link in range(rules.links):
        hedge = rules.link_hedge[link]
        if rules.link_pool[link] == pool:
            answer.hedge_code[hedge] |= TRADED | capped
            answer.hedge_code[hedge] -= answer.hedge_code[hedge] & (IN_BAND | ROUNDED_AWAY)


@compilable
def trim_growth(problem: Problem, pool: int) -> None:
    """Cut what a pool adds to what its groups carry now that all pools are sized.

    A pool sized later may close what the risk of an earlier one was set against.
    """
    layout, quote, rules = problem.layout, problem.quote, problem.rules
    work, answer = problem.work, problem.answer
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[use]
        goal, held = work.goal.contracts[leg], work.hold[leg]
        if answer.trade[leg] == 0.0 or is_growth(goal, held) == 0:
            continue
        keep_within(problem, leg)
        trade = work.goal.contracts[leg] - held
        if abs(trade) < abs(answer.trade[leg]) * (1.0 - 1e-9):
            answer.after[pool] += (trade - answer.trade[leg]) * coins_per_contract(
                layout, quote, leg
            )
            answer.trade[leg] = whole(trade, layout.legs.lot[leg])
            answer.leg_code[leg] |= FULL


@compilable
def keep_worse(problem: Problem, leg: int) -> None:
    """While an order works, limits see the larger of held and held and working."""
    state, work = problem.state, problem.work
    held = state.contracts[leg]
    worse = work.hold[leg] if abs(work.hold[leg]) > abs(held) else held
    set_goal(problem, leg, worse)


@compilable
def keep_within(problem: Problem, leg: int) -> None:
    """Cut an increase to what the group carries while a reduction in it is held up."""
    layout, work = problem.layout, problem.work
    goal, held = work.goal.contracts[leg], work.hold[leg]
    side = math.copysign(1.0, goal)
    lot = layout.legs.lot[leg]
    start = held if held * goal > 0.0 else 0.0  # a flip closes first
    set_goal(problem, leg, start)
    grown = room(problem, leg, goal, HELD_TO_LIMITS)
    most = lots_down(max(0.0, abs(grown) - abs(start)) / lot) * lot
    most = min(most, abs(goal) - abs(start))
    set_goal(problem, leg, start + side * most)
