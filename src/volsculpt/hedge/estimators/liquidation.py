"""Ratio and leverage together: less variance, and a short that survives a rise."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from volsculpt.contracts.spec import Payoff
from volsculpt.errors import EstimateError
from volsculpt.hedge.estimators.estimator import Estimator
from volsculpt.hedge.estimators.extra import models
from volsculpt.hedge.estimators.jackknife import jackknife_std
from volsculpt.hedge.estimators.ols import least_squares, with_constant
from volsculpt.market.gate import Floats

GRID = 201
FEWEST_HORIZONS = 30
PEAKS = 15
NO_SHAPE = 1e-9  # nearer to 0 a tail is exponential; the library loses it at the least of floats


def liquidation_rise(ratio: float, margin: float, maintenance: float, payoff: Payoff) -> float:
    """The rise of the mark at which a short is closed by the venue, a fraction; inf for never.

        linear   (margin/ratio - maintenance)/(1 + maintenance)
        inverse  (1 - maintenance)/(1 - margin/ratio) - 1, never once margin >= ratio

    Never, where nothing is short. Source: Alexander, Deng and Zou, European Journal of Operational
    Research 306(1), 2023, 478-493 (arXiv 2101.01261), for linear; inverse from N/E coins short on
    `margin` coins. Worked: ratio 1, margin 0.2, maintenance 0.005: 0.19403 and 0.24375.

    Args: ratio: sold per unit held; margin: posted per unit held; maintenance: fraction of value;
    payoff: inverse or linear.
    """
    if ratio <= 0.0:
        return math.inf
    if payoff == "linear":
        return (margin / ratio - maintenance) / (1.0 + maintenance)
    if margin >= ratio:
        return math.inf
    return (1.0 - maintenance) / (1.0 - margin / ratio) - 1.0


class RiseTail(NamedTuple):
    """How likely high rises are: counted below a threshold, by the generalised Pareto law above it.

    rises: all seen, rising. shape, scale: of the share of them that came above `threshold`.
    """

    rises: Floats
    threshold: float
    share: float
    shape: float
    scale: float

    def above(self, rise: float) -> float:
        """Probability that the highest rise of a horizon is above `rise`."""
        with models():
            from scipy.stats import genpareto
        if rise <= self.threshold:
            return float(np.mean(self.rises > rise))
        shape = self.shape if self.shape > NO_SHAPE else 0.0
        beyond = genpareto.sf(rise - self.threshold, shape, scale=self.scale)
        return self.share * float(beyond)


def highest_rises(moves: Floats, horizon: int) -> Floats:
    """Of each of the horizons that follow one another: the highest its price came above its start.

    0 or less where it only fell. Worked: 0.1, -0.1, 0.2, 0.1, two a horizon: 0.1, 0.32.

    moves: (n,) returns, all above -1; horizon: rows.
    """
    whole = moves[: len(moves) // horizon * horizon].reshape(-1, horizon)
    return np.asarray(np.cumprod(1.0 + whole, axis=1).max(axis=1) - 1.0)


def rise_tail(rises: Floats) -> RiseTail:
    """The tail of highest rises: peaks over the threshold that a tenth exceed, fitted by scipy.

    Of fewer than 150 rises the 15 highest are taken. A tail that seems to end somewhere (shape
    below 0) is taken as exponential, which states more liquidations, not fewer. Raises
    EstimateError for one without a mean (shape of 1 or more). Source: Pickands, "Statistical
    Inference Using Extreme Order Statistics", Annals of Statistics 3(1), 1975, 119-131. Worked:
    peaks 0.02 and 0.04 above the threshold, exponential: scale 0.03.
    """
    with models():
        from scipy.stats import genpareto
    ordered = np.sort(rises)
    peaks = min(max(len(rises) // 10, PEAKS), len(rises) - 1)
    threshold = float(ordered[-peaks - 1])
    over = ordered[-peaks:] - threshold
    shape, _, scale = genpareto.fit(over, 0.1, floc=0.0)
    if shape >= 1.0:
        raise EstimateError(
            f"liquidation-aware: the {peaks} highest of {len(rises)} rises have no tail that can "
            f"be fitted (shape {shape:g}); give a longer span or a shorter horizon"
        )
    if shape < 0.0:
        shape, scale = 0.0, over.mean()
    return RiseTail(ordered, threshold, peaks / len(rises), float(shape), float(scale))


@dataclass(eq=False)
class LiquidationAware(Estimator):
    """The ratio h with the least Var(y - h·x)/Var(y) + aversion·P(liquidation), and its leverage.

    The short of h is backed by `margin` (both per unit held), so its leverage is h/margin; it is
    liquidated once the price inside a horizon rises by `liquidation_rise`: its probability is by
    the tail of highest rises (`rise_tail`), one horizon after the other. A fit keeps `leverage_`,
    `liquidation_probability_` (per horizon) and `variance_left_`.

    margin: of what is held. aversion: what a certain liquidation weighs in whole variances.
    maintenance: of value. horizon: rows between two times that margin is topped up. payoff:
    "inverse" or "linear". most: the highest ratio thought of. groups: of the jackknife that its
    standard error is from. Several instruments are one basket, in the proportions of least squares.

    Assumes that horizons are alike, and sees no higher price than those given: closes understate
    rises. Fails on few horizons, where the shape of the tail is a guess (under thirty are refused);
    and where margin >= ratio it is plain `Ols`: no rise can liquidate an inverse short then.
    Source: Alexander, Deng and Zou, "Hedging with automatic liquidation and leverage selection on
    bitcoin futures", European Journal of Operational Research 306(1), 2023, 478-493. Worked: margin
    1 with ratio below 1, inverse: probability 0, leverage = ratio.
    """

    NAME: ClassVar[str] = "liquidation-aware"
    WORDS: ClassVar[str] = "least variance and few liquidations"
    FEWEST: ClassVar[int] = FEWEST_HORIZONS

    margin: float = 0.2
    aversion: float = 1.0
    maintenance: float = 0.005
    horizon: int = 1
    payoff: Payoff = "inverse"
    most: float = 1.5
    groups: int = 20

    def _solve(self, X: Floats, y: Floats) -> Floats:
        if not (self.margin > 0.0 and self.horizon >= 1 and self.aversion >= 0.0):
            raise EstimateError(
                f"{self.NAME}: margin {self.margin:g}, horizon {self.horizon}, aversion "
                f"{self.aversion:g}: give a margin above 0, 1 row or more, an aversion of 0 or more"
            )
        sides = basket_shares(X, y)
        basket = X @ sides
        self._tail = self._rises(basket)
        moments = np.cov(basket, y)
        ratio = self._best(moments)
        self.leverage_ = ratio / self.margin
        self.liquidation_probability_ = self._liquidated(ratio)
        self.variance_left_ = variance_left(ratio, moments)
        return np.asarray(ratio * sides)

    def _rises(self, basket: Floats) -> RiseTail:
        if np.min(basket) <= -1.0:
            raise EstimateError(f"{self.NAME}: moves of -1 or less: give fractions, (F1 - F0)/S0")
        if len(basket) // self.horizon < self.FEWEST:
            raise EstimateError(
                f"{self.NAME}: {len(basket)} returns (n_samples = {len(basket)}) hold "
                f"{len(basket) // self.horizon} horizons of {self.horizon} rows, of {self.FEWEST} "
                f"needed; give a longer span or a shorter horizon"
            )
        return rise_tail(highest_rises(basket, self.horizon))

    def _liquidated(self, ratio: float) -> float:
        rise = liquidation_rise(ratio, self.margin, self.maintenance, self.payoff)
        return self._tail.above(rise) if math.isfinite(rise) else 0.0

    def _best(self, moments: Floats) -> float:
        """The least of the goal: on a grid first, for it has several valleys, then in its cell."""
        with models():
            from scipy.optimize import minimize_scalar

        def goal(ratio: float) -> float:
            return variance_left(ratio, moments) + self.aversion * self._liquidated(ratio)

        grid = np.linspace(0.0, self.most, GRID)
        at = grid[int(np.argmin([goal(one) for one in grid]))]
        step = self.most / (GRID - 1)
        bounds = (max(0.0, at - step), min(self.most, at + step))
        found = minimize_scalar(goal, bounds=bounds, method="bounded", options={"xatol": 1e-7})
        return float(min((found.x, at), key=goal))

    def _errors(self, X: Floats, y: Floats) -> Floats:
        def refit(some: Floats, same: Floats) -> Floats:
            return type(self)(**self.get_params())._solve(some, same)

        return jackknife_std(refit, X, y, self.groups)


def basket_shares(X: Floats, y: Floats) -> Floats:
    """Shares of several instruments in one basket, those of least squares, sizes summing to 1.

    Of one instrument 1. Worked: least squares 0.6 and -0.2 -> 0.75, -0.25.
    """
    if X.shape[1] == 1:
        return np.ones(1)
    sides = np.asarray(least_squares(with_constant(X), y, 0).params[1:])
    return np.asarray(sides / np.abs(sides).sum())


def variance_left(ratio: float, moments: Any) -> float:  # noqa: ANN401 - an array
    """Var(y - ratio·x)/Var(y) of moments ((xx, xy), (xy, yy)).

    Worked: moments 1, 1 and 1, ratio 0.5 -> 0.25.
    """
    (xx, xy), (_, yy) = moments
    return float((yy - 2.0 * ratio * xy + ratio * ratio * xx) / yy)
