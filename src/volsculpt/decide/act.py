"""act: from an aim to contracts to trade, the same in plan, backtest, paper and live.

Order of sizing: unbanded target -> collateral the post-trade book needs -> capacity of each
margin group with the coins that have arrived -> band -> allocation to legs -> order size.
"""

from collections.abc import Sequence

from volsculpt.book.exposure import coins_per_contract, exposure, wealth_usd
from volsculpt.book.state import Layout, Quote, State
from volsculpt.compilable import compilable
from volsculpt.decide.allocate import (
    HELD_TO_LIMITS,
    WHOLE_LOTS,
    WITH_TRANSFERS,
    allocate,
    is_blocked,
    keep_pool,
    place_rest,
    pool_goal,
    raise_legs,
)
from volsculpt.decide.band import WITHIN, band_side, inner_bound
from volsculpt.decide.collateral import ask, post_free_coins, release
from volsculpt.decide.finish import finish_pool, flag_legs, trim_growth
from volsculpt.decide.goal import start_goal
from volsculpt.decide.pool import (
    base_coins,
    closing_code,
    fill_shares,
    futures_per_ratio,
    hedge_term,
    ratio_at,
)
from volsculpt.decide.rules import (
    CAPPED,
    IN_BAND,
    NO_LONG,
    ROUNDED_AWAY,
    TRADED,
    UNKNOWN_DATA,
    Answer,
    Rules,
    Work,
)


@compilable
def clear(rules: Rules, work: Work, answer: Answer) -> None:
    """Forget the step before."""
    for leg in range(rules.legs):
        answer.trade[leg] = 0.0
        answer.cancel[leg] = 0
        answer.leg_code[leg] = 0
    for group in range(rules.groups):
        answer.top_up[group] = 0.0
        answer.post[group] = 0.0
        answer.lacking[group] = 0.0
        answer.group_code[group] = 0
        work.reserved[group] = 0.0
        work.spare[group] = 0.0
    for hedge in range(rules.hedges):
        answer.hedge_code[hedge] = 0


@compilable
def measure(
    layout: Layout,
    state: State,
    quote: Quote,
    rules: Rules,
    ratio: Sequence[float],
    work: Work,
    answer: Answer,
) -> None:
    """Bases, held ratios and what each hedge asks of its pool."""
    exposure(layout, state, quote, 0, work.held)
    exposure(layout, state, quote, 1, work.sized)
    wealth = wealth_usd(layout, quote, work.held)
    for hedge in range(rules.hedges):
        base = base_coins(rules, quote, work.held, wealth, hedge)
        answer.base[hedge] = base
        answer.hedge_code[hedge] = closing_code(rules, quote, base, ratio[hedge], hedge)
        work.term[hedge] = hedge_term(rules, quote, work.sized, base, ratio[hedge], hedge)
    for pool in range(rules.pools):
        fill_shares(layout, rules, quote, answer.base, pool, work.term, work.share)
    for hedge in range(rules.hedges):
        answer.held[hedge] = 0.0
        if answer.base[hedge] > 0.0:
            futures = work.held.futures[rules.pool_currency[rules.hedge_pool[hedge]]]
            answer.held[hedge] = ratio_at(
                rules, quote, work.held, answer.base[hedge], work.share[hedge], futures, hedge
            )


@compilable
def is_closing(rules: Rules, answer: Answer, pool: int) -> int:
    """1 when every hedge of a pool is to be closed whole."""
    closing = 1
    for hedge in range(rules.hedges):
        if rules.hedge_pool[hedge] == pool and answer.hedge_code[hedge] == 0:
            closing = 0
    return closing


@compilable
def is_unknown(state: State, rules: Rules, pool: int) -> int:
    """1 when a balance or index that the pool is sized by is missing."""
    for hedge in range(rules.hedges):
        if rules.hedge_pool[hedge] == pool and state.known[rules.hedge_currency[hedge]] == 0:
            return 1
    return 1 - state.known[rules.pool_currency[pool]]


@compilable
def holds(rules: Rules, pool: int) -> int:
    """1 when a hedge of the pool has no answer: the pool then keeps what it holds."""
    for hedge in range(rules.hedges):
        if rules.hedge_pool[hedge] == pool and rules.hedge_hold[hedge] == 1:
            return 1
    return 0


@compilable
def may_be_long(rules: Rules, work: Work, pool: int) -> int:
    """1 when a pool's futures may be net long: the owner says so, or owes a coin it hedges."""
    if rules.allow_long == 1:
        return 1
    for hedge in range(rules.hedges):
        if rules.hedge_pool[hedge] == pool:
            if work.held.balance[rules.hedge_currency[hedge]] < 0.0:
                return 1
    return 0


