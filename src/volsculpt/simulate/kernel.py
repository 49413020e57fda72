"""The loop over time and lanes: the only compiled code of the project.

Time outside, lanes inside. Each lane is one account set under one set of rules; a backtest is
one lane. A step is `exchange.advance`, then `decide.act` on the ratios of the step, then
`exchange.place`. The same function runs plain, on the same records, for the tests.
"""

import math
from collections.abc import Sequence

from volsculpt.book.exposure import wealth_usd
from volsculpt.book.group import group_equity, group_gross, group_maintenance
from volsculpt.book.liquidation import NEVER, nearest_factor
from volsculpt.book.state import Layout, Quote, State
from volsculpt.decide.act import act
from volsculpt.decide.rules import Answer
from volsculpt.exchange.place import place
from volsculpt.exchange.rows import Bar, Step, Tally
from volsculpt.exchange.step import advance
from volsculpt.simulate.calm import CALM_PARTS, Calm, Sides, seek_calm
from volsculpt.simulate.lanes import Rows
from volsculpt.simulate.market_arrays import Agenda, Market, Track
from volsculpt.simulate.rest import REST_PARTS, rest_lane, settle_coins

RUNNING = 0
NOT_FINITE = 1


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


def note(
    track: Track,
    step: int,
    lane: int,
    layout: Layout,
    state: State,
    quote: Quote,
    answer: Answer,
    targets: Sequence[float],
    tally: Tally,
) -> None:
    """Write what a lane looks like at the end of a step, before its orders leave."""
    for row in range(layout.wallets):
        track.wallet[step, row, lane] = state.wallet[row]
    for row in range(layout.legs.rows):
        track.contracts[step, row, lane] = state.contracts[row]
        track.cost[step, row, lane] = state.cost[row]
    for row in range(len(targets)):
        track.held[step, row, lane] = answer.held[row]
        track.target[step, row, lane] = targets[row]
    note_groups(track, step, lane, layout, state, quote, answer)
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
    settled: int,
) -> int:
    """One step of one lane: advance, act, note, place. Returns RUNNING or NOT_FINITE."""
    advance(layout, state, pending, terms, bar, prices, step, tally, settled)
    quote = prices.closed
    act(layout, state, quote, rules, targets, work, answer)
    wealth = wealth_usd(layout, quote, work.held)
    track.wealth[step, lane] = wealth
    if sides.noted == 1:
        note(track, step, lane, layout, state, quote, answer, targets, tally)
    if not math.isfinite(wealth):
        return NOT_FINITE
    place(layout, state, quote, rules, answer, pending, terms, step, tally)
    if sides.corners > 0 and step >= calm.wait[0]:
        seek_calm(
            sides,
            calm,
            step,
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
        settle_coins(calm, layout, state)
    return RUNNING


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
    agenda: Agenda,
    sides: Rows,
    calms: Rows,
) -> None:
    """Advance every lane from `from_step` to `to_step`.

    Records: one layout, one bar and price set a path, one of the rest a lane. prices.closed
    holds what each path was last valued at. ratio: (step, hedge, lane) targets. status per
    lane: RUNNING or NOT_FINITE; such a lane stands still from then on. sides.noted = 0 leaves
    only wealth in the track, and of the tally what is booked (not spot, futures, basis).
    """
    layout, paths = layouts[0], len(bars)
    for lane in range(len(status)):
        calms[lane].flag[0], calms[lane].wait[0] = 0, from_step
    for step in range(from_step, to_step):
        for path in range(paths):
            agenda.read[path] = 0
        for lane in range(len(status)):
            if status[lane] != RUNNING:
                continue
            path = lane if paths > 1 else 0
            settled = 0
            if calms[lane].flag[0] == 1 and agenda.busy[step, path] == 0:
                if rest_lane(
                    layout,
                    rules[lane],
                    states[lane],
                    tallies[lane],
                    market,
                    ratio[step, :, lane],
                    step,
                    path,
                    lane,
                    track,
                    agenda,
                    sides[0],
                    calms[lane],
                ):
                    continue
                settled = 1
            calms[lane].flag[0] = 0
            if agenda.read[path] == 0:
                read_step(market, step, path, layout, bars[path], prices[path])
                agenda.read[path] = 1
            status[lane] = run_lane(
                layout,
                rules[lane],
                terms[lane],
                states[lane],
                pendings[lane],
                answers[lane],
                works[lane],
                tallies[lane],
                bars[path],
                prices[path],
                ratio[step, :, lane],
                step,
                lane,
                track,
                sides[0],
                calms[lane],
                settled,
            )


KERNEL_PARTS = (
    read_prices,
    read_bar,
    read_step,
    note_groups,
    note,
    run_lane,
    *CALM_PARTS,
)
EVERY_BAR = REST_PARTS  # inlined: passing them their arrays would cost more than they do
