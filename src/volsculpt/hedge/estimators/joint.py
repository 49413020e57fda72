"""Ratios and betas of all hedges of a book at once: least risk and cost, within its limits.

All amounts are shares of the book's wealth. s is what each leg is short of its coin, x what each
hedge asks of each coin whose contracts carry it:

    minimise   (γ/2)·Var(Σ held·r - Σ s·r)  +  Σ cost·|s - s0|·365/D  -  Σ carry·s
    with       Σ s of a coin's legs = Σ x asked of it             (>= 0 unless longs are allowed)
               least <= ratio <= most of each hedge
               Σ weight·s <= room + coins brought in              (a row per limit and group)

Variance of the daily returns r, a year of 365 of them; γ is the aversion, D the days the position
is kept, over which its trades are paid off. A quadratic programme (`joint_model.py`); limits are
rows of it, which whoever asks writes from the margin that will judge.

A hedge by its own contracts has x = need, where need = offset + ratio·base. One by other coins has
b, its regression on them all, c its covariances with them, and

    need = Σ x·c / Σ b·c,   beta = x / need

so its ratio is the part taken of what regression would take, whichever way it is split.

Assumes that marks move as the index does, and that covariances of the window go on. Fails where
they do not: betas of a bull run were too low in the fall after it; where two coins move alike their
split means nothing, and is drawn to regression's. Sources: Markowitz, "Portfolio Selection",
Journal of Finance 7(1), 1952, 77-91; Ederington, "The Hedging Performance of the New Futures
Markets", Journal of Finance 34(1), 1979, 157-170. Worked: 1 of BTC and 1 of a coin that moves 0.5
as much, both by BTC, no costs: x 1 and 0.5, ratios 1 and 1, beta 0.5. With room for 1.2 in all: 1.2
of 1.5 is sold, and one more of room is worth γ·Var(BTC)·0.3.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from volsculpt.errors import EstimateError
from volsculpt.hedge.auto_band import AVERSION
from volsculpt.market.gate import Floats
from volsculpt.units import DAYS_PER_YEAR

TIE = 1e-5  # of a squared share: decides between what leaves the same, and no more than that
FEWEST = 60  # days, and PER_COIN more for each
PER_COIN = 3
NOTHING = 1e-9  # a share of wealth that counts as none


class JointHedge(NamedTuple):
    """A hedge. coin: its row; pools: rows of the coins that carry it, its own alone or others.

    base, offset: shares of wealth, need = offset + ratio·base. least, most: of its ratio.
    """

    name: str
    coin: int
    pools: tuple[int, ...]
    base: float
    offset: float
    least: float
    most: float

    @property
    def is_own(self) -> bool:
        """Whether its own contracts carry it."""
        return self.pools == (self.coin,)


class JointLeg(NamedTuple):
    """One contract in one account. coin: its row; held: short now, a share of wealth.

    cost: of a trade, a fraction of it; carry: what a short earns a year, a fraction; most: of its
    size, a share of wealth, infinite without a cap.
    """

    name: str
    coin: int
    held: float
    cost: float
    carry: float = 0.0
    most: float = np.inf


class JointRow(NamedTuple):
    """One limit: Σ weight·s <= room + Σ of what is brought to its group. weight: a leg each."""

    limit: str
    group: str
    weight: tuple[float, ...]
    room: float


class JointSource(NamedTuple):
    """Coins that may be brought to any of some groups. most: a share of wealth, of all together."""

    name: str
    groups: tuple[str, ...]
    most: float


@dataclass(frozen=True, slots=True)
class JointBook:
    """A book, what may hedge it, and within what. held: of each coin, apart from the legs.

    unmanaged: of each coin, the part of `held` in contracts that no hedge trades, + is long; none
    where left out. It counts towards what hedges ask for, as it does where orders are sized.
    """

    coins: tuple[str, ...]
    held: tuple[float, ...]
    hedges: tuple[JointHedge, ...]
    legs: tuple[JointLeg, ...]
    rows: tuple[JointRow, ...] = ()
    sources: tuple[JointSource, ...] = ()
    allow_long: bool = False
    unmanaged: tuple[float, ...] = ()


class JointPreferences(NamedTuple):
    """aversion: to variance, relative, > 0; keep_days: days over which trades are paid off, > 0."""

    aversion: float = AVERSION
    keep_days: float = 90.0


class BindingLimit(NamedTuple):
    """A limit that binds. worth: of one share of wealth more of it, in shares of wealth a year."""

    limit: str
    of: str
    worth: float


@dataclass(frozen=True, slots=True)
class JointProposal:
    """What is proposed. sold: per leg; ratio: per hedge; betas: per hedge, of each of its pools.

    objective: risk, costs and carry as the module's formula counts them, shares of wealth a year.
    """

    sold: tuple[float, ...]
    ratio: tuple[float, ...]
    betas: tuple[tuple[float, ...], ...]
    objective: float
    binding: tuple[BindingLimit, ...]


class Regression(NamedTuple):
    """A hedge's coin on the coins that carry it. taken: weights, Σ taken·x is its need."""

    beta: Floats
    taken: Floats


