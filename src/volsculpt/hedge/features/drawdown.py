"""How far a price stands below its high, and above its low, of a window."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from volsculpt.hedge.feature import Feature
from volsculpt.hedge.window import Windowed, WindowMemory
from volsculpt.market.streams import Stream
from volsculpt.text import signed_percent
from volsculpt.units import DAY_NS


@dataclass(frozen=True, slots=True)
class PriceDrawdown(Windowed):
    """1 - P / highest close of window_ns, closes every_ns apart; 0 at the high.

    Worked: closes 100, 80, 70 -> 0.3.
    """

    NAME: ClassVar[str] = "drawdown"
    MEANING: ClassVar[str] = "fall from the highest close of the window"

    window_ns: int = 365 * DAY_NS
    every_ns: int = DAY_NS

    def stream(self, coin: str) -> Stream:
        """Closes of the index."""
        return Stream("index", coin, self.every_ns)

    def found(self, memory: WindowMemory) -> float:
        """The share that is lost."""
        return float(1.0 - memory.figures[-1] / max(memory.figures))


@dataclass(frozen=True, slots=True)
class PriceRebound(Windowed):
    """P / lowest close of window_ns - 1, closes every_ns apart; 0 at the low.

    Worked: closes 100, 50, 60 -> 0.2.
    """

    NAME: ClassVar[str] = "rebound"
    MEANING: ClassVar[str] = "rise from the lowest close of the window"

    window_ns: int = 90 * DAY_NS
    every_ns: int = DAY_NS

    def stream(self, coin: str) -> Stream:
        """Closes of the index."""
        return Stream("index", coin, self.every_ns)

    def found(self, memory: WindowMemory) -> float:
        """The share that was won back."""
        return float(memory.figures[-1] / min(memory.figures) - 1.0)

    def figure_words(self, value: float) -> str:
        """Worked: 0.2 -> "+20 %"."""
        return signed_percent(value)

    @classmethod
    def usual(cls, streams: Sequence[Stream]) -> tuple[Feature, ...]:
        """A quarter, a year."""
        return (cls(), cls(365 * DAY_NS))
