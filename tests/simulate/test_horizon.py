"""What lies ahead of a resting lane: least and most of blocks, and what is passed over for them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.simulate.test_rest import SETUPS, STEPS, targets, world_of
from tests.simulate.worlds import Plain, World, mixed_world, same_bits, steady
from volsculpt.contracts.payoff import value
from volsculpt.decide.triggers import AT_CLOSE, INSIDE
from volsculpt.exchange.liquidate import set_coin
from volsculpt.exchange.rows import new_bar
from volsculpt.simulate import block_sums
from volsculpt.simulate.backtest import empty_step
from volsculpt.simulate.corners import write_corners
from volsculpt.simulate.horizon import BLOCK, Horizon, look_again, new_horizon, with_targets
from volsculpt.simulate.log import first_from
from volsculpt.simulate.look_ahead import look_ahead
from volsculpt.simulate.read_step import read_step


def ahead_of(world: World) -> Horizon:
    """What lies ahead in a world, its targets steady."""
    ratios = steady(world.steps, [0.5] * world.rules.hedges)
    horizon = new_horizon(world.flat, world.market)
    look_ahead([world.flat.layout], world.market, horizon)
    return with_targets(horizon, ratios)


def test_targets_that_become_known_turn_rows_from_then_on() -> None:
    """One step of six that differs is enough; a hedge whose ratio stays does not turn."""
    world = mixed_world(9, 3)
    horizon, ratios = ahead_of(world), steady(9, [0.5] * world.rules.hedges)
    ratios[3, 0] = ratios[8] = 0.7
    look_again(horizon, ratios, 0, 6)
    assert horizon.ratio[:, 0, :6].tolist() == ratios[:6, :, 0].T.tolist()
    assert (horizon.ratio[:, 0, 6:] == 0.5).all()
    assert horizon.turns[:, 0].tolist() == [1] + [0] * (world.rules.hedges - 1)


@pytest.mark.parametrize("steps", [1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 7])
def test_bounds_of_a_block_are_its_least_and_most(steps: int) -> None:
    """Of every series at the ends of steps, and at both corners inside; whole blocks or not."""
    world = mixed_world(steps, steps)
    layout, horizon = world.flat.layout, ahead_of(world)
    for first in range(0, steps, BLOCK):
        last = min(first + BLOCK, steps)
        write_corners(layout, world.market, horizon, 0, first // BLOCK)
        close = horizon.close[:, 0, first:last]
        corners = (horizon.high[:, : last - first], horizon.low[:, : last - first])
        for where, figures in ((AT_CLOSE, close), (INSIDE, np.concatenate(corners, axis=1))):
            block = (where, 0, first // BLOCK)
            assert horizon.least[block].tolist() == figures.min(axis=1).tolist()
            assert horizon.most[block].tolist() == figures.max(axis=1).tolist()


def test_corners_are_those_that_the_exchange_looks_at() -> None:
    """With every coin at its high, then at its low: the same index and marks as a liquidation's."""
    world = mixed_world(BLOCK + 9, 3)
    layout, horizon = world.flat.layout, ahead_of(world)
    bar, prices = new_bar(layout), empty_step(world.first)
    for step in range(world.steps):
        read_step(world.market, step, 0, layout, bar, prices)
        write_corners(layout, world.market, horizon, 0, step // BLOCK)
        for side, series in ((1, horizon.high), (0, horizon.low)):
            for currency in range(layout.currencies):
                if layout.moves[currency] == 1:
                    set_coin(layout, bar, prices.opened, prices.there, currency, side, 1.0)
                    index = prices.there.index_usd[currency]
                    assert series[currency, step % BLOCK] == pytest.approx(index, rel=1e-14)


@pytest.mark.parametrize("seed", range(3, 9))
@pytest.mark.parametrize("name", ["bare", "crossed"])
def test_a_contract_is_worth_what_the_corners_of_its_coins_make_it(name: str, seed: int) -> None:
    """At its coin's corner; one that moves with two coins the most and the least of all four."""
    world = world_of(SETUPS[name], seed, 0.03)
    layout, market, horizon = world.flat.layout, world.market, ahead_of(world)
    legs, count, last = layout.legs, layout.currencies, min(BLOCK, world.steps)
    write_corners(layout, market, horizon, 0, 0)
    for leg in range(legs.rows):
        marks = (market.high_mark[leg, 0, :last], market.low_mark[leg, 0, :last])
        one = [
            [value(legs.payoff[leg], 1.0, legs.multiplier[leg], m) for m in row] for row in marks
        ]
        index = (horizon.high[legs.settle[leg], :last], horizon.low[legs.settle[leg], :last])
        high, low = (np.array(own) * price for own, price in zip(one, index, strict=True))
        if horizon.coin[count + leg] == count + leg:
            every = [np.array(own) * price for own in one for price in index]
            high, low = np.max(every, axis=0), np.min(every, axis=0)
        assert horizon.high[count + leg, :last].tolist() == high.tolist()
        assert horizon.low[count + leg, :last].tolist() == low.tolist()
    wide = [leg for leg in range(legs.rows) if horizon.coin[count + leg] == count + leg]
    assert len(wide) == (name == "crossed")


def test_what_is_due_stands_in_a_row() -> None:
    """Steps with funding and those with flows and deliveries, each once, with rates and prices."""
    world = mixed_world(3 * BLOCK + 7, 5)
    market, horizon = world.market, ahead_of(world)
    halts = np.flatnonzero((market.flow != 0.0).any(axis=(0, 1)) | market.delivery.any(axis=(0, 1)))
    due = np.flatnonzero(market.funding.any(axis=(0, 1)))
    assert len(halts)
    assert len(due)
    assert horizon.halt[0, : len(halts) + 1].tolist() == [*halts, world.steps]
    assert horizon.due[0, : len(due) + 1].tolist() == [*due, world.steps]
    assert (horizon.halts[0], horizon.dues[0]) == (len(halts), len(due))
    for kept, table in (
        (horizon.due_rate, market.funding),
        (horizon.due_mark, market.open_mark),
        (horizon.due_index, market.open_index),
    ):
        assert (kept[:, 0, : len(due)] == table[:, 0, due]).all()
    for step in range(world.steps + 1):
        assert first_from(horizon.due[0], len(due), step) == np.searchsorted(due, step)


def test_funding_adds_up_step_by_step() -> None:
    """What one contract has been paid before each step, leg by leg, and the sum of its sizes."""
    world = mixed_world(2 * BLOCK + 3, 6)
    legs, market, horizon = world.flat.layout.legs, world.market, ahead_of(world)
    for leg in range(legs.rows):
        paid, swing = 0.0, 0.0
        for step in range(world.steps + 1):
            assert (horizon.paid[leg, 0, step], horizon.swing[leg, 0, step]) == (paid, swing)
            if step < world.steps:
                one = value(
                    legs.payoff[leg], 1.0, legs.multiplier[leg], market.open_mark[leg, 0, step]
                )
                paid -= market.funding[leg, 0, step] * one
                swing += abs(market.funding[leg, 0, step] * one)


@pytest.mark.parametrize("name", SETUPS)
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("moving", [False, True])
def test_what_is_passed_over_would_have_been_silent(
    monkeypatch: pytest.MonkeyPatch, name: str, seed: int, moving: bool
) -> None:
    """No step of a block that its least and most keep silent speaks when it is looked at."""
    asked: Callable[..., int] = block_sums.is_above
    passed, scanned = [], block_sums.first_under

    def checked(*where: Any) -> int:  # noqa: ANN401
        one, horizon, row, block = where
        above = asked(*where)
        if above == 1:
            start, stop = block * BLOCK, min((block + 1) * BLOCK, STEPS)
            block_sums.sum_row(one, world.market, horizon, row, start, stop - start)
            assert scanned(horizon.sums[0, : stop - start]) == stop - start
            passed.append(row)
        return above

    world, ratios = world_of(SETUPS[name], seed, 0.01), targets(seed, moving)
    monkeypatch.setattr(block_sums, "is_above", checked)
    with_bounds = Plain(world).walk(ratios)
    monkeypatch.setattr(block_sums, "is_above", lambda *where: 0)
    without = Plain(world).walk(ratios)
    assert passed or moving
    assert same_bits(with_bounds, without) == []
