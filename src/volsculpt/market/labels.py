"""What every stored history has: what it is of, and what all kinds of it can do."""

from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from volsculpt.errors import HistoryError
from volsculpt.market.gate import Stamps
from volsculpt.units import iso

Role = Literal["index", "mark", "last", "funding", "value"]
SeriesKind = Literal["bars", "prices", "funding", "values"]
ROLES: tuple[Role, ...] = ("index", "mark", "last", "funding", "value")


@dataclass(frozen=True, slots=True)
class Label:
    """What a series is of, and where it comes from.

    role: "index" (spot), "mark", "last", "funding" or "value". symbol: the contract in unified
    notation; for an index the coin; for a value its name ("fear_greed", "BTC:open_interest").
    venue: who listed the price or publishes the value. quote: the currency that prices are in,
    the unit of values. source: the files, or "synthetic, seed N".
    """

    venue: str
    symbol: str
    role: Role
    quote: str
    source: str

    @property
    def key(self) -> str:
        """The contract as the command line writes it ("bybit:BTC/USD:BTC"), the coin, the name."""
        alone = self.role in ("index", "value")
        return self.symbol if alone else f"{self.venue}:{self.symbol}"

    @property
    def text(self) -> str:
        """The name in messages; what is synthetic says so."""
        plain = f"{self.key} {self.role}"
        if self.role == "index":
            plain = f"{self.symbol} index of {self.venue} in {self.quote}"
        elif self.role == "value":
            plain = f"{self.symbol} of {self.venue}, {self.quote}"
        return f"{plain} ({self.source})" if self.source.startswith("synthetic") else plain


class HasRows(Protocol):
    """What every series can do."""

    @property
    def kind(self) -> SeriesKind:
        """Which of the four it is."""

    @property
    def name(self) -> str:
        """How messages call it."""

    @property
    def stamps(self) -> Stamps:
        """The stamps as the source gives them."""

    @property
    def end_ns(self) -> int:
        """The time up to which it knows something."""


def put_field(series: object, field: str, values: npt.NDArray[Any]) -> None:
    """Sets a field of a frozen record while it is being made."""
    object.__setattr__(series, field, values)


def rows_between(series: HasRows, from_ns: int, to_ns: int) -> slice:
    """The rows stamped in [from, to); HistoryError naming what there is when there are none."""
    start, end = np.searchsorted(series.stamps, [from_ns, to_ns], side="left")
    if start >= end:
        there = f"{iso(int(series.stamps[0]))} to {iso(int(series.stamps[-1]))}"
        raise HistoryError(
            f"{series.name}: nothing from {iso(from_ns)} to {iso(to_ns)}; it has {there}"
        )
    return slice(int(start), int(end))
