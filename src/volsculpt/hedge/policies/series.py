"""Ratios from a file, by time."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from volsculpt.hedge.answer import Aim
from volsculpt.hedge.policy import Parameter, Policy, PolicyInput
from volsculpt.text import percent


@dataclass(frozen=True, slots=True)
class SeriesPolicy(Policy):
    """Ratios from a file: the last one stamped at or before the time asked."""

    NAME: ClassVar[str] = "series"
    SUMMARY: ClassVar[str] = "a CSV file"
    DOCS: ClassVar[
        str
    ] = """A CSV file with the columns `time,ratio`, times rising; the last line at
or before the moment holds.

```
time,ratio
2024-05-20T00:00:00Z,0.5
2024-06-01T00:00:00Z,0.8
```

Before the first line a plan keeps what is held, and a backtest asks to start later."""
    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        Parameter("file", "ratios", "CSV file with columns time, ratio.", "ratio.csv"),
    )

    times_ns: tuple[int, ...]
    ratios: tuple[float, ...]
    source: str

    @classmethod
    def made(cls, values: Mapping[str, Any]) -> Self:
        """From the file's times and ratios."""
        return cls(*values["file"])

    def step(self, memory: Any, given: PolicyInput) -> tuple[Aim, Any]:  # noqa: ANN401
        """The ratio of the moment, or what is held before the first."""
        found = self.ratio_at(given.time_ns)
        if found is None:
            why = f"{self.source} has no ratio yet at this time: keeps what is held"
            return Aim(None, reasons=(why,)), memory
        return Aim(found, reasons=(f"{self.source} says {percent(found)}",)), memory

    def ratio_at(self, time_ns: int) -> float | None:
        """The last ratio stamped at or before `time_ns`; None before the first.

        Worked: stamps Jan 1 (0.2) and Feb 1 (0.8): on Jan 31 it is 0.2.
        """
        row = bisect_right(self.times_ns, time_ns) - 1
        return self.ratios[row] if row >= 0 else None

    def words(self) -> str:
        """Worked: "hedge what ratio.csv says (24 ratios)"."""
        return f"hedge what {self.source} says ({len(self.ratios):,} ratios)"

    def change_times_ns(self) -> Sequence[int] | None:
        """The stamps of the file."""
        return self.times_ns

    def first_ns(self) -> int | None:
        """The first stamp."""
        return self.times_ns[0] if self.times_ns else None

    def doubts(self, lowest: float, highest: float) -> list[str]:
        """Ratios outside the limits, counted."""
        outside = [one for one in self.ratios if not lowest <= one <= highest]
        if not outside:
            return []
        doubt = f"{len(outside)} of {len(self.ratios)} ratios of its file are outside"
        return [f"{doubt} [{lowest:g}, {highest:g}] and will be held to it"]
