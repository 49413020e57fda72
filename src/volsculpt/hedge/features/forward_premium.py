"""The premium of the dated contract that a rule means: its price over that of its coin, less 1.

The last of each day of UTC. What a rule such as "bybit:BTC/USD:BTC@quarter" means at a time is
asked of the catalog, as `use` of a hedge asks it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from volsculpt.hedge.feature import Feature
from volsculpt.hedge.window import fed_words
from volsculpt.market.streams import ForwardPrice, Stream, forward_stream
from volsculpt.text import signed_percent
from volsculpt.units import DAY_NS

FRESH_NS = 3 * DAY_NS  # a premium that is older is none


class PremiumMemory(NamedTuple):
    """The newest premium, of which contract, when that is delivered, when it was known, ns UTC."""

    key: str
    expiry_ns: int
    premium: float
    last_ns: int


@dataclass(frozen=True, slots=True)
class ForwardPremium(Feature):
    """The newest premium of a dated contract, a fraction of the coin's price.

    of: "venue:rule", or "venue:symbol" of one contract. roll_days: days before expiry at which a
    rule takes the next. Worked: 68,086 over 66,847: 1.85 %.
    """

    NAME: ClassVar[str] = "forward-premium"
    MEMORY: ClassVar[type] = PremiumMemory
    MEANING: ClassVar[str] = "price of a dated contract over that of its coin, less 1"

    of: str
    roll_days: float = 7.0

    @property
    def look_back_ns(self) -> int:
        """As long as a premium stays fresh."""
        return FRESH_NS

    @property
    def holds_ns(self) -> int:
        """Three days."""
        return FRESH_NS

    def newest_ns(self, memory: PremiumMemory) -> int:
        """When it was known."""
        return memory.last_ns

    def stream(self, coin: str) -> Stream:
        """The last of each day of what its rule means, whatever the coin."""
        return forward_stream(self.of, self.roll_days, DAY_NS)

    def step(
        self, memory: PremiumMemory | None, time_ns: int, observed: ForwardPrice
    ) -> PremiumMemory:
        """The newest takes the place of the one before."""
        return PremiumMemory(*observed, time_ns)

    def value(self, memory: PremiumMemory, now_ns: int) -> float | None:
        """The premium; None where it is old, or its contract is delivered."""
        is_there = now_ns - memory.last_ns <= FRESH_NS and now_ns < memory.expiry_ns
        return memory.premium if is_there else None

    def lacking(self, coin: str, memory: PremiumMemory | None, now_ns: int) -> str:
        """Why there is no premium, in words, with the fix."""
        age_ns = None if memory is None else now_ns - memory.last_ns
        return fed_words(f"the premium of {self.of}", age_ns, FRESH_NS, 0, 0)

    def words(self) -> str:
        """Worked: "bybit:BTC/USD:BTC@quarter"."""
        return self.of

    def figure_words(self, value: float) -> str:
        """Worked: 0.0185 -> "+1.85 %"."""
        return signed_percent(value)

    @classmethod
    def usual(cls, streams: Sequence[Stream]) -> tuple[Feature, ...]:
        """None: which rule is meant, a hedge says."""
        return ()
