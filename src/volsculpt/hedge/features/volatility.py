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
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from volsculpt.compilable import compilable
from volsculpt.hedge.fading import FadingFeature
from volsculpt.hedge.feature import Rows
from volsculpt.text import duration
from volsculpt.units import DAY_NS, YEAR_NS

SAMPLE_NS = DAY_NS // 24  # prices that follow sooner are left out: in them a bid and ask bounce
FEWEST_RETURNS = 10  # with fewer, chance alone is a quarter of the forecast


class VolatilityMemory(NamedTuple):
    """What the fold remembers of one coin.

    variance: Σ weights · squared log returns, a year. weight: Σ weights, below 1. price_usd,
    last_ns: the newest observation that was folded. first_ns: the oldest without a long gap
    since. returns: how many were folded since then. moved_ns: the newest that differed from the one
    before, or began anew; -1 where it is not known, in memories kept before it was.
    """

    variance: float
    weight: float
    price_usd: float
    first_ns: int
    last_ns: int
    returns: int
    moved_ns: int = -1


NO_OBSERVATIONS = VolatilityMemory(0.0, 0.0, 0.0, 0, 0, 0, -1)


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

    Args: time_ns: ns UTC; price_usd: US dollars, > 0; half_life_ns: ns.
    """
    elapsed = time_ns - memory.last_ns
    if memory.price_usd <= 0.0 or elapsed > half_life_ns:
        return VolatilityMemory(0.0, 0.0, price_usd, time_ns, time_ns, 0, time_ns)
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
        time_ns if price_usd != memory.price_usd else memory.moved_ns,
    )


def folded(
    moved: float, memory: VolatilityMemory, rows: Rows, half_life_ns: int
) -> tuple[float, VolatilityMemory]:
    """What `volatility_step` leaves after many observations, to the bit, in a third of the time.

    And Σ weights · log returns from `moved` on, which is 0 again where the memory begins anew: a
    decay is reckoned once for each distance of two observations, and no memory made in between.

    Args: moved: of the trend before, 0 where it is not asked for; rows: (when known, US dollars);
    half_life_ns: ns.
    """
    decays: dict[int, float] = {}
    variance, weight, price_usd, first_ns, last_ns, returns, moved_ns = memory
    for time_ns, observation in rows:
        elapsed = time_ns - last_ns
        if price_usd <= 0.0 or elapsed > half_life_ns:
            moved, variance, weight, returns = 0.0, 0.0, 0.0, 0
            price_usd, first_ns, last_ns, moved_ns = observation, time_ns, time_ns, time_ns
        elif elapsed >= SAMPLE_NS:
            decay = decays.get(elapsed)
            if decay is None:
                decay = decays[elapsed] = time_decay(float(elapsed), float(half_life_ns))
            moved = decay * moved + math.log(observation / price_usd)
            variance = ewma(variance, annual_square(observation, price_usd, float(elapsed)), decay)
            weight = ewma(weight, 1.0, decay)
            moved_ns = time_ns if observation != price_usd else moved_ns
            price_usd, last_ns, returns = observation, time_ns, returns + 1
    return moved, VolatilityMemory(
        variance, weight, price_usd, first_ns, last_ns, returns, moved_ns
    )


@compilable
def is_warm(memory: VolatilityMemory, time_ns: int, half_life_ns: int) -> int:
    """1 when the memory is enough for a forecast at a time.

    It spans a half-life, holds ten returns and a price that ever moved, and neither its newest
    observation nor the last move is older than a half-life: a price that stands still tells of no
    volatility, and not of a small one.
    """
    spans = memory.last_ns - memory.first_ns >= half_life_ns
    fresh = time_ns - memory.last_ns <= half_life_ns
    moves = memory.variance > 0.0 and stands_ns(memory) <= half_life_ns
    return 1 if spans and fresh and memory.returns >= FEWEST_RETURNS and moves else 0


@compilable
def stands_ns(memory: VolatilityMemory) -> int:
    """How long a price has stood still; 0 where that is not known."""
    return memory.last_ns - memory.moved_ns if memory.moved_ns >= 0 else 0


@compilable
def volatility_forecast(memory: VolatilityMemory) -> float:
    """Volatility a year (365 days) of a warm memory: √(variance/weight), a ratio."""
    return math.sqrt(memory.variance / memory.weight)


@dataclass(frozen=True, slots=True)
class Volatility(FadingFeature):
    """The forecast of volatility, a ratio a year of 365 days; weights halve in half_life_ns."""

    NAME: ClassVar[str] = "volatility"
    MEMORY: ClassVar[type] = VolatilityMemory
    MEANING: ClassVar[str] = "forecast of volatility, a year, from all returns of the index"

    def step(
        self, memory: VolatilityMemory | None, time_ns: int, observed: float
    ) -> VolatilityMemory:
        """Fold one observation."""
        return volatility_step(memory or NO_OBSERVATIONS, time_ns, observed, self.half_life_ns)

    def fold(self, memory: VolatilityMemory | None, rows: Rows) -> VolatilityMemory:
        """Fold several."""
        return folded(0.0, memory or NO_OBSERVATIONS, rows, self.half_life_ns)[1]

    def value(self, memory: VolatilityMemory, now_ns: int) -> float | None:
        """The forecast; None while the memory is not warm."""
        if is_warm(memory, now_ns, self.half_life_ns) == 0:
            return None
        return volatility_forecast(memory)

    def newest_ns(self, memory: VolatilityMemory) -> int:
        """That of the price folded last."""
        return memory.last_ns

    def lacking(self, coin: str, memory: VolatilityMemory | None, now_ns: int) -> str:
        """Why there is no forecast, in words, with the fix."""
        return lacking_words(coin, memory, now_ns, self.half_life_ns)


def riskmetrics(decay: float) -> Volatility:
    """The forecast of RiskMetrics from daily closes: a weight falls to `decay` of itself in a day.

    Worked: 0.94 halves in 11.2 days, 0.97 in 22.8.
    """
    return Volatility(round(DAY_NS * math.log(0.5) / math.log(decay)), DAY_NS)


def lacking_words(
    coin: str, memory: VolatilityMemory | None, now_ns: int, half_life_ns: int
) -> str:
    """Why a memory is not warm, in words, with the fix.

    Args: coin: its name; memory: None without any history; now_ns: ns UTC; half_life_ns: ns.
    """
    if memory is None:
        return (
            f"no earlier prices of {coin} are known; plan with --at TIME and --data FOLDER, "
            f"from stored history"
        )
    need = duration(half_life_ns)
    if now_ns - memory.last_ns > half_life_ns:
        age = duration(now_ns - memory.last_ns)
        return f"the newest price of {coin} is {age} old, more than {need}"
    spanned = memory.last_ns - memory.first_ns
    if spanned < half_life_ns or memory.returns < FEWEST_RETURNS:
        return (
            f"{duration(spanned)} with {memory.returns} returns of {coin} are known; {need} "
            f"(a half-life) and {FEWEST_RETURNS} returns without a longer gap are needed"
        )
    if memory.variance > 0.0:
        stood = duration(stands_ns(memory))
        return (
            f"the price of {coin} has not moved for {stood}, more than {need}: look at what is "
            f"stored of it (`volsculpt data list`), and import prices that move"
        )
    return f"the price of {coin} never moved"