@compilable
def pool_target(rules: Rules, work: Work, answer: Answer, pool: int, unmanaged: float) -> float:
    """Coins the legs in use should hold: minus the terms, less what other legs already hold.

    Never net long, unless it may be: this sells risk, and does not buy it. Legs in use never
    go against the pool's own side to offset what they do not manage.
    """
    if is_closing(rules, answer, pool) == 1:
        return 0.0
    total = 0.0
    for hedge in range(rules.hedges):
        if rules.hedge_pool[hedge] == pool:
            total -= work.term[hedge]
    own = total - unmanaged
    if own * total < 0.0:
        return 0.0
    return min(own, 0.0) if may_be_long(rules, work, pool) == 0 else own


@compilable
def held_by_pool(layout: Layout, quote: Quote, rules: Rules, work: Work, pool: int) -> float:
    """Futures coins held and working in the legs a pool uses."""
    total = 0.0
    for slot in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[slot]
        total += work.hold[leg] * coins_per_contract(layout, quote, leg)
    return total


@compilable
def inner_target(
    layout: Layout,
    quote: Quote,
    rules: Rules,
    work: Work,
    answer: Answer,
    pool: int,
    held: float,
    can: float,
    want: float,
) -> tuple[int, float]:
    """(1 when the pool trades, futures coins at the inner bound): the band of each hedge.

    The trigger is tested on what the limits allow (`can`), the way back leads to the inner
    bound of the uncapped target (`want`), or to `can` where that is nearer.
    """
    trades = 0
    inner = held
    for hedge in range(rules.hedges):
        if rules.hedge_pool[hedge] != pool or answer.base[hedge] <= 0.0:
            continue
        per = futures_per_ratio(rules, quote, answer.base[hedge], work.share[hedge], hedge)
        if per <= 0.0:
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
def is_bound(layout: Layout, state: State, rules: Rules, pool: int) -> int:
    """1 when a limit, a roll or a blocked leg may move a pool whatever its band says."""
    if rules.max_leverage > 0.0 or rules.min_distance > 0.0:
        return 1
    for slot in range(rules.pool_from[pool], rules.pool_to[pool]):
        if rules.use_retire[slot] == 1 or is_blocked(state, rules.use_leg[slot]) == 1:
            return 1
    return 0


@compilable
def size_pool(
    layout: Layout,
    state: State,
    quote: Quote,
    rules: Rules,
    work: Work,
    answer: Answer,
    pool: int,
) -> None:
    """Capacity, band, allocation and whole lots of one pool; writes trades and cancels."""
    held = held_by_pool(layout, quote, rules, work, pool)
    unmanaged = work.sized.futures[rules.pool_currency[pool]] - held
    closing = is_closing(rules, answer, pool)
    want = pool_target(rules, work, answer, pool, unmanaged)
    if holds(rules, pool) == 1:
        closing, want = 0, held
    can, cut = want, 0
    answer.want[pool], answer.can[pool] = want, want
    answer.before[pool], answer.after[pool] = held, held
    trades, inner = inner_target(layout, quote, rules, work, answer, pool, held, want, want)
    if trades == 1 or is_bound(layout, state, rules, pool) == 1:
        can = allocate(layout, state, quote, rules, work, pool, want, want, closing, HELD_TO_LIMITS)
        answer.can[pool] = can
        cut = flag_legs(layout, state, quote, rules, work, answer, pool)
        trades, inner = inner_target(layout, quote, rules, work, answer, pool, held, can, want)
    if cut == 1 or retires(rules, work, pool) == 1:
        trades = 1
    if closing == 1:
        inner = 0.0
        trades = 1 if is_flat(rules, work, pool) == 0 else 0
    code = CAPPED if abs(can - want) > 1e-9 * max(1.0, abs(want)) else 0
    sent = 0
    if trades == 1:
        allocate(layout, state, quote, rules, work, pool, inner, can, closing, WHOLE_LOTS)
        sent = finish_pool(layout, state, quote, rules, work, answer, pool)
    else:
        keep_pool(layout, state, quote, rules, work, pool)
    code += TRADED if sent > 0 else (ROUNDED_AWAY if trades == 1 else IN_BAND)
    note_codes(rules, work, answer, pool, code)


