"""act: from an aim to contracts to trade, the same in plan, backtest, paper and live.

Order of sizing: unbanded target -> capacity of each margin group with the coins that have
arrived -> band -> allocation to legs -> order size and whole lots -> coins to post (`post_needs`)
-> coins that the book to come lacks or leaves over (`ask_coins`, `release`).
"""

from collections.abc import Sequence

from volsculpt.book.exposure import coins_per_contract, exposure, held_ratio, wealth_usd
from volsculpt.book.state import Layout, State
from volsculpt.compilable import compilable
from volsculpt.contracts.payoff import quote_exposure
from volsculpt.decide.allocate import place_rest
from volsculpt.decide.collateral import ask, reserve
from volsculpt.decide.finish import cut_rest, trim_growth
from volsculpt.decide.goal import set_goal, share_margin, start_goal
from volsculpt.decide.leg_moves import WITH_TRANSFERS, pool_goal, raise_legs, reduce_legs
from volsculpt.decide.pool import (
    NETTED,
    base_coins,
    closing_code,
    fill_shares,
    hedge_need,
    hedge_term,
    least_need,
    part_coins,
    spot_delta,
)
from volsculpt.decide.posts import post_free_coins, release
from volsculpt.decide.rules import (
    MAX_ORDER,
    NO_LONG,
    UNKNOWN_DATA,
    VENUE_MOST,
    Problem,
    Rules,
    use_rows,
)
from volsculpt.decide.sizing import held_by_pool, holds, inner_target, rolls, size_pool


@compilable
def clear(problem: Problem) -> None:
    """Forget the step before."""
    rules, work, answer = problem.rules, problem.work, problem.answer
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
def measure(problem: Problem, ratio: Sequence[float]) -> None:
    """Bases, held ratios and what each hedge asks of its pool."""
    layout, state, quote, rules, work, answer = problem
    exposure(layout, state, quote, 0, work.held)
    exposure(layout, state, quote, 1, work.sized)
    wealth = wealth_usd(layout, quote, work.held)
    for hedge in range(rules.hedges):
        base = base_coins(rules, quote, work.held, wealth, hedge)
        spot = spot_delta(rules, work.held, hedge)
        answer.base[hedge], answer.held[hedge] = base, spot
        answer.hedge_code[hedge] = closing_code(rules, quote, base, spot, ratio[hedge], hedge)
        if hedge_need(problem, ratio[hedge], hedge) * (1.0 - NETTED) < least_need(problem, hedge):
            answer.hedge_code[hedge] |= NO_LONG
    for link in range(rules.links):
        work.term[link] = hedge_term(problem, ratio[rules.link_hedge[link]], link)
    for pool in range(rules.pools):
        fill_shares(problem, answer.base, pool, work.term, work.share)
    for link in range(rules.links):
        futures = work.held.futures[rules.pool_currency[rules.link_pool[link]]]
        part = part_coins(rules, quote, work.share[link], futures, link)
        answer.held[rules.link_hedge[link]] += part
    for hedge in range(rules.hedges):
        base = answer.base[hedge]
        answer.held[hedge] = held_ratio(answer.held[hedge], base) if base > 0.0 else 0.0


@compilable
def is_unknown(state: State, rules: Rules, pool: int) -> int:
    """1 when a balance or index that the pool is sized by is missing."""
    for link in range(rules.links):
        currency = rules.hedge_currency[rules.link_hedge[link]]
        if rules.link_pool[link] == pool and state.known[currency] == 0:
            return 1
    return 1 - state.known[rules.pool_currency[pool]]


@compilable
def leave_pool(problem: Problem, pool: int) -> None:
    """A pool whose data is missing keeps what it holds, and its hedges say why."""
    rules, answer = problem.rules, problem.answer
    held = held_by_pool(problem, pool)
    answer.want[pool], answer.can[pool] = held, held
    answer.before[pool], answer.after[pool] = held, held
    for link in range(rules.links):
        if rules.link_pool[link] == pool:
            answer.hedge_code[rules.link_hedge[link]] |= UNKNOWN_DATA


@compilable
def is_planned(rules: Rules) -> int:
    """1 when coins may move to or from any margin group."""
    for group in range(rules.groups):
        if rules.planned[group] == 1:
            return 1
    return 0


@compilable
def goes_in_parts(problem: Problem, pool: int) -> int:
    """1 when this step sends a part of what a pool is to trade: a largest order, or a slice."""
    rules, work, answer = problem.rules, problem.work, problem.answer
    if rolls(rules, work, pool) == 1:
        return 1
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[use]
        if answer.trade[leg] != 0.0 and answer.leg_code[leg] & (MAX_ORDER | VENUE_MOST) != 0:
            return 1
    return 0


@compilable
def take_whole(problem: Problem, pool: int) -> None:
    """Take all parts of orders into a pool's goals; `work.whole` notes what one part leaves.

    Reductions make room, and a leg that will grow on coins that are there leaves none of the target
    for another to ask coins for. Worked: of 1 BTC sold in thirds on 40,000 dollars that carry it
    all, the first third asks nothing for an empty account before it.
    """
    rules, work = problem.rules, problem.work
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[use]
        part, whole = work.goal.contracts[leg], work.whole[leg]
        work.whole[leg] = part
        if whole != part:
            set_goal(problem, leg, whole)


@compilable
def is_part_larger(problem: Problem, pool: int, leg: int) -> int:
    """1 when on the coins of a leg a pool stands larger with this step's parts than in the end."""
    layout, quote, rules, work = problem.layout, problem.quote, problem.rules, problem.work
    more = 0.0
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        other = rules.use_leg[use]
        if share_margin(layout, leg, other) == 1:
            change = abs(work.whole[other]) - abs(work.goal.contracts[other])
            more += change * abs(coins_per_contract(layout, quote, other))
    return 1 if more > 0.0 else 0


