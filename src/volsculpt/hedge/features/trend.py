"""Strength of a trend: log price against its own average, in units of volatility.

    s = Σ λ^k · r,  r the log returns, λ halving with every half-life of time
    strength z = s / (σ · √(h / (2·ln 2) · (1 - (1 - w)²)))

s is the log price less its exponential mean, which is how Lempérière and others measure a trend;
the divisor is what s moves by chance, for a price that wanders with volatility σ a year: √ of
σ² · ∫ 2^(-2t/h) dt over the time that was seen, h the half-life in years and w = 1 - 2^(-T/h) the
weight of that time T. So z is about normal with deviation 1 where there is no trend, whatever the
coin and the half-life. Sources: Moskowitz, Ooi and Pedersen, "Time series momentum", Journal of
Financial Economics 104(2), 2012, 228-250 (past returns over volatility); Lempérière, Deremble,
Seager, Potters and Bouchaud, "Two centuries of trend following", Journal of Investment Strategies
3(3), 2014, 41-61 (price less its exponential mean, bounded).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from volsculpt.hedge.fading import FadingFeature
from volsculpt.hedge.feature import Feature, Rows
from volsculpt.hedge.features.volatility import (
    NO_OBSERVATIONS,
    VolatilityMemory,
    folded,
    is_warm,
    lacking_words,
    time_decay,
    volatility_forecast,
    volatility_step,
)
from volsculpt.market.streams import Stream
from volsculpt.text import signed, three_digits
from volsculpt.units import DAY_NS, YEAR_NS


class TrendMemory(NamedTuple):
    """What the fold remembers of one coin: Σ weights · log returns, and the volatility's own."""

    moved: float
    seen: VolatilityMemory


NOTHING_MOVED = TrendMemory(0.0, NO_OBSERVATIONS)


def trend_step(
    memory: TrendMemory, time_ns: int, price_usd: float, half_life_ns: int
) -> TrendMemory:
    """Fold one observation; it is left out, or begins anew, as that of volatility is.

    Worked: half-life 1 day; 100, then 110 a day later, then 110: ln 1.1 = 0.09531, then 0.04766.

    Args: time_ns: ns UTC; price_usd: US dollars, > 0; half_life_ns: ns.
    """
    before = memory.seen
    after = volatility_step(before, time_ns, price_usd, half_life_ns)
    if after.returns == 0:
        return TrendMemory(0.0, after)
    if after.last_ns == before.last_ns:
        return memory
    decay = time_decay(float(time_ns - before.last_ns), float(half_life_ns))
    return TrendMemory(decay * memory.moved + math.log(price_usd / before.price_usd), after)


def trend_strength(memory: TrendMemory, half_life_ns: int) -> float:
    """Strength of the trend of a warm memory, in standard deviations of chance; + in a rise.

    Worked: moved 0.1, σ 0.8, weight 0.5, half-life 30 days (h = 0.0822): the divisor is
    0.8·√(0.0822/1.3863·0.75) = 0.1687, so 0.593.
    """
    share = 1.0 - (1.0 - memory.seen.weight) ** 2
    spread = half_life_ns / YEAR_NS / (2.0 * math.log(2.0)) * share
    return memory.moved / (volatility_forecast(memory.seen) * math.sqrt(spread))


@dataclass(frozen=True, slots=True)
class Trend(FadingFeature):
    """Strength of a coin's trend, in standard deviations of chance, by a half-life."""

    NAME: ClassVar[str] = "trend"
    MEMORY: ClassVar[type] = TrendMemory
    MEANING: ClassVar[str] = "log price less its own mean, in standard deviations of chance"

    def step(self, memory: TrendMemory | None, time_ns: int, observed: float) -> TrendMemory:
        """Fold one observation."""
        return trend_step(memory or NOTHING_MOVED, time_ns, observed, self.half_life_ns)

    def fold(self, memory: TrendMemory | None, rows: Rows) -> TrendMemory:
        """Fold several."""
        held = memory or NOTHING_MOVED
        return TrendMemory(*folded(held.moved, held.seen, rows, self.half_life_ns))

    def value(self, memory: TrendMemory, now_ns: int) -> float | None:
        """The strength; None while the memory is not warm."""
        if is_warm(memory.seen, now_ns, self.half_life_ns) == 0:
            return None
        return trend_strength(memory, self.half_life_ns)

    def newest_ns(self, memory: TrendMemory) -> int:
        """That of the price folded last."""
        return memory.seen.last_ns

    def lacking(self, coin: str, memory: TrendMemory | None, now_ns: int) -> str:
        """Why there is no strength, in words, with the fix."""
        volatility = memory.seen if memory is not None else None
        return lacking_words(coin, volatility, now_ns, self.half_life_ns)

    @property
    def is_ratio(self) -> bool:
        """It is in standard deviations."""
        return False

    def figure_words(self, value: float) -> str:
        """Worked: 0.5 -> "+0.5 sd"."""
        return f"{signed(three_digits(value))} sd"

    @classmethod
    def usual(cls, streams: Sequence[Stream]) -> tuple[Feature, ...]:
        """A week, a month, a quarter, of daily prices: hourly ones say the same, and cost more."""
        return tuple(cls(days * DAY_NS, DAY_NS) for days in (7, 30, 90))

    def plain(self, memory: TrendMemory) -> dict[str, Any]:
        """Both parts by name."""
        return {"moved": memory.moved, "seen": memory.seen._asdict()}

    def memory_of(self, stored: Mapping[str, Any]) -> TrendMemory:
        """A memory again."""
        return TrendMemory(stored["moved"], VolatilityMemory(**stored["seen"]))
