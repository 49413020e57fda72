"""Contracts and coins as venues and programs write them, as one record.

    BTCUSDT  BTC-USD-SWAP  BTCUSD_PERP.A  XBTZ18  BTC_190927  BTC-27DEC24  BTC/USDT:USDT

What a name does not say is None; a name in no known form is no instrument.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from volsculpt.contracts.catalog import BUILT_IN, load_catalog
from volsculpt.contracts.currencies import is_fiat, is_stable
from volsculpt.contracts.expiries import is_on, yymmdd

InstrumentKind = Literal["spot", "inverse", "linear"]

VENUES = (
    *BUILT_IN,
    *"bitfinex bitget bitmex bitso bitstamp bittrex coinbase coingecko coinmarketcap".split(),
    *"cryptocompare dydx ftx gateio gemini huobi htx hyperliquid investing kucoin mexc".split(),
    *"phemex poloniex upbit yahoo".split(),
)
SPOT_VENUES = (
    "bitfinex bitso bitstamp bittrex coinbase coingecko coinmarketcap gemini investing upbit yahoo"
).split()
COINS = {"BITCOIN": "BTC", "ETHEREUM": "ETH", "XBT": "BTC", "XDG": "DOGE"}
_QUOTES = "USDT|USDC|USD|EUR|GBP"  # BUSD, TUSD … are told apart: ARBUSD is not AR in BUSD
_PARTED = r"[A-Z][A-Z0-9]{2,5}"  # behind a sign: any currency that prices are in
_QUOTING_COINS = ("BTC", "ETH", "BNB")  # what is quoted in one of two is the later one
_PERPETUALS = ("PERP", "PERPETUAL", "SWAP")
_BASE = r"(?P<base>[A-Z0-9]{2,10})"
_CODES = "FGHJKMNQUVXZ"
_OPTION = r"-\d[\dD.]*-[CP](?![A-Z0-9])"  # strike and side: it is no future
_HERE, _END = r"(?<![A-Z0-9])", rf"(?![A-Z0-9]|{_OPTION})"
_FORMS = (
    rf"{_BASE}/(?P<quote>[A-Z0-9]+):(?P<settle>[A-Z0-9]+)(?:-(?P<tail>\d{{6}}))?",
    rf"{_BASE}_(?P<quote>{_PARTED})_(?P<settle>(?P=base)|(?P=quote))",
    rf"{_BASE}-(?P<quote>{_QUOTES})-(?P<tail>SWAP|PERP|\d{{6}})",
    rf"{_BASE}(?:[_-](?P<quote>USDC|USDT))?-(?P<tail>PERPETUAL)",
    r"(?P<base>[A-Z0-9]{2,10}?)(?:[_-]?(?P<quote>USDC|USDT))?-(?P<tail>\d{1,2}[A-Z]{3}\d{2})",
    rf"{_BASE}-(?P<tail>PERP)",
    r"(?P<tail>P[IF]|F[IF])_(?P<base>[A-Z0-9]{2,10}?)(?P<quote>USD)(?:_(?P<day>\d{6}))?",
    rf"(?P<base>[A-Z0-9]{{2,10}}?)(?P<quote>USDT|USD)?(?P<tail>[{_CODES}]\d{{2}})",
    rf"(?P<base>[A-Z0-9]{{2,10}}?)[-_/]?(?P<quote>{_QUOTES})(?:_(?P<tail>PERP|\d{{6}}))?",
    rf"{_BASE}[-/](?P<quote>{_PARTED})",
    rf"{_BASE}[_-](?:20)?(?P<tail>\d{{6}})",
)
_PAIRS = [re.compile(_HERE + form + _END) for form in _FORMS]
# Marks around a name that say nothing of the instrument, or that it is a perpetual (second).
_AROUND = ((r"^[A-Z]+:", ""), (r"\.P$", "_PERP"), (r"\.[A-Z0-9]$", ""))
_DATED = r"_\d|_[A-Z]+_QUARTER|-\d{1,2}[A-Z]{3}\d{2}"  # behind the name of a perpetual
# A month by name without a quote: what venues settle it in, where that is not the coin.
_NAMED_MONTHS = {"bybit": "USDC"}
_KRAKEN = re.compile(r"(?<![A-Z0-9])X([A-Z]{3})Z(USD|EUR|GBP|JPY|CAD)(?![A-Z0-9])")
_BITFINEX = re.compile(r"(?<![A-Za-z0-9])t(?=[A-Z]{6})")  # tBTCUSD trades BTC, not tBTC


@dataclass(frozen=True, slots=True)
class Instrument:
    """base and quote; market: spot, or how it settles; settle; day of delivery, YYMMDD."""

    base: str
    quote: str | None = None
    market: InstrumentKind | None = None
    settle: str | None = None
    day: str | None = None

    @property
    def symbol(self) -> str | None:
        """The unified symbol; the coin of a spot price; None where that is not told."""
        if self.market == "spot":
            return self.base
        if self.quote is None or (self.market is None and self.settle is None):
            return None
        settle = self.settle or (self.base if self.market == "inverse" else self.quote)
        return f"{self.base}/{self.quote}:{settle}{f'-{self.day}' if self.day else ''}"

    def against(self, other: "Instrument") -> str | None:
        """What of two names of one thing contradicts: "base", "quote", "day" …; None if nothing."""
        for part in ("base", "quote", "settle"):
            mine, theirs = getattr(self, part), getattr(other, part)
            if mine is not None and theirs is not None and mine != theirs:
                return part
        if (self.market == "spot") != (other.market == "spot") and None not in (
            self.market,
            other.market,
        ):
            return "market"
        return "day" if self.day != other.day else None


def read_instrument(
    text: str, venue: str | None, market: InstrumentKind | None
) -> Instrument | None:
    """The instrument that a whole text names; None when it is in no known form."""
    name = _BITFINEX.sub("", text.strip()).upper()
    for form, put in _AROUND:
        name = re.sub(form, put, name)
    name = _KRAKEN.sub(r"\1\2", name)
    if re.fullmatch(r"[A-Z][A-Z0-9]{0,9}", COINS.get(name, name)):
        coin = COINS.get(name, name)
        pair = find_instrument(name, venue, market, whole=True)
        has_quote = pair is not None and pair.quote is not None
        return pair if has_quote else Instrument(coin) if len(coin) < 6 else None
    return find_instrument(name, venue, market, whole=True)


def find_instrument(
    text: str, venue: str | None, market: InstrumentKind | None, *, whole: bool = False
) -> Instrument | None:
    """The instrument in a text, or that is all of it.

    Args: text: searched in; venue: its name, where known; market: kind of instrument, where known;
    whole: all of the text must be it.
    """
    native = _from_catalog(text, venue, market, whole=whole)
    if native is not None:
        return native
    upper = _KRAKEN.sub(r"\1\2", _BITFINEX.sub("", text).upper()).replace("XBT", "BTC")
    search = re.Pattern.fullmatch if whole else re.Pattern.search
    for pattern in _PAIRS:
        hit = search(pattern, upper)
        made = _made(hit.groupdict(), venue, market, text) if hit else None
        if made is not None and (whole or _is_likely(made, pattern, venue)):
            return made
    return None


def _made(
    parts: dict[str, str | None], venue: str | None, market: InstrumentKind | None, text: str
) -> Instrument | None:
    """The instrument of the parts of a name; None when they make up none."""
    base, tail = parts["base"] or "", parts.get("tail") or ""
    quote, settle = parts.get("quote"), parts.get("settle")
    if quote == "USD" and f"{base}USD" in text.upper().replace("XBT", "BTC"):
        base, quote = _parted(base)
    if quote is None and is_fiat(base):
        return None
    if quote is not None and not (is_fiat(quote) or is_stable(quote) or quote in _QUOTING_COINS):
        return None
    if quote in _QUOTING_COINS and _is_quoting(base, quote):
        return None  # KRW-BTC, BTC-ETH: some venues write the quote first
    if market == "spot" and tail in _PERPETUALS:
        return None  # a perpetual of a venue that is known for spot
    day = _day(parts.get("day") or tail)
    if quote is None and (day or tail):
        quote = _NAMED_MONTHS.get(venue or "", "USD") if re.search("[A-Z]{3}", tail) else "USD"
        quote = "USD" if tail in ("PERP", "PERPETUAL") else quote
        if re.fullmatch(rf"[{_CODES}]\d\d", tail) and base != "BTC":
            return None  # ETHZ18 was quoted in bitcoin
    if day is None and re.search(r"\d", tail):
        return None
    if quote is None:
        return None
    if settle is not None:
        found: InstrumentKind | None = "inverse" if settle == base else "linear"
    else:
        found = market or _market_of(venue, quote, tail, text)
    if venue == "bitmex" and found == "inverse" and base != "BTC":
        settle, found = "BTC", "linear"  # quantos: margined in bitcoin
    return Instrument(base, quote, found, settle, day)


def _parted(base: str) -> tuple[str, str]:
    """(coin, quote) of a name that ends in USD. Worked: BTCB -> (BTC, BUSD), ARB -> (ARB, USD)."""
    listed = {contract.base for contract in load_catalog().contracts()}
    ends = range(len(base) - 1, 0, -1) if base not in listed else ()
    found = (k for k in ends if base[:k] in listed and is_stable(f"{base[k:]}USD"))
    return next(((base[:k], f"{base[k:]}USD") for k in found), (base, "USD"))


def _is_quoting(base: str, quote: str) -> bool:
    """Whether prices are in `base` rather than in the coin behind it. Worked: BTC, ETH -> True."""
    before = _QUOTING_COINS[: _QUOTING_COINS.index(quote)]
    return is_fiat(base) or is_stable(base) or base in before


def _is_likely(made: Instrument, pattern: re.Pattern[str], venue: str | None) -> bool:
    """Whether six digits in a longer name are a delivery, not the day of a download."""
    if made.day is None or "[A-Z]{3}" in pattern.pattern or _CODES in pattern.pattern:
        return True
    if pattern is _PAIRS[-1] and venue != "ftx":
        return False
    return is_on("week", date(2000 + int(made.day[:2]), int(made.day[2:4]), int(made.day[4:])))


def _from_catalog(
    text: str, venue: str | None, market: InstrumentKind | None, *, whole: bool
) -> Instrument | None:
    """The catalog's contract whose native symbol stands in a text."""
    if venue not in BUILT_IN or market == "spot":
        return None
    for contract in load_catalog().contracts(venue):
        name = contract.native_symbol
        form = rf"(?<![A-Za-z0-9]){re.escape(name or '')}(?![A-Za-z0-9])(?!{_DATED})"
        if name and (text == name if whole else re.search(form, text)):
            payoff: InstrumentKind = "inverse" if contract.payoff == "inverse" else "linear"
            if market in (None, payoff) and ("-" in name or "_" in name or market is not None):
                pair, _, settle = contract.symbol.partition(":")
                base, _, quote = pair.partition("/")
                return Instrument(base, quote, payoff, settle)
    return None


