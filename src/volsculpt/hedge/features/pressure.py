"""Pressure: who pushes. Of volume, where bars close in their range; of open interest, its trend."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from volsculpt.hedge.feature import EVER_NS, Feature, Rows
from volsculpt.hedge.features.trend import NOTHING_MOVED, Trend, TrendMemory, trend_step
from volsculpt.hedge.features.volatility import time_decay
from volsculpt.hedge.window import GAP, fed_words
from volsculpt.market.streams import Stream, WholeBar, stream_of
from volsculpt.text import duration, signed_decimals
from volsculpt.units import DAY_NS


class VolumeMemory(NamedTuple):
    """Σ weights · volume · place of the close, Σ weights · volume; first and newest bar."""

    pushed: float
    traded: float
    first_ns: int
    last_ns: int


def close_place(bar: WholeBar) -> float:
    """Where a bar closes in its range: 1 at the high, -1 at the low, 0 where there is no range.

    Worked: high 110, low 100, close 107 -> 0.4.
    """
    high, low = bar.high_usd, bar.low_usd
    return (2.0 * bar.close_usd - high - low) / (high - low) if high > low else 0.0


@dataclass(frozen=True, slots=True)
class VolumePressure(Feature):
    """Mean place of the close in the range, weighted by volume and age: 1 buying, -1 selling.

    Weights halve in half_life_ns; whole bars of every_ns. It is the accumulation line's share of
    volume with weights that fade. Source: Achelis, "Technical Analysis from A to Z" (2nd ed.,
    2000), "Accumulation/Distribution". Worked: volumes 1 and 3 a half-life apart, closes at the
    high, then at the low: (0.5 - 3)/3.5 = -0.714.
    """

    NAME: ClassVar[str] = "volume-pressure"
    MEMORY: ClassVar[type] = VolumeMemory
    MEANING: ClassVar[str] = "where bars close in their range, by volume: 1 buying, -1 selling"

    half_life_ns: int = 7 * DAY_NS
    every_ns: int = DAY_NS

    @property
    def look_back_ns(self) -> int:
        """All there is, as of all that fades."""
        return EVER_NS

    def stream(self, coin: str) -> Stream:
        """Whole bars of the index."""
        return Stream("bars", coin, self.every_ns)

    def step(
        self, memory: VolumeMemory | None, time_ns: int, observed: WholeBar
    ) -> VolumeMemory | None:
        """Fold one bar; one without volume is left out."""
        volume = observed.volume_coin
        if volume is None:
            return memory
        pushed = volume * close_place(observed)
        if memory is None or time_ns - memory.last_ns > GAP * self.every_ns:
            return VolumeMemory(pushed, volume, time_ns, time_ns)
        decay = time_decay(float(time_ns - memory.last_ns), float(self.half_life_ns))
        pushed, traded = decay * memory.pushed + pushed, decay * memory.traded + volume
        return VolumeMemory(pushed, traded, memory.first_ns, time_ns)

    def value(self, memory: VolumeMemory, now_ns: int) -> float | None:
        """The pressure; None before a half-life of bars, when they are old, or without trades."""
        spans = memory.last_ns - memory.first_ns >= self.half_life_ns
        fresh = now_ns - memory.last_ns <= GAP * self.every_ns
        return memory.pushed / memory.traded if spans and fresh and memory.traded > 0.0 else None

    def lacking(self, coin: str, memory: VolumeMemory | None, now_ns: int) -> str:
        """Why there is no pressure, in words, with the fix."""
        age = now_ns - memory.last_ns if memory is not None else None
        spanned = memory.last_ns - memory.first_ns if memory is not None else 0
        what = f"volume in {self.stream(coin).words}"
        return fed_words(what, age, GAP * self.every_ns, spanned, self.half_life_ns)

    def words(self) -> str:
        """Worked: "half-life of 7 days"."""
        return f"half-life of {duration(self.half_life_ns)}"

    @property
    def is_ratio(self) -> bool:
        """It is between -1 and 1, with a sign."""
        return False

    def figure_words(self, value: float) -> str:
        """Worked: -0.714 -> "-0.71"."""
        return signed_decimals(value, 2)


@dataclass(frozen=True, slots=True)
class Pressure(Feature):
    """Trend of a stored series that is above 0, as open interest: as `Trend` is of the price.

    of: the stream, as "series:BTC:open_interest". The log of the figure less its own mean, in
    standard deviations of chance; a figure that is not above 0 is left out.
    """

    NAME: ClassVar[str] = "pressure"
    MEMORY: ClassVar[type] = TrendMemory
    MEANING: ClassVar[str] = "log of a series less its own mean, in standard deviations of chance"

    of: str
    half_life_ns: int = 30 * DAY_NS

    @property
    def look_back_ns(self) -> int:
        """All there is, as of all that fades."""
        return self._trend.look_back_ns

    @property
    def _trend(self) -> Trend:
        """The fold over prices."""
        return Trend(self.half_life_ns)

    def stream(self, coin: str) -> Stream:
        """Its own, whatever the coin."""
        return stream_of(self.of)

    def step(self, memory: TrendMemory | None, time_ns: int, observed: float) -> TrendMemory | None:
        """Fold one figure."""
        if observed <= 0.0:
            return memory
        return trend_step(memory or NOTHING_MOVED, time_ns, observed, self.half_life_ns)

    def fold(self, memory: TrendMemory | None, rows: Rows) -> TrendMemory | None:
        """Fold several."""
        above = [row for row in rows if row[1] > 0.0]
        return self._trend.fold(memory, above) if above else memory

    def value(self, memory: TrendMemory, now_ns: int) -> float | None:
        """The strength; None while the memory is not warm."""
        return self._trend.value(memory, now_ns)

    def lacking(self, coin: str, memory: TrendMemory | None, now_ns: int) -> str:
        """Why there is no strength, in words, with the fix."""
        age = now_ns - memory.seen.last_ns if memory is not None else None
        spanned = memory.seen.last_ns - memory.seen.first_ns if memory is not None else 0
        half_life = self.half_life_ns
        return fed_words(self.stream(coin).words, age, half_life, spanned, half_life)

    def words(self) -> str:
        """Worked: "series:BTC:open_interest, half-life of 30 days"."""
        return f"{self.of}, {self._trend.words()}"

    @property
    def is_ratio(self) -> bool:
        """It is in standard deviations."""
        return False

    def figure_words(self, value: float) -> str:
        """Worked: 0.5 -> "+0.5 sd"."""
        return self._trend.figure_words(value)

    @classmethod
    def usual(cls, streams: Sequence[Stream]) -> tuple[Feature, ...]:
        """Of every open interest and volume that is stored as a series."""
        ends = (":open_interest", ":volume")
        return tuple(cls(one.text) for one in streams if one.of.endswith(ends))

    def plain(self, memory: TrendMemory) -> dict[str, Any]:
        """Both parts by name."""
        return self._trend.plain(memory)

    def memory_of(self, stored: Mapping[str, Any]) -> TrendMemory:
        """A memory again."""
        return self._trend.memory_of(stored)
