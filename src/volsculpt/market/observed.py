"""Streams of a history as single observations: what a fold is fed, one at a time."""

from collections.abc import Callable
from typing import Any

import numpy as np

from volsculpt.contracts.expiries import parse_symbol
from volsculpt.market.asof import observations
from volsculpt.market.gate import Flags, Floats, Stamps
from volsculpt.market.history import History
from volsculpt.market.indexes import Indexes
from volsculpt.market.series import Bars
from volsculpt.market.streams import PricePair, Stream, StreamKind, WholeBar, pair_of
from volsculpt.units import HOUR_NS, YEAR_NS

ObservedRows = list[tuple[int, Any]]  # (when known, figure), in order


def observed(history: History, stream: Stream, from_ns: int, to_ns: int) -> ObservedRows:
    """The observations of a stream that became known in [from_ns, to_ns], in order.

    None where the history does not have what it is of. Raises HistoryError when what the prices
    are quoted in has no price.

    Args: from_ns, to_ns: ns UTC, both included.
    """
    if stream.kind == "bars":
        return _bars(history, stream.of, stream.every_ns, from_ns, to_ns)
    earlier = from_ns - stream.every_ns
    available_ns, figures = READERS[stream.kind](history, stream.of, earlier, to_ns)
    if stream.every_ns > 0:
        available_ns, figures = last_of_each(available_ns, figures, stream.every_ns)
        inside = (available_ns >= from_ns) & (available_ns <= to_ns)
        available_ns, figures = available_ns[inside], figures[inside]
    rows = figures.tolist()
    seen = [PricePair(*row) for row in rows] if stream.kind == "pair" else rows
    return list(zip(available_ns.tolist(), seen, strict=True))


def observed_index(
    history: History, coin: str, from_ns: int, to_ns: int
) -> list[tuple[int, float]]:
    """(when known, US dollars) of a coin's own observations in [from_ns, to_ns], in order.

    A bar is known at its end. Nothing is carried over a gap. A history without the coin has
    none. Raises HistoryError when what it is quoted in has no price.

    Args: coin: its name; from_ns, to_ns: ns UTC, both included.
    """
    return observed(history, Stream("index", coin), from_ns, to_ns)


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
    start = int(np.searchsorted(series.available_ns, from_ns, side="left"))
    end = int(np.searchsorted(series.available_ns, to_ns, side="right"))
    known, value = series.available_ns[start:end], series.value[start:end]
    return list(zip(known.tolist(), value.tolist(), strict=True))


