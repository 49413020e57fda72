"""Tables without names of columns: which column is which, by how the figures lie.

Venues send candles in several orders of the same width. A layout is taken only when every row
obeys it (low ≤ open, close ≤ high) and no other layout of that width with another meaning does.
"""

from itertools import pairwise

import polars as pl

from volsculpt.market.unclear import Unclear

BINANCE_KLINES = (
    "open_time open high low close volume close_time quote_volume count "
    "taker_buy_volume taker_buy_quote_volume ignore"
)
# Names by width; who sends them so.
LAYOUTS: dict[int, tuple[str, ...]] = {
    5: ("time open high low close",),
    6: (
        "time open high low close volume",  # CCXT, freqtrade
        "time low high open close volume",  # Coinbase
        "time open close high low volume",  # Bitfinex
    ),
    7: (
        "time open high low close volume trades",  # Kraken's archive, Bybit
        "time open close high low volume turnover",  # KuCoin
    ),
    8: (
        "time open high low close vwap volume trades",  # Kraken
        "time open high low close volume volume_quote volume_usdt",  # Bitget
        "time volume_quote close high low open volume closed",  # Gate
    ),
    9: ("time open high low close volume volume_base volume_quote confirm",),  # OKX
    12: (BINANCE_KLINES,),
}
_PRICES = ("open", "high", "low", "close")


def laid_out(frame: pl.DataFrame, place: str) -> pl.DataFrame:
    """The same table with names; numbered names where no layout has its width.

    Raises Unclear when its figures obey none, or two that mean different things.
    """
    numbered = frame.rename({name: f"{k}" for k, name in enumerate(frame.columns, 1)})
    layouts = LAYOUTS.get(frame.width, ())
    if not layouts:
        return numbered
    fitting = [names for one in layouts if _obeyed(frame, names := one.split())]
    if not fitting:
        raise Unclear(
            f"{place}: the first line holds no names of columns, and its figures are in none of "
            f"the orders that are known; add a first line like time,open,high,low,close"
        )
    columns = {tuple(names.index(price) for price in _PRICES) for names in fitting}
    if len(columns) > 1:
        raise Unclear(
            f"{place}: the first line holds no names of columns, and which is open, high, low or "
            f"close cannot be told; add a first line like time,open,high,low,close"
        )
    return frame.rename(dict(zip(frame.columns, fitting[0], strict=True)))


def _obeyed(frame: pl.DataFrame, names: list[str]) -> bool:
    """Whether every row is a bar in this order."""
    by_name = dict(zip(names, frame.columns, strict=True))
    cells = {one: frame[by_name[one]].cast(pl.Float64, strict=False) for one in _PRICES}
    if "vwap" in by_name:
        cells["vwap"] = frame[by_name["vwap"]].cast(pl.Float64, strict=False)
    if any(one.null_count() for one in cells.values()):
        return False
    inside = [
        (low <= cells[one]) & (cells[one] <= cells["high"])
        for low, one in ((cells["low"], name) for name in cells if name in ("open", "close"))
    ]
    if "vwap" in cells:
        vwap = cells["vwap"]
        inside.append((vwap == 0.0) | ((cells["low"] <= vwap) & (vwap <= cells["high"])))
    return all(bool(one.all()) for one in inside)


def is_headless(names: list[str], is_time: bool) -> bool:
    """Whether a first line holds figures: numbers, the first of them also a time (`is_time`)."""
    first, *rest = names
    figures = [one for one in rest if one.strip()]
    return (is_time or _is_number(first)) and bool(figures) and all(map(_is_number, figures))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def stacked(lines: list[list[str]]) -> bool:
    """Whether three first lines are a head of two levels: Price,…; Ticker,…; Date."""
    firsts = [line[0].strip().lower() if line else "" for line in lines[:3]]
    return firsts == ["price", "ticker", "date"] and all(
        len(one) == len(other) for one, other in pairwise(lines[:2])
    )
