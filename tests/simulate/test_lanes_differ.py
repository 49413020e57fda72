"""Lanes may differ in rules, costs, books and prices; each is what it would be alone."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from tests.simulate.plain import plain_run
from tests.simulate.test_rest import PLAN, SETUPS, STEPS, targets, treasury, world_of
from tests.simulate.worlds import (
    COSTS,
    World,
    compiled_lanes,
    prepare,
    random_market,
    rest_of,
    steady,
)
from volsculpt.decide.limits import Limits
from volsculpt.hedge.answer import Band
from volsculpt.simulate.backtest import (
    Costs,
    flat_setup,
    run_span,
    terms_of,
)
from volsculpt.simulate.horizon import BLOCK
from volsculpt.simulate.lanes import write
from volsculpt.simulate.market_arrays import Market
from volsculpt.simulate.one_lane import StepSpan

NARROW = Band(0.02, 0.01, 0.03, 0.0)
OTHERS = (
    (SETUPS["limited"], COSTS),
    (treasury("equity", PLAN, Limits(max_leverage=2.0)), COSTS),
    (treasury("coins", PLAN, Limits()), Costs(half_spread=0.002, slippage=0.001)),
    (treasury("equity", (), Limits(max_order_usd=20_000.0)), Costs(order_delay_steps=2)),
    (SETUPS["wealth"], COSTS),
)


def banded(index: int) -> World:
    """One of the setups in the common market, every other one with a narrow band."""
    setup, costs = OTHERS[index]
    if index % 2:
        setup = replace(setup, hedges=tuple(replace(one, band=NARROW) for one in setup.hedges))
    hedges = tuple(replace(one, coins=4.0 + index) for one in setup.hedges)
    world = world_of(replace(setup, hedges=hedges), 7, 0.01)
    return replace(world, costs=costs)


@pytest.mark.compiled
@pytest.mark.parametrize("noted", [True, False])
def test_each_lane_has_its_own_rules_and_costs(kernel: Callable[..., None], noted: bool) -> None:
    """Limits, band, base, plan, fees, spread and latency: lane k of five is that book alone."""
    worlds, ratios = [banded(index) for index in range(5)], targets(7, moving=False)
    first = worlds[0]
    many = np.ascontiguousarray(np.repeat(ratios, 5, axis=2))
    made = prepare(first.flat, first.rules, COSTS, first.first, STEPS, 5, noted=noted)
    for lane, world in enumerate(worlds):
        write(made.arguments[1][lane], world.rules)
        delays = [world.costs.transfer_steps or 0] * len(world.flat.groups)
        write(made.arguments[2][lane], terms_of(world.flat, world.rules, world.costs, delays))
    rest = rest_of(made, first.market, many)
    run_span(made, first.market, kernel, many, StepSpan(0, STEPS, 0, 0), rest)
    ends = set()
    for lane, world in enumerate(worlds):
        alone = compiled_lanes(world, ratios, kernel, noted=noted)
        assert made.states[lane].tobytes() == alone.states[0].tobytes()
        assert made.log.wealth[lane].tobytes() == alone.log.wealth[0].tobytes()
        ends.add(made.log.wealth[lane, -1])
    assert len(ends) == 5


def joined(markets: Sequence[Market]) -> Market:
    """Markets as the paths of one."""
    tables = zip(*markets, strict=True)
    return Market(*[np.ascontiguousarray(np.concatenate(one, 1)) for one in tables])


def check_paths(kernel: Callable[..., None], steps: int, flows: float, noted: bool) -> None:
    """One path a lane, and another share of the coins posted in each: as each is alone.

    Args: steps: of each path; flows: times those of a random market.
    """
    setup, ratios = SETUPS["bare"], steady(steps, (0.5, 0.4))
    flat, rules, _ = flat_setup(setup, [leg for legs in setup.legs for leg in legs], 0)
    markets = [random_market(flat, steps, seed, 0.01) for seed in (1, 2, 3)]
    for market in markets:
        market.flow[:] *= flows
    market, many = joined(markets), np.ascontiguousarray(np.repeat(ratios, 3, axis=2))
    shares = (0.0, 0.5, 1.5)
    worlds = [World(flat, rules, market, COSTS) for market in markets]
    made = prepare(flat, rules, COSTS, worlds[0].first, steps, 3, noted=noted)
    made.arguments[8], made.arguments[9] = (np.repeat(made.arguments[row], 3) for row in (8, 9))
    for lane, share in enumerate(shares):
        post(made.states[lane], share)
    rest = rest_of(made, market, many)
    run_span(made, market, kernel, many, StepSpan(0, steps, 0, 0), rest)
    for lane, (world, share) in enumerate(zip(worlds, shares, strict=True)):
        alone = prepare(flat, rules, COSTS, world.first, steps, 1, noted=noted)
        post(alone.states[0], share)
        rest = rest_of(alone, world.market, ratios)
        run_span(alone, world.market, kernel, ratios, StepSpan(0, steps, 0, 0), rest)
        assert made.states[lane].tobytes() == alone.states[0].tobytes()
        assert made.log.wealth[lane].tobytes() == alone.log.wealth[0].tobytes()


@pytest.mark.compiled
@pytest.mark.parametrize("noted", [True, False])
def test_each_lane_has_its_own_prices_and_margin(kernel: Callable[..., None], noted: bool) -> None:
    """Over many blocks of steps, as compiled."""
    check_paths(kernel, STEPS, 0.0, noted)


@pytest.mark.parametrize("noted", [True, False])
def test_prices_funding_and_flows_are_those_of_a_lane(noted: bool) -> None:
    """Over the end of a block of steps, as the kernel is written."""
    check_paths(plain_run, BLOCK + 9, 1.0, noted)


def post(state: np.void, coins: float) -> None:
    """Move coins from the vault to the first margin account."""
    state["wallet"][0] -= coins
    state["wallet"][2] += coins