def covariance_of(returns: Floats) -> Floats:
    """Covariance a year of daily returns (n, coins). Raises EstimateError for too few.

    Worked: two days of 0.01 and -0.01: 365·0.0002 = 0.073.
    """
    days, coins = returns.shape
    if days < FEWEST + PER_COIN * coins:
        raise EstimateError(
            f"joint: {days} days of returns are too few for {coins} coins: it needs "
            f"{FEWEST + PER_COIN * coins}; begin earlier with --from, or import more"
        )
    return np.asarray(np.atleast_2d(np.cov(returns, rowvar=False)) * DAYS_PER_YEAR)


def regression_of(hedge: JointHedge, names: Sequence[str], covariance: Floats) -> Regression:
    """The regression of a hedge's coin on its pools; where these move alike, split evenly.

    Raises EstimateError where none of them moves with it. Worked: own contracts: beta 1, taken 1.

    Args: hedge; names: of the coins; covariance: (coins, coins).
    """
    if hedge.is_own:
        return Regression(np.ones(1), np.ones(1))
    pools = list(hedge.pools)
    shared = covariance[pools, hedge.coin]
    beta = np.linalg.pinv(covariance[np.ix_(pools, pools)], rcond=1e-8, hermitian=True) @ shared
    explained = float(beta @ shared)
    if explained <= 1e-10 * covariance[hedge.coin, hedge.coin] or explained <= 0.0:
        others = ", ".join(names[row] for row in pools)
        raise EstimateError(
            f"joint: {hedge.name} does not move with {others} in these days, so no beta to it can "
            f"be found; leave its proxy out, or give a longer span with --from"
        )
    return Regression(beta, shared / explained)


def root_of(covariance: Floats) -> Floats:
    """F with FᵀF = covariance, of coins that may move alike."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(np.sqrt(np.maximum(values, 0.0))[:, None] * vectors.T)


def joint_objective(
    book: JointBook, covariance: Floats, preferences: JointPreferences, sold: Sequence[float]
) -> float:
    """Risk, cost and carry of what each leg is short, shares of wealth a year.

    Worked: 1 held at a variance of 0.36, 0.5 sold, aversion 3, no costs: 1.5·0.25·0.36 = 0.135.

    Args: book; covariance: (coins, coins) a year; asked; sold: per leg, shares of wealth.
    """
    left = exposure_left(book, sold)
    risk = 0.5 * preferences.aversion * float(left @ covariance @ left)
    for leg, short in zip(book.legs, sold, strict=True):
        risk += leg.cost * abs(short - leg.held) * DAYS_PER_YEAR / preferences.keep_days
        risk -= leg.carry * short
    return risk


def exposure_left(book: JointBook, sold: Sequence[float]) -> Floats:
    """What is left of each coin, shares of wealth. sold: per leg."""
    left = np.array(book.held, dtype=np.float64)
    for leg, short in zip(book.legs, sold, strict=True):
        left[leg.coin] -= short
    return left


def ratio_of(hedge: JointHedge, need: float) -> float:
    """The ratio that a need means, within its bounds. Worked: base 0.5, need 0.2: 0.4."""
    return min(max((need - hedge.offset) / hedge.base, hedge.least), hedge.most)
