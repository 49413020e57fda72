"""The histories that one run needs, by coin and by contract."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from volsculpt.contracts.currencies import Pegs
from volsculpt.contracts.expiries import parse_symbol
from volsculpt.errors import HistoryError
from volsculpt.market.gate import FIRST_NS, LAST_NS
from volsculpt.market.series import Bars, FundingRates, Prices, PriceSeries, Series, Values
from volsculpt.market.streams import dated_by

if TYPE_CHECKING:
    import pandas
    import polars

    from volsculpt.contracts.catalog import Catalog

EVER_NS = (FIRST_NS, LAST_NS)
AnySeries = TypeVar("AnySeries", PriceSeries, FundingRates, Values)


@dataclass(frozen=True, slots=True)
class History:
    """Series by what they are of.

    index: currency -> spot prices. mark, last, funding: "venue:symbol" -> its series. notes:
    what was chosen where there was a choice. pegs: what the owner tells of stablecoins. values:
    name -> figures that are no prices ("fear_greed", "BTC:open_interest"). catalog: by which rules
    for dated contracts are read, None: the built-in one.
    """

    index: dict[str, PriceSeries] = field(default_factory=dict)
    mark: dict[str, PriceSeries] = field(default_factory=dict)
    last: dict[str, PriceSeries] = field(default_factory=dict)
    funding: dict[str, FundingRates] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    pegs: Pegs = field(default_factory=dict)
    values: dict[str, Values] = field(default_factory=dict)
    catalog: "Catalog | None" = None

    @property
    def contracts(self) -> tuple[str, ...]:
        """Every contract with a price of its own, sorted."""
        return tuple(sorted({*self.mark, *self.last}))

    @property
    def series(self) -> tuple[Series, ...]:
        """Every series."""
        prices = (*self.index.values(), *self.mark.values(), *self.last.values())
        return (*prices, *self.funding.values(), *self.values.values())

    def only(self, contracts: Iterable[str]) -> "History":
        """The same with fewer contracts; every index and every value stays.

        A rule for dated ones keeps all that it can mean.
        """
        every = {*self.mark, *self.last, *self.funding}
        kept = {key for one in contracts for key in dated_by(one, every)}
        return replace(
            self,
            mark={key: one for key, one in self.mark.items() if key in kept},
            last={key: one for key, one in self.last.items() if key in kept},
            funding={key: one for key, one in self.funding.items() if key in kept},
        )

    def between(self, from_ns: int | None, to_ns: int | None) -> "History":
        """The same of rows stamped in [from, to), None: as far as there are; no row, no series."""
        ends = (EVER_NS[0] if from_ns is None else from_ns, EVER_NS[1] if to_ns is None else to_ns)
        return replace(
            self,
            index=_between(self.index, ends),
            mark=_between(self.mark, ends),
            last=_between(self.last, ends),
            funding=_between(self.funding, ends),
            values=_between(self.values, ends),
        )

    def beside(self, other: "History") -> "History":
        """The same, and what another history has beside it.

        An index of both is this one's; a contract or value of both is the other's, which may
        reach further.
        """
        return replace(
            self,
            index=other.index | self.index,
            mark=self.mark | other.mark,
            last=self.last | other.last,
            funding=self.funding | other.funding,
            values=self.values | other.values,
            notes=(*self.notes, *(one for one in other.notes if one not in self.notes)),
        )

    def at_contract(self, key: str) -> "History":
        """The same, but coins of the contract's base are valued at the contract's own price.

        Its basis is 0 then: what is left is what a hedge earns and risks apart from it. Raises
        HistoryError for a contract without prices, and for a dated one.
        """
        own = self.mark.get(key, self.last.get(key))
        if own is None:
            raise HistoryError(f"no prices of {key}; there is: {', '.join(self.contracts)}")
        symbol = parse_symbol(key.partition(":")[2])
        if symbol.day is not None:
            raise HistoryError(f"{key}: it is delivered one day; value coins at a perpetual")
        if symbol.coins != 1.0:
            raise HistoryError(
                f"{key}: its price is that of {symbol.coins:,.0f} {symbol.base}; value the coin at "
                f"its spot"
            )
        spot = replace(own.label, symbol=symbol.base, role="index")
        note = f"{symbol.base} is valued at the price of {key}, not at its spot"
        index = self.index | {symbol.base: replace(own, label=spot)}
        return replace(self, index=index, notes=(*self.notes, note))

    def to_polars(self, table: str = "prices") -> "polars.DataFrame":
        """Its "prices", "funding" or "values" as a polars DataFrame, a row a stamp and series.

        Of bars `time` is the open, and the close is known at the end. Raises HistoryError for
        another table.
        """
        from volsculpt.market.history_frames import polars_frame

        return polars_frame(self.series, table)

    def to_pandas(self, table: str = "prices") -> "pandas.DataFrame":
        """The same as a pandas DataFrame. Raises MissingExtra where pandas is not installed."""
        from volsculpt.market.history_frames import pandas_frame

        return pandas_frame(self.to_polars(table))

    @property
    def is_synthetic(self) -> bool:
        """Whether any of it was made up."""
        return any("synthetic" in one.label.source for one in self.series)


def history_of(series: Iterable[Series], notes: tuple[str, ...] = ()) -> History:
    """A history of these series; HistoryError when two are of the same thing."""
    made = History(notes=notes)
    for one in series:
        key, role = one.label.key, one.label.role
        if isinstance(one, FundingRates):
            _put(made.funding, key, one)
        elif isinstance(one, Values):
            _put(made.values, key, one)
        elif role in ("index", "mark", "last"):
            _put({"index": made.index, "mark": made.mark, "last": made.last}[role], key, one)
        else:
            raise HistoryError(f"{one.name}: prices cannot have the role {role!r}")
    return made


def _between(held: dict[str, AnySeries], ends: tuple[int, int]) -> dict[str, AnySeries]:
    """Series cut to a span; those without a row in it are left out."""
    there = {
        key: one
        for key, one in held.items()
        if int(np.searchsorted(one.stamps, ends[0])) < int(np.searchsorted(one.stamps, ends[1]))
    }
    return {key: one.between(*ends) for key, one in there.items()}


def _put(held: dict[str, AnySeries], key: str, one: AnySeries) -> None:
    """Add one series, unless its place is taken."""
    if key in held:
        raise HistoryError(f"two series for one thing: {held[key].name} and {one.name}; choose one")
    held[key] = one


def finest_step_ns(history: History) -> int:
    """The shortest bar interval of the history; HistoryError when it has no bars."""
    steps = [one.interval_ns for one in history.series if isinstance(one, Bars)]
    if not steps:
        raise HistoryError("the history has no bars, so it has no step; give the step")
    return min(steps)


def common_span(history: History) -> tuple[int, int]:
    """From when every price series knows something to when the first ends.

    Bars know nothing before the end of the first. Raises HistoryError when there is no
    such time.
    """
    priced = [one for one in history.series if isinstance(one, Bars | Prices)]
    if not priced:
        raise HistoryError("the history has no prices")
    starts = [(_first_available_ns(one), one.name) for one in priced]
    ends = [(one.end_ns, one.name) for one in priced]
    start, late = max(starts)
    end, early = min(ends)
    if start >= end:
        raise HistoryError(f"no time is common to all: {early} ends before {late} begins")
    return start, end


def _first_available_ns(series: PriceSeries) -> int:
    """When the first price is known."""
    return int(series.available_ns[0] if isinstance(series, Bars) else series.stamp_ns[0])
