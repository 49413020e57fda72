"""Volatility of a coin, forecast from its index: a fold over observations, whenever they come.

An observation is an index price and the time it was known. Each is folded into a memory of
fixed size and forgotten, so looking ahead needs an observation that is stamped too early.

    decay λ = 0.5^(elapsed / half-life)
    variance a year v = λ·v + (1 - λ)·ln(P/P')²·(365 days / elapsed),  weight w = λ·w + (1 - λ)
    forecast σ = √(v / w)

This is RiskMetrics' recursion with the decay taken over time instead of rows: hourly and daily
prices of one market give the same forecast, but for the noise of each. Dividing by w takes away
the weight of the zeros it starts from. The mean return is taken as zero. Source: J.P. Morgan,
"RiskMetrics - Technical Document" (4th ed., 1996), section 5.2.
"""

import math
from typing import NamedTuple

from volsculpt.compilable import compilable

DAY_NS = 86_400_000_000_000
YEAR_NS = 365 * DAY_NS
SAMPLE_NS = DAY_NS // 24  # prices that follow sooner are left out: in them a bid and ask bounce
FEWEST_RETURNS = 10  # with fewer, chance alone is a quarter of the forecast


class VolatilityMemory(NamedTuple):
    """What the fold remembers of one coin.

    variance: Σ weights · squared log returns, a year. weight: Σ weights, below 1. price_usd,
    last_ns: the newest observation that was folded. first_ns: the oldest without a long gap
    since. returns: how many were folded since then.
    """

    variance: float
    weight: float
    price_usd: float
    first_ns: int
    last_ns: int
    returns: int


NOTHING_SEEN = VolatilityMemory(0.0, 0.0, 0.0, 0, 0, 0)


@compilable
def time_decay(elapsed: float, half_life: float) -> float:
    """What a weight is multiplied by after some time: 0.5^(elapsed/half_life).

    Both in the same unit. Worked: 60 days of a half-life of 30 -> 0.25.
    """
    return float(0.5 ** (elapsed / half_life))


@compilable
def ewma(mean: float, fresh: float, decay: float) -> float:
    """One step of an exponentially weighted mean: λ·mean + (1 - λ)·fresh.

    Worked: variance 0.0001, return 0.01 squared, λ 0.94 -> 0.0001; then -0.02 -> 0.000118.
    """
    return decay * mean + (1.0 - decay) * fresh


@compilable
def annual_square(price: float, before: float, elapsed_ns: float) -> float:
    """A squared log return as variance a year: ln(price/before)²·(365 days/elapsed).

    Worked: 1 % in a day -> 0.0361396, the square of a volatility of 19 %.
    """
    change = math.log(price / before)
    return change * change * YEAR_NS / elapsed_ns


@compilable
def volatility_step(
    memory: VolatilityMemory, time_ns: int, price_usd: float, half_life_ns: int
) -> VolatilityMemory:
    """Fold one observation. Prices sooner than an hour after the last one are left out.

    After a gap of more than a half-life it begins anew: one return would weigh more than half.
    """
    elapsed = time_ns - memory.last_ns
    if memory.price_usd <= 0.0 or elapsed > half_life_ns:
        return VolatilityMemory(0.0, 0.0, price_usd, time_ns, time_ns, 0)
    if elapsed < SAMPLE_NS:
        return memory
    decay = time_decay(float(elapsed), float(half_life_ns))
    square = annual_square(price_usd, memory.price_usd, float(elapsed))
    return VolatilityMemory(
        ewma(memory.variance, square, decay),
        ewma(memory.weight, 1.0, decay),
        price_usd,
        memory.first_ns,
        time_ns,
        memory.returns + 1,
    )


@compilable
def is_warm(memory: VolatilityMemory, time_ns: int, half_life_ns: int) -> int:
    """1 when the memory is enough for a forecast at a time.

    It spans a half-life, holds ten returns and a price that ever moved, and its newest
    observation is not older than a half-life.
    """
    spans = memory.last_ns - memory.first_ns >= half_life_ns
    fresh = time_ns - memory.last_ns <= half_life_ns
    return (
        1 if spans and fresh and memory.returns >= FEWEST_RETURNS and memory.variance > 0.0 else 0
    )


@compilable
def volatility_forecast(memory: VolatilityMemory) -> float:
    """Volatility a year (365 days) of a warm memory: √(variance/weight), a ratio."""
    return math.sqrt(memory.variance / memory.weight)


@compilable
def vol_target_ratio(sigma_target: float, sigma_forecast: float) -> float:
    """Share of wealth to hedge so that what is left moves as wanted: 1 - σ_target/σ_forecast.

    delta_usd = wealth_usd·σ_target/σ_forecast. Below 0 where the coin is calmer than wanted:
    the limits then decide. sigma_forecast is above 0. Worked: 0.4 and 0.8 -> 0.5; 0.4 and 0.4
    -> 0. Source: Moreira and Muir, "Volatility-Managed Portfolios", Journal of Finance 72(4),
    2017, 1611-1644 (there of variance); Harvey et al., "The Impact of Volatility Targeting",
    Journal of Portfolio Management 45(1), 2018, 14-33.
    """
    return 1.0 - sigma_target / sigma_forecast
