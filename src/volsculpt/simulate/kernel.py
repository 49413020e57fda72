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
from volsculpt.decide.rules import Answer, Problem, Rules, Work
from volsculpt.decide.trigger_book import find_rows
from volsculpt.exchange.place import place
from volsculpt.exchange.rows import Bar, Happened, Step, Tally
from volsculpt.exchange.step import advance
from volsculpt.simulate.horizon import Horizon
from volsculpt.simulate.lanes import Rows
from volsculpt.simulate.market_arrays import Market, Track
from volsculpt.simulate.scan import INLINED as SCAN_INLINED
from volsculpt.simulate.scan import SCAN_PARTS, is_clear, rest

RUNNING = 0
NOT_FINITE = 1

WHOLE = 0  # what of a step is done: all of it,
ADVANCE = 1  # what the exchange does,
DECIDE = 2  # or the decision at its end

PATIENCE = 4  # steps until rows are looked for again where there were none


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
    """Read a step of a path; `before` are the last prices of the step before, or its first."""
    opened, closed, last = prices.opened, prices.closed, step - 1
    read_prices(opened, layout, market.open_index[step, :, path], market.open_mark[step, :, path])
    read_prices(closed, layout, market.close_index[step, :, path], market.close_mark[step, :, path])
    index, marks = market.close_index[last, :, path], market.close_mark[last, :, path]
    if step == 0:
        index, marks = market.open_index[0, :, path], market.open_mark[0, :, path]
    read_prices(prices.before, layout, index, marks)
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
    bar: Rows,
    prices: Rows,
    targets: Rows,
    step: int,
    lane: int,
    track: Track,
    noted: int,
    part: int,
    paid: int,
) -> int:
    """A step of one lane, or a part of it: advance, act, note, place. RUNNING or NOT_FINITE.

    paid = 1: the funding of the step is booked already.
    """
    if part != DECIDE:
        advance(layout, state, pending, terms, bar, prices, step, tally, paid)
    if part == ADVANCE:
        return RUNNING
    quote = prices.closed
    act(Problem(layout, state, quote, rules, work, answer), targets)
    wealth = wealth_usd(layout, quote, work.held)
    track.wealth[lane, step] = wealth
    if noted == 1:
        note(track, step, lane, layout, rules, state, quote, answer, work, targets, tally)
    if not math.isfinite(wealth):
        return NOT_FINITE
    place(layout, state, quote, rules, answer, pending, terms, step, tally)
    if noted == 1:
        note_sent(track, step, lane, rules, tally.now)
    return RUNNING


def part_of(step: int, from_step: int, to_step: int, resumed: int, halts: int) -> int:
    """What of a step is done in a run that goes on before a decision, or halts before one."""
    if resumed == 1 and step == from_step:
        return DECIDE
    return ADVANCE if halts == 1 and step == to_step - 1 else WHOLE


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
    horizon: Horizon,
    triggers: Rows,
    noted: int,
    resumed: int,
    halts: int,
) -> None:
    """Advance every lane from `from_step` to `to_step`.

    halts = 1: the last step is left before its decision; resumed = 1: the first begins there.

    Records: one layout, one bar and price set a path, one of the rest a lane; triggers: one, as
    scratch. ratio: (step, hedge, lane) targets. status per lane: RUNNING or NOT_FINITE; such a
    lane stands still from then on. noted = 0 leaves wealth alone in the track, no spot, futures
    or basis in the tally, and passes over steps at which no row of a lane speaks.
    """
    layout, rows, paths = layouts[0], triggers[0], len(bars)
    for lane in range(len(status)):
        path = lane if paths > 1 else 0
        own = (layout, rules[lane], terms[lane], states[lane], pendings[lane], answers[lane])
        bar, price, tally, work = bars[path], prices[path], tallies[lane], works[lane]
        step, paid, wait = from_step, 0, from_step
        while step < to_step and status[lane] == RUNNING:
            part = part_of(step, from_step, to_step, resumed, halts)
            read_step(market, step, path, layout, bar, price)
            targets = ratio[step, :, lane]
            rest_of = (work, tally, bar, price, targets, step, lane, track, noted, part, paid)
            status[lane] = run_lane(*own, *rest_of)
            step, paid = step + 1, 0
            if (
                noted == 1
                or part == ADVANCE
                or step < wait
                or is_clear(layout, pendings[lane]) == 0
            ):
                continue
            book = (layout, states[lane], price.closed, rules[lane], work, answers[lane])
            find_rows(Problem(*book), targets, rows)
            if rows.used[0] < 0:
                wait = step + PATIENCE
                continue
            ways = (market, horizon, bar, price, tally, track.wealth[lane], path, lane)
            held = (layout, states[lane], rules[lane], rows)
            step, paid = rest(*held, *ways, step, to_step - halts)


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
    *SCAN_PARTS,
)
INLINED = SCAN_INLINED
