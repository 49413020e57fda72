"""What funding of a perpetual is expected to be over some days: part of the way back to its mean.

A fold over whole days of UTC; `carry/funding_model.py` has the formula, its assumptions and where
it fails. What fades never quite forgets, so it is folded from the beginning of what is stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from volsculpt.hedge.carry.funding_model import (
    BEHIND,
    WHOLE,
    FundingMemory,
    FundingModel,
    FundingSums,
    after_day,
    model_of,
    why_unknown,
)
from volsculpt.hedge.feature import EVER_NS, Feature
from volsculpt.market.streams import PaidFunding, Stream
from volsculpt.text import duration
from volsculpt.units import DAY_NS


@dataclass(frozen=True, slots=True)
class FundingForecast(Feature):
    """The mean yearly rate that is expected over the days to come, + paid to shorts.

    of: the perpetual, "bybit:BTC/USD:BTC". days: how long it is held for. Worked: a rate that
    never moved from 0.01 % by 8 hours: 10.95 %.
    """

    NAME: ClassVar[str] = "funding-forecast"
    MEMORY: ClassVar[type] = FundingMemory
    MEANING: ClassVar[str] = "expected mean of funding over the days to come, a year"

    of: str
    days: int = 90

    @property
    def look_back_ns(self) -> int:
        """All there is: sums that fade never quite forget."""
        return EVER_NS

    @property
    def holds_ns(self) -> int:
        """As many days as the last thirty may lack."""
        return round((1.0 - WHOLE) * BEHIND) * DAY_NS

    def newest_ns(self, memory: FundingMemory) -> int:
        """The end of its newest day."""
        return memory.last_ns

    def stream(self, coin: str) -> Stream:
        """Funding of its contract, added up by day, whatever the coin."""
        return Stream("paid", self.of, DAY_NS)

    def step(
        self, memory: FundingMemory | None, time_ns: int, observed: PaidFunding
    ) -> FundingMemory:
        """Fold one day."""
        return after_day(memory, time_ns, observed, self.days)

    def model(self, memory: FundingMemory | None, now_ns: int) -> FundingModel | None:
        """The forecast with its error and what it is made of; None where there is none."""
        return model_of(memory, now_ns)

    def value(self, memory: FundingMemory, now_ns: int) -> float | None:
        """The mean rate that is expected."""
        model = model_of(memory, now_ns)
        return None if model is None else model.expected

    def lacking(self, coin: str, memory: FundingMemory | None, now_ns: int) -> str:
        """Why there is no forecast, in words, with the fix."""
        return f"{why_unknown(memory, now_ns, self.days)}; import funding of {self.of}"

    def words(self) -> str:
        """Worked: "bybit:BTC/USD:BTC, 90 days ahead"."""
        return f"{self.of}, {duration(self.days * DAY_NS)} ahead"

    @classmethod
    def usual(cls, streams: Sequence[Stream]) -> tuple[Feature, ...]:
        """A month ahead of every perpetual."""
        return tuple(cls(one.of, BEHIND) for one in streams if one.kind == "funding")

    def plain(self, memory: FundingMemory) -> dict[str, Any]:
        """Lists of the days, and the sums in their order."""
        return {name: one if name == "last_ns" else list(one) for name, one in _named(memory)}

    def memory_of(self, stored: Mapping[str, Any]) -> FundingMemory:
        """A memory again."""
        days = tuple(stored["paid"]), tuple(stored["hours"])
        return FundingMemory(stored["last_ns"], *days, FundingSums(*stored["sums"]))


def _named(memory: FundingMemory) -> list[tuple[str, Any]]:
    """What it remembers, by name."""
    return list(memory._asdict().items())
