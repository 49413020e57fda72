"""What a feature is: one figure of a coin's market, folded from one stream of it, found by name.

A feature is a frozen dataclass of its parameters in `features/NAME.py`, or beside the one policy
that reads it in `policies/NAME.py`. Its memory has a fixed size, so looking ahead would need an
observation that is stamped too early.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, ClassVar, Protocol, cast

from volsculpt.market.streams import Stream
from volsculpt.text import percent, significant
from volsculpt.units import YEAR_NS

EVER_NS = 30 * YEAR_NS  # a look-back to the beginning of what is stored
Rows = Sequence[tuple[int, Any]]  # (when known, figure) of one stream, in order


class Feature(Protocol):
    """One figure, from observations of one stream.

    NAME: as ledgers keep it. VERSION: raised when old memories cannot be gone on with. MEMORY: the
    named tuple of plain numbers that it remembers. MEANING: what the figure is, with its unit.
    """

    NAME: ClassVar[str]
    VERSION: ClassVar[int] = 1
    MEMORY: ClassVar[type]
    MEANING: ClassVar[str]

    @property
    def look_back_ns(self) -> int:
        """How much history before a moment the figure is made from."""

    def stream(self, coin: str) -> Stream:
        """What it is fed for a coin; by default every observation of its index."""
        return Stream("index", coin)

    def step(self, memory: Any, time_ns: int, observed: Any) -> Any:  # noqa: ANN401
        """Fold one observation, known at `time_ns`; they rise. memory: None before the first.

        observed: of its stream: US dollars of an index, a `WholeBar`, a rate a year, a figure.
        """

    def fold(self, memory: Any, rows: Rows) -> Any:  # noqa: ANN401
        """Fold several, to the bit what one step after the other leaves."""
        for time_ns, observation in rows:
            memory = self.step(memory, time_ns, observation)
        return memory

    def value(self, memory: Any, now_ns: int) -> float | None:  # noqa: ANN401
        """The figure at a moment; None where the memory is not enough for it."""

    @property
    def holds_ns(self) -> int:
        """How old its newest observation may be; one without such a limit holds for ever."""
        return EVER_NS

    def newest_ns(self, memory: Any) -> int:  # noqa: ANN401
        """When its newest observation was known, of those that say so."""
        raise AssertionError(f"{self.NAME} does not say how old it is: {memory}")

    def kept_words(self, memory: Any, now_ns: int) -> str:  # noqa: ANN401
        """Why a figure still holds though a newer is due; empty where none is."""
        return ""

    def lacking(self, coin: str, memory: Any, now_ns: int) -> str:  # noqa: ANN401
        """Why there is no figure, in words, with the fix. memory: None without any history."""

    def mean_words(self) -> str:
        """What mean of its stream it is; empty where it is none. Worked: "7-day mean"."""
        return ""

    def words(self) -> str:
        """Its parameters in words. Worked: "half-life of 30 days"."""

    @property
    def is_ratio(self) -> bool:
        """Whether the figure is a ratio, shown in percent; else it is in a unit of its own."""
        return True

    def figure_words(self, value: float) -> str:
        """The figure in words. Worked: 0.5 -> "50 %"; what is no ratio: 1.23456 -> "1.235"."""
        return percent(value) if self.is_ratio else significant(value, 4, 6)

    @classmethod
    def usual(cls, streams: Sequence[Stream]) -> tuple["Feature", ...]:
        """Those worth a look where a coin has these streams; by default with no parameter given."""
        return (cls(),)

    def plain(self, memory: Any) -> dict[str, Any]:  # noqa: ANN401
        """What it remembers of a coin, by name, in plain values."""
        return dict(memory._asdict())

    def memory_of(self, stored: Mapping[str, Any]) -> Any:  # noqa: ANN401
        """A memory again, out of its plain values; KeyError or TypeError: it is of another form."""
        return self.MEMORY(**stored)


def parameters(feature: Feature) -> dict[str, Any]:
    """The parameters of a feature, by name; a feature in it as `plain_feature` has it."""
    held = {one.name: getattr(feature, one.name) for one in fields(cast(Any, feature))}
    return {name: _plain_value(value) for name, value in held.items()}


def _plain_value(value: Any) -> Any:  # noqa: ANN401
    """A parameter as JSON has it."""
    if Feature in type(value).__mro__:
        return plain_feature(value)
    return list(value) if isinstance(value, tuple) else value


def plain_feature(feature: Feature) -> dict[str, Any]:
    """A feature by name, version and parameters; `registry.feature_of` makes it again."""
    return {
        "feature": feature.NAME,
        "version": feature.VERSION,
        "parameters": parameters(feature),
    }


Needs = Mapping[str, tuple[Feature, ...]]  # coin -> what policies want to know of it
