"""Writing a horizon: what lies ahead in a market, as series that rows are sums of.

Loops over whole rows of time, each a line or two, which the compiler vectorises.
"""

from collections.abc import Sequence
from typing import Any

from volsculpt.book.state import Layout
from volsculpt.contracts.payoff import value
from volsculpt.decide.triggers import AT_CLOSE, INSIDE
from volsculpt.simulate.corners import CORNER_PARTS, write_corners, write_funding, write_values
from volsculpt.simulate.horizon import BLOCK, Horizon
from volsculpt.simulate.lanes import Array, ArrayRow
from volsculpt.simulate.market_arrays import Market


def has_any(rows: Array, path: int, first: int, last: int) -> int:
    """1 when any figure of a path is not 0 in [first, last).

    Args: rows: (row, path, step); path: its number; first, last: steps.
    """
    found = 0
    for row in range(len(rows)):
        figures = rows[row, path, first:last]
        for step in range(len(figures)):
            found |= figures[step] != 0.0
    return 1 if found else 0


def write_halts(market: Market, horizon: Horizon, path: int) -> None:
    """The steps of a path with a flow or a delivery, then its end.

    Args: horizon: written; path: its number.
    """
    halt, count, steps = horizon.halt[path], 0, market.open_index.shape[2]
    for first in range(0, steps, BLOCK):
        last = min(first + BLOCK, steps)
        if has_any(market.flow, path, first, last) + has_any(market.delivery, path, first, last):
            for step in range(first, last):
                flows = has_any(market.flow, path, step, step + 1)
                if flows + has_any(market.delivery, path, step, step + 1) > 0:
                    halt[count] = step
                    count += 1
    halt[count], horizon.halts[path] = steps, count


def write_due(layout: Layout, market: Market, horizon: Horizon, path: int) -> None:
    """The steps of a path with funding, each with its rates and prices, then its end.

    Args: horizon: written; path: its number.
    """
    due, count, steps = horizon.due[path], 0, market.open_index.shape[2]
    for step in range(steps):
        if has_any(market.funding, path, step, step + 1) == 0:
            continue
        due[count] = step
        for leg in range(layout.legs.rows):
            horizon.due_rate[leg, path, count] = market.funding[leg, path, step]
            horizon.due_mark[leg, path, count] = market.open_mark[leg, path, step]
        for currency in range(layout.currencies):
            horizon.due_index[currency, path, count] = market.open_index[currency, path, step]
        count += 1
    due[count], horizon.dues[path] = steps, count


def write_paid(layout: Layout, horizon: Horizon, path: int) -> None:
    """Coins that funding of one contract of each leg comes to before each step, and their sizes.

    Args: horizon: written; path: its number.
    """
    legs, due = layout.legs, horizon.due[path]
    for leg in range(legs.rows):
        payoff, multiplier = legs.payoff[leg], legs.multiplier[leg]
        paid, swing = horizon.paid[leg, path], horizon.swing[leg, path]
        coins, sizes, place, step = 0.0, 0.0, 0, 0
        while step < len(paid):
            until = min(due[place] + 1, len(paid))
            for before in range(step, until):
                paid[before], swing[before] = coins, sizes
            step = until
            if step < len(paid):
                mark = horizon.due_mark[leg, path, place]
                more = -horizon.due_rate[leg, path, place] * value(payoff, 1.0, multiplier, mark)
                coins, sizes = coins + more, sizes + abs(more)
            place += 1


def write_closes(layout: Layout, market: Market, horizon: Horizon, path: int) -> None:
    """Every series at the end of each step.

    Args: horizon: written; path: its number.
    """
    legs, count = layout.legs, layout.currencies
    for currency in range(count):
        into, index = horizon.close[currency, path], market.close_index[currency, path]
        for step in range(len(index)):
            into[step] = index[step]
    for leg in range(legs.rows):
        index, marks = market.close_index[legs.settle[leg], path], market.close_mark[leg, path]
        write_values(layout, leg, marks, index, horizon.close[count + leg, path])
        funding = horizon.close[count + legs.rows + leg, path]
        write_funding(horizon.paid[leg, path], index, funding)


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


def write_bounds(horizon: Horizon, series: int, path: int, block: int, count: int) -> None:
    """The least and the most of a series in a block, at the ends of steps and inside them.

    Args: horizon: written, its corners are of the block; series: its row; path, block: their
    numbers; count: steps of the block.
    """
    least, most = horizon.least[:, path, block], horizon.most[:, path, block]
    first = block * BLOCK
    close = horizon.close[series, path, first : first + BLOCK]
    high, low = horizon.high[series], horizon.low[series]
    for place in range(count, BLOCK):  # beyond the end of the run
        close[place], high[place], low[place] = close[0], high[0], low[0]
    least[AT_CLOSE, series] = least_of(close, close, horizon.sums[0], 1.0)
    most[AT_CLOSE, series] = least_of(close, close, horizon.sums[0], -1.0)
    least[INSIDE, series] = least_of(high, low, horizon.sums[0], 1.0)
    most[INSIDE, series] = least_of(high, low, horizon.sums[0], -1.0)


def look_ahead(layouts: Sequence[Layout], market: Market, horizon: Horizon) -> None:
    """Write all series of all paths.

    Args: layouts: one record; horizon: written.
    """
    layout = layouts[0]
    _, paths, steps = market.close_index.shape
    for path in range(paths):
        write_halts(market, horizon, path)
        write_due(layout, market, horizon, path)
        write_paid(layout, horizon, path)
        write_closes(layout, market, horizon, path)
        for first in range(0, steps, BLOCK):
            block = first // BLOCK
            write_corners(layout, market, horizon, path, block)
            for series in range(len(horizon.coin)):
                write_bounds(horizon, series, path, block, min(BLOCK, steps - first))


AHEAD_PARTS: tuple[Any, ...] = (
    *CORNER_PARTS,
    has_any,
    write_halts,
    write_due,
    write_paid,
    write_closes,
    least_of,
    write_bounds,
)
