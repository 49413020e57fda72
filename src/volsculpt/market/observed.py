"""Streams of a history as single observations: what a fold is fed, one at a time."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from volsculpt.contracts.catalog import Catalog, load_catalog
from volsculpt.contracts.expiries import parse_symbol
from volsculpt.errors import ContractError
from volsculpt.market.asof import observations
from volsculpt.market.gate import Flags, Floats, Stamps
from volsculpt.market.history import History
from volsculpt.market.indexes import Indexes
from volsculpt.market.series import Bars, FundingRates
from volsculpt.market.streams import (
    ForwardPrice,
    PaidFunding,
    PricePair,
    Stream,
    StreamKind,
    WholeBar,
    dated_by,
    forward_of,
    pair_of,
)
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
    if stream.kind == "paid":
        rates = history.funding.get(stream.of)
        return [] if rates is None else paid_funding(rates, stream.every_ns, from_ns, to_ns)
    if stream.kind == "forward":
        return forward_prices(history, stream, from_ns, to_ns)
    earlier = from_ns - stream.every_ns
    available_ns, figures = READERS[stream.kind](history, stream.of, earlier, to_ns)
    if stream.every_ns > 0:
        available_ns, figures = last_of_each(available_ns, figures, stream.every_ns)
        inside = (available_ns >= from_ns) & (available_ns <= to_ns)
        available_ns, figures = available_ns[inside], figures[inside]
    rows = figures.tolist()
    values = [PricePair(*row) for row in rows] if stream.kind == "pair" else rows
    return list(zip(available_ns.tolist(), values, strict=True))


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
    available_ns, value = series.available_ns[start:end], series.value[start:end]
    return list(zip(available_ns.tolist(), value.tolist(), strict=True))


def paid_funding(
    rates: FundingRates, every_ns: int, from_ns: int, to_ns: int
) -> list[tuple[int, PaidFunding]]:
    """(when known, payment) of stored funding; of each stretch (k·every, (k + 1)·every] their sum.

    A stretch is known at its end, and one without a payment is not there.

    Args: rates: stored; every_ns: of a stretch, ns, 0: each payment; from_ns, to_ns: known in, ns
    UTC, both included.
    """
    inside = (rates.stamp_ns > from_ns - max(every_ns, 1)) & (rates.stamp_ns <= to_ns)
    stamps, paid, hours = (
        one[inside] for one in (rates.stamp_ns, rates.rate, rates.interval_hours)
    )
    if every_ns > 0 and len(stamps):
        ends = -(-stamps // every_ns) * every_ns
        firsts = np.flatnonzero(np.append([True], ends[1:] != ends[:-1]))
        stamps = ends[firsts]
        paid, hours = (np.add.reduceat(one, firsts) for one in (paid, hours))
    in_span = (stamps >= from_ns) & (stamps <= to_ns)
    rows = zip(
        stamps[in_span].tolist(), paid[in_span].tolist(), hours[in_span].tolist(), strict=True
    )
    return [(time_ns, PaidFunding(rate, length)) for time_ns, rate, length in rows]


def forward_prices(
    history: History, stream: Stream, from_ns: int, to_ns: int
) -> list[tuple[int, ForwardPrice]]:
    """(when known, price) of the dated contract that a rule means at each time, in order.

    What a rule means is asked of the catalog, as `use` of a hedge does. A stretch in which what is
    meant at its end has no price is not there.

    Args: stream: of kind "forward"; from_ns, to_ns: known in, ns UTC, both included.
    """
    rule, roll_days = forward_of(stream.of)
    (venue, _, symbol), catalog = rule.partition(":"), history.catalog or _built_in()
    found: list[tuple[int, ForwardPrice]] = []
    for key in dated_by(rule, history.contracts):
        available_ns, ratios = _basis(history, key, from_ns - stream.every_ns, to_ns)
        if stream.every_ns > 0:
            available_ns, ratios = last_of_each(available_ns, ratios, stream.every_ns)
        inside = (available_ns >= from_ns) & (available_ns <= to_ns)
        for time_ns, ratio in zip(
            available_ns[inside].tolist(), ratios[inside].tolist(), strict=True
        ):
            expiry_ns = _meant(catalog, (venue, symbol, roll_days), key, time_ns)
            if expiry_ns is not None:
                found.append((time_ns, ForwardPrice(key, expiry_ns, ratio)))
    return sorted(found)


def _meant(catalog: Catalog, rule: tuple[str, str, float], key: str, time_ns: int) -> int | None:
    """When a contract is delivered, ns UTC, if a rule means it at a time; else None.

    Args: catalog; rule: venue, symbol or rule, roll_days; key: of the contract; time_ns: ns UTC.
    """
    venue, symbol, roll_days = rule
    try:
        contract = catalog.resolve(venue, symbol, time_ns, roll_days)
    except ContractError:  # it does not exist then
        return None
    return contract.expiry_ns if contract.key == key else None


@cache
def _built_in() -> Catalog:
    """The contracts of a history that names none."""
    return load_catalog()


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
    available_ns = np.array([row_ns for row_ns, _ in rows], dtype=np.int64)
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
    prices = [column[kept] * dollars for column in columns[:4]]
    volume = [None] * int(kept.sum()) if series.volume is None else columns[4][kept].tolist()
    rest = (one.tolist() for one in prices)
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
