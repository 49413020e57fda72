"""Books whose coins go by several proxies: compiled as plain, resting as deciding at every bar."""

import os
from collections.abc import Callable

import numpy as np
import pytest

from tests.factories import account, fixed, inverse, linear, vault
from tests.simulate.worlds import (
    COSTS,
    Plain,
    World,
    compiled_lanes,
    compiled_walk,
    count,
    deciding,
    random_market,
    same_bits,
    steady,
)
from volsculpt.book.holdings import Book
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.step import Setup
from volsculpt.exchange.events import FILLED
from volsculpt.hedge.answer import Band
from volsculpt.hedge.spec import Proxy
from volsculpt.simulate.backtest import flat_setup

BOOKS = int(os.environ.get("VOLSCULPT_BOOKS", "160")) // 8  # the long set takes thousands
PARTS = 2
STEPS = 24
PRICES = {"BTC": 60_000.0, "ETH": 3_000.0, "SOL": 150.0, "ADA": 0.5, "USDT": 1.0}


def random_betas(dice: np.random.Generator) -> tuple[Proxy, ...]:
    """One proxy or two; now and then a beta below 0, or none at all."""
    found = [Proxy(coin, float(dice.uniform(0.2, 1.5))) for coin in ("BTC", "ETH")]
    if dice.random() < 0.3:
        found[0] = Proxy("BTC", -found[0].beta)
    if dice.random() < 0.1:
        found[1] = Proxy("ETH", 0.0)
    return tuple(found[: int(dice.integers(1, 3))])


def random_setup(dice: np.random.Generator) -> Setup:
    """Coins with and without contracts of their own, in bands, with limits and a plan or none."""
    bitcoin, ether = inverse("BTC"), linear("ETH")
    coinm, usdm = ("coinm", bitcoin, False), ("usdm", ether, False)
    hedges, legs = [], []
    for coin in ("SOL", "ADA", "BTC", "ETH"):
        own = coin in ("BTC", "ETH")
        if own and dice.random() < 0.5:
            continue
        triggers = dice.uniform(0.005, 0.06, 2)
        band = Band(triggers[0], triggers[0] / 2, triggers[1], 0.0)
        base = str(dice.choice(["equity", "coins", "wealth"]))
        amount = {"coins": 200_000.0 / PRICES[coin]} if base == "coins" else {}
        proxies = () if own else random_betas(dice)
        hedges.append(
            fixed(coin, dice.uniform(0.0, 1.0), base=base, band=band, proxies=proxies, **amount)
        )
        legs.append({"BTC": (coinm,), "ETH": (usdm,)}.get(coin, (coinm, usdm)))
    stock = {"SOL": 1_500.0, "ADA": 400_000.0, "BTC": 3.0, "ETH": 60.0, "USDT": 50_000.0}
    limits = Limits(
        max_leverage=float(dice.choice([0.0, 2.0, 4.0])) or None,
        min_liquidation_distance=float(dice.choice([0.0, 0.2])) or None,
        allow_long=bool(dice.random() < 0.5),
    )
    plans = (CollateralPlan(("vault",), (0.5, 2.0, 2.0, 3.0), account="coinm", cost=0.0),)
    margins = (account("coinm", {"BTC": 4.0}), account("usdm", {"USDT": 300_000.0}))
    book = Book((vault(**stock), *margins))
    chosen = plans if dice.random() < 0.5 else ()
    return Setup(book, tuple(hedges), tuple(legs), limits=limits, collateral=chosen)


def world_of(seed: int, steps: int = STEPS) -> World:
    """A random book in a random market without flows."""
    dice = np.random.default_rng([11, seed])
    setup = random_setup(dice)
    flat, rules, _ = flat_setup(setup, [leg for used in setup.legs for leg in used], 0)
    move = float(dice.choice([0.005, 0.02, 0.04]))
    market = random_market(flat, steps, seed, move, PRICES)
    market.flow[:] = 0.0
    return World(flat, rules, market, COSTS)


@pytest.mark.parametrize("part", range(PARTS))
def test_resting_changes_nothing_for_books_with_several_proxies(
    kernel: Callable[..., None], part: int
) -> None:
    """All that happens and the books to the bit; some lanes do rest."""
    with_rows, fills = 0, 0
    for seed in range(part, BOOKS, PARTS):
        world = world_of(seed)
        ratios = steady(STEPS, [0.4 + 0.1 * row for row in range(world.rules.hedges)])
        always = deciding(world, ratios, kernel)
        quick, triggers = compiled_walk(world, ratios, kernel)
        assert set(same_bits(always.log, quick.log)) <= {"wealth"}, seed
        assert always.states[0].tobytes() == quick.states[0].tobytes(), seed
        with_rows += int(triggers[0]["used"][0] >= 0)
        fills += count(quick.log, FILLED)
    assert with_rows > 0
    assert fills > BOOKS // PARTS


@pytest.mark.parametrize("seed", range(3))
def test_compiled_is_plain_for_books_with_several_proxies(
    kernel: Callable[..., None], seed: int
) -> None:
    """Every event, and every book that came of it, agrees bit for bit."""
    world = world_of(seed, 60)
    ratios = steady(60, [0.8] * world.rules.hedges)
    plain = Plain(world).walk(ratios)
    assert same_bits(plain, compiled_lanes(world, ratios, kernel).log) == []
    assert count(plain, FILLED) > 0
