"""The loop over time and lanes: the only compiled code of the project.

Time outside, lanes inside. Each lane is one account set under one set of rules; a backtest is
one lane. A step is `exchange.advance`, then `decide.act` on the ratios of the step, then
`exchange.place`. A run can halt before `act`, where policies are asked with the book as it will
find it, and go on from there. The same function runs plain, on the same records, for the tests.
"""

import math
from collections.abc import Sequence

from volsculpt.book.exposure import wealth_usd
from volsculpt.book.group import group_equity, group_gross, group_maintenance
from volsculpt.book.liquidation import NEVER, nearest_factor
from volsculpt.book.state import Layout, Quote, State
from volsculpt.decide.act import act
from volsculpt.decide.rules import Answer, Rules, Work
from volsculpt.exchange.place import place
from volsculpt.exchange.rows import Bar, Happened, Step, Tally
from volsculpt.exchange.step import advance
from volsculpt.simulate.calm import CALM_PARTS, seek_calm
from volsculpt.simulate.edges import AWAKE, PAID, RESTING, Calm, Sides
from volsculpt.simulate.lanes import Rows
from volsculpt.simulate.market_arrays import Ahead, Market, Track
from volsculpt.simulate.rest import (
    REST_PARTS,
    pay_calmly,
    rests_until,
    settle_coins,
    write_wealth,
)

RUNNING = 0
NOT_FINITE = 1

WHOLE = 0  # what of a step is done: all of it,
ADVANCE = 1  # what the exchange does,
DECIDE = 2  # or the decision at its end


def read_prices(quote: Quote, layout: Layout, index: Rows, marks: Rows) -> None:
    """Copy the prices of one moment into a quote."""
    for leg in range(layout.legs.rows):
        quote.mark[leg] = marks[leg]
    for currency in range(layout.currencies):
        quote.index_usd[currency] = index[currency]


def read_bar(market: Market, step: int, path: int, layout: Layout, bar: Bar) -> None:
    """Copy what happens in one step of one path."""
    for leg in range(layout.legs.rows):
        bar.trade[leg] = market.trade[step, leg, path]
        bar.high_mark[leg] = market.high_mark[step, leg, path]
        bar.low_mark[leg] = market.low_mark[step, leg, path]
        bar.funding[leg] = market.funding[step, leg, path]
        bar.delivery[leg] = market.delivery[step, leg, path]
    for wallet in range(layout.wallets):
        bar.flow[wallet] = market.flow[step, wallet, path]


def read_step(market: Market, step: int, path: int, layout: Layout, bar: Bar, prices: Step) -> None:
    """Move one path on by a step; `before` are the last prices of the step before."""
    if step > 0:
        last = step - 1
        index, marks = market.close_index[last, :, path], market.close_mark[last, :, path]
        read_prices(prices.before, layout, index, marks)
    opened, closed = prices.opened, prices.closed
    read_prices(opened, layout, market.open_index[step, :, path], market.open_mark[step, :, path])
    read_prices(closed, layout, market.close_index[step, :, path], market.close_mark[step, :, path])
    read_bar(market, step, path, layout, bar)


def note_groups(
    track: Track,
    step: int,
    lane: int,
    layout: Layout,
    state: State,
    quote: Quote,
    answer: Answer,
) -> None:
    """Write what the margin groups of a lane look like at the end of a step."""
    for row in range(layout.groups):
        track.equity[step, row, lane] = group_equity(layout, state, quote, row)
        track.maintenance[step, row, lane] = group_maintenance(layout, state, quote, row)
        track.gross[step, row, lane] = group_gross(layout, state, quote, row)
        found, factor = nearest_factor(layout, state, quote, row, -1, 1)
        track.distance[step, row, lane] = -1.0 if found == NEVER else abs(factor - 1.0)
        track.top_up[step, row, lane] = answer.top_up[row]


def note_hedges(
    track: Track,
    step: int,
    lane: int,
    rules: Rules,
    answer: Answer,
    work: Work,
    targets: Sequence[float],
) -> None:
    """Write what each hedge holds, wants and leaves open at the end of a step, and why."""
    for row in range(rules.hedges):
        coin = rules.hedge_currency[row]
        sums = work.held
        track.held[step, row, lane] = answer.held[row]
        track.target[step, row, lane] = targets[row]
        track.delta[step, row, lane] = sums.balance[coin] + sums.pnl[coin] + sums.futures[coin]
        track.hedge_code[step, row, lane] = answer.hedge_code[row]
    for row in range(rules.legs):
        track.leg_code[step, row, lane] = answer.leg_code[row]


