"""Figures at every stamp, told afterwards from prices, kept states and the functions of `book`.

A run keeps what happened, and the book whenever it changes. What lies between (held ratios, margin,
distance to liquidation, what prices did to wealth) follows from that and is computed once a
report asks for it: the same functions that `act` calls, looped over stamps, compiled or plain.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from volsculpt.book.exposure import delta_of
from volsculpt.book.group import group_equity, group_gross, group_maintenance
from volsculpt.book.liquidation import NEVER, nearest_factor
from volsculpt.book.state import Layout, Quote, State
from volsculpt.decide.act import measure
from volsculpt.decide.rules import Answer, Problem, Rules, Work
from volsculpt.exchange.reprice import reprice
from volsculpt.exchange.rows import Step
from volsculpt.simulate.lanes import Array, Room
from volsculpt.simulate.log import BEGUN, Log, first_from, take_state
from volsculpt.simulate.market_arrays import Market
from volsculpt.simulate.read_step import read_closed, read_opened


class StampSeries(NamedTuple):
    """(stamp, row) of one lane, as the decision of the stamp finds it."""

    held: Array  # per hedge
    delta: Array  # per hedge: coins that move with its price
    equity: Array  # per group, in its unit
    maintenance: Array
    gross: Array
    distance: Array  # |liquidation price/mark - 1|; -1.0 never
    moved: Array  # spot, futures, basis: US dollars that prices changed since the stamp before


class StampBooks(NamedTuple):
    """Records, one of each; all but the first two are scratch."""

    layouts: Sequence[Layout]
    rules: Sequence[Rules]
    states: Sequence[State]
    works: Sequence[Work]
    answers: Sequence[Answer]
    prices: Sequence[Step]


class StampSpan(NamedTuple):
    """The stamps of a lane that series are written for."""

    lane: int
    path: int
    from_stamp: int
    to_stamp: int  # [from, to)
    late: int  # 1: what is booked at the very end of the run is told at its last stamp


def new_series(stamps: int, needed: Room) -> StampSeries:
    """Empty arrays for so many stamps."""
    rows = {"held": needed.hedge, "delta": needed.hedge, "moved": 3}
    return StampSeries(
        *[np.zeros((stamps, rows.get(name, needed.group))) for name in StampSeries._fields]
    )


def write_hedges(series: StampSeries, stamp: int, rules: Rules, work: Work, answer: Answer) -> None:
    """What each hedge holds.

    Args: series: written; stamp: its number.
    """
    sums = work.held
    for row in range(rules.hedges):
        coin = rules.hedge_currency[row]
        series.held[stamp, row] = answer.held[row]
        series.delta[stamp, row] = delta_of(sums, coin)


def write_groups(
    series: StampSeries, stamp: int, layout: Layout, state: State, quote: Quote
) -> None:
    """What the margin groups look like.

    Args: series: written; stamp: its number.
    """
    for row in range(layout.groups):
        series.equity[stamp, row] = group_equity(layout, state, quote, row)
        series.maintenance[stamp, row] = group_maintenance(layout, state, quote, row)
        series.gross[stamp, row] = group_gross(layout, state, quote, row)
        found, factor = nearest_factor(layout, state, quote, row, -1, 1)
        series.distance[stamp, row] = -1.0 if found == NEVER else abs(factor - 1.0)


def add_moved(
    series: StampSeries, stamp: int, layout: Layout, state: State, before: Quote, after: Quote
) -> None:
    """What a move of prices changed.

    Args: series: written; stamp: its number; before, after: prices of the move.
    """
    spot, futures, basis = reprice(layout, state, before, after)
    series.moved[stamp, 0] += spot
    series.moved[stamp, 1] += futures
    series.moved[stamp, 2] += basis


def row_before(log: Log, lane: int, moment: int) -> int:
    """The last kept state that is not later than a moment, or the first of all."""
    return max(0, first_from(log.moment[lane], log.used[lane, 1], moment + 1) - 1)


def state_at(layout: Layout, log: Log, lane: int, place: int, moment: int, state: State) -> int:
    """Bring a state to what it was after a moment; returns the rows of the log then behind it.

    Args: lane: its number; place: the rows behind it before; moment: as the log
    numbers them; state: written.
    """
    start = place
    while place < log.used[lane, 1] and log.moment[lane, place] <= moment:
        place += 1
    if place > start:
        take_state(layout, log.state[lane, place - 1], state)
    return place


def follow(
    books: StampBooks,
    market: Market,
    targets: Array,
    log: Log,
    series: StampSeries,
    span: StampSpan,
) -> None:
    """Write the series of a lane for some stamps, all under the same rules.

    Args: targets: (stamp, hedge), 1.0 = fully hedged; log: read; series: written.
    """
    layout, rule, state, price = books.layouts[0], books.rules[0], books.states[0], books.prices[0]
    work, answer, lane, path = books.works[0], books.answers[0], span.lane, span.path
    place = row_before(log, lane, 2 * span.from_stamp - 3)
    for stamp in range(span.from_stamp, span.to_stamp):
        step = stamp - 1
        read_closed(market, step, path, layout, price.closed)
        if stamp == 0:
            place = state_at(layout, log, lane, place, BEGUN, state)
        else:
            read_closed(market, step - 1, path, layout, price.before)
            read_opened(market, step, path, layout, price.opened)
            place = state_at(layout, log, lane, place, 2 * step - 1, state)
            add_moved(series, stamp, layout, state, price.before, price.opened)
            place = state_at(layout, log, lane, place, 2 * step, state)
            add_moved(series, stamp, layout, state, price.opened, price.closed)
            if span.late == 1 and stamp == len(targets) - 1:
                place = state_at(layout, log, lane, place, 2 * stamp, state)
        measure(Problem(layout, state, price.closed, rule, work, answer), targets[stamp])
        write_hedges(series, stamp, rule, work, answer)
        write_groups(series, stamp, layout, state, price.closed)


SERIES_PARTS: tuple[Any, ...] = (write_hedges, write_groups, add_moved, row_before, state_at)