@compilable
def note_codes(rules: Rules, work: Work, answer: Answer, pool: int, code: int) -> None:
    """Why a pool came out as it did, written to each of its hedges."""
    asked = 0.0
    for hedge in range(rules.hedges):
        if rules.hedge_pool[hedge] == pool:
            asked -= work.term[hedge]
    if asked > 0.0 and may_be_long(rules, work, pool) == 0:
        code += NO_LONG
    for hedge in range(rules.hedges):
        if rules.hedge_pool[hedge] == pool:
            answer.hedge_code[hedge] += code


@compilable
def is_flat(rules: Rules, work: Work, pool: int) -> int:
    """1 when no leg of the pool holds or works anything."""
    for slot in range(rules.pool_from[pool], rules.pool_to[pool]):
        if work.hold[rules.use_leg[slot]] != 0.0:
            return 0
    return 1


@compilable
def retires(rules: Rules, work: Work, pool: int) -> int:
    """1 when a leg whose rule has rolled on still holds contracts."""
    for slot in range(rules.pool_from[pool], rules.pool_to[pool]):
        if rules.use_retire[slot] == 1 and work.hold[rules.use_leg[slot]] != 0.0:
            return 1
    return 0


@compilable
def leave_pool(
    layout: Layout, quote: Quote, rules: Rules, work: Work, answer: Answer, pool: int
) -> None:
    """A pool whose data is missing keeps what it holds, and its hedges say why."""
    held = held_by_pool(layout, quote, rules, work, pool)
    answer.want[pool], answer.can[pool] = held, held
    answer.before[pool], answer.after[pool] = held, held
    for hedge in range(rules.hedges):
        if rules.hedge_pool[hedge] == pool:
            answer.hedge_code[hedge] += UNKNOWN_DATA


@compilable
def is_planned(rules: Rules) -> int:
    """1 when coins may move to or from any margin group."""
    for group in range(rules.groups):
        if rules.planned[group] == 1:
            return 1
    return 0


@compilable
def book_to_come(
    layout: Layout,
    state: State,
    quote: Quote,
    rules: Rules,
    work: Work,
    answer: Answer,
    pool: int,
) -> None:
    """Raise the post-trade goals of a pool to what its band would trade to with more coins.

    The band is tested on the post-trade book and the uncapped target: this is the book to be
    held once the coins have arrived.
    """
    want, after = answer.want[pool], pool_goal(layout, quote, rules, work, pool)
    trades, inner = inner_target(layout, quote, rules, work, answer, pool, after, want, want)
    if trades == 1 and want != 0.0 and abs(inner) > abs(after):
        lack = inner - after
        left = raise_legs(layout, state, quote, rules, work, pool, lack, lack, WITH_TRANSFERS)
        place_rest(layout, state, quote, rules, work, pool, left)


@compilable
def ask_coins(
    layout: Layout, state: State, quote: Quote, rules: Rules, work: Work, answer: Answer
) -> None:
    """Build the book to come, and write the coins it lacks or leaves over."""
    for pool in range(rules.pools):
        if is_unknown(state, rules, pool) == 0 and holds(rules, pool) == 0:
            book_to_come(layout, state, quote, rules, work, answer, pool)
    for group in range(rules.groups):
        work.reserved[group] = 0.0
    for group in range(rules.groups):
        if rules.planned[group] == 1:
            ask(layout, state, quote, rules, work, answer, group)
            work.reserved[group] = answer.top_up[group]


@compilable
def act(
    layout: Layout,
    state: State,
    quote: Quote,
    rules: Rules,
    ratio: Sequence[float],
    work: Work,
    answer: Answer,
) -> None:
    """Fill `answer` with whole contracts to trade, orders to cancel and coins to move.

    ratio: target per hedge, already clamped. Nothing is drawn at random and no clock is
    read: the same inputs give the same answer. Worked: 1.2345 BTC at 60,000, ratio 1, one
    contract of 100 USD: trade -740, 70 USD left long.
    """
    clear(rules, work, answer)
    measure(layout, state, quote, rules, ratio, work, answer)
    start_goal(layout, state, quote, work)
    for leg in range(rules.legs):
        post_free_coins(layout, state, quote, rules, work, leg)
    for pool in range(rules.pools):
        if is_unknown(state, rules, pool) == 0:
            size_pool(layout, state, quote, rules, work, answer, pool)
        else:
            leave_pool(layout, quote, rules, work, answer, pool)
    if rules.pools > 1:
        for pool in range(rules.pools):
            trim_growth(layout, state, quote, rules, work, answer, pool)
    for leg in range(rules.legs):
        post_free_coins(layout, state, quote, rules, work, leg)
    if is_planned(rules) == 1:
        ask_coins(layout, state, quote, rules, work, answer)
    for group in range(rules.groups):
        release(layout, state, rules, work, answer, group)
