"""Momentum: how far the price of a coin has come in a window.

    m = ln(P / P_then),  P_then the last close at or before the start of the window

Source: Jegadeesh and Titman, "Returns to Buying Winners and Selling Losers", Journal of Finance
48(1), 1993, 65-91 (returns of the past 3 to 12 months); of coins: Liu and Tsyvinski, "Risks and
Returns of Cryptocurrency", Review of Financial Studies 34(6), 2021, 2689-2727 (weeks).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from volsculpt.hedge.feature import Feature
from volsculpt.hedge.window import Windowed, WindowMemory
from volsculpt.market.streams import Stream
from volsculpt.text import signed_percent
from volsculpt.units import DAY_NS


@dataclass(frozen=True, slots=True)
class Momentum(Windowed):
    """Log return over window_ns, from the last price of each every_ns. Worked: 100, 110: 0.0953."""

    NAME: ClassVar[str] = "momentum"
    MEANING: ClassVar[str] = "log return over the window"

    window_ns: int = 90 * DAY_NS
    every_ns: int = DAY_NS

    def stream(self, coin: str) -> Stream:
        """Closes of the index."""
        return Stream("index", coin, self.every_ns)

    def found(self, memory: WindowMemory) -> float:
        """The log of the newest price over the oldest."""
        return math.log(memory.figures[-1] / memory.figures[0])

    def figure_words(self, value: float) -> str:
        """Worked: 0.1 -> "+10 %"."""
        return signed_percent(value)

    @classmethod
    def usual(cls, streams: Sequence[Stream]) -> tuple[Feature, ...]:
        """A month, a quarter, a year."""
        return (cls(30 * DAY_NS), cls(90 * DAY_NS), cls(365 * DAY_NS))
