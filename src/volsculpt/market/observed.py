"""A coin's index, and any value, as single observations: what a fold is fed, one at a time."""

import numpy as np

from volsculpt.market.asof import observations
from volsculpt.market.history import History
from volsculpt.market.indexes import Indexes


def observed_index(
    history: History, coin: str, from_ns: int, to_ns: int
) -> list[tuple[int, float]]:
    """(when known, US dollars) of a coin's own observations in [from_ns, to_ns], in order.

    A bar is known at its end. Nothing is carried over a gap. A history without the coin has
    none. Raises HistoryError when what it is quoted in has no price.

    Args: coin: its name; from_ns, to_ns: ns UTC, both included.
    """
    series = history.index.get(coin)
    if series is None:
        return []
    stamps, _ = observations(series)
    stamps = stamps[(stamps >= from_ns) & (stamps <= to_ns)]
    seen = Indexes(history).usd(coin, stamps)
    there = seen.known & np.isfinite(seen.value)
    return list(zip(stamps[there].tolist(), seen.value[there].tolist(), strict=True))


def observed_values(
    history: History, name: str, from_ns: int, to_ns: int
) -> list[tuple[int, float]]:
    """(when known, value) of a stored series, known in [from_ns, to_ns], in order of knowing.

    Each value as it was first known; values known at one time stand in the order of their stamps.
    A history without the series has none. Worked: the 10-year yield of Friday, 4.36, known on
    Tuesday 00:00, is (Tuesday 00:00, 4.36) and not there on Monday.

    Args: name: its name in `history.values`; from_ns, to_ns: ns UTC, both included.
    """
    series = history.values.get(name)
    if series is None:
        return []
    start = int(np.searchsorted(series.known_ns, from_ns, side="left"))
    end = int(np.searchsorted(series.known_ns, to_ns, side="right"))
    known, value = series.known_ns[start:end], series.value[start:end]
    return list(zip(known.tolist(), value.tolist(), strict=True))
