"""Writing a horizon: what lies ahead in a market, as series that rows are sums of.

Loops over whole rows of time, each a line or two, which the compiler vectorises.
"""

from collections.abc import MutableSequence, Sequence
from typing import Any

from volsculpt.book.state import Layout
from volsculpt.contracts.payoff import value
from volsculpt.decide.triggers import AT_CLOSE, INSIDE
from volsculpt.simulate.horizon import BLOCK, Horizon
from volsculpt.simulate.lanes import Array, ArrayRow
from volsculpt.simulate.market_arrays import Market


def mark_steps(rows: Array, path: int, into: MutableSequence[int]) -> None:
    """Write 1 where any figure of a path is not 0.

    Args: rows: (row, path, step); path: its number; into: per step, written.
    """
    for row in range(len(rows)):
        figures = rows[row, path]
        for step in range(len(figures)):
            into[step] |= figures[step] != 0.0


def write_next(market: Market, horizon: Horizon, path: int) -> None:
    """When something happens next, at each step of a path; the end where nothing does.

    Args: horizon: written; path: its number.
    """
    halt, event = horizon.halt[path], horizon.event[path]
    mark_steps(market.flow, path, halt)
    mark_steps(market.delivery, path, halt)
    mark_steps(market.funding, path, event)
    step = len(halt) - 1
    next_halt = next_event = step
    halt[step], event[step] = step, step
    while step > 0:
        step -= 1
        next_halt = step if halt[step] == 1 else next_halt
        next_event = step if halt[step] + event[step] > 0 else next_event
        halt[step], event[step] = next_halt, next_event


def write_paid(layout: Layout, market: Market, horizon: Horizon, path: int) -> None:
    """Coins that funding of one contract of each leg comes to before each step, and their sizes.

    Args: horizon: written; path: its number.
    """
    legs = layout.legs
    for leg in range(legs.rows):
        payoff, multiplier = legs.payoff[leg], legs.multiplier[leg]
        rates, marks = market.funding[leg, path], market.open_mark[leg, path]
        paid, swing = horizon.paid[leg, path], horizon.swing[leg, path]
        paid[0], swing[0] = 0.0, 0.0
        for step in range(len(rates)):
            coins = 0.0
            if rates[step] != 0.0:
                coins = -rates[step] * value(payoff, 1.0, multiplier, marks[step])
            paid[step + 1] = paid[step] + coins
            swing[step + 1] = swing[step] + abs(coins)


def write_values(
    layout: Layout, leg: int, marks: ArrayRow, index: ArrayRow, into: ArrayRow
) -> None:
    """US dollars of one contract of a leg, at each of some moments.

    Args: leg: its row; marks: in its quote; index: US dollars of the coin it settles in; into:
    written.
    """
    payoff, multiplier = layout.legs.payoff[leg], layout.legs.multiplier[leg]
    for step in range(len(marks)):
        into[step] = value(payoff, 1.0, multiplier, marks[step]) * index[step]


def write_legs(layout: Layout, marks: Array, paid: Array, into: Array, path: int) -> None:
    """Values of contracts and their funding, from their marks and the indexes that `into` has.

    Args: marks: (leg, path, step), at the ends of steps or at a corner; paid: of the horizon; into:
    its close, high or low, written; path: its number.
    """
    legs, count = layout.legs, layout.currencies
    for leg in range(legs.rows):
        index, before = into[legs.settle[leg], path], paid[leg, path]
        write_values(layout, leg, marks[leg, path], index, into[count + leg, path])
        funding = into[count + legs.rows + leg, path]
        for step in range(len(before) - 1):
            funding[step] = before[step + 1] * index[step]


def write_closes(layout: Layout, market: Market, horizon: Horizon, path: int) -> None:
    """Every series at the end of each step.

    Args: horizon: written; path: its number.
    """
    for currency in range(layout.currencies):
        into, index = horizon.close[currency, path], market.close_index[currency, path]
        for step in range(len(index)):
            into[step] = index[step]
    write_legs(layout, market.close_mark, horizon.paid, horizon.close, path)


def write_corner_index(
    layout: Layout, market: Market, marks: Array, currency: int, into: Array, path: int
) -> None:
    """Index of a currency at a corner of each bar: it goes as its mark that moves most.

    Args: marks: (leg, path, step), the highs or the lows; currency: its row; into: the horizon's
    high or low, written; path: its number. US dollars.
    """
    legs, index = layout.legs, market.open_index[currency, path]
    most = into[currency, path, : len(index)]
    for step in range(len(most)):
        most[step] = 1.0
    for leg in range(legs.rows):
        if layout.moves[currency] == 1 and legs.base[leg] == currency:
            ends, opened = marks[leg, path], market.open_mark[leg, path]
            for step in range(len(most)):
                moved, before = ends[step] / opened[step], most[step]
                most[step] = moved if abs(moved - 1.0) > abs(before - 1.0) else before
    for step in range(len(most)):
        most[step] *= index[step]


