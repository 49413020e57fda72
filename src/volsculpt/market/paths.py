"""Random prices of several coins: regimes, heavy tails, jumps. Everything from one generator.

A Markov chain of regimes is shared by all coins; inside a regime hourly log returns are
multivariate Student t with the regime's drift and volatility and one correlation, and the
market jumps at random times. The high and low of an hour are exact extremes of a Brownian
bridge between its ends.
"""

from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from volsculpt.market.gate import Floats
from volsculpt.units import HOURS_PER_YEAR

Codes = npt.NDArray[np.int8]

DEGREES = 6.0  # of freedom of the returns: kurtosis 3 + 6/(6 - 4) = 6


@dataclass(frozen=True, slots=True)
class Regime:
    """Yearly drift and volatility of the first coin, hours it lasts on average, jumps a year.

    jump: mean and deviation of the log of one jump. next: chances of the regimes after it.
    """

    name: str
    drift: float
    volatility: float
    hours: float
    jumps: float
    jump: tuple[float, float]
    next: tuple[float, ...]


REGIMES = (
    Regime("bull", 1.20, 0.55, 1400.0, 6.0, (0.02, 0.03), (0.0, 0.25, 0.60, 0.15)),
    Regime("bear", -0.70, 0.65, 1100.0, 8.0, (-0.03, 0.03), (0.20, 0.0, 0.60, 0.20)),
    Regime("range", 0.05, 0.35, 900.0, 3.0, (0.0, 0.02), (0.50, 0.35, 0.0, 0.15)),
    Regime("crash", -9.00, 1.40, 60.0, 60.0, (-0.05, 0.04), (0.15, 0.45, 0.40, 0.0)),
)


def regime_path(
    random: np.random.Generator, hours: int, regimes: tuple[Regime, ...] = REGIMES
) -> Codes:
    """The regime of each hour: stays are geometric, then a jump by chance.

    It starts in the third, "range" of the usual ones, or the last where there are fewer.
    """
    codes = np.empty(hours, dtype=np.int8)
    done, now = 0, min(2, len(regimes) - 1)
    while done < hours:
        stay = int(random.geometric(1.0 / regimes[now].hours))
        codes[done : done + stay] = now
        done += stay
        now = int(random.choice(len(regimes), p=regimes[now].next))
    return codes


def heavy_returns(
    random: np.random.Generator, hours: int, coins: int, correlation: float
) -> Floats:
    """(hours, coins) Student t with mean 0, variance 1, and one correlation of all pairs.

    One mixing variable an hour, so that wild hours are wild for all coins.

    Args: random: seeded by the caller; hours, coins: how many; correlation: 0.0 to 1.0.
    """
    common = random.standard_normal((hours, 1))
    own = random.standard_normal((hours, coins))
    mixed = np.sqrt(correlation) * common + np.sqrt(1.0 - correlation) * own
    returns: Floats = mixed * wildness(random, hours)
    return returns


def wildness(random: np.random.Generator, hours: int) -> Floats:
    """(hours, 1) factors that make normal numbers Student t of variance 1: wild hours are wild."""
    found: Floats = np.sqrt((DEGREES - 2.0) / random.chisquare(DEGREES, (hours, 1)))
    return found


def log_returns(
    random: np.random.Generator, codes: Codes, betas: Floats, correlation: float
) -> tuple[Floats, Floats]:
    """(log return, volatility) of each hour and coin; jumps hit every coin times its beta.

    Args: random: seeded by the caller; codes: row of `REGIMES` an hour; betas: one a coin;
    correlation: 0.0 to 1.0.
    """
    now = hourly_figures(codes)
    noise = heavy_returns(random, len(codes), len(betas), correlation)
    jumps = jumps_of(random, now)
    hourly = now.sigma[:, None] * betas
    moved = now.drift[:, None] - 0.5 * hourly**2 + hourly * noise + jumps[:, None] * betas
    return moved, hourly


class Hourly(NamedTuple):
    """What regimes say of each hour; mean and spread are those of the log of a jump."""

    drift: Floats
    sigma: Floats
    chance: Floats
    mean: Floats
    spread: Floats


def hourly_figures(codes: Codes, regimes: tuple[Regime, ...] = REGIMES) -> Hourly:
    """The figures of the regime that each hour is in."""
    return Hourly(
        np.array([one.drift for one in regimes])[codes] / HOURS_PER_YEAR,
        np.array([one.volatility for one in regimes])[codes] / np.sqrt(HOURS_PER_YEAR),
        np.array([one.jumps for one in regimes])[codes] / HOURS_PER_YEAR,
        np.array([one.jump[0] for one in regimes])[codes],
        np.array([one.jump[1] for one in regimes])[codes],
    )


def jumps_of(random: np.random.Generator, now: Hourly) -> Floats:
    """The log of each hour's jump, 0 where there is none."""
    hits = random.random(len(now.chance)) < now.chance
    return np.where(hits, now.mean + now.spread * random.standard_normal(len(hits)), 0.0)


def bridge_extremes(
    random: np.random.Generator, start: Floats, end: Floats, sigma: Floats
) -> tuple[Floats, Floats]:
    """(high, low) of logs inside each hour: extremes of a Brownian bridge from start to end.

    P(max > m) = exp(-2 (m - start)(m - end)/sigma²), turned round for a uniform number.

    Args: random: seeded by the caller; start, end: logs of the price at both ends of an hour;
    sigma: volatility of that hour; all of one shape.
    """
    step = end - start
    spread = -2.0 * sigma**2
    rise = np.sqrt(step**2 + spread * np.log1p(-random.random(step.shape)))
    fall = np.sqrt(step**2 + spread * np.log1p(-random.random(step.shape)))
    middle = start + end
    return 0.5 * (middle + rise), 0.5 * (middle - fall)


def smooth(values: Floats, weight: float) -> Floats:
    """Exponential mean along the first axis: m = m + weight·(x - m), from the first value."""
    keep = 1.0 - weight
    return _folded(values * weight, values[0], keep)


def pulled_back(shocks: Floats, keep: float) -> Floats:
    """x = keep·x + shock from 0: noise that returns to its mean."""
    return _folded(shocks, np.zeros(shocks.shape[1:]), keep)


def _folded(added: Floats, first: Floats, keep: float) -> Floats:
    """level = keep·level + added along the first axis, column by column.

    Plain numbers of Python: a row of an array each step would take ten times as long.
    """
    columns = added.reshape(len(added), -1)
    out = np.empty_like(columns)
    for column, level in enumerate(np.ravel(first).tolist()):
        steps = accumulate(columns[:, column].tolist(), lambda m, x: keep * m + x, initial=level)
        out[:, column] = list(steps)[1:]
    return out.reshape(added.shape)
