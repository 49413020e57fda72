"""What coins were worth at many times: as a desk saw it then, else as histories have it."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from volsculpt.errors import HistoryError, PriceError
from volsculpt.ledger.entry import Entry
from volsculpt.ledger.events import QuoteObserved
from volsculpt.market.history import History
from volsculpt.market.indexes import Indexes
from volsculpt.market.opening import StoreNames, history_between
from volsculpt.market.quotes import PRICE_HOLDS_NS
from volsculpt.units import iso

WantedPrices = Mapping[str, Sequence[int]]  # coin -> times, ns UTC


class RecordedPrices:
    """Prices in US dollars that a desk wrote into its ledger, by when they were true."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._recorded: dict[str, list[tuple[int, float]]] = {}
        for entry in entries:
            if isinstance(entry.event, QuoteObserved):
                for coin, usd in entry.event.index_usd.items():
                    stamp = entry.event.stamp_ns.get(coin, entry.time_ns)
                    self._recorded.setdefault(coin, []).append((stamp, usd))
        for one in self._recorded.values():
            one.sort()

    def usd(self, coin: str, time_ns: int) -> float | None:
        """The newest of the day before a time; None where there is none."""
        recorded = self._recorded.get(coin, [])
        at = bisect_right(recorded, (time_ns, float("inf"))) - 1
        if at < 0 or time_ns - recorded[at][0] > PRICE_HOLDS_NS:
            return None
        return recorded[at][1]


class CoinPrices:
    """Prices of coins in a numeraire; `warnings` says what was assumed."""

    def __init__(self, recorded: RecordedPrices, root: Path | None, numeraire: str) -> None:
        """root: folder of stored histories, None: the ledger's own prices alone."""
        self._recorded, self._root, self.numeraire = recorded, root, numeraire
        self.warnings: list[str] = []

    def of(self, wanted: WantedPrices) -> dict[tuple[str, int], float]:
        """Prices by coin and time. PriceError names the first coin and time without one."""
        times = sorted({one for stamps in wanted.values() for one in stamps})
        units = self._usd(self.numeraire, times)
        self._check(self.numeraire, times, units)
        unit = dict(zip(times, units, strict=True))
        found: dict[tuple[str, int], float] = {}
        for coin, given in wanted.items():
            stamps = sorted(set(given))
            usd = self._usd(coin, stamps)
            self._check(coin, stamps, usd)
            found |= {
                (coin, at): _ratio(one, unit[at]) for at, one in zip(stamps, usd, strict=True)
            }
        return found

    def price_at(self, coin: str, time_ns: int) -> float | None:
        """The price of one coin at one time; None where there is none."""
        try:
            return self.of({coin: [time_ns]})[coin, time_ns]
        except PriceError:
            return None

    def _check(self, coin: str, stamps: Sequence[int], usd: Sequence[float | None]) -> None:
        """Refuse a time without a price."""
        lost = [at for at, one in zip(stamps, usd, strict=True) if one is None]
        if lost:
            more = f" and at {len(lost) - 1:,} more times" if len(lost) > 1 else ""
            where = "the ledger" if self._root is None else f"the ledger and {self._root}"
            raise PriceError(
                f"no price of {coin} is known at {iso(lost[0])}{more}, nor in the day before, in "
                f"{where}; import its spot prices of that time with `volsculpt data import`, or "
                f"name their folder with --data"
            )

    def _usd(self, coin: str, stamps: Sequence[int]) -> list[float | None]:
        """US dollars for one coin at each time; None where that is not known."""
        if coin == "USD":
            return [1.0] * len(stamps)
        usd = [self._recorded.usd(coin, at) for at in stamps]
        lost = [at for at, one in zip(stamps, usd, strict=True) if one is None]
        stored = dict(zip(lost, self._stored(coin, lost), strict=True)) if lost else {}
        return [stored[at] if one is None else one for at, one in zip(stamps, usd, strict=True)]

    def _stored(self, coin: str, stamps: Sequence[int]) -> list[float | None]:
        """The same of stored histories; a stablecoin without one is worth its peg, and told."""
        history = self._history(coin, (stamps[0], stamps[-1] + 1))
        indexes = Indexes(history)
        at = np.asarray(stamps, dtype=np.int64)
        try:
            observed = indexes.usd(coin, at)
        except HistoryError:
            return [None] * len(stamps)
        self.warnings += [one for one in indexes.warnings if one not in self.warnings]
        fresh = observed.available & (at - observed.at_ns <= PRICE_HOLDS_NS)
        return [float(usd) if one else None for usd, one in zip(observed.value, fresh, strict=True)]

    def _history(self, coin: str, span: tuple[int, int]) -> History:
        """What is stored of a coin."""
        if self._root is None or not self._root.is_dir():
            return History()
        before = (span[0] - PRICE_HOLDS_NS, span[1])
        return history_between(self._root, StoreNames((coin,)), before, PRICE_HOLDS_NS)


def _ratio(usd: float | None, unit: float | None) -> float:
    assert usd is not None, "what has no price was refused"
    assert unit is not None, "what has no price was refused"
    return usd if unit == 1.0 else usd / unit