@compilable
def keep_larger(problem: Problem, pool: int) -> None:
    """Go back to what this step's parts leave wherever that is the larger book of an account.

    Until the other parts are filled that is what stands there. Worked: a roll of 258,000 in parts
    of 5,000: 253,000 where it comes from, all of it where it goes to.
    """
    rules, work = problem.rules, problem.work
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[use]
        if work.whole[leg] == work.goal.contracts[leg] or is_part_larger(problem, pool, leg) == 0:
            continue
        for beside in range(rules.pool_from[pool], rules.pool_to[pool]):
            other = rules.use_leg[beside]
            if share_margin(problem.layout, leg, other) == 1:
                set_goal(problem, other, work.whole[other])


@compilable
def book_to_come(problem: Problem, pool: int) -> None:
    """Raise the post-trade goals of a pool to what its band would trade to with more coins.

    The band is tested on the post-trade book and the uncapped target: this is the book to be
    held once the coins have arrived. Where reductions go in parts, as in a roll, others take their
    place as fast, so what these will hold in the end is asked for at once.
    """
    want, in_parts = problem.answer.want[pool], goes_in_parts(problem, pool)
    _, inner = inner_target(problem, pool, pool_goal(problem, pool), want, want)
    if in_parts == 1:
        take_whole(problem, pool)
    after = pool_goal(problem, pool)
    if want != 0.0 and abs(inner) > abs(after):
        lack = inner - after
        near, far = reduce_legs(problem, pool, lack, lack, WITH_TRANSFERS)
        left = raise_legs(problem, pool, near, far, WITH_TRANSFERS)
        place_rest(problem, pool, left)
    if in_parts == 1:
        keep_larger(problem, pool)


@compilable
def ask_coins(problem: Problem) -> None:
    """Build the book to come, and write the coins it lacks or leaves over.

    Groups that lack coins for what they hold come first: others grow on what these leave. Worked:
    1 BTC short at 4x for 3x, cut to 0.749, behind an empty account: of 13,000 dollars 5,243 go to
    the one that was cut, 7,757 to the empty one.
    """
    state, rules, work, answer = problem.state, problem.rules, problem.work, problem.answer
    for group in range(rules.groups):
        reserve(problem, group)
        work.urgent[group] = 1 if work.reserved[group] > 0.0 else 0
    for pool in range(rules.pools):
        if is_unknown(state, rules, pool) == 0 and holds(rules, answer, pool) == 0:
            book_to_come(problem, pool)
    for group in range(rules.groups):
        work.reserved[group] = 0.0
    for urgent in (1, 0):
        for group in range(rules.groups):
            if rules.planned[group] == 1 and work.urgent[group] == urgent:
                ask(problem, group)
                work.reserved[group] = answer.top_up[group]


@compilable
def post_needs(problem: Problem) -> None:
    """Let isolated positions post what limits need: those that carry a hedge before the others."""
    rules = problem.rules
    for use in range(use_rows(rules)):
        post_free_coins(problem, rules.use_leg[use])
    for leg in range(rules.legs):
        post_free_coins(problem, leg)


@compilable
def is_quoted_in_coins(layout: Layout, rules: Rules, pool: int) -> int:
    """1 when trading a pool changes what is held of a coin other than its own."""
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        if layout.moves[layout.legs.quote[rules.use_leg[use]]] == 1:
            return 1
    return 0


@compilable
def answer_pool(problem: Problem, pool: int) -> None:
    """Size a pool, and let the pools after it see the quote legs of what it trades.

    Worked: 10 ETH sold against BTC at 0.05 are 0.5 BTC more, which a hedge of BTC sells.
    """
    layout, state, quote, rules, work, answer = problem
    if is_unknown(state, rules, pool) == 1:
        leave_pool(problem, pool)
        return
    size_pool(problem, pool)
    legs = layout.legs
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[use]
        if layout.moves[legs.quote[leg]] == 1 and answer.trade[leg] != 0.0:
            work.sized.futures[legs.quote[leg]] += quote_exposure(
                legs.payoff[leg], answer.trade[leg], legs.multiplier[leg], quote.mark[leg]
            )


@compilable
def act(problem: Problem, ratio: Sequence[float]) -> None:
    """Fill `answer` with whole contracts to trade, orders to cancel and coins to move.

    ratio: target per hedge, already clamped. Nothing is drawn at random and no clock is
    read: the same inputs give the same answer. Worked: 1.2345 BTC at 60,000, ratio 1, one
    contract of 100 USD: trade -740, 70 USD left long.
    """
    layout, rules = problem.layout, problem.rules
    clear(problem)
    measure(problem, ratio)
    start_goal(problem)
    post_needs(problem)
    for pool in range(rules.pools):
        if is_quoted_in_coins(layout, rules, pool) == 1:
            answer_pool(problem, pool)
    for pool in range(rules.pools):
        if is_quoted_in_coins(layout, rules, pool) == 0:
            answer_pool(problem, pool)
    if rules.pools > 1:
        for pool in range(rules.pools):
            if is_unknown(problem.state, rules, pool) == 0:
                cut_rest(problem, pool)
        for pool in range(rules.pools):
            trim_growth(problem, pool)
    post_needs(problem)
    if is_planned(rules) == 1:
        ask_coins(problem)
    for group in range(rules.groups):
        release(problem, group)
