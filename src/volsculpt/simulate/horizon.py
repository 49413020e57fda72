"""The market as resting lanes look ahead in it: the numbers that rows are sums of, over time."""

from typing import NamedTuple

import numpy as np

from volsculpt.book.flatten import Flat
from volsculpt.simulate.lanes import Array
from volsculpt.simulate.market_arrays import Market

BLOCK = 64  # steps looked at together


class Horizon(NamedTuple):
    """Arrays contiguous in time: (series, path, step) and (hedge, lane, step).

    A series is a number, the index of a currency or the value of one contract of a leg, in US
    dollars; or what the funding of one contract of a leg has added up to since the run began, in
    coins at their index. Inside a bar each coin is at one of two corners (`exchange.liquidate`);
    what moves with two coins has a corner of its own, as wide as both of them make it. Corners are
    kept of one block, and written anew where another is looked at. Series have room for a block
    beyond the end. All but targets are written by `look_ahead`.
    """

    close: Array  # at the end of each step
    high: Array  # (series, place) of a block: where its coin is at the high of the bar
    low: Array
    holds: Array  # the path and the block that corners are of
    least: Array  # (AT_CLOSE | INSIDE, path, block, series)
    most: Array
    coin: Array  # per series: those of one coin share its corners
    ratio: Array  # targets
    paid: Array  # (leg, path, step): coins of funding of one contract before each step
    swing: Array  # likewise of their sizes
    halt: Array  # (path, place): the steps with a flow or a delivery, then the end of the run
    halts: Array  # per path: how many, the end left out
    due: Array  # (path, place): the steps with funding, then the end of the run
    dues: Array  # per path: how many, the end left out
    due_rate: Array  # (leg, path, place): of funding, a fraction of value, + pays the short
    due_mark: Array  # and marks then, in quote
    due_index: Array  # (currency, path, place): US dollars
    sums: Array  # scratch: (3 + hedges, BLOCK)
    turns: Array  # per (hedge, lane): 1 when its ratio is not the same at all steps


def coins_of(flat: Flat) -> list[int]:
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


def new_horizon(flat: Flat, market: Market) -> Horizon:
    """Room for what lies ahead in a market; without targets (`with_targets`)."""
    coins, legs = coins_of(flat), len(flat.legs)
    currencies, paths, steps = market.close_index.shape
    series = currencies + 2 * legs
    blocks = (2, paths, steps // BLOCK + 1, series)
    return Horizon(
        close=np.empty((series, paths, steps + BLOCK)),
        high=np.empty((series, BLOCK)),
        low=np.empty((series, BLOCK)),
        holds=np.full(2, -1),
        least=np.empty(blocks),
        most=np.empty(blocks),
        coin=np.array([*coins, *(coins[one] for one in flat.layout.legs.settle)]),
        ratio=np.empty((0, 0, 0)),
        paid=np.empty((legs, paths, steps + 1)),
        swing=np.empty((legs, paths, steps + 1)),
        halt=np.empty((paths, steps + 1), np.int64),
        halts=np.zeros(paths, np.int64),
        due=np.empty((paths, steps + 1), np.int64),
        dues=np.zeros(paths, np.int64),
        due_rate=np.empty((legs, paths, steps)),
        due_mark=np.empty((legs, paths, steps)),
        due_index=np.empty((currencies, paths, steps)),
        sums=np.zeros((3, BLOCK)),
        turns=np.empty((0, 0), np.int64),
    )


def with_targets(horizon: Horizon, ratios: Array) -> Horizon:
    """What lies ahead of a run's lanes: their targets, and scratch of its own.

    What is written of the market itself is shared by all runs through it.

    Args: ratios: (step, hedge, lane).
    """
    return horizon._replace(
        high=horizon.high.copy(),
        low=horizon.low.copy(),
        holds=horizon.holds.copy(),
        ratio=np.ascontiguousarray(ratios.transpose(1, 2, 0)),
        sums=np.zeros((3 + ratios.shape[1], BLOCK)),
        turns=(ratios != ratios[:1]).any(axis=0).astype(np.int64),
    )


def look_again(horizon: Horizon, ratios: Array, first: int, last: int) -> None:
    """Take over targets of some steps that have become known.

    Args: horizon: written; ratios: (step, hedge, lane); first, last: [first, last) in steps.
    """
    horizon.ratio[:, :, first:last] = ratios[first:last].transpose(1, 2, 0)
    horizon.turns[:] |= (ratios[first:last] != ratios[:1]).any(axis=0)
