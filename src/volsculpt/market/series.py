"""Price and funding histories of one thing each. What exists has passed the gate.

Stamps are int64 ns UTC and intervals [from, to). A bar is stamped with its open, as in every
venue's files, and covers [open_ns, open_ns + interval_ns): its open is known at its stamp,
its high, low, close and volume only at its end. A funding rate is known at its stamp, for
the `interval_hours` before it. A plain price is known at its stamp. Arrays are read-only.
"""

from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from volsculpt.errors import HistoryError
from volsculpt.market.gate import (
    Floats,
    Stamps,
    check_bar_shape,
    check_bar_steps,
    check_funding,
    checked_column,
    checked_stamps,
)
from volsculpt.market.times import interval_text
from volsculpt.units import HOUR_NS, iso

Role = Literal["index", "mark", "last", "funding"]
SeriesKind = Literal["bars", "prices", "funding"]
ROLES: tuple[Role, ...] = ("index", "mark", "last", "funding")


@dataclass(frozen=True, slots=True)
class Label:
    """What a series is of, and where it comes from.

    role: "index" (spot), "mark", "last" or "funding". symbol: the contract in unified
    notation; for an index the coin. venue: who listed the price. quote: the currency that
    prices are in. source: the files, or "synthetic, seed N".
    """

    venue: str
    symbol: str
    role: Role
    quote: str
    source: str

    @property
    def key(self) -> str:
        """The contract as the command line writes it ("bybit:BTC/USD:BTC"), or the coin."""
        return self.symbol if self.role == "index" else f"{self.venue}:{self.symbol}"

    @property
    def text(self) -> str:
        """The name in messages; what is synthetic says so."""
        plain = f"{self.key} {self.role}"
        if self.role == "index":
            plain = f"{self.symbol} index of {self.venue} in {self.quote}"
        return f"{plain} ({self.source})" if self.source.startswith("synthetic") else plain


