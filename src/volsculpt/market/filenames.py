"""What the name of an archive says about what is in it.

    binance_um_BTCUSDT_mark_1h.parquet   binance:BTC/USDT:USDT, mark, 1h
    binance_spot_BTCUSDT_1h.csv          BTC index of binance in USDT, 1h
    futures/um/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2024-01.zip   as Binance publishes them

Nothing is invented: what a name does not say is None, and the importer asks for it.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from volsculpt.contracts.catalog import BUILT_IN, load_catalog
from volsculpt.contracts.currencies import moves
from volsculpt.market.instruments import (
    COINS,
    SPOT_VENUES,
    VENUES,
    Instrument,
    InstrumentKind,
    find_instrument,
)
from volsculpt.market.series import Role
from volsculpt.market.times import parse_interval
from volsculpt.market.unclear import Unclear
from volsculpt.units import MINUTE_NS

NOT_PRICES = {
    "open_interest": "open interest",
    "openinterest": "open interest",
    "bookticker": "an order book",
    "bookdepth": "an order book",
    "book_snapshot": "an order book",
    "orderbook": "an order book",
    "order_book": "an order book",
    "aggtrades": "single trades",
    "liquidation": "liquidations",
    "long_short": "positions of traders",
    "longshort": "positions of traders",
    "premiumindex": "premiums",
    "premium_index": "premiums",
    "settlements": "settlements",
}
WORDS_NOT_PRICES = {  # a word of its own: usdvolume has dvol in it
    "premiumindexklines": "premiums",
    "dvol": "implied volatility",
    "bvol": "implied volatility",
    "bvolindex": "implied volatility",
}
CONTINUOUS = re.compile(r"(?:CURRENT|NEXT)?[_-]?QUARTER|CONTINUOUS|(?:CURRENT|NEXT)_MONTH", re.I)
_ENDINGS = re.compile(
    r"\.(csv|parquet|pq|zip|gz|txt|tsv|json|jsonl|ndjson|feather|arrow|ipc)$", re.IGNORECASE
)
_INTERVAL = re.compile(r"(?<![A-Za-z0-9])(\d{1,3}[smhdw])(?![A-Za-z0-9])")
# Kraken's archive counts minutes: XBTUSD_60.csv.
_MINUTES = re.compile(r"[A-Z0-9]{5,12}_(1|5|15|30|60|240|720|1440)")
_LONGEST_COIN = 5  # letters of a coin that no catalog knows and that stands alone
# Words around a pair that are no coins, whatever stands beside them: BTC_index_USD is BTC in USD.
_WORDS = frozenset(
    "index mark last price prices spot funding rate rates basis open high low close volume value "
    "values amount ohlc ohlcv candle candles kline klines bar bars trade trades tick ticks bid ask "
    "mid best avg average mean median vwap twap total sum fair market cap fear greed dominance "
    "minute minutes minutely hour hours hourly day days daily week weekly month monthly year "
    "yearly history historical hist data dataset export exported download backup copy test "
    "sample series file files raw clean full merged final all my new old latest coin coins crypto "
    "from until to future futures perpetuals contract contracts inverse linear coinm usdm".split()
)
_MARKETS: dict[str, InstrumentKind] = {
    "spot": "spot",
    "cm": "inverse",
    "inverse": "inverse",
    "um": "linear",
    "linear": "linear",
}


@dataclass(frozen=True, slots=True)
class Named:
    """What a file's name says; None where it says nothing.

    continuous: it holds one contract after another. other: the pair, and its delivery, that the
    name says, where the user names another coin or another delivery.
    """

    venue: str | None = None
    instrument: Instrument | None = None
    role: Role | None = None
    interval_ns: int | None = None
    market: InstrumentKind | None = None
    continuous: bool = False
    other: str | None = None

    @property
    def symbol(self) -> str | None:
        """The contract, or the coin of a spot price."""
        return None if self.instrument is None else self.instrument.symbol

    @property
    def quote(self) -> str | None:
        """The currency of its prices."""
        return None if self.instrument is None else self.instrument.quote


def stem_of(path: Path) -> str:
    """A file's name without its endings."""
    stem = path.name
    while _ENDINGS.search(stem):
        stem = _ENDINGS.sub("", stem)
    return stem


def named(path: Path) -> Named:
    """Read a file's name and the folders above it.

    Raises Unclear when the name says that the file holds no prices.
    """
    stem, words = stem_of(path), words_of(path)
    for hint, what in (NOT_PRICES | WORDS_NOT_PRICES).items():
        if hint in words or (hint in NOT_PRICES and hint in stem.lower()):
            raise Unclear(f"{path.name}: by its name it holds {what}, not prices or funding")
    return filename_hints(path)


def folders_of(path: Path) -> list[str]:
    """The folders above a file, in small letters."""
    return [part.lower() for part in path.parts[-8:-1]]


def words_of(path: Path) -> list[str]:
    """The folders above a file, and the words of its name, in small letters."""
    return [*folders_of(path), *re.split(r"[_\-\s]+", stem_of(path).lower())]