def last_of_each(available_ns: Stamps, figures: Floats, every_ns: int) -> tuple[Stamps, Floats]:
    """The last observation of each stretch (k·every, (k + 1)·every], known at its end.

    Worked: every 10; 1, 9, 10, 11 of figures a, b, c, d -> 10, 20 of c, d.
    """
    ends = -(-available_ns // every_ns) * every_ns
    last = np.append(ends[1:] != ends[:-1], [True])[: len(ends)]
    return ends[last], figures[last]


def _index(history: History, coin: str, from_ns: int, to_ns: int) -> tuple[Stamps, Floats]:
    """US dollars for a coin."""
    series = history.index.get(coin)
    if series is None:
        return _nothing()
    stamps = _inside(observations(series)[0], from_ns, to_ns)
    observed = Indexes(history).usd(coin, stamps)
    there = observed.available & np.isfinite(observed.value)
    return stamps[there], observed.value[there]


def _funding(history: History, key: str, from_ns: int, to_ns: int) -> tuple[Stamps, Floats]:
    """Rates a year: the rate of a stamp times how often its hours fit into 365 days."""
    series = history.funding.get(key)
    if series is None:
        return _nothing()
    there = (series.stamp_ns >= from_ns) & (series.stamp_ns <= to_ns)
    rates = series.rate[there] * (YEAR_NS / HOUR_NS) / series.interval_hours[there]
    return series.stamp_ns[there], rates


def _basis(history: History, key: str, from_ns: int, to_ns: int) -> tuple[Stamps, Floats]:
    """Price of a contract over its fair price, less 1, where the index is of the same time."""
    series = history.mark.get(key, history.last.get(key))
    symbol = parse_symbol(key.partition(":")[2])
    if series is None or symbol.base not in history.index:
        return _nothing()
    available_ns, prices = observations(series)
    within = (available_ns >= from_ns) & (available_ns <= to_ns)
    stamps, indexes = available_ns[within], Indexes(history)
    ratios = prices[within] / indexes.fair(symbol, stamps) - 1.0
    there: Flags = indexes.fresh(symbol.base, stamps) & np.isfinite(ratios)
    return stamps[there], ratios[there]


def _pair(history: History, of: str, from_ns: int, to_ns: int) -> tuple[Stamps, Floats]:
    """(n, 2) US dollars of a coin and of a contract, where the coin's index is of the same time."""
    coin, key = pair_of(of)
    series = history.mark.get(key, history.last.get(key))
    if series is None or coin not in history.index:
        return np.empty(0, dtype=np.int64), np.empty((0, 2))
    symbol = parse_symbol(key.partition(":")[2])
    available_ns, prices = observations(series)
    within = (available_ns >= from_ns) & (available_ns <= to_ns)
    stamps, indexes = available_ns[within], Indexes(history)
    marks = prices[within] * indexes.usd(symbol.quote, stamps).value / symbol.coins
    pairs = np.column_stack([indexes.usd(coin, stamps).value, marks])
    there: Flags = indexes.fresh(coin, stamps) & np.isfinite(pairs).all(axis=1)
    return stamps[there], pairs[there]


def _series(history: History, name: str, from_ns: int, to_ns: int) -> tuple[Stamps, Floats]:
    """A stored series as it was published; of what was published at one time the newest."""
    rows = observed_values(history, name, from_ns, to_ns)
    available_ns = np.array([known for known, _ in rows], dtype=np.int64)
    figures = np.array([value for _, value in rows], dtype=np.float64)
    newest = np.append(available_ns[1:] != available_ns[:-1], [True])[: len(rows)]
    return available_ns[newest], figures[newest]


READERS: dict[StreamKind, Callable[[History, str, int, int], tuple[Stamps, Floats]]] = {
    "index": _index,
    "funding": _funding,
    "basis": _basis,
    "series": _series,
    "pair": _pair,
}


def _bars(history: History, coin: str, every_ns: int, from_ns: int, to_ns: int) -> ObservedRows:
    """Whole bars: stretches of time in which no stored bar is missing.

    None of a coin whose prices are no bars, or bars that do not fill such a stretch.
    """
    series = history.index.get(coin)
    if not isinstance(series, Bars) or every_ns % series.interval_ns:
        return []
    rows = np.searchsorted(series.open_ns, [from_ns - every_ns, to_ns], side="left")
    part = slice(*rows.tolist())
    groups = series.open_ns[part] // every_ns
    starts = np.flatnonzero(np.diff(groups, prepend=np.int64(-(2**62))))
    counts = np.diff(np.append(starts, len(groups)))
    firsts = series.open_ns[part][starts]
    ends = firsts + every_ns
    whole = (counts == every_ns // series.interval_ns) & (firsts % every_ns == 0)
    whole &= (ends >= from_ns) & (ends <= to_ns)
    columns = _grouped(series, part, starts, counts)
    usd = Indexes(history).usd(coin, ends)
    kept = whole & usd.available & np.isfinite(usd.value)
    dollars = usd.value[kept] / columns[3][kept]
    told = [column[kept] * dollars for column in columns[:4]]
    volume = [None] * int(kept.sum()) if series.volume is None else columns[4][kept].tolist()
    rest = (one.tolist() for one in told)
    figures = map(WholeBar, *rest, volume, columns[5][kept].tolist())
    return list(zip(ends[kept].tolist(), figures, strict=True))


def _grouped(series: Bars, part: slice, starts: Stamps, counts: Stamps) -> list[Floats]:
    """Open, high, low, close, volume and squared returns of runs of bars, in their own quote."""
    if len(starts) == 0:
        return [np.empty(0)] * 6
    opens, closes = series.open[part], series.close[part]
    before = np.append(opens[:1], closes[:-1])
    before[starts] = opens[starts]
    squares = np.log(closes / before) ** 2
    volume = np.zeros(len(opens)) if series.volume is None else series.volume[part]
    return [
        opens[starts],
        np.maximum.reduceat(series.high[part], starts),
        np.minimum.reduceat(series.low[part], starts),
        closes[starts + counts - 1],
        np.add.reduceat(volume, starts),
        np.add.reduceat(squares, starts),
    ]


def _inside(stamps: Stamps, from_ns: int, to_ns: int) -> Stamps:
    """Those in [from, to]."""
    return stamps[(stamps >= from_ns) & (stamps <= to_ns)]


def _nothing() -> tuple[Stamps, Floats]:
    """No observation."""
    return np.empty(0, dtype=np.int64), np.empty(0)
