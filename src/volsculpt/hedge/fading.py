"""Features of a coin's index whose observations fade: their weight halves with a half-life.

What fades never quite forgets, so each is folded from the beginning of what is stored: begun at a
moment of its own, a plan would differ from a backtest in the last digits.
"""

from dataclasses import dataclass

from volsculpt.hedge.feature import EVER_NS, Feature
from volsculpt.market.streams import Stream
from volsculpt.market.times import interval_text
from volsculpt.text import duration
from volsculpt.units import DAY_NS

HALF_LIFE_NS = 30 * DAY_NS  # where none is given


@dataclass(frozen=True, slots=True)
class FadingFeature(Feature):
    """What they have in common.

    half_life_ns: the age at which a return counts half. every_ns: 0, from every observation of the
    index; else from the last of each such stretch.
    """

    half_life_ns: int = HALF_LIFE_NS
    every_ns: int = 0

    @property
    def look_back_ns(self) -> int:
        """All there is."""
        return EVER_NS

    @property
    def holds_ns(self) -> int:
        """A half-life."""
        return self.half_life_ns

    def stream(self, coin: str) -> Stream:
        """The index of the coin."""
        return Stream("index", coin, self.every_ns)

    def words(self) -> str:
        """Worked: 30 days, 1 day -> "half-life of 30 days, 1d prices"."""
        often = f", {interval_text(self.every_ns)} prices" if self.every_ns else ""
        return f"half-life of {duration(self.half_life_ns)}{often}"