def filename_hints(path: Path) -> Named:
    """What a file's name says, whatever the file holds."""
    stem, words = stem_of(path), words_of(path)
    venue = next((word for word in reversed(words) if word in VENUES), None)
    bulk = {"fundingrate", "metrics"} & set(folders_of(path))
    archive = "klines" in "".join(words) or bulk
    if venue is None and archive and {"um", "cm", "spot"} & set(words):
        venue = "binance"
    market = _market(words, venue)
    minutes = _MINUTES.fullmatch(stem)
    if minutes is not None and venue in (None, "kraken") and market in (None, "spot"):
        venue, market = "kraken", "spot"
    continuous = CONTINUOUS.search(stem)
    rest = stem if continuous is None else stem.replace(continuous[0], "")
    bare = _without_words(rest)
    instrument = find_instrument(bare, venue, market)
    if instrument is not None and not _is_coin(instrument, bare):
        instrument = None
    if instrument is not None:
        instrument = replace(instrument, base=COINS.get(instrument.base, instrument.base))
        market = market or instrument.market
    role = _role(stem, words, market)
    if instrument is None and role == "index" and continuous is None:
        instrument = _lone_coin(bare)
    return Named(
        venue,
        instrument,
        role,
        _interval(stem, minutes),
        market,
        continuous is not None,
    )


def _without_words(stem: str) -> str:
    """A name without the words that are no coins. Worked: "BTC_index_USD_1h" -> "BTC_USD_1h"."""
    parts = re.split(r"([_\-\s]+)", stem)
    kept = [
        (parts[place - 1] if place else "") + word
        for place, word in enumerate(parts)
        if place % 2 == 0 and word.lower() not in _WORDS
    ]
    return "".join(kept)


def _is_coin(found: Instrument, stem: str) -> bool:
    """Whether the base of a pair is a coin and not a word or a number before a currency.

    Of one that no catalog knows: where it is written in one with the currency, or alone in capitals
    and short. Worked: PEPEUSDT and UNI_USDT are, mine_usd, 2023_usd and indexusd are not.
    """
    base = found.base
    if base.lower() in _WORDS or base.isdigit():
        return False
    if base in COINS or base in load_catalog().listed_coins():
        return True
    if re.search(rf"{base}{found.quote}(?![A-Z])", stem.upper()):
        return True
    alone = re.search(rf"(?<![A-Za-z0-9]){base}(?![A-Za-z0-9])", stem) is not None
    return alone and len(base) <= _LONGEST_COIN


def _lone_coin(stem: str) -> Instrument | None:
    """The one coin that a name of a spot price has in capitals, its currency not told.

    Worked: "kraken_BTC" is BTC; "BTC_240927", which may be a delivery, and "BTC_ETH" are none.
    """
    words = re.split(r"[_\-\s]+", stem)
    listed = load_catalog().listed_coins()
    found = [COINS.get(word.upper(), word) for word in words]
    coins = [coin for coin in found if coin in listed]
    is_dated = any(re.fullmatch(r"(20)?\d{6}", word) for word in words)
    return Instrument(coins[0]) if len(coins) == 1 and not is_dated else None


def other_instrument(path: Path, base: str, day: str | None) -> str | None:
    """What a file's name is of, where that is another coin than `base` or another delivery.

    None where it is not. A name without a delivery says none. Worked: ETHUSDT_1h.csv with BTC is
    "ETH/USDT"; BTC-27DEC24.csv with the perpetual of BTC (day None) is "BTC/USD-241227". Words are
    no coins: daily_prices_usd.csv is None.
    """
    try:
        found = named(path).instrument
    except Unclear:
        return None
    if found is None or not moves(found.base):
        return None
    mine, theirs = (COINS.get(name.upper(), name.upper()) for name in (base, found.base))
    if mine == theirs:
        other = found.day is not None and found.day != day
        return f"{theirs}/{found.quote}-{found.day}" if other else None
    return f"{theirs}/{found.quote}" if found.quote is not None else theirs


def _interval(stem: str, minutes: re.Match[str] | None) -> int | None:
    """The length of a bar."""
    found = _INTERVAL.search(stem.replace("_", " "))
    if found is not None:
        return parse_interval(found[1])
    return None if minutes is None else int(minutes[1]) * MINUTE_NS


def _market(words: list[str], venue: str | None) -> InstrumentKind | None:
    """Spot, inverse or linear, where a word says so."""
    found = next((_MARKETS[word] for word in words if word in _MARKETS), None)
    return "spot" if found is None and venue in SPOT_VENUES else found


def _role(stem: str, words: list[str], market: InstrumentKind | None) -> Role | None:
    """Mark, index, funding, or last for what is left."""
    text = "".join([*words, stem.lower()])
    if "funding" in text and "at_funding" not in stem.lower():
        return "funding"
    if "mark" in words or "markpriceklines" in words:
        return "mark"
    if market == "spot" or "index" in words or "indexpriceklines" in words:
        return "index"
    return None if market is None else "last"


def settled(hints: Named, role: Role | None) -> Instrument | None:
    """The instrument, with how a contract of its quote settles where its role shows it is one."""
    found = hints.instrument
    if found is None or found.market is not None or found.settle is not None:
        return found
    if role not in ("mark", "funding", "value"):
        return found
    if found.quote in ("USDT", "USDC"):
        return replace(found, market="linear")
    if hints.venue in BUILT_IN:
        listed = [
            one
            for one in load_catalog().contracts(hints.venue)
            if one.expiry_ns is None and (one.base, one.quote) == (found.base, found.quote)
        ]
        if len(listed) == 1:
            return replace(found, market="inverse" if listed[0].settle == found.base else "linear")
    return found