def note_events(track: Track, step: int, lane: int, layout: Layout, now: Happened) -> None:
    """Write what happened in a step, as the exchange wrote it down."""
    for row in range(layout.legs.rows):
        track.filled[step, row, lane] = now.filled[row]
        track.fill_price[step, row, lane] = now.fill_price[row]
        track.fill_usd[step, row, lane] = now.fill_usd[row]
        track.fee_usd[step, row, lane] = now.fee_usd[row]
        track.slippage_usd[step, row, lane] = now.slippage_usd[row]
        track.refused[step, row, lane] = now.refused[row]
        track.delivered[step, row, lane] = now.delivered[row]
        track.delivery_price[step, row, lane] = now.delivery_price[row]
        track.closed[step, row, lane] = now.closed[row]
        track.closed_mark[step, row, lane] = now.closed_mark[row]
    for row in range(layout.groups):
        track.lost_usd[step, row, lane] = now.lost_usd[row]
        track.fell[step, row, lane] = now.fell[row]


def note_sent(track: Track, step: int, lane: int, rules: Rules, now: Happened) -> None:
    """Write what coins left at the end of a step."""
    for group in range(rules.groups):
        for row in range(rules.source_from[group], rules.source_to[group]):
            track.sent[step, row, lane] = now.sent[row]
            track.sent_usd[step, row, lane] = now.sent_usd[row]


def note(
    track: Track,
    step: int,
    lane: int,
    layout: Layout,
    rules: Rules,
    state: State,
    quote: Quote,
    answer: Answer,
    work: Work,
    targets: Sequence[float],
    tally: Tally,
) -> None:
    """Write what a lane looks like at the end of a step, before its orders leave."""
    for row in range(layout.wallets):
        track.wallet[step, row, lane] = state.wallet[row]
    for row in range(layout.legs.rows):
        track.contracts[step, row, lane] = state.contracts[row]
        track.cost[step, row, lane] = state.cost[row]
    note_hedges(track, step, lane, rules, answer, work, targets)
    note_groups(track, step, lane, layout, state, quote, answer)
    note_events(track, step, lane, layout, tally.now)
    track.tally[step, 0, lane] = tally.spot[0]
    track.tally[step, 1, lane] = tally.futures[0]
    track.tally[step, 2, lane] = tally.basis[0]
    track.tally[step, 3, lane] = tally.funding[0]
    track.tally[step, 4, lane] = tally.fees[0]
    track.tally[step, 5, lane] = tally.slippage[0]
    track.tally[step, 6, lane] = tally.liquidation[0]
    track.tally[step, 7, lane] = tally.transfers[0]
    track.tally[step, 8, lane] = tally.flows[0]
    track.tally[step, 9, lane] = tally.traded[0]
    track.tally[step, 10, lane] = tally.orders[0]
    track.tally[step, 11, lane] = tally.liquidations[0]


def run_lane(
    layout: Layout,
    rules: Rows,
    terms: Rows,
    state: Rows,
    pending: Rows,
    answer: Rows,
    work: Rows,
    tally: Rows,
    bar: Bar,
    prices: Step,
    targets: Rows,
    step: int,
    lane: int,
    track: Track,
    sides: Sides,
    calm: Calm,
    part: int,
) -> int:
    """A step of one lane, or a part of it: advance, act, note, place. RUNNING or NOT_FINITE."""
    settled = 1 if calm.flag[0] == PAID else 0
    calm.flag[0] = AWAKE
    if part != DECIDE:
        advance(layout, state, pending, terms, bar, prices, step, tally, settled)
    if part == ADVANCE:
        return RUNNING
    quote = prices.closed
    act(layout, state, quote, rules, targets, work, answer)
    wealth = wealth_usd(layout, quote, work.held)
    track.wealth[lane, step] = wealth
    if sides.noted == 1:
        note(track, step, lane, layout, rules, state, quote, answer, work, targets, tally)
    if not math.isfinite(wealth):
        return NOT_FINITE
    place(layout, state, quote, rules, answer, pending, terms, step, tally)
    if sides.noted == 1:
        note_sent(track, step, lane, rules, tally.now)
    if sides.corners > 0 and step >= calm.wait[0]:
        seek_calm(
            sides,
            calm,
            step,
            settled,
            layout,
            rules,
            state,
            pending,
            quote,
            prices.there,
            targets,
            work,
            answer,
        )
    return RUNNING


def rest_on(
    layout: Layout,
    state: Rows,
    ahead: Ahead,
    path: int,
    lane: int,
    start: int,
    fresh: int,
    track: Track,
    calm: Calm,
) -> int:
    """Let a lane rest from `start`: writes its wealth, returns the next step it is looked at.

    fresh: the first step whose funding, flows and deliveries are not dealt with yet.
    """
    stop: int = max(fresh, min(calm.until[0], ahead.event[path, fresh]))
    write_wealth(calm, layout, state, ahead, path, start, stop, track.wealth[lane])
    return stop


