"""Level of a stream: funding, a basis, or any stored series, as it is or as its mean.

    mean M = λ·M + (1 - λ)·x,  λ = 0.5^(elapsed / half-life); without a half-life M = x

A mean begins with the first figure, and again after a gap longer than a figure stays fresh.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from volsculpt.hedge.feature import EVER_NS, Feature
from volsculpt.hedge.features.volatility import ewma, time_decay
from volsculpt.hedge.window import fed_words
from volsculpt.market.streams import Stream, stream_of
from volsculpt.text import duration
from volsculpt.units import DAY_NS

RATIOS = ("funding", "basis")  # kinds of stream whose figures are ratios


class LevelMemory(NamedTuple):
    """The mean, and when its newest figure was known."""

    mean: float
    last_ns: int


@dataclass(frozen=True, slots=True)
class Level(Feature):
    """The newest figure of a stream, or its mean with weights that halve in half_life_ns.

    of: the stream, as "funding:bybit:BTC/USD:BTC" (a rate a year), "basis:bybit:BTC/USD:BTC" or
    "series:fear_greed". half_life_ns: 0 = the newest figure. fresh_ns: a figure older is none.
    every_ns: of the last figure of each such stretch of time; 0 = of every figure.
    Worked: 10, then 20 a half-life later -> 15.
    """

    NAME: ClassVar[str] = "level"
    MEMORY: ClassVar[type] = LevelMemory
    MEANING: ClassVar[str] = (
        "newest figure of a stream, or its mean, weights halving in so many days; funding a year"
    )

    of: str
    half_life_ns: int = 0
    fresh_ns: int = 10 * DAY_NS
    every_ns: int = 0

    @property
    def look_back_ns(self) -> int:
        """All there is of a mean (`fading.py` says why); else as long as a figure stays fresh."""
        return EVER_NS if self.half_life_ns else self.fresh_ns

    def stream(self, coin: str) -> Stream:
        """Its own, whatever the coin."""
        return stream_of(self.of)._replace(every_ns=self.every_ns)

    def step(self, memory: LevelMemory | None, time_ns: int, observed: float) -> LevelMemory:
        """Fold one figure."""
        elapsed = time_ns - memory.last_ns if memory is not None else 0
        if memory is None or self.half_life_ns == 0 or elapsed > self.fresh_ns:
            return LevelMemory(observed, time_ns)
        decay = time_decay(float(elapsed), float(self.half_life_ns))
        return LevelMemory(ewma(memory.mean, observed, decay), time_ns)

    def value(self, memory: LevelMemory, now_ns: int) -> float | None:
        """The level; None when it is not fresh."""
        return memory.mean if now_ns - memory.last_ns <= self.fresh_ns else None

    def lacking(self, coin: str, memory: LevelMemory | None, now_ns: int) -> str:
        """Why there is no level, in words, with the fix."""
        age = now_ns - memory.last_ns if memory is not None else None
        return fed_words(self.stream(coin).words, age, self.fresh_ns, 0, 0)

    def mean_words(self) -> str:
        """By its half-life. Worked: 7 days -> "7-day mean"; 0 -> ""."""
        return f"{self.half_life_ns / DAY_NS:g}-day mean" if self.half_life_ns else ""

    def words(self) -> str:
        """Worked: "funding:bybit:BTC/USD:BTC, 7-day mean", "series:fear_greed, newest"."""
        often = f", every {duration(self.every_ns)}" if self.every_ns else ""
        return f"{self.of}, {self.mean_words() or 'newest'}{often}"

    @property
    def is_ratio(self) -> bool:
        """Of funding and basis."""
        return stream_of(self.of).kind in RATIOS

    @classmethod
    def usual(cls, streams: Sequence[Stream]) -> tuple[Feature, ...]:
        """The mean of a week of funding and basis; the newest figure of every series."""
        weekly = [cls(one.text, 7 * DAY_NS) for one in streams if one.kind in RATIOS]
        return (*weekly, *(cls(one.text) for one in streams if one.kind == "series"))