def write_corners(layout: Layout, market: Market, horizon: Horizon, path: int) -> None:
    """Every series where its coin is at the high of each bar, and where it is at the low.

    Contracts on what has no price of its own stand where they open.

    Args: horizon: written; path: its number.
    """
    legs, count = layout.legs, layout.currencies
    for marks, into in ((market.high_mark, horizon.high), (market.low_mark, horizon.low)):
        for currency in range(count):
            write_corner_index(layout, market, marks, currency, into, path)
        write_legs(layout, marks, horizon.paid, into, path)
        for leg in range(legs.rows):
            if layout.moves[legs.base[leg]] == 0:
                index = into[legs.settle[leg], path]
                opened = market.open_mark[leg, path]
                write_values(layout, leg, opened, index, into[count + leg, path])


def widen(layout: Layout, market: Market, horizon: Horizon, leg: int, path: int) -> None:
    """Let a leg that moves with two coins be as high and as low as both of them make it.

    Args: horizon: written; leg: its row; path: its number.
    """
    legs, row = layout.legs, layout.currencies + leg
    payoff, multiplier = legs.payoff[leg], legs.multiplier[leg]
    more, less = horizon.high[legs.settle[leg], path], horizon.low[legs.settle[leg], path]
    high, low = horizon.high[row, path], horizon.low[row, path]
    highs, lows = market.high_mark[leg, path], market.low_mark[leg, path]
    for step in range(len(highs)):
        up = value(payoff, 1.0, multiplier, highs[step])
        down = value(payoff, 1.0, multiplier, lows[step])
        top, bottom = max(up, down), min(up, down)
        high[step] = max(top * more[step], top * less[step])
        low[step] = min(bottom * more[step], bottom * less[step])


def least_of(figures: ArrayRow, others: ArrayRow, into: ArrayRow, sign: float) -> float:
    """The least of `sign` times the figures of two blocks, times `sign`.

    In halves, which the compiler vectorises where it would not follow one figure after another.

    Args: figures, others: of a block; into: as long, written over; sign: 1.0, or -1.0 for the most.
    """
    half = BLOCK // 2
    for place in range(half):
        one = min(sign * figures[place], sign * figures[place + half])
        other = min(sign * others[place], sign * others[place + half])
        into[place] = min(one, other)
    while half > 1:
        half //= 2
        for place in range(half):
            into[place] = min(into[place], into[place + half])
    least: float = sign * into[0]
    return least


def write_bounds(horizon: Horizon, series: int, path: int, steps: int) -> None:
    """The least and the most of a series in each block, at the ends of steps and inside them.

    Args: horizon: written; series: its row; path: its number; steps: of the run.
    """
    least, most = horizon.least[:, series, path], horizon.most[:, series, path]
    for first in range(0, steps, BLOCK):
        last, block = first + BLOCK, first // BLOCK
        close = horizon.close[series, path, first:last]
        high, low = horizon.high[series, path, first:last], horizon.low[series, path, first:last]
        for place in range(steps - first, BLOCK):  # beyond the end of the run
            close[place], high[place], low[place] = close[0], high[0], low[0]
        least[AT_CLOSE, block] = least_of(close, close, horizon.sums[0], 1.0)
        most[AT_CLOSE, block] = least_of(close, close, horizon.sums[0], -1.0)
        least[INSIDE, block] = least_of(high, low, horizon.sums[0], 1.0)
        most[INSIDE, block] = least_of(high, low, horizon.sums[0], -1.0)


def look_ahead(layouts: Sequence[Layout], market: Market, horizon: Horizon) -> None:
    """Write all series of all paths.

    Args: layouts: one record; horizon: written.
    """
    layout = layouts[0]
    _, paths, steps = market.close_index.shape
    for path in range(paths):
        write_next(market, horizon, path)
        write_paid(layout, market, horizon, path)
        write_closes(layout, market, horizon, path)
        write_corners(layout, market, horizon, path)
        for leg in range(layout.legs.rows):
            if horizon.coin[layout.currencies + leg] == layout.currencies + leg:
                widen(layout, market, horizon, leg, path)
        for series in range(len(horizon.coin)):
            write_bounds(horizon, series, path, steps)


AHEAD_PARTS: tuple[Any, ...] = (
    mark_steps,
    write_next,
    write_paid,
    write_values,
    write_legs,
    write_closes,
    write_corner_index,
    write_corners,
    widen,
    least_of,
    write_bounds,
)
