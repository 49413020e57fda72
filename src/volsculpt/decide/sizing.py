"""The size of one pool: target, capacity, band, allocation to legs, whole lots."""

import math

from volsculpt.book.exposure import coins_per_contract
from volsculpt.compilable import compilable
from volsculpt.decide.allocate import allocate, keep_pool
from volsculpt.decide.band import WITHIN, band_side, inner_bound
from volsculpt.decide.finish import finish_pool, flag_legs, is_capped
from volsculpt.decide.goal import is_blocked
from volsculpt.decide.leg_moves import HELD_TO_LIMITS, LEFT_BY_BAND, WHOLE_LOTS
from volsculpt.decide.pool import (
    NETTED,
    futures_per_ratio,
    pool_coins_per_coin,
    settled_coins,
)
from volsculpt.decide.rules import (
    BASE_GONE,
    CAPPED,
    IN_BAND,
    NO_LONG,
    OWES,
    ROUNDED_AWAY,
    TRADED,
    WEALTH_GONE,
    ZERO_TARGET,
    Answer,
    Problem,
    Rules,
    Work,
)


@compilable
def is_closed(rules: Rules, answer: Answer, link: int) -> int:
    """1 when a pool carries nothing of a hedge: a target or beta of 0, or a base that is gone."""
    code = answer.hedge_code[rules.link_hedge[link]]
    return 1 if code & (ZERO_TARGET | BASE_GONE) != 0 or rules.link_beta[link] == 0.0 else 0


@compilable
def is_closing(rules: Rules, answer: Answer, pool: int) -> int:
    """1 when every hedge of a pool is to be closed whole."""
    for link in range(rules.links):
        if rules.link_pool[link] == pool and is_closed(rules, answer, link) == 0:
            return 0
    return 1


@compilable
def lacks_answer(rules: Rules, answer: Answer, hedge: int) -> int:
    """1 when a hedge has no answer and needs one: where nothing is left to hedge it needs none."""
    return rules.hedge_hold[hedge] if answer.hedge_code[hedge] & BASE_GONE == 0 else 0


@compilable
def holds(rules: Rules, answer: Answer, pool: int) -> int:
    """1 when a hedge of the pool lacks its answer: the pool then keeps what it holds."""
    for link in range(rules.links):
        if rules.link_pool[link] == pool:
            if lacks_answer(rules, answer, rules.link_hedge[link]) == 1:
                return 1
    return 0


@compilable
def is_past(held: float, can: float, dead_zone: float) -> int:
    """1 when futures are on the other side of what is asked for, or past it by a dead zone.

    Args: held, can: futures coins, - is short; dead_zone: a fraction of `can`.
    """
    return 1 if held * can < 0.0 or abs(held) > abs(can) * (1.0 + dead_zone) else 0


@compilable
def longest(problem: Problem, pool: int) -> float:
    """Coins that a pool's futures may be net long: what is owed of the coins it hedges.

    Without end where the owner says so. Owed: balances and PnL of the coin are below 0 together,
    so that the same holds once an order at the mark is filled. Worked: 0.3 ETH owed, hedged by BTC
    at beta 1, a twentieth of its price: 0.015 BTC.
    """
    rules, work, answer = problem.rules, problem.work, problem.answer
    if rules.allow_long == 1:
        return math.inf
    most = 0.0
    for link in range(rules.links):
        if rules.link_pool[link] == pool and is_closed(rules, answer, link) == 0:
            owned = settled_coins(work.held, rules.hedge_currency[rules.link_hedge[link]])
            per_coin = pool_coins_per_coin(problem.quote, rules, link)
            most += max(0.0, -owned) * max(0.0, per_coin)
    return most


