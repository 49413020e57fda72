"""Both corners of the bars of a block: where each coin is at its high, and where at its low.

Rows tested inside bars are nearly always kept above zero by their least and most of a block, so
what a block's bars reach is written when it is asked for, and not kept for the whole of a run.
"""

from typing import Any

from volsculpt.book.state import Layout
from volsculpt.contracts.payoff import value
from volsculpt.simulate.horizon import BLOCK, Horizon
from volsculpt.simulate.lanes import Array, ArrayRow
from volsculpt.simulate.market_arrays import Market


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


def write_funding(paid: ArrayRow, index: ArrayRow, into: ArrayRow) -> None:
    """US dollars of the funding of one contract, this step's counted, at each of some moments.

    Args: paid: coins before each step, one more than there are moments; index: US dollars of the
    coin it settles in; into: written.
    """
    for step in range(len(paid) - 1):
        into[step] = paid[step + 1] * index[step]


def write_corner_index(
    layout: Layout,
    market: Market,
    marks: Array,
    currency: int,
    into: ArrayRow,
    path: int,
    span: slice,
) -> None:
    """Index of a currency at a corner of some bars: it goes as its mark that moves most.

    Args: marks: (leg, path, step), the highs or the lows; currency: its row; into: a row of the
    horizon's high or low, written; path: its number; span: of steps. US dollars.
    """
    legs, index = layout.legs, market.open_index[currency, path, span]
    for step in range(len(index)):
        into[step] = 1.0
    for leg in range(legs.rows):
        if layout.moves[currency] == 1 and legs.base[leg] == currency:
            ends, opened = marks[leg, path, span], market.open_mark[leg, path, span]
            for step in range(len(index)):
                moved, before = ends[step] / opened[step], into[step]
                into[step] = moved if abs(moved - 1.0) > abs(before - 1.0) else before
    for step in range(len(index)):
        into[step] *= index[step]


def write_corner(
    layout: Layout, market: Market, marks: Array, paid: Array, into: Array, path: int, span: slice
) -> None:
    """Every series of a block at one corner; contracts on what has no price stand where they open.

    Args: marks: (leg, path, step), the highs or the lows; paid: of the horizon; into: its high or
    low, written; path: its number; span: steps of the block.
    """
    legs, count = layout.legs, layout.currencies
    for currency in range(count):
        write_corner_index(layout, market, marks, currency, into[currency], path, span)
    for leg in range(legs.rows):
        ends, index = marks[leg, path, span], into[legs.settle[leg]]
        if layout.moves[legs.base[leg]] == 0:
            ends = market.open_mark[leg, path, span]
        write_values(layout, leg, ends, index, into[count + leg])
        before = paid[leg, path, span.start : span.stop + 1]
        write_funding(before, index, into[count + legs.rows + leg])


def widen(
    layout: Layout, market: Market, horizon: Horizon, leg: int, path: int, span: slice
) -> None:
    """Let a leg that moves with two coins be as high and as low as both of them make it.

    Args: horizon: written; leg: its row; path: its number; span: steps of the block.
    """
    legs, row = layout.legs, layout.currencies + leg
    payoff, multiplier = legs.payoff[leg], legs.multiplier[leg]
    more, less = horizon.high[legs.settle[leg]], horizon.low[legs.settle[leg]]
    high, low = horizon.high[row], horizon.low[row]
    highs, lows = market.high_mark[leg, path, span], market.low_mark[leg, path, span]
    for step in range(len(highs)):
        up = value(payoff, 1.0, multiplier, highs[step])
        down = value(payoff, 1.0, multiplier, lows[step])
        top, bottom = max(up, down), min(up, down)
        high[step] = max(top * more[step], top * less[step])
        low[step] = min(bottom * more[step], bottom * less[step])


def write_corners(layout: Layout, market: Market, horizon: Horizon, path: int, block: int) -> None:
    """Every series of a block where its coin is at the high of each bar, and at the low.

    Args: horizon: its high and low are written, where they are not of this block already; path,
    block: their numbers.
    """
    if horizon.holds[0] == path and horizon.holds[1] == block:
        return
    horizon.holds[0], horizon.holds[1] = path, block
    first, steps = block * BLOCK, market.open_index.shape[2]
    span, paid = slice(first, min(first + BLOCK, steps)), horizon.paid
    write_corner(layout, market, market.high_mark, paid, horizon.high, path, span)
    write_corner(layout, market, market.low_mark, paid, horizon.low, path, span)
    for leg in range(layout.legs.rows):
        if horizon.coin[layout.currencies + leg] == layout.currencies + leg:
            widen(layout, market, horizon, leg, path, span)


CORNER_PARTS: tuple[Any, ...] = (
    write_values,
    write_funding,
    write_corner_index,
    write_corner,
    widen,
    write_corners,
)
