"""Spot prices in US dollars, whatever they are quoted in."""

import numpy as np

from volsculpt.contracts.currencies import peg_of
from volsculpt.contracts.expiries import Symbol
from volsculpt.errors import HistoryError
from volsculpt.market.asof import LastObservation, last_price_observation
from volsculpt.market.gate import Flags, Floats, Stamps
from volsculpt.market.history import History
from volsculpt.market.quotes import PRICE_HOLDS_NS
from volsculpt.market.series import Bars, PriceSeries
from volsculpt.units import iso


class Indexes:
    """Index prices of a history; `warnings` says what was assumed."""

    def __init__(self, history: History) -> None:
        self._index = history.index
        self._pegs = history.pegs
        self.warnings: list[str] = []

    def usd(self, name: str, stamps: Stamps, via: tuple[str, ...] = ()) -> LastObservation:
        """US dollars for one unit, as known at each stamp.

        A spot quoted in another currency is turned into dollars by that currency's own
        price. A stablecoin without one is worth its peg, with a warning. Raises HistoryError for a
        coin without history, and for prices that are quoted in each other.
        """
        if name == "USD":
            return _ones(stamps)
        series = self._index.get(name)
        if series is None:
            return self._assumed(name, stamps, via)
        one = last_price_observation(series, stamps)
        quote = series.label.quote
        if quote in (*via, name):
            raise HistoryError(f"{series.name}: its dollars cannot be found: {quote} depends on it")
        if quote != "USD":
            rate = self.usd(quote, stamps, (*via, name))
            one = LastObservation(one.value * rate.value, one.at_ns, one.available & rate.available)
        peg = peg_of(name, self._pegs)
        lost = ~one.available | (stamps - one.at_ns > PRICE_HOLDS_NS)
        if peg is None or not lost.any():
            return one
        return self._pegged(series, one, self.usd(peg, stamps, (*via, name)), peg, lost)

    def fair(self, symbol: Symbol, stamps: Stamps) -> Floats:
        """What a contract's unit of price costs by the indexes, in its quote; NaN where unknown."""
        fair: Floats = self.usd(symbol.base, stamps).value / self.usd(symbol.quote, stamps).value
        return fair * symbol.coins

    def fresh(self, name: str, stamps: Stamps) -> Flags:
        """Whether the index of a currency is known at a time and no bar of it is missing there."""
        series = self._index[name]
        one = last_price_observation(series, stamps)
        if isinstance(series, Bars):
            return one.available & (stamps - one.at_ns < series.interval_ns)
        return one.available

    def _assumed(self, name: str, stamps: Stamps, via: tuple[str, ...]) -> LastObservation:
        """A stablecoin without prices: what its peg is worth, with a warning."""
        peg = peg_of(name, self._pegs)
        if peg is None:
            why = f" (needed for {via[-1]})" if via else ""
            raise HistoryError(f"no index of {name} is stored{why}; import its spot prices")
        self.warnings.append(
            f"assumed_peg: no price of {name} is stored of this time; it is taken at 1 {money(peg)}"
        )
        return self.usd(peg, stamps, (*via, name))

    def _pegged(
        self,
        series: PriceSeries,
        one: LastObservation,
        worth: LastObservation,
        peg: str,
        lost: Flags,
    ) -> LastObservation:
        """A stablecoin's price; what its peg is worth where that is lost, with a warning.

        Args: one: prices as they are known; worth: of the peg; lost: where no price is known, or
        none of the last day.
        """
        first, last = iso(int(series.stamps[0])), iso(series.end_ns)
        self.warnings.append(
            f"assumed_peg: prices of {series.label.symbol} are known from {first} to {last}; where "
            f"none of the last day is known, it is taken at 1 {money(peg)}"
        )
        return LastObservation(
            np.where(lost, worth.value, one.value),
            np.where(lost, worth.at_ns, one.at_ns),
            np.where(lost, worth.available, one.available),
        )


def money(peg: str) -> str:
    """A currency in words."""
    return "US dollar" if peg == "USD" else peg


def _ones(stamps: Stamps) -> LastObservation:
    """One dollar at any time."""
    return LastObservation(np.ones(len(stamps)), stamps, np.ones(len(stamps), dtype=np.bool_))
