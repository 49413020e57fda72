"""Lanes that rest where nothing can happen end with the same books as lanes that decide always."""

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.factories import account, fixed, inverse, linear, vault
from tests.simulate.worlds import (
    COSTS,
    Plain,
    World,
    compiled_lanes,
    count,
    deciding,
    random_market,
    same_bits,
    steady,
)
from volsculpt.book.holdings import Book
from volsculpt.contracts.spec import Fees
from volsculpt.decide.act import act
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.step import Setup
from volsculpt.exchange.events import FILLED
from volsculpt.hedge.answer import Band
from volsculpt.simulate import kernel
from volsculpt.simulate.backtest import flat_setup
from volsculpt.simulate.lanes import Array

INVERSE = inverse(fees=Fees(taker=0.0006))
LINEAR = linear("ETH", venue="binance")
WIDE = Band(0.05, 0.02, 0.05, 0.02)
STEPS = 200 if os.environ.get("VOLSCULPT_PLAIN") else 600


def treasury(base: str, plans: tuple[CollateralPlan, ...], limits: Limits) -> Setup:
    """BTC by an inverse perpetual, ETH by a linear one, both in a wide band."""
    book = Book(
        (
            vault(BTC=5.0, ETH=40.0),
            account("coinm", {"BTC": 2.5}),
            account("usdm", {"USDT": 60_000.0}, venue="binance"),
        )
    )
    hedges = (fixed("BTC", 0.5, base=base, band=WIDE), fixed("ETH", 0.4, band=WIDE))
    legs = ((("coinm", INVERSE, False),), (("usdm", LINEAR, False),))
    return Setup(book, hedges, legs, limits=limits, collateral=plans)


def crossed() -> Setup:
    """Ether sold for bitcoin, so that a contract moves with both, in a unified account."""
    cross = linear("ETH", settle="BTC", quote="BTC", symbol="ETH/BTC:BTC", lot=0.01)
    own = account("coinm", {"BTC": 3.0, "ETH": 10.0}, mode="unified")
    hedges = (fixed("BTC", 0.5, band=WIDE), fixed("ETH", 0.4, band=WIDE))
    legs = ((("coinm", INVERSE, False),), (("coinm", cross, False),))
    return Setup(Book((vault(BTC=5.0, ETH=40.0), own)), hedges, legs)


PLAN = (CollateralPlan(("vault",), (0.5, 2.0, 2.0, 3.0), account="coinm", cost=0.0002),)
SETUPS = {
    "bare": treasury("equity", (), Limits()),
    "wealth": treasury("wealth", (), Limits()),
    "bounded": treasury("equity", (), Limits(max_leverage=4.0, min_liquidation_distance=0.1)),
    "planned": treasury("equity", PLAN, Limits()),
    "crossed": crossed(),
    "limited": treasury("equity", PLAN, Limits(max_leverage=4.0, min_liquidation_distance=0.1)),
}


def world_of(setup: Setup, seed: int, move: float) -> World:
    """A setup in a random market without flows."""
    flat, rules, _ = flat_setup(setup, [leg for legs in setup.legs for leg in legs], 0)
    market = random_market(flat, STEPS, seed, move)
    market.flow[:] = 0.0
    return World(flat, rules, market, COSTS)


def targets(seed: int, moving: bool) -> Array:
    """Steady ratios, or ones that wander a little at every step."""
    found = steady(STEPS, (0.5, 0.4))
    if moving:
        drift = np.cumsum(0.001 * np.random.default_rng(seed).standard_normal((STEPS, 2)), axis=0)
        found += np.clip(drift, -0.3, 0.3)[:, :, None]
    return found


@pytest.mark.parametrize("name", SETUPS)
@pytest.mark.parametrize(("seed", "move", "moving"), [(1, 0.006, False), (2, 0.03, True)])
def test_a_lane_that_rests_ends_as_one_that_does_not(
    kernel: Callable[..., None], name: str, seed: int, move: float, moving: bool
) -> None:
    """Books and all that happened agree bit for bit, wealth at every bar to 1e-12.

    Whether what happened is kept changes nothing.
    """
    world, ratios = world_of(SETUPS[name], seed, move), targets(seed, moving)
    always, rested = deciding(world, ratios, kernel), compiled_lanes(world, ratios, kernel)
    bare = compiled_lanes(world, ratios, kernel, noted=False)
    assert set(same_bits(always.log, rested.log)) <= {"wealth"}
    assert rested.log.wealth == pytest.approx(always.log.wealth, rel=1e-12)
    assert bare.log.wealth.tobytes() == rested.log.wealth.tobytes()
    for made in (rested, bare):
        assert made.states[0].tobytes() == always.states[0].tobytes()
    assert count(rested.log, FILLED) > STEPS // 250


def test_a_target_that_moves_is_no_affair_of_the_lane_beside_it(
    kernel: Callable[..., None],
) -> None:
    """A lane with steady targets beside one whose target ends almost a band away is as alone."""
    world, still = world_of(SETUPS["bare"], 3, 0.01), targets(5, moving=False)
    moved = still.copy()
    moved[-10:] -= 0.04
    both = np.ascontiguousarray(np.concatenate([moved, still], axis=2))
    beside, alone = compiled_lanes(world, both, kernel), compiled_lanes(world, still, kernel)
    assert same_bits(beside.log, alone.log, lane=1) == []
    assert "wealth" not in same_bits(beside.log, alone.log, steps=STEPS - 11, lane=0)


@pytest.mark.compiled
def test_resting_is_the_same_plain_and_compiled(kernel: Callable[..., None]) -> None:
    """Bit for bit, in a book with limits."""
    world, ratios = world_of(SETUPS["bounded"], 3, 0.01), targets(3, moving=False)
    plain = Plain(world, noted=False).walk(ratios)
    assert same_bits(plain, compiled_lanes(world, ratios, kernel, noted=False).log) == []


@pytest.mark.parametrize("name", SETUPS)
def test_lanes_really_rest(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a still market a few decisions serve a hundred steps, whatever the base and the plan."""
    world, ratios = world_of(SETUPS[name], 4, 0.0001), targets(4, moving=False)
    decided = []

    def counted(*arguments: Any) -> None:  # noqa: ANN401
        decided.append(1)
        act(*arguments)

    monkeypatch.setattr(kernel, "act", counted)
    Plain(world, noted=False).walk(ratios, 0, 100)
    assert 1 <= len(decided) <= 12
