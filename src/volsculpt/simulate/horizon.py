"""The market as resting lanes look ahead in it: the numbers that rows are sums of, over time."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from volsculpt.book.flatten import Flat
from volsculpt.contracts.payoff import INVERSE
from volsculpt.simulate.lanes import Array
from volsculpt.simulate.market_arrays import Market

BLOCK = 64  # steps looked at together


class Horizon(NamedTuple):
    """Arrays contiguous in time: (series, path, step) and (hedge, lane, step).

    A series is a number, the index of a currency or the value of one contract of a leg, in US
    dollars; or what the funding of one contract of a leg has added up to since the run began, in
    coins at their index. Inside a bar each coin is at one of two corners (`exchange.liquidate`);
    what moves with two coins has a corner of its own, as wide as both of them make it. Series and
    targets go on for a block of zeros beyond the end.
    """

    close: Array  # at the end of each step
    high: Array  # where its coin is at the high of the bar
    low: Array
    coin: Array  # per series: those of one coin share its corners
    ratio: Array  # targets
    paid: Array  # (leg, path, step): coins of funding of one contract before each step
    swing: Array  # likewise of their sizes
    halt: Array  # (path, step): the next step, this one counted, with a flow or a delivery
    event: Array  # or with funding
    sums: Array  # scratch: (3 + hedges, BLOCK)
    turns: Array  # per (hedge, lane): 1 when its ratio is not the same at all steps


def in_time(table: Array) -> Array:
    """(step, row, path) as contiguous (row, path, step)."""
    return np.ascontiguousarray(table.transpose(1, 2, 0))


def _padded(parts: Sequence[Array]) -> Array:
    """Tables of (row, path, step) one below the other, with a block of zeros at their end."""
    paths, steps = parts[0].shape[1:]
    found = np.zeros((sum(len(part) for part in parts), paths, steps + BLOCK))
    first = 0
    for part in parts:
        found[first : first + len(part), :, :steps] = part
        first += len(part)
    return found


def _before(each: Array) -> Array:
    """(leg, path, step) figures as their sums before each step, and at the end."""
    legs, paths, steps = each.shape
    found = np.zeros((legs, paths, steps + 1))
    np.cumsum(each, axis=2, out=found[:, :, 1:])
    return found


def _funding(flat: Flat, market: Market) -> tuple[Array, Array]:
    """(coins that funding of one contract comes to before each step, the same of their sizes)."""
    legs = flat.layout.legs
    by = np.array(legs.multiplier)[:, None, None]
    inverse = np.array(legs.payoff)[:, None, None] == INVERSE
    marks, rate = in_time(market.open_mark), in_time(market.funding)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(inverse, by / marks, by * marks)
        coins = np.where(rate != 0.0, -value * rate, 0.0)
    return _before(coins), _before(np.abs(coins))


def _next(events: Array) -> Array:
    """(step, path) booleans as (path, step) numbers of the next step that is true, or the end."""
    steps, paths = events.shape
    numbers = np.where(events, np.arange(steps)[:, None], steps)
    numbers = np.concatenate([numbers, np.full((1, paths), steps)])
    return np.ascontiguousarray(np.minimum.accumulate(numbers[::-1], axis=0)[::-1].T)


def _of_one(flat: Flat, marks: Array, index: Array) -> Array:
    """(leg, path, step) US dollars of one contract of each leg."""
    legs = flat.layout.legs
    inverse = np.array(legs.payoff)[:, None, None] == INVERSE
    by = np.array(legs.multiplier)[:, None, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(inverse, by / marks, by * marks)
    return np.asarray(value * index[list(legs.settle)])


def _corner_index(flat: Flat, moved: Array, opened: Array) -> Array:
    """Index of each currency at a corner: as its mark that moves most; moved: (leg, path, step)."""
    found = opened.copy()
    for currency, moves in enumerate(flat.layout.moves):
        rows = [leg for leg, base in enumerate(flat.layout.legs.base) if base == currency]
        if moves and rows:
            most = np.ones_like(opened[0])
            for leg in rows:
                farther = np.abs(moved[leg] - 1.0) > np.abs(most - 1.0)
                most = np.where(farther, moved[leg], most)
            found[currency] = opened[currency] * most
    return found


def _coins(flat: Flat) -> list[int]:
    """The corner that each number is at: of its coin, or its own where it moves with two."""
    layout, count = flat.layout, len(flat.currencies)
    found = list(range(count))
    for leg in range(len(flat.legs)):
        base, settle = layout.legs.base[leg], layout.legs.settle[leg]
        if settle == base or not layout.moves[settle]:
            found.append(base)
        else:
            found.append(count + leg if layout.moves[base] else settle)
    return found


def _corners(flat: Flat, market: Market) -> tuple[Array, Array]:
    """(numbers at the high of each coin, at its low)."""
    opened, index = in_time(market.open_mark), in_time(market.open_index)
    moves = np.array([flat.layout.moves[base] for base in flat.layout.legs.base], dtype=bool)
    ends = []
    for table in (market.high_mark, market.low_mark):
        marks = np.where(moves[:, None, None], in_time(table), opened)
        with np.errstate(divide="ignore", invalid="ignore"):
            ends.append((marks, _corner_index(flat, marks / opened, index)))
    (high, index_high), (low, index_low) = ends
    up, down = _of_one(flat, high, index_high), _of_one(flat, low, index_low)
    coins = _coins(flat)
    for leg in range(len(flat.legs)):
        if coins[len(flat.currencies) + leg] == len(flat.currencies) + leg:
            every = [
                _of_one(flat, marks, prices)[leg]
                for marks in (high, low)
                for prices in (index_high, index_low)
            ]
            up[leg], down[leg] = np.maximum.reduce(every), np.minimum.reduce(every)
    return np.concatenate([index_high, up]), np.concatenate([index_low, down])


def horizon_of(flat: Flat, market: Market, ratios: Array, hedges: int) -> Horizon:
    """What lies ahead of the lanes of a run.

    Args: ratios: (step, hedge, lane); hedges: how many.
    """
    index, settle = in_time(market.close_index), list(flat.layout.legs.settle)
    busy = (market.delivery != 0.0).any(axis=1) | (market.flow != 0.0).any(axis=1)
    funded = (market.funding != 0.0).any(axis=1)
    paid, swing = _funding(flat, market)
    close = _of_one(flat, in_time(market.close_mark), index)
    coins, high, low = _coins(flat), *_corners(flat, market)
    return Horizon(
        close=_padded([index, close, paid[:, :, 1:] * index[settle]]),
        high=_padded([high, paid[:, :, 1:] * high[settle]]),
        low=_padded([low, paid[:, :, 1:] * low[settle]]),
        coin=np.array([*coins, *(coins[currency] for currency in settle)]),
        ratio=_padded([in_time(ratios)]),
        paid=paid,
        swing=swing,
        halt=_next(busy),
        event=_next(busy | funded),
        sums=np.zeros((3 + hedges, BLOCK)),
        turns=(ratios != ratios[:1]).any(axis=0).astype(np.int64),
    )


def look_again(horizon: Horizon, ratios: Array, first: int, last: int) -> None:
    """Take over targets of some steps that have become known.

    Args: horizon: written; ratios: (step, hedge, lane); first, last: [first, last) in steps.
    """
    horizon.ratio[:, :, first:last] = ratios[first:last].transpose(1, 2, 0)
    horizon.turns[:] |= (ratios[first:last] != ratios[:1]).any(axis=0)
