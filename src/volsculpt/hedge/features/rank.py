"""Rank of a figure in its own past: the share of earlier figures below it.

    rank = (number below + half the number equal) / number,  of the figures of earlier days

The first figure of each day of the window is kept, a fixed number of them; the day of the newest
observation is not among them. It depends on nothing else: no threshold, no memory of earlier ranks.
Worked: 1, 2, 3 and 4 on earlier days, now 3 -> (2 + 0.5)/4 = 0.625.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, ClassVar, NamedTuple

from volsculpt.errors import PolicyError
from volsculpt.hedge.feature import Feature, Rows
from volsculpt.market.streams import Stream
from volsculpt.text import duration
from volsculpt.units import DAY_NS

FEWEST = 30  # days: with fewer, one day moves the rank by more than three percent


class RankMemory(NamedTuple):
    """What the ranked feature remembers, and its figures of earlier days.

    days, figures: days since 1970 and the first figure of each. today, first: the day of the newest
    observation and its first figure, None where there was none.
    """

    inner: Any
    days: tuple[int, ...]
    figures: tuple[float, ...]
    today: int
    first: float | None


def rank_of(figure: float, among: Sequence[float]) -> float:
    """Share of figures below one, those equal counted half; among: at least one.

    Worked: 3 among 1, 2, 3, 4 -> 0.625.
    """
    below, equal = sum(one < figure for one in among), sum(one == figure for one in among)
    return (below + 0.5 * equal) / len(among)


@dataclass(frozen=True, slots=True)
class Rank(Feature):
    """The rank of a feature in its own past of window_ns, from 0 (lowest) to 1 (highest).

    PolicyError for a window of fewer than thirty days.
    """

    NAME: ClassVar[str] = "rank"
    MEMORY: ClassVar[type] = RankMemory
    MEANING: ClassVar[str] = "share of the window's days with a lower figure"

    of: Feature
    window_ns: int = 365 * DAY_NS

    def __post_init__(self) -> None:
        if self.window_ns < FEWEST * DAY_NS:
            raise PolicyError(
                f"window = {duration(self.window_ns)} is too short for {self.NAME}: {FEWEST} "
                f"earlier days are needed to rank a figure; give {FEWEST}d or more"
            )

    @property
    def look_back_ns(self) -> int:
        """What its feature looks back, the window, and a day that is not read whole."""
        return self.of.look_back_ns + self.window_ns + DAY_NS

    def stream(self, coin: str) -> Stream:
        """That of its feature."""
        return self.of.stream(coin)

    def step(self, memory: RankMemory | None, time_ns: int, observed: Any) -> RankMemory:  # noqa: ANN401
        """Fold one observation."""
        return self.fold(memory, [(time_ns, observed)])

    def fold(self, memory: RankMemory | None, rows: Rows) -> RankMemory:
        """Fold several, day by day."""
        held = memory or RankMemory(None, (), (), -1, None)
        inner, today, first = held.inner, held.today, held.first
        days, figures = list(held.days), list(held.figures)
        for day, observations in groupby(rows, key=lambda row: row[0] // DAY_NS):
            some = list(observations)
            if day > today:
                if first is not None:
                    days.append(today)
                    figures.append(first)
                inner = self.of.fold(inner, some[:1])
                first = None if inner is None else self.of.value(inner, some[0][0])
                today, some = day, some[1:]
            inner = self.of.fold(inner, some) if some else inner
        oldest = today - self.window_ns // DAY_NS
        cut = sum(day < oldest for day in days)
        return RankMemory(inner, tuple(days[cut:]), tuple(figures[cut:]), today, first)

    def value(self, memory: RankMemory, now_ns: int) -> float | None:
        """The rank; None without a figure, or with fewer than thirty days to compare it with."""
        figure = self.figure(memory, now_ns)
        if figure is None or len(memory.figures) < FEWEST:
            return None
        return rank_of(figure, memory.figures)

    def figure(self, memory: RankMemory, now_ns: int) -> float | None:
        """The figure that is ranked."""
        return None if memory.inner is None else self.of.value(memory.inner, now_ns)

    def lacking(self, coin: str, memory: RankMemory | None, now_ns: int) -> str:
        """Why there is no rank, in words, with the fix."""
        if memory is None or self.figure(memory, now_ns) is None:
            return self.of.lacking(coin, None if memory is None else memory.inner, now_ns)
        return (
            f"{len(memory.figures)} earlier days of {self.of.NAME} ({self.of.words()}) are known; "
            f"{FEWEST} are needed to rank it; import more history"
        )

    def words(self) -> str:
        """Worked: "of drawdown (365 days) in 365 days"."""
        return f"of {self.of.NAME} ({self.of.words()}) in {duration(self.window_ns)}"

    @classmethod
    def usual(cls, streams: Sequence[Stream]) -> tuple[Feature, ...]:
        """None of itself: every other feature is shown with its rank."""
        return ()

    def plain(self, memory: RankMemory) -> dict[str, Any]:
        """Its feature's memory in plain values, and its own."""
        inner = None if memory.inner is None else self.of.plain(memory.inner)
        own = memory._asdict()
        return own | {"inner": inner, "days": list(memory.days), "figures": list(memory.figures)}

    def memory_of(self, stored: Mapping[str, Any]) -> RankMemory:
        """A memory again."""
        inner = None if stored["inner"] is None else self.of.memory_of(stored["inner"])
        rest = tuple(stored["days"]), tuple(stored["figures"])
        return RankMemory(inner, *rest, stored["today"], stored["first"])
