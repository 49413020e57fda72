"""The owner's own ratio, whatever the market does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from volsculpt.hedge.answer import Aim
from volsculpt.hedge.policy import Parameter, Policy, PolicyInput
from volsculpt.hedge.words import held_words
from volsculpt.text import percent


@dataclass(frozen=True, slots=True)
class FixedPolicy(Policy):
    """The owner's ratio: 1 = insurance, 0.5 = partial de-risking."""

    NAME: ClassVar[str] = "fixed"
    SUMMARY: ClassVar[str] = "this file"
    DOCS: ClassVar[str] = """The ratio that you write down: 1 takes away all of the price risk, 0.5
half of it, 0 none. Outside the limits it is held to them, with a warning."""
    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "ratio", "ratio", "share of the base to hedge; 1 is all.", 0.5, unit="of the base"
        ),
    )

    ratio: float

    def step(self, memory: Any, given: PolicyInput) -> tuple[Aim, Any]:  # noqa: ANN401
        """The ratio."""
        return Aim(self.ratio, reasons=(f"you asked for {percent(self.ratio)}",)), memory

    def words(self) -> str:
        """Worked: "hedge 50 %"."""
        return f"hedge {percent(self.ratio)}"

    def change_times_ns(self) -> Sequence[int] | None:
        """It never changes."""
        return ()

    def highest(self) -> float | None:
        """The ratio."""
        return self.ratio

    def ratio_meant(self) -> float | None:
        """The ratio."""
        return self.ratio

    def doubts(self, lowest: float, highest: float) -> list[str]:
        """A ratio outside the limits."""
        outside = held_words(self.ratio, lowest, highest)
        return [outside] if outside is not None else []