@compilable
def pool_target(problem: Problem, pool: int, unmanaged: float) -> float:
    """Coins the legs in use should hold: minus the terms, less what other legs already hold.

    No more net long than they may be: this sells risk, and does not buy it. Legs in use never
    go against the pool's own side to offset what they do not manage.
    """
    rules, work, answer = problem.rules, problem.work, problem.answer
    if is_closing(rules, answer, pool) == 1:
        return 0.0
    total = 0.0
    for link in range(rules.links):
        if rules.link_pool[link] == pool:
            total -= work.term[link]
    own = total - unmanaged
    if own * total <= 0.0:
        return 0.0
    return min(own, longest(problem, pool))


@compilable
def held_by_pool(problem: Problem, pool: int) -> float:
    """Futures coins held and working in the legs a pool uses."""
    layout, quote, rules, work = problem.layout, problem.quote, problem.rules, problem.work
    total = 0.0
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[use]
        total += work.hold[leg] * coins_per_contract(layout, quote, leg)
    return total


@compilable
def owes_alone(rules: Rules, answer: Answer, pool: int) -> int:
    """WEALTH_GONE or OWES when all hedges that a pool carries are one or the other; else 0."""
    found = 0
    for link in range(rules.links):
        if rules.link_pool[link] == pool and is_closed(rules, answer, link) == 0:
            code = answer.hedge_code[rules.link_hedge[link]] & (WEALTH_GONE | OWES)
            if code == 0:
                return 0
            found |= code
    return found


@compilable
def inner_target(
    problem: Problem, pool: int, held: float, can: float, want: float
) -> tuple[int, float]:
    """(1 when the pool trades, futures coins at the inner bound): the band of each hedge.

    A hedge that several pools carry is held to its band in each of them, as if that pool carried
    all of it: its held ratio is the weighted mean of these, so it is within its band when they are.
    A hedge whose wealth is gone has none: what it holds is kept up to its coins (`is_past`), and
    closed where it adds to them. One whose target is 0 has none on the side of more, as where
    nothing is owed all is closed. Beside a hedge with a band theirs alone counts.
    The trigger is tested on what the limits allow (`can`), the way back leads to the inner
    bound of the uncapped target (`want`), or to `can` where that is nearer.

    Args: pool: its row; held, can, want: futures coins, - is short: held and working, what the
    limits allow, the uncapped target.
    """
    quote, rules, work, answer = problem.quote, problem.rules, problem.work, problem.answer
    trades, inner = 0, held
    owed = owes_alone(rules, answer, pool)
    if owed != 0 and is_past(held, can, rules.dead_zone) == 1:
        trades, inner = 1, can
        if owed & WEALTH_GONE != 0 and held * can <= 0.0:
            inner = 0.0
    for link in range(rules.links):
        hedge = rules.link_hedge[link]
        if rules.link_pool[link] != pool or answer.hedge_code[hedge] & WEALTH_GONE != 0:
            continue
        per = futures_per_ratio(rules, quote, answer.base[hedge], work.share[link], link)
        if per == 0.0:
            continue
        off = (can - held) / per
        side = band_side(off, 0.0, rules.under_trigger[hedge], rules.over_trigger[hedge])
        if side != WITHIN:
            back = inner_bound(side, 0.0, rules.under_settle[hedge], rules.over_settle[hedge])
            bound = want - back * per
            if (bound - held) * (can - held) <= 0.0 or abs(bound - held) > abs(can - held):
                bound = can
            if trades == 0 or abs(bound - can) < abs(inner - can):
                inner = bound
            trades = 1
    return trades, inner


@compilable
def may_trade_in_band(problem: Problem, pool: int) -> int:
    """1 when a limit, a roll or a blocked leg may move a pool whatever its band says."""
    state, rules = problem.state, problem.rules
    if rules.max_leverage > 0.0 or rules.min_distance > 0.0:
        return 1
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        if rules.use_retire[use] == 1 or is_blocked(state, rules.use_leg[use]) == 1:
            return 1
    return 0


