"""One contract's price at any time: its own observations, moved with the index between them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from volsculpt.contracts.expiries import parse_symbol
from volsculpt.contracts.pricing import carried_mark
from volsculpt.errors import HistoryError
from volsculpt.market.asof import (
    NEVER,
    LastObservation,
    last_price_observation,
    last_rows,
    observations,
)
from volsculpt.market.gate import Floats, Stamps
from volsculpt.market.history import History
from volsculpt.market.indexes import Indexes
from volsculpt.market.series import Bars

Codes = npt.NDArray[np.int8]

# Where a figure comes from: the values of `source`.
UNKNOWN, OWN, LAST, CARRIED = 0, 1, 2, 3
carried: Any = carried_mark  # arithmetic only: takes arrays as it takes numbers


@dataclass(frozen=True, slots=True, eq=False)
class SourcedValue:
    """A figure at some stamps: value, its own last observation, where it comes from.

    as_of_ns: the time it speaks of: of its own observation, or of what it was moved with.
    """

    value: Floats
    observed: LastObservation
    code: Codes
    as_of_ns: Stamps


class Marks:
    """The mark of one contract; its last price where no mark is stored, or bars are missing."""

    def __init__(self, history: History, key: str) -> None:
        self.key, self.symbol = key, parse_symbol(key.partition(":")[2])
        self._own, self._last = history.mark.get(key), history.last.get(key)
        if self._own is None and self._last is None:
            raise HistoryError(f"{key}: no price of it is stored; import its mark or last prices")
        self._indexes = Indexes(history)  # asked outside the run too: what it warns of is not told
        self._pair_ns, self._price, self._fair = self._pairs()

    @property
    def warnings(self) -> list[str]:
        """What stands for what."""
        if self._own is None:
            return [f"last_for_mark: {self.key} has no mark stored; the last price is used"]
        if self._last is None:
            return [f"mark_for_last: {self.key} has no last price stored; fills use the mark"]
        return []

    def observed(self, stamps: Stamps) -> tuple[LastObservation, Codes]:
        """Its own observations: of the last price before the first mark and where bars miss."""
        mark = _nothing(stamps) if self._own is None else last_price_observation(self._own, stamps)
        traded = (
            _nothing(stamps) if self._last is None else last_price_observation(self._last, stamps)
        )
        stale = ~mark.available
        if isinstance(self._own, Bars):
            stale |= stamps - mark.at_ns >= self._own.interval_ns
        instead = stale & traded.available & (traded.at_ns > mark.at_ns)
        code = np.where(instead, LAST, np.where(mark.available, OWN, UNKNOWN)).astype(np.int8)
        value = np.where(instead, traded.value, mark.value)
        at = np.where(instead, traded.at_ns, mark.at_ns)
        return LastObservation(value, at, mark.available | instead), code

    def _pairs(self) -> tuple[Stamps, Floats, Floats]:
        """(times, its price, the index's): observations of it made when the index was fresh too.

        An index that stands still between two of them gives a basis with the first alone.
        """
        series = [one for one in (self._own, self._last) if one is not None]
        times = np.unique(np.concatenate([observations(one)[0] for one in series]))
        observed, _ = self.observed(times)
        own = observed.available & (observed.at_ns == times)
        times, price = times[own], observed.value[own]
        fair, base = self._indexes.fair(self.symbol, times), self.symbol.base
        before = np.concatenate([[NEVER], times])[: len(times)]
        anew = self._indexes.usd(base, times).at_ns > before
        joint = np.isfinite(fair) & self._indexes.fresh(base, times) & anew
        return times[joint], price[joint], fair[joint]

    def moved(self, stamps: Stamps, fair: Floats, fair_ns: Stamps) -> SourcedValue:
        """At each stamp, moved with what the index makes of it (`fair`) where that is fresher.

        The basis is the last one of a moment when both were fresh. Worked: 60,060 against 60,000
        then, 50,000 now: 50,050.
        """
        observed, code = self.observed(stamps)
        row = last_rows(self._pair_ns, stamps)
        moves = observed.available & (fair_ns > observed.at_ns) & (row >= 0) & np.isfinite(fair)
        value, row = observed.value.copy(), row[moves]
        value[moves] = carried(fair[moves], self._price[row], self._fair[row])
        code[moves] = CARRIED
        return SourcedValue(value, observed, code, np.where(moves, fair_ns, observed.at_ns))

    def usd_of_quote(self, stamps: Stamps) -> Floats:
        """US dollars for one unit of its quote currency, as known at each of any times."""
        return self._indexes.usd(self.symbol.quote, stamps).value

    def at(self, stamps: Stamps) -> SourcedValue:
        """At each of any times, moved with the index's own observations."""
        spot = self._indexes.usd(self.symbol.base, stamps)
        return self.moved(stamps, self._indexes.fair(self.symbol, stamps), spot.at_ns)


def index_at(indexes: Indexes, name: str, stamps: Stamps, marks: list[Marks]) -> SourcedValue:
    """A currency in US dollars at each stamp; where stale, moved with the freshest contract on it.

    It moves as that contract moved since the index was seen last. Of two contracts as fresh, the
    one whose own price of that moment is the newer. Worked: 100 when the contract stood at 101;
    it stands at 50.5: 50.

    Args: name: of the currency; stamps: ns UTC; marks: of contracts, those on other coins too.
    """
    one = indexes.usd(name, stamps)
    value, as_of = one.value.copy(), one.at_ns.copy()
    code = np.where(one.available, OWN, UNKNOWN).astype(np.int8)
    then_ns = np.full(len(stamps), NEVER, dtype=np.int64)
    for mark in marks:
        if mark.symbol.base != name:
            continue
        (observed, _), then = mark.observed(stamps), mark.at(one.at_ns)
        now = observed.value * mark.usd_of_quote(stamps)
        was = then.value * mark.usd_of_quote(one.at_ns)
        there = one.available & (then.as_of_ns == one.at_ns) & np.isfinite(now) & np.isfinite(was)
        newer = (observed.at_ns == as_of) & (code == CARRIED) & (then.observed.at_ns > then_ns)
        moves = there & ((observed.at_ns > as_of) | newer)
        value[moves] = carried(now[moves], one.value[moves], was[moves])
        code[moves], as_of[moves] = CARRIED, observed.at_ns[moves]
        then_ns[moves] = then.observed.at_ns[moves]
    return SourcedValue(value, one, code, as_of)


def _nothing(stamps: Stamps) -> LastObservation:
    """What is known of a series that does not exist."""
    rows = len(stamps)
    return LastObservation(
        np.full(rows, np.nan), np.full(rows, NEVER, dtype=np.int64), np.zeros(rows, dtype=np.bool_)
    )