class HasRows(Protocol):
    """What every series can do."""

    @property
    def kind(self) -> SeriesKind:
        """Which of the three it is."""

    @property
    def name(self) -> str:
        """How messages call it."""

    @property
    def stamps(self) -> Stamps:
        """The stamps as the source gives them."""

    @property
    def end_ns(self) -> int:
        """The time up to which it knows something."""


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """Open, high, low, close of intervals; volume is None where the source has none."""

    label: Label
    interval_ns: int
    open_ns: Stamps
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats | None = None

    def __post_init__(self) -> None:
        name = self.name
        stamps = checked_stamps(name, self.open_ns)
        _put(self, "open_ns", stamps)
        check_bar_steps(name, stamps, self.interval_ns)
        for column in ("open", "high", "low", "close"):
            _put(self, column, checked_column(name, stamps, column, getattr(self, column)))
        check_bar_shape(name, stamps, self.open, self.high, self.low, self.close)
        if self.volume is not None:
            _put(self, "volume", checked_column(name, stamps, "volume", self.volume, "zero"))

    @property
    def kind(self) -> SeriesKind:
        """Bars."""
        return "bars"

    @property
    def name(self) -> str:
        """How messages call it: "bybit:BTC/USD:BTC mark 8h"."""
        return f"{self.label.text} {interval_text(self.interval_ns)}"

    @property
    def stamps(self) -> Stamps:
        """The bars' opens."""
        return self.open_ns

    @property
    def known_ns(self) -> Stamps:
        """When each bar's high, low, close and volume are known: at its end."""
        return self.open_ns + self.interval_ns

    @property
    def end_ns(self) -> int:
        """The end of the last bar."""
        return int(self.open_ns[-1]) + self.interval_ns

    def between(self, from_ns: int, to_ns: int) -> "Bars":
        """The bars that open in [from, to); HistoryError when there is none."""
        rows = _rows(self, from_ns, to_ns)
        volume = None if self.volume is None else self.volume[rows]
        return Bars(
            self.label,
            self.interval_ns,
            self.open_ns[rows],
            self.open[rows],
            self.high[rows],
            self.low[rows],
            self.close[rows],
            volume,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """Plain prices, each known at its stamp."""

    label: Label
    stamp_ns: Stamps
    price: Floats

    def __post_init__(self) -> None:
        stamps = checked_stamps(self.name, self.stamp_ns)
        _put(self, "stamp_ns", stamps)
        _put(self, "price", checked_column(self.name, stamps, "price", self.price))

    @property
    def kind(self) -> SeriesKind:
        """Prices."""
        return "prices"

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"{self.label.text} prices"

    @property
    def stamps(self) -> Stamps:
        """When each price was seen."""
        return self.stamp_ns

    @property
    def end_ns(self) -> int:
        """The last stamp."""
        return int(self.stamp_ns[-1])

    def between(self, from_ns: int, to_ns: int) -> "Prices":
        """The prices stamped in [from, to); HistoryError when there is none."""
        rows = _rows(self, from_ns, to_ns)
        return Prices(self.label, self.stamp_ns[rows], self.price[rows])


@dataclass(frozen=True, slots=True, eq=False)
class FundingRates:
    """Funding by stamp: fraction of value, positive when longs pay, for the hours before it."""

    label: Label
    stamp_ns: Stamps
    rate: Floats
    interval_hours: Floats

    def __post_init__(self) -> None:
        name = self.name
        stamps = checked_stamps(name, self.stamp_ns)
        _put(self, "stamp_ns", stamps)
        _put(self, "rate", checked_column(name, stamps, "rate", self.rate, "any"))
        hours = checked_column(name, stamps, "interval_hours", self.interval_hours)
        _put(self, "interval_hours", hours)
        check_funding(name, stamps, self.rate, hours)

    @property
    def kind(self) -> SeriesKind:
        """Funding."""
        return "funding"

    @property
    def name(self) -> str:
        """How messages call it."""
        return self.label.text

    @property
    def stamps(self) -> Stamps:
        """When each rate was paid and became known."""
        return self.stamp_ns

    @property
    def end_ns(self) -> int:
        """The last stamp."""
        return int(self.stamp_ns[-1])

    def between(self, from_ns: int, to_ns: int) -> "FundingRates":
        """The stamps in [from, to); HistoryError when there is none."""
        rows = _rows(self, from_ns, to_ns)
        return FundingRates(
            self.label, self.stamp_ns[rows], self.rate[rows], self.interval_hours[rows]
        )

    def missing_ns(self) -> Stamps:
        """Stamps between the first and the last that should be there and are not.

        The hours that a stamp does not pay for are counted back from it in its own
        interval. Worked: 8-hourly stamps at 0:00 and 16:00 the same day lack 8:00.
        """
        step = np.rint(self.interval_hours[1:] * HOUR_NS).astype(np.int64)
        lacking = np.rint(np.diff(self.stamp_ns) / step).astype(np.int64) - 1
        late = np.flatnonzero(lacking > 0)
        found = [
            int(self.stamp_ns[row + 1]) - count * int(step[row])
            for row in late
            for count in range(int(lacking[row]), 0, -1)
        ]
        return np.array(found, dtype=np.int64)


PriceSeries = Bars | Prices
Series = Bars | Prices | FundingRates


def _put(series: object, field: str, values: npt.NDArray[Any]) -> None:
    """Sets a field of a frozen record while it is being made."""
    object.__setattr__(series, field, values)


def _rows(series: HasRows, from_ns: int, to_ns: int) -> slice:
    """The rows stamped in [from, to); HistoryError naming what there is when there are none."""
    start, end = np.searchsorted(series.stamps, [from_ns, to_ns], side="left")
    if start >= end:
        there = f"{iso(int(series.stamps[0]))} to {iso(int(series.stamps[-1]))}"
        raise HistoryError(
            f"{series.name}: nothing from {iso(from_ns)} to {iso(to_ns)}; it has {there}"
        )
    return slice(int(start), int(end))
