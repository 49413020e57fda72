"""The width of a band from what a trade costs: least cost, by the formula and by trying."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import account, inverse, linear, vault
from tests.laws.drawn import Drawn
from tests.laws.rounds import run
from volsculpt.book.holdings import Book, Position
from volsculpt.contracts.spec import Contract, Fees
from volsculpt.decide.step import Setup
from volsculpt.hedge.answer import Band
from volsculpt.hedge.auto_band import (
    TradeCosts,
    auto_band,
    auto_words,
    cube_root_width,
    drift,
    yearly_cost,
)
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.policy import BaseKind
from volsculpt.hedge.spec import Hedge
from volsculpt.market.quotes import Quotes

costs = st.floats(1e-5, 0.01)
aversions = st.floats(0.5, 20.0)
ratios = st.floats(0.05, 0.95)


def test_worked_numbers() -> None:
    """0.07 % a trade, aversion 3, half hedged: 2.797 %; at 60 % a year its trades cost 0.0282 %."""
    width = cube_root_width(0.0007, 3.0, drift(0.5))
    assert width == pytest.approx(0.0279672, rel=1e-5)
    assert yearly_cost(0.0007, width, 0.25, 0.6) == pytest.approx(2.8158e-4, rel=1e-4)
    assert TradeCosts(0.0006).total == pytest.approx(0.0007)


def test_words_add_up() -> None:
    """The parts of what a trade costs are told to the digit that makes their sum."""
    costs = TradeCosts(0.00055)
    said = auto_words(auto_band(costs, 3.0, drift(0.5)), costs, 3.0, drift(0.5))
    assert said == (
        "band 2.73 % either side: a trade costs 0.065 % (fee 0.055 %, half a spread 0.01 %), "
        "aversion 3; at a volatility of 60 % its trades cost 0.027 % a year"
    )


@given(cost=costs, aversion=aversions, ratio=ratios, volatility=st.floats(0.1, 2.0))
def test_no_other_width_costs_less(
    cost: float, aversion: float, ratio: float, volatility: float
) -> None:
    """Trades and being off together, a share of the base a year, whatever the volatility."""
    width = cube_root_width(cost, aversion, drift(ratio))

    def whole(half: float) -> float:
        off = 0.5 * aversion * volatility**2 * half**2 / 3.0
        return yearly_cost(cost, half, drift(ratio), volatility) + off

    assert all(whole(width) <= whole(width * by) for by in (0.5, 0.9, 0.99, 1.01, 1.1, 2.0))


@given(cost=costs, aversion=aversions, ratio=ratios)
def test_dearer_trades_make_it_wider_and_aversion_narrower(
    cost: float, aversion: float, ratio: float
) -> None:
    """By the cube root: eight times the cost is twice the width; hedged and kept are alike."""
    width = cube_root_width(cost, aversion, drift(ratio))
    assert cube_root_width(8.0 * cost, aversion, drift(ratio)) == pytest.approx(2.0 * width)
    assert cube_root_width(cost, 8.0 * aversion, drift(ratio)) == pytest.approx(0.5 * width)
    assert cube_root_width(cost, aversion, drift(1.0 - ratio)) == pytest.approx(width)


@pytest.mark.parametrize("ratio", [0.0, 1.0])
def test_a_ratio_that_no_price_moves_has_the_narrowest(ratio: float) -> None:
    """All hedged is money, nothing hedged is the coin: a trade ends inside its edges by the fee."""
    band = auto_band(TradeCosts(0.0005), 3.0, drift(ratio))
    assert band == Band(0.005, pytest.approx(0.0045), 0.005, pytest.approx(0.0045))  # type: ignore[arg-type]
    assert auto_band(TradeCosts(0.02), 1e6, drift(ratio)).under_settle == 0.0
    assert drift(1.5) == drift(-0.5) == 0.75


def test_trades_at_the_edges_cost_what_the_formula_says() -> None:
    """A ratio that wanders by chance, pushed back at the edge: some 700 walks of 20 days."""
    dice = np.random.default_rng(5)
    width, sigma, steps, walks = 0.01, 0.25 * 0.6, 20_000, 700
    step = sigma * np.sqrt(20.0 / 365.0 / steps)
    place, traded = dice.uniform(-width, width, walks), np.zeros(walks)
    for _ in range(steps):
        place += step * dice.standard_normal(walks)
        kept = np.clip(place, -width, width)
        traded += np.abs(place - kept)
        place = kept
    yearly = traded.mean() * 365.0 / 20.0
    said = yearly_cost(1.0, width, 0.25, 0.6)
    error = traded.std() / np.sqrt(walks) * 365.0 / 20.0
    assert abs(yearly - said) < 4.0 * error + 0.02 * said  # steps of time miss a little


@pytest.mark.parametrize("taker", [0.0, 0.00055, 0.003])
@pytest.mark.parametrize("price", [30_000.0, 40_000.0, 80_000.0, 150_000.0])
@pytest.mark.parametrize(
    ("make", "base"), [(inverse, "equity"), (inverse, "wealth"), (linear, "wealth")]
)
def test_one_trade_is_enough(
    taker: float, price: float, make: Callable[..., Contract], base: BaseKind
) -> None:
    """Back into the band, the fee paid out of what is hedged: nothing is traded after it.

    Args: taker: fee; price: US dollars, of coins half hedged at 60,000; make: contract; base.
    """
    contract = make("BTC", multiplier=1.0 if make is inverse else 0.001, fees=Fees(taker=taker))
    sold = -300_000.0 if make is inverse else -5_000.0
    held = account("m", {"BTC": 8.0, "USDT": 1e6}, (Position(contract, sold, 60_000.0),))
    band = auto_band(TradeCosts(taker), 3.0, drift(0.5))
    hedge = Hedge("BTC", FixedPolicy(0.5), base, band=band)
    setup = Setup(Book((vault(BTC=2.0), held)), (hedge,), ((("m", contract, False),),))
    trace = run(Drawn(0, setup, Quotes(0, {"BTC": price, "USDT": 1.0})), 9)
    assert trace.rested
    assert trace.rounds <= 1
