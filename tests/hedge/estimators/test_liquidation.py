"""The ratio that weighs liquidations: where a short ends, how likely, and the least of the goal."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from volsculpt.contracts.payoff import INVERSE, LINEAR, unrealised_pnl, value
from volsculpt.contracts.spec import Payoff
from volsculpt.errors import EstimateError
from volsculpt.hedge.estimators.jackknife import jackknife_std
from volsculpt.hedge.estimators.liquidation import (
    LiquidationAware,
    RiseTail,
    basket_shares,
    highest_rises,
    liquidation_rise,
    rise_tail,
    variance_left,
)
from volsculpt.hedge.estimators.ols import Ols
from volsculpt.market.gate import Floats

SEEDS = st.integers(0, 10**6)
RATIOS, MARGINS = st.floats(0.05, 3.0), st.floats(0.05, 2.0)
MAINTENANCE = st.floats(0.0, 0.04)
PAYOFFS: tuple[Payoff, ...] = ("inverse", "linear")


def market(seed: int, rows: int, spread: float = 0.04) -> tuple[Floats, Floats]:
    """A future, and what is held: the same and some noise."""
    dice = np.random.default_rng(seed)
    moved = np.clip(dice.normal(0.0, spread, rows), -0.5, 0.5)
    return moved[:, None], moved + dice.normal(0.0, 0.01, rows)


# --- where a short ends ---------------------------------------------------------------


@given(RATIOS, MARGINS, MAINTENANCE, st.sampled_from(PAYOFFS))
def test_at_the_rise_the_margin_is_the_maintenance(
    ratio: float, margin: float, maintenance: float, payoff: Payoff
) -> None:
    """By the formulas of contracts: a coin at a price of 1, `ratio` short on `margin` coins."""
    rise = liquidation_rise(ratio, margin, maintenance, payoff)
    if math.isinf(rise):
        assert payoff == "inverse"
        assert margin >= ratio
        return
    kind = INVERSE if payoff == "inverse" else LINEAR
    cost, worth = value(kind, -ratio, 1.0, 1.0), value(kind, -ratio, 1.0, 1.0 + rise)
    equity = margin + unrealised_pnl(kind, cost, worth)
    assert equity == pytest.approx(maintenance * abs(worth), abs=1e-9)


@pytest.mark.parametrize("payoff", PAYOFFS)
def test_what_is_not_short_is_never_liquidated(payoff: Payoff) -> None:
    """Nothing, or a long; nor an inverse short on as many coins as it sells."""
    assert liquidation_rise(0.0, 0.2, 0.005, payoff) == math.inf
    assert liquidation_rise(-1.0, 0.2, 0.005, payoff) == math.inf
    assert math.isinf(liquidation_rise(0.5, 0.5, 0.005, payoff)) is (payoff == "inverse")


# --- how likely it is -----------------------------------------------------------------


@given(SEEDS, st.integers(1, 7), st.integers(20, 60))
def test_rises_are_the_highest_of_each_horizon(seed: int, horizon: int, rows: int) -> None:
    """One horizon after the other, rows that fill none left out; negative where it only fell."""
    moved = market(seed, rows)[0][:, 0]
    wanted = []
    for start in range(0, rows - horizon + 1, horizon):
        price, highest = 1.0, -1.0
        for one in moved[start : start + horizon]:
            price *= 1.0 + one
            highest = max(highest, price - 1.0)
        wanted.append(highest)
    assert highest_rises(moved, horizon) == pytest.approx(np.array(wanted))
    assert highest_rises(np.array([0.1, -0.1, 0.2, 0.1]), 2) == pytest.approx([0.1, 0.32])


@given(SEEDS, st.integers(20, 400))
def test_a_tail_is_of_a_tenth_or_of_fifteen(seed: int, rows: int) -> None:
    """As many peaks as that, above the highest rise that is none of them; counted below it."""
    rises = np.random.default_rng(seed).exponential(0.05, rows)
    peaks = min(max(rows // 10, 15), rows - 1)
    ordered = np.sort(rises)
    try:
        tail = rise_tail(rises)
    except EstimateError as error:
        assert f"the {peaks} highest of {rows} rises have no tail" in str(error)  # noqa: PT017
        return
    assert (tail.threshold, tail.share) == (ordered[-peaks - 1], peaks / rows)
    assert 0.0 <= tail.shape < 1.0
    for rise in (0.0, ordered[1], tail.threshold):
        assert tail.above(rise) == np.mean(rises > rise)
    if tail.shape == 0.0:
        assert tail.scale == pytest.approx(np.mean(ordered[-peaks:]) - tail.threshold)


@given(st.floats(0.0, 0.9), st.floats(0.01, 0.1), st.floats(0.0, 0.5))
@example(5e-324, 0.09375, 0.5)
def test_above_the_threshold_the_law_is_generalised_pareto(
    shape: float, scale: float, beyond: float
) -> None:
    """(1 + shape·x/scale)^(-1/shape) of the share above it, exp(-x/scale) where the shape is 0."""
    tail = RiseTail(np.array([0.1, 0.2, 0.3, 0.4]), 0.2, 0.5, shape, scale)
    x = beyond / scale
    left = math.exp(-x) if shape < 1e-9 else (1.0 + shape * x) ** (-1.0 / shape)
    wanted = 0.5 * left if 0.2 + beyond > 0.2 else 0.5
    assert tail.above(0.2 + beyond) == pytest.approx(wanted, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("shape", [0.3, 0.6])
def test_a_heavy_tail_is_found_to_be_heavy(shape: float) -> None:
    """The shape that 20,000 rises were drawn with, to a tenth; one that ends is exponential."""
    dice = np.random.default_rng(6)
    uniform = dice.random(20_000)
    found = rise_tail(0.05 * (uniform**-shape - 1.0) / shape)
    assert found.shape == pytest.approx(shape, abs=0.1)
    assert rise_tail(uniform).shape == 0.0


def test_at_the_threshold_rises_are_still_counted() -> None:
    """Two of four stand at it: one of four is above, whatever share the law begins with."""
    tail = RiseTail(np.array([0.1, 0.2, 0.2, 0.4]), 0.2, 0.5, 0.0, 0.1)
    assert tail.above(0.2) == 0.25
    assert tail.above(0.2 + 1e-9) == pytest.approx(0.5)


def test_rises_without_a_mean_are_refused() -> None:
    """A few so high that their law has no mean: how likely a rise is cannot be told."""
    heavy = np.append(np.linspace(0.0, 0.01, 30), 0.01 + np.geomspace(1e-6, 1e6, 15))
    with pytest.raises(EstimateError, match=r"the 15 highest of 45 rises have no tail"):
        rise_tail(heavy)


# --- the least of the goal ------------------------------------------------------------


@pytest.mark.parametrize("payoff", PAYOFFS)
@settings(max_examples=max(8, settings().max_examples // 4))  # each asks a fine grid
@given(SEEDS, st.floats(0.05, 1.2), st.sampled_from([0.0, 0.3, 3.0]), st.integers(1, 3))
def test_no_ratio_of_a_fine_grid_is_better(
    payoff: Payoff, seed: int, margin: float, aversion: float, horizon: int
) -> None:
    """Variance left and liquidations weighed; what a fit keeps is of the ratio it answers."""
    X, y = market(seed, 120)
    one = LiquidationAware(margin, aversion, 0.01, horizon, payoff, 1.4).fit_ratio(X, y)
    tail, moments = rise_tail(highest_rises(X[:, 0], horizon)), np.cov(X[:, 0], y)

    def likely(ratio: float) -> float:
        rise = liquidation_rise(ratio, margin, 0.01, payoff)
        return 0.0 if math.isinf(rise) else tail.above(rise)

    def goal(ratio: float) -> float:
        return float(np.var(y - ratio * X[:, 0]) / np.var(y)) + aversion * likely(ratio)

    ratio = float(one.ratio_[0])
    assert 0.0 <= ratio <= 1.4
    assert goal(ratio) <= min(goal(at) for at in np.linspace(0.0, 1.4, 141)) + 1e-9
    assert one.leverage_ == pytest.approx(ratio / margin)
    assert one.liquidation_probability_ == pytest.approx(likely(ratio))
    assert one.variance_left_ == pytest.approx(variance_left(ratio, moments))
    assert one.variance_left_ == pytest.approx(np.var(y - ratio * X[:, 0]) / np.var(y))


@given(SEEDS)
def test_several_instruments_are_one_basket(seed: int) -> None:
    """In the proportions of least squares, sizes summing to 1; one alone is all of it."""
    dice = np.random.default_rng(seed)
    X = dice.normal(0.0, 0.04, (60, 2))
    y = X @ np.array([0.6, -0.2]) + dice.normal(0.0, 0.005, 60)
    shares = basket_shares(X, y)
    assert np.abs(shares).sum() == pytest.approx(1.0)
    fitted = Ols().fit_ratio(X, y).ratio_
    assert shares == pytest.approx(fitted / np.abs(fitted).sum())
    assert basket_shares(X[:, :1], -X[:, 0]).tolist() == [1.0]
    one = LiquidationAware(margin=2.0, aversion=0.0).fit_ratio(X, y)
    assert one.ratio_ == pytest.approx(fitted, abs=1e-5)


def test_its_error_is_of_the_jackknife() -> None:
    """Of as many groups as were asked for, each refitted with the same parameters."""
    X, y = market(5, 130)
    one = LiquidationAware(margin=0.3, aversion=0.5, horizon=2, groups=4)

    def refit(some: Floats, same: Floats) -> Floats:
        return LiquidationAware(margin=0.3, aversion=0.5, horizon=2).fit_ratio(some, same).ratio_

    assert one.fit(X, y).ratio_std_ == pytest.approx(jackknife_std(refit, X, y, 4))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"margin": 0.0}, "margin 0, horizon 1, aversion 1"),
        ({"margin": -1.0}, "margin -1"),
        ({"horizon": 0}, "horizon 0"),
        ({"aversion": -0.1}, "aversion -0.1: give a margin above 0"),
        ({"horizon": 4}, r"119 returns \(n_samples = 119\) hold 29 horizons of 4 rows, of 30"),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, float], message: str) -> None:
    """With what is needed; the least that is allowed is taken."""
    X, y = market(1, 119)
    with pytest.raises(EstimateError, match=message):
        LiquidationAware(**given).fit_ratio(X, y)  # type: ignore[arg-type]
    assert LiquidationAware(aversion=0.0, horizon=3).fit_ratio(X, y).ratio_[0] > 0.9
    X, y = market(1, 120)
    assert LiquidationAware(aversion=0.0, horizon=4).fit_ratio(X, y).ratio_[0] > 0.9


@pytest.mark.parametrize("worst", [-1.0, -1.5])
def test_a_price_that_falls_to_nothing_is_refused(worst: float) -> None:
    """Fractions were meant: no price falls by all of itself, and after it there is no rise."""
    X, y = market(1, 100)
    with pytest.raises(EstimateError, match="moves of -1 or less: give fractions"):
        LiquidationAware().fit_ratio(np.append(X, [[worst]], axis=0), np.append(y, 0.0))
