"""The market a paper venue trades on: an aligned history, stored or made up, step by step.

At a stamp the mark is the close that was known then, and orders fill at the open, as in a
backtest. Inside a step prices go in straight lines from the open over both extremes to the
close, the one that lies against the way of the bar first.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from volsculpt.contracts.spec import Contract
from volsculpt.market.align import Aligned
from volsculpt.market.walk import columns_of, walk
from volsculpt.trade.observe.features import StoredPrices

PriceRow = list[float]
CORNERS = (1.0 / 3.0, 2.0 / 3.0)


def along(opened: float, high: float, low: float, closed: float, part: float) -> float:
    """A price a part of the way through its bar.

    Worked: a bar from 100 over 96 and 104 to 102 stands at 98 after a sixth.

    Args: opened, high, low, closed: prices of the bar; part: 0.0 to 1.0.
    """
    first, second = (low, high) if closed >= opened else (high, low)
    if part <= 0.0:
        return opened
    if part >= 1.0:
        return closed
    if part <= CORNERS[0]:
        return opened + (first - opened) * (part / CORNERS[0])
    if part <= CORNERS[1]:
        return first + (second - first) * ((part - CORNERS[0]) / (CORNERS[1] - CORNERS[0]))
    return second + (closed - second) * ((part - CORNERS[1]) / (1.0 - CORNERS[1]))


class Feed:
    """Rows of a market in the order of a book's legs and currencies.

    Raises HistoryError when a price of them is not known at some step.
    """

    def __init__(
        self, aligned: Aligned, contracts: Sequence[Contract], currencies: Sequence[str]
    ) -> None:
        rows = walk(aligned, contracts, currencies)
        self.stamps: list[int] = aligned.stamp_ns.tolist()
        self.steps = len(self.stamps) - 1
        self.is_synthetic = aligned.is_synthetic
        self._currencies = tuple(currencies)
        self._base = [currencies.index(contract.base) for contract in contracts]
        keys = [contract.key for contract in contracts]
        age = columns_of(aligned.mark.age_ns.astype(float), aligned.contracts, keys)
        rate = columns_of(aligned.funding.last_rate, aligned.contracts, keys)
        self._age: list[PriceRow] = age.tolist()
        self._rate: list[PriceRow] = rate.tolist()
        self._mark: list[PriceRow] = [*rows.open_mark.tolist(), rows.close_mark[-1].tolist()]
        self._index: list[PriceRow] = [*rows.open_index.tolist(), rows.close_index[-1].tolist()]
        self.trade: list[PriceRow] = rows.trade.tolist()
        self.high: list[PriceRow] = rows.high_mark.tolist()
        self.low: list[PriceRow] = rows.low_mark.tolist()
        self.funding: list[PriceRow] = rows.funding.tolist()
        self.delivery: list[PriceRow] = rows.delivery.tolist()

    def bar_ns(self, leg: int) -> int:
        """How far apart the marks of a leg mostly are (ns): the length of its bars; 0: one mark."""
        lengths_ns = [
            stamp for stamp, row in zip(self.stamps, self._age, strict=False) if row[leg] == 0.0
        ]
        apart = sorted(then - one for one, then in pairwise(lengths_ns))
        return apart[len(apart) // 2] if apart else 0

    def part(self, step: int, time_ns: int) -> float:
        """How far through a step a time is, 0 at its start; 0 after the last step."""
        if step >= self.steps:
            return 0.0
        start = self.stamps[step]
        return (time_ns - start) / (self.stamps[step + 1] - start)

    def marks(self, step: int, part: float) -> PriceRow:
        """Marks of all contracts."""
        if part <= 0.0:
            return self._mark[step]
        rows = zip(
            self._mark[step], self.high[step], self.low[step], self._mark[step + 1], strict=True
        )
        return [along(*bar, part) for bar in rows]

    def indexes(self, step: int, part: float, marks: PriceRow) -> PriceRow:
        """US dollars of all currencies; inside a step a coin goes along with its first mark."""
        opened = self._index[step]
        if part <= 0.0:
            return opened
        found = [
            start + (end - start) * part
            for start, end in zip(opened, self._index[step + 1], strict=True)
        ]
        moved: set[int] = set()
        for leg, base in enumerate(self._base):
            if base not in moved:
                moved.add(base)
                start, end = self._mark[step][leg], self._mark[step + 1][leg]
                found[base] *= marks[leg] / (start + (end - start) * part)
        return found

    def stored(self, time_ns: int) -> StoredPrices:
        """US dollars of all currencies as they were known at the last stamp of a time."""
        step = max(0, bisect_right(self.stamps, time_ns) - 1)
        usd = dict(zip(self._currencies, self._index[step], strict=True))
        return StoredPrices(usd, self.stamps[step])

    def traded(self, step: int, part: float, leg: int, mark: float) -> float:
        """The price orders fill around: the open at a step's start, drawn to the mark in it.

        Args: step: its number; part: of the step, 0.0 to 1.0; leg: its row; mark: price there, in
        quote.
        """
        if step >= self.steps:
            return mark
        opened = self.trade[step][leg]
        if part <= 0.0:
            return opened
        return mark * (1.0 + (opened / self._mark[step][leg] - 1.0) * (1.0 - part))

    def reach(self, step: int, leg: int, start: float, end: float) -> tuple[float, float]:
        """(highest, lowest) mark from one part of a step to another.

        Args: step: its number; leg: its row; start, end: parts of the step, 0.0 to 1.0.
        """
        if start <= 0.0 and end >= 1.0:
            return self.high[step][leg], self.low[step][leg]
        bar = (
            self._mark[step][leg],
            self.high[step][leg],
            self.low[step][leg],
            self._mark[step + 1][leg],
        )
        points = [start, end, *(corner for corner in CORNERS if start < corner < end)]
        found = [along(*bar, point) for point in points]
        return max(found), min(found)

    def observed_ns(self, step: int, leg: int, time_ns: int) -> int:
        """When the mark shown at a time was last observed."""
        return time_ns - int(self._age[step][leg]) if step < self.steps else self.stamps[-1]

    def rate(self, step: int, leg: int) -> float | None:
        """The newest funding rate known at the start of a step; None before the first."""
        rate = self._rate[step][leg]
        return rate if math.isfinite(rate) else None