def _market_of(venue: str | None, quote: str, tail: str, text: str) -> InstrumentKind | None:
    """What a pair is by its form: contracts quoted in dollars settle in coins, but for few."""
    if tail in ("PF", "FF") or (venue == "ftx" and tail):
        return "linear"
    if tail or venue == "bitmex" or "perp" in text.lower().split("_"):
        return "inverse" if quote == "USD" else "linear"
    return None


def _day(tail: str) -> str | None:
    """The day of delivery, YYMMDD, in the end of a name; None for a perpetual."""
    if re.fullmatch(r"\d{6}", tail):
        return tail if _is_day(tail) else None
    if re.fullmatch(r"\d{1,2}[A-Z]{3}\d{2}", tail):
        try:
            return yymmdd(datetime.strptime(f"{tail}+0000", "%d%b%y%z").date())
        except ValueError:
            return None
    if re.fullmatch(rf"[{_CODES}]\d\d", tail):
        return yymmdd(last_friday(2000 + int(tail[1:]), _CODES.index(tail[0]) + 1))
    return None


def _is_day(digits: str) -> bool:
    try:
        date(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except ValueError:
        return False
    return True


def last_friday(year: int, month: int) -> date:
    """The day on which contracts of a month are delivered. Worked: 2018, 12 -> 2018-12-28."""
    day = date(year, month, 28) + timedelta(days=4)
    day -= timedelta(days=day.day)
    while not is_on("month", day):
        day -= timedelta(days=1)
    return day