def book_calmly(
    layout: Layout,
    state: Rows,
    market: Market,
    step: int,
    path: int,
    lane: int,
    tally: Rows,
    track: Track,
    ahead: Ahead,
    calm: Calm,
) -> None:
    """Book what is due at a step of a lane in its box; it rests on, or is awake afterwards."""
    if calm.flag[0] != RESTING:
        return
    calm.flag[0] = AWAKE
    if step < calm.until[0] and ahead.busy[path, step] == 0:
        calm.flag[0] = PAID
        if pay_calmly(calm, layout, state, market, step, path, tally) == 1:
            calm.flag[0], after = RESTING, step + 1
            ahead.due[lane] = rest_on(layout, state, ahead, path, lane, step, after, track, calm)


def begin_rest(
    sides: Sides,
    calm: Calm,
    layout: Layout,
    rules: Rows,
    state: Rows,
    ahead: Ahead,
    path: int,
    lane: int,
    step: int,
    to_step: int,
    track: Track,
) -> None:
    """Look how far a lane that has a new box may rest in it, and let it."""
    if calm.flag[0] != RESTING:
        return
    after = step + 1
    settle_coins(calm, layout, state)
    calm.until[0] = rests_until(sides, calm, layout, rules, ahead, path, lane, after, to_step)
    ahead.due[lane] = rest_on(layout, state, ahead, path, lane, after, after, track, calm)


def part_of(step: int, from_step: int, to_step: int, resumed: int, halts: int) -> int:
    """What of a step is done in a run that goes on before a decision, or halts before one."""
    if resumed == 1 and step == from_step:
        return DECIDE
    return ADVANCE if halts == 1 and step == to_step - 1 else WHOLE


def wake_all(ahead: Ahead, calms: Rows, step: int) -> None:
    """No lane rests at the start of a piece: rules and targets may have changed."""
    for lane in range(len(calms)):
        calms[lane].flag[0], calms[lane].wait[0], ahead.due[lane] = AWAKE, step, step
    for path in range(len(ahead.read)):
        ahead.read[path] = -1


def run(
    layouts: Rows,
    rules: Rows,
    terms: Rows,
    states: Rows,
    pendings: Rows,
    answers: Rows,
    works: Rows,
    tallies: Rows,
    bars: Rows,
    prices: Rows,
    market: Market,
    ratio: Rows,
    from_step: int,
    to_step: int,
    track: Track,
    status: Rows,
    ahead: Ahead,
    sides: Rows,
    calms: Rows,
    resumed: int,
    halts: int,
) -> None:
    """Advance every lane from `from_step` to `to_step`.

    halts = 1: the last step is left before its decision; resumed = 1: the first begins there.

    Records: one layout, one bar and price set a path, one of the rest a lane. ratio: (step,
    hedge, lane) targets. status per lane: RUNNING or NOT_FINITE; such a lane stands still from
    then on. sides.noted = 0 leaves only wealth in the track, and of the tally what is booked
    (not spot, futures, basis). Steps at which no lane is due are passed over.
    """
    layout, paths, step = layouts[0], len(bars), from_step
    side = sides[0]
    wake_all(ahead, calms, from_step)
    while step < to_step:
        soonest = to_step
        for lane in range(len(status)):
            if status[lane] != RUNNING:
                continue
            path = lane if paths > 1 else 0
            state, tally, calm = states[lane], tallies[lane], calms[lane]
            if ahead.due[lane] <= step:
                book_calmly(layout, state, market, step, path, lane, tally, track, ahead, calm)
            if ahead.due[lane] <= step:
                part = part_of(step, from_step, to_step, resumed, halts)
                if ahead.read[path] != step:
                    read_step(market, step, path, layout, bars[path], prices[path])
                    ahead.read[path] = step
                own = (layout, rules[lane], terms[lane], state, pendings[lane], answers[lane])
                rest = (works[lane], tally, bars[path], prices[path], ratio[step, :, lane])
                status[lane] = run_lane(*own, *rest, step, lane, track, side, calm, part)
                ahead.due[lane] = step + 1
                begin_rest(
                    side, calm, layout, rules[lane], state, ahead, path, lane, step, to_step, track
                )
            soonest = min(soonest, ahead.due[lane])
        step = soonest


KERNEL_PARTS = (
    read_prices,
    read_bar,
    read_step,
    note_groups,
    note_hedges,
    note_events,
    note_sent,
    note,
    part_of,
    run_lane,
    *CALM_PARTS,
)
INLINED = (
    *REST_PARTS,
    rest_on,
    book_calmly,
    begin_rest,
    wake_all,
)  # passing arrays would cost more than they do
