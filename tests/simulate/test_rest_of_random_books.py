"""Random books in random markets: a lane that may rest ends as one that decides at every bar."""

import os
from collections.abc import Callable

import numpy as np
import pytest

from tests.factories import account, fixed, inverse, linear, vault
from tests.simulate.worlds import (
    COSTS,
    World,
    compiled_walk,
    deciding,
    random_market,
    same_bits,
    steady,
)
from volsculpt.book.holdings import Book, Position
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.step import Setup
from volsculpt.hedge.answer import Band
from volsculpt.simulate.backtest import flat_setup

BOOKS = int(os.environ.get("VOLSCULPT_BOOKS", "160"))  # the long set takes thousands
PARTS = 4
STEPS = 24


def random_setup(dice: np.random.Generator) -> Setup:
    """One or two coins, inverse or linear, old positions, bands, bases, limits, a plan or none."""
    coins = ["BTC", "ETH"][: int(dice.integers(1, 3))]
    books, hedges, legs, plans = [], [], [], []
    for coin in coins:
        price = {"BTC": 60_000.0, "ETH": 3_000.0}[coin]
        contract = inverse(coin) if dice.random() < 0.6 else linear(coin)
        scale = 1.0 if coin == "BTC" else 20.0
        size = -dice.uniform(0.0, 2.0) * scale * (price if contract.payoff == "inverse" else 1.0)
        lot = 1.0 if contract.payoff == "inverse" else 0.001
        held = (Position(contract, round(size / lot) * lot, price * dice.uniform(0.8, 1.25)),)
        margin = dice.uniform(0.3, 3.0) * scale * (1.0 if contract.payoff == "inverse" else price)
        name = f"{coin.lower()}m"
        own = held if dice.random() < 0.6 else ()
        books.append(account(name, {contract.settle: margin}, own))
        triggers = dice.uniform(0.01, 0.12, 2)
        band = Band(
            triggers[0], triggers[0] * dice.random(), triggers[1], triggers[1] * dice.random()
        )
        base = str(dice.choice(["equity", "coins", "wealth"]))
        amount = {"coins": 2.0 * scale} if base == "coins" else {}
        hedges.append(fixed(coin, dice.uniform(0.0, 1.0), base=base, band=band, **amount))
        legs.append(((name, contract, False),))
        if dice.random() < 0.5:
            edges = np.sort(dice.uniform(0.3, 4.0, 4)).tolist()
            plans.append(CollateralPlan(("vault",), tuple(edges), account=name, cost=0.0))
    stock = {"BTC": dice.uniform(0.2, 4.0), "ETH": dice.uniform(5.0, 80.0), "USDT": 50_000.0}
    limits = Limits(
        max_leverage=float(dice.choice([0.0, 2.0, 4.0])) or None,
        min_liquidation_distance=float(dice.choice([0.0, 0.2, 0.4])) or None,
    )
    book = Book((vault(**stock), *books))
    return Setup(book, tuple(hedges), tuple(legs), limits=limits, collateral=tuple(plans))


@pytest.mark.parametrize("part", range(PARTS))
def test_resting_changes_no_trade_transfer_or_book(kernel: Callable[..., None], part: int) -> None:
    """All that happens, books and what is underway to the bit; wealth at each bar to 1e-12."""
    rested = 0
    for seed in range(part, BOOKS, PARTS):
        dice = np.random.default_rng([7, seed])
        setup = random_setup(dice)
        flat, rules, _ = flat_setup(setup, [leg for used in setup.legs for leg in used], 0)
        market = random_market(flat, STEPS, seed, float(dice.choice([0.002, 0.01, 0.03])))
        market.flow[:] = 0.0
        world = World(flat, rules, market, COSTS)
        ratios = steady(STEPS, [0.4 + 0.1 * row for row in range(rules.hedges)])
        always = deciding(world, ratios, kernel)
        quick, triggers = compiled_walk(world, ratios, kernel)
        assert set(same_bits(always.log, quick.log)) <= {"wealth"}, seed
        assert always.states[0].tobytes() == quick.states[0].tobytes(), seed
        assert always.arguments[4][0].tobytes() == quick.arguments[4][0].tobytes(), seed
        assert quick.log.wealth == pytest.approx(always.log.wealth, rel=1e-12), seed
        rested += int(triggers["used"][0, 0] > 0)
    print(f"{rested} of {len(range(part, BOOKS, PARTS))} rested")  # shown by pytest -s
    assert rested > BOOKS // PARTS // 20
