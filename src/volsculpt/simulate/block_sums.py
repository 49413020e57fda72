"""Rows over a block of steps: the first at which one speaks, and whether any can at all."""

from collections.abc import Sequence
from typing import Any

from volsculpt.book.state import Layout
from volsculpt.decide.triggers import AT_CLOSE, Triggers, numbers_of
from volsculpt.simulate.corners import write_corners
from volsculpt.simulate.horizon import BLOCK, Horizon
from volsculpt.simulate.lanes import ArrayRow
from volsculpt.simulate.market_arrays import Market
from volsculpt.simulate.one_lane import Lane

HIGH, LOW, HEDGES = 1, 2, 3  # rows of the scratch; the first is the sum of a row


def add_series(sums: ArrayRow, by: float, series: Sequence[float], step: int) -> None:
    """Add `by` times the numbers of a block of steps.

    Args: sums: written; by: times this; series: over time; step: the first.
    """
    part = series[
        step : step + len(sums)
    ]  # an index that begins at 0 is what the compiler vectorises
    for place in range(len(sums)):
        sums[place] += by * part[place]


def first_under(sums: ArrayRow) -> int:
    """The first place whose sum is not above zero; their count if none is."""
    under = 0
    for place in range(len(sums)):
        under |= sums[place] <= 0.0
    place = len(sums) if under == 0 else 0
    while place < len(sums) and sums[place] > 0.0:
        place += 1
    return place


def series_of(layout: Layout) -> int:
    """How many series a row is a sum of: the numbers, then the funding of each leg in dollars."""
    return numbers_of(layout) + layout.legs.rows


def begin_sums(rows: Triggers, row: int, sums: ArrayRow) -> None:
    """What of a row does not change over time."""
    start = rows.constant[row] - rows.least[row]
    for place in range(len(sums)):
        sums[place] = start


def sum_close(one: Lane, horizon: Horizon, row: int, step: int, most: int) -> None:
    """A row at the end of each of some steps, into the first row of the scratch.

    Args: row: its number; step: the first; most: how many, a block at most.
    """
    rows, count = one.rows, series_of(one.layout)
    sums = horizon.sums[0, :most]
    begin_sums(rows, row, sums)
    for number in range(count):
        by = rows.ahead[row * count + number]
        if by != 0.0:
            add_series(sums, by, horizon.close[number, one.path], step)


def sum_inside(one: Lane, market: Market, horizon: Horizon, row: int, step: int, most: int) -> None:
    """The least of a row inside each of some steps: every coin at the corner that is worse.

    Args: row: its number; step: the first; most: how many, all of one block.
    """
    write_corners(one.layout, market, horizon, one.path, step // BLOCK)
    rows, count, place = one.rows, series_of(one.layout), step % BLOCK
    sums, high = horizon.sums[0, :most], horizon.sums[HIGH, :most]
    low = horizon.sums[LOW, :most]
    begin_sums(rows, row, sums)
    for coin in range(numbers_of(one.layout)):
        used = 0
        for number in range(count):
            by = rows.ahead[row * count + number]
            if by == 0.0 or horizon.coin[number] != coin:
                continue
            if used == 0:
                for one_step in range(len(high)):
                    high[one_step], low[one_step] = 0.0, 0.0
            used = 1
            add_series(high, by, horizon.high[number], place)
            add_series(low, by, horizon.low[number], place)
        if used == 1:
            for one_step in range(len(sums)):
                sums[one_step] += min(high[one_step], low[one_step])


def turn_bases(one: Lane, horizon: Horizon, step: int, count: int) -> int:
    """Each hedge's base in USD times the change of its ratio; how many steps keep their zeros.

    A target of exactly 0 closes a hedge, so where one comes or goes the lane is looked at.

    Args: step: the first; count: how many.
    """
    lane = one.lane
    for hedge in range(one.rules.hedges):
        if horizon.turns[hedge, lane] == 0:
            continue
        was, ratio = one.rows.ratio[hedge], horizon.ratio[hedge, lane]
        sum_close(one, horizon, hedge, step, count)
        base, into = horizon.sums[0], horizon.sums[HEDGES + hedge]
        for place in range(count):
            into[place] = base[place] * (ratio[step + place] - was)
        place = 0
        while place < count and (ratio[step + place] == 0.0) == (was == 0.0):
            place += 1
        count = place
    return count


def add_turns(one: Lane, horizon: Horizon, row: int, most: int) -> None:
    """Add to a row what the changes of ratios make of it.

    Args: row: its number; most: steps.
    """
    hedges = one.rules.hedges
    for hedge in range(hedges):
        by = one.rows.turn[row * hedges + hedge]
        if by != 0.0 and horizon.turns[hedge, one.lane] == 1:
            add_series(horizon.sums[0, :most], by, horizon.sums[HEDGES + hedge], 0)


def is_above(one: Lane, horizon: Horizon, row: int, block: int) -> int:
    """1 when the least and the most of its series keep a row above zero all through a block.

    By once more what a row is at its least, so that rounding makes no difference.

    Args: row: its number; block: its number.
    """
    rows, count, hedges = one.rows, series_of(one.layout), one.rules.hedges
    where = rows.where[row]
    for hedge in range(hedges):
        if rows.turn[row * hedges + hedge] != 0.0 and horizon.turns[hedge, one.lane] == 1:
            return 0
    lowest = rows.constant[row] - 2.0 * rows.least[row]
    for number in range(count):
        by = rows.ahead[row * count + number]
        if by > 0.0:
            lowest += by * horizon.least[where, one.path, block, number]
        elif by < 0.0:
            lowest += by * horizon.most[where, one.path, block, number]
    return 1 if lowest > 0.0 else 0


def sum_row(one: Lane, market: Market, horizon: Horizon, row: int, step: int, most: int) -> None:
    """A row over some steps, where it is tested, into the first row of the scratch.

    Args: row: its number; step: the first; most: how many, all of one block.
    """
    if one.rows.where[row] == AT_CLOSE:
        sum_close(one, horizon, row, step, most)
        add_turns(one, horizon, row, most)
    else:
        sum_inside(one, market, horizon, row, step, most)


def silent_until(
    one: Lane, market: Market, horizon: Horizon, start: int, stop: int
) -> tuple[int, int]:
    """(the first step in [start, stop) at which a row speaks, 1 when no row inside its bar does).

    (stop, 0) if none does. Rows inside bars come first, so the step at which another speaks has
    been looked at inside too.

    Args: start, stop: [start, stop) in steps.
    """
    rows, step = one.rows, start
    while step < stop:
        block, is_last = step // BLOCK, 0
        most = min((block + 1) * BLOCK, stop) - step
        count = turn_bases(one, horizon, step, most)
        for place in range(rows.tested[0]):
            row = rows.order[place]
            if count == 0:
                break
            if is_above(one, horizon, row, block) == 0:
                sum_row(one, market, horizon, row, step, count)
                under = first_under(horizon.sums[0, :count])
                if under < count:
                    count, is_last = under, 1 if rows.where[row] == AT_CLOSE else 0
        step += count
        if count < most:
            return step, is_last
    return stop, 0


BLOCK_PARTS: tuple[Any, ...] = (
    add_series,
    first_under,
    series_of,
    begin_sums,
    sum_close,
    sum_inside,
    turn_bases,
    add_turns,
    is_above,
    sum_row,
    silent_until,
)
