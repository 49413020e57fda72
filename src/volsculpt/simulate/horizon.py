"""The market as resting lanes look ahead in it: the numbers that rows are sums of, over time."""

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
    return table.transpose(1, 2, 0).copy()


def _padded(rows: int, paths: int, steps: int) -> Array:
    """Room for (row, path, step), with a block of zeros at its end."""
    found = np.empty((rows, paths, steps + BLOCK))
    found[:, :, steps:] = 0.0
    return found


def _write_of_one(flat: Flat, leg: int, marks: Array, into: Array) -> None:
    """The value of one contract of a leg at its marks, in the coins that it settles in."""
    legs = flat.layout.legs
    write = np.divide if legs.payoff[leg] == INVERSE else np.multiply
    with np.errstate(divide="ignore", invalid="ignore"):
        write(legs.multiplier[leg], marks, out=into)


def _series(flat: Flat, marks: Array, index: Array, paid: Array) -> Array:
    """Every series at some prices: indexes, contracts and funding, in US dollars."""
    legs, (count, paths, steps) = flat.layout.legs, index.shape
    found = _padded(count + 2 * len(flat.legs), paths, steps)
    found[:count, :, :steps] = index
    for leg in range(len(flat.legs)):
        settle, row = index[legs.settle[leg]], found[count + leg, :, :steps]
        _write_of_one(flat, leg, marks[leg], row)
        row *= settle
        np.multiply(paid[leg, :, 1:], settle, out=found[count + len(flat.legs) + leg, :, :steps])
    return found


def _funding(flat: Flat, market: Market) -> tuple[Array, Array]:
    """(coins that funding of one contract comes to before each step, the same of their sizes)."""
    marks, rate = in_time(market.open_mark), in_time(market.funding)
    legs, paths, steps = rate.shape
    paid, swing = np.zeros((2, legs, paths, steps + 1))
    for leg in range(legs):
        due = rate[leg] != 0.0
        coins = np.empty(np.count_nonzero(due))
        _write_of_one(flat, leg, marks[leg][due], coins)
        coins *= -rate[leg][due]
        for sums, each in ((paid, coins), (swing, np.abs(coins))):
            sums[leg, :, 1:][due] = each
            np.cumsum(sums[leg], axis=1, out=sums[leg])
    return paid, swing


def _next(events: Array) -> Array:
    """(path, step) booleans as numbers of the next step that is true, or the end."""
    paths, steps = events.shape
    numbers = np.full((paths, steps + 1), steps)
    path, step = np.nonzero(events)
    numbers[path, step] = step
    backward = numbers[:, ::-1]
    np.minimum.accumulate(backward, axis=1, out=backward)
    return numbers


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


def _corners(flat: Flat, market: Market, paid: Array) -> tuple[Array, Array]:
    """(every series at the high of each coin, at its low)."""
    opened, index = in_time(market.open_mark), in_time(market.open_index)
    count, coins = len(flat.currencies), _coins(flat)
    prices = []
    for table in (market.high_mark, market.low_mark):
        marks = in_time(table)
        for leg, base in enumerate(flat.layout.legs.base):
            if not flat.layout.moves[base]:
                marks[leg] = opened[leg]
        with np.errstate(divide="ignore", invalid="ignore"):
            prices.append((marks, _corner_index(flat, marks / opened, index)))
    high, low = (_series(flat, marks, at, paid) for marks, at in prices)
    wide = [leg for leg in range(len(flat.legs)) if coins[count + leg] == count + leg]
    if wide:
        every = [_series(flat, marks, at, paid) for marks, _ in prices for _, at in prices]
        for row in (count + leg for leg in wide):
            high[row] = np.maximum.reduce([one[row] for one in every])
            low[row] = np.minimum.reduce([one[row] for one in every])
    return high, low


def _is_any(table: Array) -> Array:
    """(path, step): whether any row of a (step, row, path) table is not 0."""
    return np.asarray((in_time(table) != 0.0).any(axis=0))


def horizon_of(flat: Flat, market: Market, ratios: Array, hedges: int) -> Horizon:
    """What lies ahead of the lanes of a run.

    Args: ratios: (step, hedge, lane); hedges: how many.
    """
    busy, coins = _is_any(market.delivery) | _is_any(market.flow), _coins(flat)
    paid, swing = _funding(flat, market)
    high, low = _corners(flat, market, paid)
    targets = _padded(ratios.shape[1], ratios.shape[2], ratios.shape[0])
    targets[:, :, : len(ratios)] = ratios.transpose(1, 2, 0)
    return Horizon(
        close=_series(flat, in_time(market.close_mark), in_time(market.close_index), paid),
        high=high,
        low=low,
        coin=np.array([*coins, *(coins[currency] for currency in flat.layout.legs.settle)]),
        ratio=targets,
        paid=paid,
        swing=swing,
        halt=_next(busy),
        event=_next(busy | _is_any(market.funding)),
        sums=np.zeros((3 + hedges, BLOCK)),
        turns=(ratios != ratios[:1]).any(axis=0).astype(np.int64),
    )


def look_again(horizon: Horizon, ratios: Array, first: int, last: int) -> None:
    """Take over targets of some steps that have become known.

    Args: horizon: written; ratios: (step, hedge, lane); first, last: [first, last) in steps.
    """
    horizon.ratio[:, :, first:last] = ratios[first:last].transpose(1, 2, 0)
    horizon.turns[:] |= (ratios[first:last] != ratios[:1]).any(axis=0)
