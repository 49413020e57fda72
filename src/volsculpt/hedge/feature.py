"""What a feature is: one figure of a coin's market, folded from its index, found by name.

A feature is a frozen dataclass of its parameters in `features/NAME.py`, or beside the one policy
that reads it in `policies/NAME.py`. Its memory has a fixed size, so looking ahead would need an
observation that is stamped too early.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar, Protocol, cast


class Feature(Protocol):
    """One figure, from observations of a coin's index price.

    NAME: as ledgers keep it. VERSION: raised when old memories cannot be gone on with. MEMORY: the
    named tuple of plain numbers that it remembers.
    """

    NAME: ClassVar[str]
    VERSION: ClassVar[int] = 1
    MEMORY: ClassVar[type]

    @property
    def look_back_ns(self) -> int:
        """How much history before a moment the figure is made from."""

    def step(self, memory: Any, time_ns: int, index_usd: float) -> Any:  # noqa: ANN401
        """Fold one observation, known at `time_ns`; they rise. memory: None before the first."""

    def value(self, memory: Any, now_ns: int) -> float | None:  # noqa: ANN401
        """The figure at a moment; None where the memory is not enough for it."""

    def lacking(self, coin: str, memory: Any, now_ns: int) -> str:  # noqa: ANN401
        """Why there is no figure, in words, with the fix. memory: None without any history."""

    def words(self) -> str:
        """Its parameters in words. Worked: "half-life of 30 days"."""

    def plain(self, memory: Any) -> dict[str, Any]:  # noqa: ANN401
        """What it remembers of a coin, by name, in plain values."""
        return dict(memory._asdict())

    def memory_of(self, stored: Mapping[str, Any]) -> Any:  # noqa: ANN401
        """A memory again, out of its plain values; KeyError or TypeError: it is of another form."""
        return self.MEMORY(**stored)


def parameters(feature: Feature) -> dict[str, Any]:
    """The parameters of a feature, by name."""
    return asdict(cast(Any, feature))


Needs = Mapping[str, tuple[Feature, ...]]  # coin -> what policies want to know of it
