"""Times of a run in which nobody knew a price: what it did then, and what a desk would have done.

A run goes on with the last price, so a gap looks like a still market in it.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from volsculpt.contracts.expiries import parse_symbol
from volsculpt.market.align import Aligned
from volsculpt.market.asof import NEVER
from volsculpt.market.gate import Flags, Stamps
from volsculpt.market.history import History
from volsculpt.market.series import Bars
from volsculpt.text import counted, duration
from volsculpt.units import DAY_NS, iso

Gap = tuple[int, int]  # from the last price to the first one after it, or the end of the run; ns
INSTEAD = (
    "the run kept the last price and could trade at it, and what moved meanwhile comes in one "
    "step; a desk sends nothing while it knows no price; `volsculpt data import` stores more"
)


def price_gaps(aligned: Aligned, history: History, coins: Iterable[str]) -> list[str]:
    """A warning for each coin of which neither it nor a contract on it had a price for long.

    Longer than a day, after which a plan with stored prices leaves them out, and than its prices
    are apart. Args: history: that was aligned; coins: that are hedged; those of contracts are
    looked at too.
    """
    found = []
    on = (parse_symbol(key.partition(":")[2]).base for key in aligned.contracts)
    for coin in dict.fromkeys([*coins, *on]):
        gaps = list(gaps_of(aligned, history, coin))
        if not gaps:
            continue
        first, last = max(gaps, key=lambda one: one[1] - one[0])
        more = sum(end - start for start, end in gaps) - (last - first)
        beside = ""
        if len(gaps) > 1:
            beside = f", and {counted(len(gaps) - 1, 'shorter gap')} of {duration(more)} in all"
        found.append(
            f"price_gap: no price of {coin} or of a contract on it was known from {iso(first)} to "
            f"{iso(last)} ({duration(last - first)}){beside}: {INSTEAD}"
        )
    return found


def gaps_of(aligned: Aligned, history: History, coin: str) -> Iterator[Gap]:
    """Every time in which the newest price of a coin, or of a contract on it, was too old."""
    age = _age(aligned, coin)
    if age is None:
        return
    stamps: Stamps = aligned.stamp_ns
    old: Flags = age > max(DAY_NS, usual_ns(history, coin))
    turns = np.flatnonzero(np.diff(np.concatenate([[False], old, [False]])))
    for first, after in zip(turns[::2].tolist(), turns[1::2].tolist(), strict=True):
        end = min(after, len(stamps) - 1)
        yield int(stamps[first] - age[first]), int(stamps[end])


def _age(aligned: Aligned, coin: str) -> Stamps | None:
    """Time since the newest price at each stamp, ns; None of a coin that has no column."""
    contracts = (parse_symbol(key.partition(":")[2]).base for key in aligned.contracts)
    columns = [aligned.mark.age_ns[:, row] for row, base in enumerate(contracts) if base == coin]
    if coin in aligned.currencies:
        columns.append(aligned.index.age_ns[:, aligned.currencies.index(coin)])
    if not columns:
        return None
    ages = np.stack(columns)
    ages = np.where(ages == NEVER, np.iinfo(np.int64).max, ages)
    return np.asarray(ages.min(axis=0))


def usual_ns(history: History, coin: str) -> int:
    """How far apart the prices of a coin usually are: the length of its bars; 0 without any."""
    index = history.index.get(coin)
    if isinstance(index, Bars):
        return index.interval_ns
    if index is None or len(index.stamps) < 2:
        return 0
    return 2 * int(np.median(np.diff(index.stamps)))
