"""Histories of one thing each: prices, funding, values. What exists has passed the gate.

Stamps are int64 ns UTC and intervals [from, to). A bar is stamped with its open, as in every
venue's files, and covers [open_ns, open_ns + interval_ns): its open is known at its stamp,
its high, low, close and volume only at its end. A funding rate is known at its stamp, for
the `interval_hours` before it. A plain price is known at its stamp. Figures that are none of
these (`values.py`) say by when each was known. Arrays are read-only.
"""

from dataclasses import dataclass

import numpy as np

from volsculpt.market.gate import (
    Floats,
    Stamps,
    check_bar_shape,
    check_bar_steps,
    check_funding,
    checked_column,
    checked_stamps,
)
from volsculpt.market.labels import (
    ROLES,
    HasRows,
    Label,
    Role,
    SeriesKind,
    put_field,
    rows_between,
)
from volsculpt.market.times import interval_text
from volsculpt.market.values import Values
from volsculpt.units import HOUR_NS

__all__ = [
    "ROLES",
    "Bars",
    "FundingRates",
    "HasRows",
    "Label",
    "PriceSeries",
    "Prices",
    "Role",
    "Series",
    "SeriesKind",
    "Values",
]


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
        put_field(self, "open_ns", stamps)
        check_bar_steps(name, stamps, self.interval_ns)
        for column in ("open", "high", "low", "close"):
            put_field(self, column, checked_column(name, stamps, column, getattr(self, column)))
        check_bar_shape(name, stamps, self.open, self.high, self.low, self.close)
        if self.volume is not None:
            put_field(self, "volume", checked_column(name, stamps, "volume", self.volume, "zero"))

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
    def available_ns(self) -> Stamps:
        """When each bar's high, low, close and volume are known: at its end."""
        return self.open_ns + self.interval_ns

    @property
    def end_ns(self) -> int:
        """The end of the last bar."""
        return int(self.open_ns[-1]) + self.interval_ns

    def between(self, from_ns: int, to_ns: int) -> "Bars":
        """The bars that open in [from, to); HistoryError when there is none."""
        rows = rows_between(self, from_ns, to_ns)
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
        put_field(self, "stamp_ns", stamps)
        put_field(self, "price", checked_column(self.name, stamps, "price", self.price))

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
        rows = rows_between(self, from_ns, to_ns)
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
        put_field(self, "stamp_ns", stamps)
        put_field(self, "rate", checked_column(name, stamps, "rate", self.rate, "any"))
        hours = checked_column(name, stamps, "interval_hours", self.interval_hours)
        put_field(self, "interval_hours", hours)
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
        rows = rows_between(self, from_ns, to_ns)
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
Series = Bars | Prices | FundingRates | Values
