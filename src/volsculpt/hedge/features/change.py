"""Change of a stream over a window, in its own unit: x - x_then.

x_then is the last figure at or before the start of the window. Of yields in percent it is the
change in percentage points; of funding and basis, of the ratio.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from volsculpt.hedge.feature import Feature
from volsculpt.hedge.features.level import RATIOS
from volsculpt.hedge.window import Windowed, WindowMemory
from volsculpt.market.streams import Stream, stream_of
from volsculpt.text import duration
from volsculpt.units import DAY_NS


@dataclass(frozen=True, slots=True)
class Change(Windowed):
    """The newest figure less that of window_ns before, of the last figure of each every_ns.

    of: the stream, as `Level` has it. Worked: a yield of 3.5, 60 days later 4.3 -> 0.8.
    """

    NAME: ClassVar[str] = "change"
    MEANING: ClassVar[str] = "change of a stream over the window, in its own unit"

    of: str
    window_ns: int = 60 * DAY_NS
    every_ns: int = DAY_NS

    def stream(self, coin: str) -> Stream:
        """The last figure of each day of its own stream, whatever the coin."""
        return stream_of(self.of)._replace(every_ns=self.every_ns)

    def found(self, memory: WindowMemory) -> float:
        """The difference."""
        return float(memory.figures[-1] - memory.figures[0])

    def words(self) -> str:
        """Worked: "series:yield_2y, 60 days"."""
        return f"{self.of}, {duration(self.window_ns)}"

    @property
    def is_ratio(self) -> bool:
        """Of funding and basis."""
        return stream_of(self.of).kind in RATIOS

    def figure_words(self, value: float) -> str:
        """With its sign. Worked: 0.8 -> "+0.8"."""
        words = Windowed.figure_words(self, value)
        return f"+{words}" if value > 0.0 else words

    @classmethod
    def usual(cls, streams: Sequence[Stream]) -> tuple[Feature, ...]:
        """Two months of every series."""
        return tuple(cls(one.text) for one in streams if one.kind == "series")
