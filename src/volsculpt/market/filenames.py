"""What the name of an archive says about what is in it.

    binance_um_BTCUSDT_mark_1h.parquet   binance:BTC/USDT:USDT, mark, 1h
    binance_spot_BTCUSDT_1h.csv          BTC index of binance in USDT, 1h
    futures/um/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2024-01.zip   as Binance publishes them

Nothing is invented: what a name does not say is None, and the importer asks for it.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from volsculpt.contracts.catalog import BUILT_IN, load_catalog
from volsculpt.contracts.expiries import yymmdd
from volsculpt.errors import HistoryError
from volsculpt.market.series import Role
from volsculpt.market.times import parse_interval

Market = Literal["spot", "inverse", "linear"]

VENUES = (*BUILT_IN, "bitfinex", "bitmex", "bitstamp", "coinbase", "ftx", "gemini", "huobi")
SPOT_VENUES = ("bitfinex", "bitstamp", "coinbase", "gemini")
NOT_PRICES = {
    "open_interest": "open interest",
    "openinterest": "open interest",
    "bookticker": "an order book",
    "bookdepth": "an order book",
    "aggtrades": "single trades",
    "liquidation": "liquidations",
    "long_short": "positions of traders",
}
_ENDINGS = re.compile(r"\.(csv|parquet|pq|zip|gz|txt)$", re.IGNORECASE)
_INTERVAL = re.compile(r"(?<![A-Za-z0-9])(\d{1,3}[smhdw])(?![A-Za-z0-9])")
_QUOTES = "USDT|USDC|USD|EUR|GBP"  # no BUSD or TUSD: ARBUSD is not AR in BUSD
_HERE, _END = r"(?<![A-Z0-9])", r"(?![A-Z0-9])"
_PAIRS = [
    re.compile(_HERE + pattern + _END)
    for pattern in (
        rf"(?P<base>[A-Z0-9]{{2,10}})-(?P<quote>{_QUOTES})-(?P<tail>SWAP|\d{{6}})",
        r"(?P<base>[A-Z0-9]{2,10})(?:_(?P<quote>USDC))?-(?P<tail>PERPETUAL)",
        r"(?P<base>[A-Z0-9]{2,10})-(?P<tail>\d{1,2}[A-Z]{3}\d{2})",
        r"(?P<base>[A-Z0-9]{2,10})-(?P<tail>PERP)",
        r"(?P<tail>P[IF]|F[IF])_(?P<base>[A-Z0-9]{2,10}?)(?P<quote>USD)(?:_(?P<day>\d{6}))?",
        rf"(?P<base>[A-Z0-9]{{2,10}}?)[-/]?(?P<quote>{_QUOTES})(?:_(?P<tail>PERP|\d{{6}}))?",
    )
]


@dataclass(frozen=True, slots=True)
class Named:
    """What a file's name says; None where it says nothing."""

    venue: str | None = None
    symbol: str | None = None
    role: Role | None = None
    quote: str | None = None
    interval_ns: int | None = None


def named(path: Path) -> Named:
    """Read a file's name and the folders above it.

    Raises HistoryError when the name says that the file holds no prices.
    """
    stem = path.name
    while _ENDINGS.search(stem):
        stem = _ENDINGS.sub("", stem)
    words = [*(part.lower() for part in path.parts[-8:-1]), *re.split(r"[_\-\s]+", stem.lower())]
    for hint, what in NOT_PRICES.items():
        if hint in stem.lower() or hint in words:
            raise HistoryError(f"{path.name}: by its name it holds {what}, not prices or funding")
    venue = next((word for word in reversed(words) if word in VENUES), None)
    if venue is None and "klines" in "".join(words) and {"um", "cm", "spot"} & set(words):
        venue = "binance"
    interval = _INTERVAL.search(stem.replace("_", " "))
    market = _market(words, venue)
    symbol, quote, market = _instrument(stem, venue, market)
    return Named(
        venue,
        symbol,
        _role(stem, words, market),
        quote,
        None if interval is None else parse_interval(interval[1]),
    )


def _market(words: list[str], venue: str | None) -> Market | None:
    """Spot, inverse or linear, where a word says so."""
    meanings: dict[str, Market] = {"spot": "spot", "cm": "inverse", "inverse": "inverse"}
    meanings |= {"um": "linear", "linear": "linear"}
    found = next((meanings[word] for word in words if word in meanings), None)
    return "spot" if found is None and venue in SPOT_VENUES else found


def _role(stem: str, words: list[str], market: Market | None) -> Role | None:
    """Mark, index, funding, or last for what is left."""
    text = "".join([*words, stem.lower()])
    if "funding" in text and "at_funding" not in stem.lower():
        return "funding"
    if "mark" in words or "markpriceklines" in words:
        return "mark"
    if market == "spot" or "index" in words or "indexpriceklines" in words:
        return "index"
    return None if market is None else "last"


def _instrument(
    stem: str, venue: str | None, market: Market | None
) -> tuple[str | None, str | None, Market | None]:
    """(symbol or coin, quote, market) from the pair in a name."""
    native = _from_catalog(stem, venue, market)
    if native is not None:
        return native
    text = stem.upper().replace("XBT", "BTC")
    found = next((hit for pattern in _PAIRS if (hit := pattern.search(text))), None)
    if found is None:
        return None, None, market
    parts = found.groupdict()
    base = parts["base"]
    quote, tail = parts.get("quote") or "USD", parts.get("tail") or ""
    if market is None:
        market = _market_of(venue, quote, tail, stem)
    if market == "spot":
        return base, quote, market
    if market is None:
        return None, quote, None
    settle = base if market == "inverse" else quote
    return f"{base}/{quote}:{settle}{_dated(parts.get('day') or tail)}", quote, market


def _from_catalog(
    stem: str, venue: str | None, market: Market | None
) -> tuple[str, str, Market] | None:
    """The catalog's contract whose native symbol stands in the name."""
    if venue not in BUILT_IN or market == "spot":
        return None
    for contract in load_catalog().contracts(venue):
        name = contract.native_symbol
        if name and re.search(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])(?!_\d)", stem):
            payoff: Market = "inverse" if contract.payoff == "inverse" else "linear"
            if market in (None, payoff) and ("-" in name or "_" in name or market is not None):
                return contract.symbol, contract.quote, payoff
    return None


def _market_of(venue: str | None, quote: str, tail: str, stem: str) -> Market | None:
    """What a pair is by its form: contracts quoted in dollars settle in coins, but for few."""
    if tail in ("PF", "FF"):
        return "linear"
    if tail == "PERP" and venue == "ftx":
        return "linear"
    if tail or venue == "bitmex":
        return "inverse" if quote == "USD" else "linear"
    if "perp" in stem.lower().split("_"):
        return "inverse" if quote == "USD" else "linear"
    return None


def _dated(tail: str) -> str:
    """The end of a unified symbol for a dated contract, empty for a perpetual."""
    if re.fullmatch(r"\d{6}", tail):
        return f"-{tail}"
    if re.fullmatch(r"\d{1,2}[A-Z]{3}\d{2}", tail):
        day = datetime.strptime(f"{tail}+0000", "%d%b%y%z").date()
        return f"-{yymmdd(day)}"
    return ""