@compilable
def size_pool(problem: Problem, pool: int) -> None:
    """Capacity, band, allocation and whole lots of one pool; writes trades and cancels."""
    rules, work, answer = problem.rules, problem.work, problem.answer
    held = held_by_pool(problem, pool)
    unmanaged = work.sized.futures[rules.pool_currency[pool]] - held
    closing = is_closing(rules, answer, pool)
    want = pool_target(problem, pool, unmanaged)
    if holds(rules, answer, pool) == 1:
        closing, want = 0, held
    can, cut = want, 0
    answer.want[pool], answer.can[pool] = want, want
    answer.before[pool], answer.after[pool] = held, held
    trades, inner = inner_target(problem, pool, held, want, want)
    if trades == 1 or may_trade_in_band(problem, pool) == 1:
        manner = HELD_TO_LIMITS if trades == 1 else LEFT_BY_BAND
        can = allocate(problem, pool, want, want, closing, manner)
        answer.can[pool] = can
        cut = flag_legs(problem, pool)
        trades, inner = inner_target(problem, pool, held, can, want)
    if cut == 1 or retires(rules, work, pool) == 1:
        trades = 1
    if closing == 1:
        inner = 0.0
        trades = 1 if is_flat(rules, work, pool) == 0 else 0
    code = CAPPED if is_capped(problem, pool) == 1 else 0
    sent = 0
    if trades == 1:
        if rolls(rules, work, pool) == 1:  # what the roll leads to, and what it does now
            allocate(problem, pool, inner, can, closing, WHOLE_LOTS, 0)
            note_whole(problem, pool)
            allocate(problem, pool, inner, can, closing, WHOLE_LOTS)
        else:
            allocate(problem, pool, inner, can, closing, WHOLE_LOTS)
            note_whole(problem, pool)
        sent = finish_pool(problem, pool)
    else:
        keep_pool(problem, pool)
    code += TRADED if sent > 0 else (ROUNDED_AWAY if trades == 1 else IN_BAND)
    note_codes(problem, pool, code)


@compilable
def note_whole(problem: Problem, pool: int) -> None:
    """Keep the goals of a pool's legs as they are before orders are cut to the largest one."""
    rules, work = problem.rules, problem.work
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        work.whole[rules.use_leg[use]] = work.goal.contracts[rules.use_leg[use]]


@compilable
def note_codes(problem: Problem, pool: int, code: int) -> None:
    """Why a pool came out as it did, written to each of its hedges."""
    rules, work, answer = problem.rules, problem.work, problem.answer
    wanted = 0.0
    for link in range(rules.links):
        if rules.link_pool[link] == pool:
            wanted -= work.term[link]
    if wanted * (1.0 - NETTED) > longest(problem, pool):
        code += NO_LONG
    for link in range(rules.links):
        if rules.link_pool[link] == pool:
            hedge = rules.link_hedge[link]
            both = answer.hedge_code[hedge] | code
            if both & (TRADED | ROUNDED_AWAY) != 0 and both & IN_BAND != 0:
                both -= IN_BAND  # said of a hedge when all its pools are
            answer.hedge_code[hedge] = both


@compilable
def is_flat(rules: Rules, work: Work, pool: int) -> int:
    """1 when no leg of the pool holds or works anything."""
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        if work.hold[rules.use_leg[use]] != 0.0:
            return 0
    return 1


@compilable
def retires(rules: Rules, work: Work, pool: int) -> int:
    """1 when a leg whose rule has rolled on still holds contracts."""
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        if rules.use_retire[use] == 1 and work.hold[rules.use_leg[use]] != 0.0:
            return 1
    return 0


@compilable
def rolls(rules: Rules, work: Work, pool: int) -> int:
    """1 when a leg whose rule has rolled on still holds contracts and goes by slices."""
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        if rules.use_retire[use] == 1 and rules.use_slice[use] < 1.0:
            if work.hold[rules.use_leg[use]] != 0.0:
                return 1
    return 0
