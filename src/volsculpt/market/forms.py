"""Files known by their columns: who makes them, and what their stamps are.

A row of the table is a sign and what follows from it. A name or an option goes before it.
"""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from volsculpt.market.columns import plain
from volsculpt.market.instruments import InstrumentKind

Stamp = Literal["open", "close"]


class Form(NamedTuple):
    """columns: names without signs that must all be there. stamp: what a bar is stamped with."""

    columns: frozenset[str]
    venue: str | None = None
    market: InstrumentKind | None = None
    stamp: Stamp | None = None


FORMS = (
    Form(frozenset(["homenotional", "foreignnotional"]), "bitmex", None, "close"),
    Form(frozenset(["adjclose"]), "yahoo", "spot", "open"),
    Form(frozenset(["timeopen", "timeclose", "marketcap"]), "coinmarketcap", "spot", "open"),
    Form(frozenset(["snappedat", "marketcap"]), "coingecko", "spot"),
    Form(frozenset(["price", "vol", "change", "open"]), "investing", "spot", "open"),
    Form(frozenset(["volumefrom", "volumeto"]), None, "spot", "open"),
    Form(frozenset(["takerbuyvolume", "count"]), "binance", None, "open"),
    Form(frozenset(["takerbuybaseassetvolume"]), "binance", None, "open"),
    Form(frozenset(["ticks", "cost"]), "deribit", None, "open"),
    Form(frozenset(["tradecount", "unix"]), None, None, "open"),
)
NOTHING = Form(frozenset())
# freqtrade writes a rate as the open of a candle: BTC_USDT_USDT-8h-funding_rate.feather.
_FREQTRADE = re.compile(
    r"[A-Z0-9]+_[A-Z0-9]+_[A-Z0-9]+-\d+[mhdw]-(futures|mark|index|funding_rate)"
)


def form_of(names: Iterable[str]) -> Form:
    """The first form whose columns are all there; one that says nothing where none is."""
    there = {plain(name) for name in names}
    return next((one for one in FORMS if one.columns <= there), NOTHING)


def freqtrade_kind(stem: str) -> str | None:
    """What a file of freqtrade holds by its name: futures, mark, index or funding_rate."""
    found = _FREQTRADE.fullmatch(stem)
    return None if found is None else found[1]
