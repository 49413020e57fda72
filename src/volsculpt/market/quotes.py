"""Prices by name, as given by a person, a file or a feed, and the gate they pass.

Units: index prices are US dollars per coin; contract prices are in the contract's quote;
funding rates are fractions per stamp as the venue prints them.
"""

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from volsculpt.errors import PriceError
from volsculpt.parsing import toml_of
from volsculpt.units import DAY_NS, MomentLike, datetime_ns, fraction_of, moment_ns, number

PRICE_HOLDS_NS = DAY_NS  # of a stablecoin, whose peg is the better guess after it


@dataclass(frozen=True, slots=True)
class Quotes:
    """What the market says at one moment.

    index: currency -> USD. contract: "venue:symbol" -> mark. funding: "venue:symbol" -> rate
    per stamp. interval_hours: "venue:symbol" -> hours a stamp's rate stands for.
    """

    as_of_ns: int
    index: dict[str, float] = field(default_factory=dict)
    contract: dict[str, float] = field(default_factory=dict)
    funding: dict[str, float] = field(default_factory=dict)
    interval_hours: dict[str, float] = field(default_factory=dict)


PRICES = '{"BTC": 60000}'  # as a program gives them
FUNDING = '{"bybit:BTC/USD:BTC": 0.0001}'
EXAMPLES = {
    "index": PRICES,
    "contract": '{"bybit:BTC/USD:BTC": 60050}',
    "funding": FUNDING,
    "interval_hours": '{"bybit:BTC/USD:BTC": 8}',
}  # of each table of `Quotes`


def is_price(price: float) -> bool:
    """Whether a number can be a price: finite and above 0."""
    return math.isfinite(price) and price > 0.0


def by_name(given: object, where: str, example: str) -> dict[str, Any]:
    """What a program gives by name; PriceError where it is no dict, or a name no text.

    Args: given: a mapping, a column of pandas, or None for nothing; where: the argument's name;
    example: of what it takes.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping) and not hasattr(given, "items"):
        raise PriceError(f"{where}: {given!r:.60} is no dict by name; write {where}={example}")
    found = dict(given.items())
    for name in found:
        if not isinstance(name, str):
            raise PriceError(f"{where}: the name {name!r} must be text; write {where}={example}")
    return found


def checked_price(name: str, price: object, where: str) -> float:
    """A price as a float; PriceError when it is no number, not finite or not positive."""
    found = number(price)
    if found is None:
        raise PriceError(f"{where}: the price of {name} must be a number, not {price!r}")
    if not is_price(found):
        raise PriceError(f"{where}: the price of {name} must be positive and finite, not {price}")
    return found


def checked_hours(name: str, hours: object, where: str) -> float:
    """Hours that a funding rate stands for, as a float; PriceError when not finite and above 0."""
    found = number(hours)
    if found is None or not 0.0 < found < math.inf:
        raise PriceError(
            f"{where}: the hours of {name} must be a number above 0, like 8, not {hours!r}"
        )
    return found


def checked_rate(name: str, rate: object, where: str) -> float:
    """A funding rate as a float: a finite fraction, or a text in percent ("0.01%" is 0.0001)."""
    if isinstance(rate, str):
        return parsed_rate(name, rate, where)
    found = number(rate)
    if found is None or not math.isfinite(found):
        raise PriceError(
            f"{where}: the funding rate of {name} must be a number, like 0.0001, or percent, like "
            f'"0.01%", not {rate!r}'
        )
    return found


def parsed_rate(name: str, text: str, where: str) -> float:
    """A funding rate as written: "0.0001" or "0.01%", both 0.0001."""
    rate = fraction_of(text)
    if rate is None:
        raise PriceError(
            f"{where}: the funding rate of {name} must be a fraction a stamp, like 0.0001, or "
            f"percent, like 0.01%, not {text.strip()!r}"
        )
    return rate


def split_assignment(text: str, flag: str) -> tuple[str, float]:
    """("BTC", 60000.0) from "BTC=60000"; PriceError shows the form when it is another."""
    name, _sign, number = text.partition("=")
    try:
        return name.strip(), float(number.replace("_", ""))
    except ValueError:
        meant = number_meant(number)
        form = (
            f"write {flag} {name.strip()}={meant}"
            if meant and name.strip()
            else f"expected NAME=NUMBER, for example {flag} BTC=60000"
        )
        raise PriceError(f"{flag} {text}: {form}") from None


def number_meant(text: str) -> str | None:
    """What a number with commas, a sign of money or k and M stands for. Worked: "$3.5k": 3500."""
    found = re.fullmatch(
        r"[$€]?\s*(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s*([kKmM]?)\s*[$€]?", text.strip()
    )
    if found is None:
        return None
    scale = {"k": 1e3, "m": 1e6}.get(found[3].lower(), 1.0)
    return f"{float(found[1].replace(',', '') + (found[2] or '')) * scale:.12g}"


def split_rate(text: str, flag: str) -> tuple[str, float]:
    """("bybit:BTC/USD:BTC", 0.0001) from "bybit:BTC/USD:BTC=0.01%", or from "...=0.0001"."""
    name, sign, rate = text.rpartition("=")
    if not sign or not name.strip():
        raise PriceError(
            f"{flag} {text}: expected CONTRACT=RATE, for example {flag} bybit:BTC/USD:BTC=0.01% "
            f"(or =0.0001, the same)"
        )
    return name.strip(), parsed_rate(name.strip(), rate, flag)


def from_flags(as_of_ns: int, prices: list[str], funding: list[str]) -> Quotes:
    """Quotes from repeated flags: "BTC=60000", "bybit:BTC/USD:BTC=60050" and rates alike."""
    index: dict[str, float] = {}
    contract: dict[str, float] = {}
    rates: dict[str, float] = {}
    for text in prices:
        name, price = split_assignment(text, "--price")
        target = contract if ":" in name else index
        target[name] = checked_price(name, price, "--price")
    for text in funding:
        name, rate = split_rate(text, "--funding")
        rates[name] = rate
    return Quotes(as_of_ns, index, contract, rates)


def stated_quotes(as_of_ns: int, prices: object, funding: object) -> Quotes:
    """Quotes of `prices` and `funding` as a program gives them; PriceError names which is wrong.

    as_of_ns: ns UTC; prices: by currency, or by contract where the name has a colon.
    """
    priced = by_name(prices, "prices", PRICES)
    return Quotes(
        as_of_ns,
        {k: checked_price(k, v, "prices") for k, v in priced.items() if ":" not in k},
        {k: checked_price(k, v, "prices") for k, v in priced.items() if ":" in k},
        {k: checked_rate(k, v, "funding") for k, v in by_name(funding, "funding", FUNDING).items()},
    )


def read_quotes(path: Path, as_of_ns: int) -> Quotes:
    """Quotes from a TOML file with tables [index], [contract], [funding] and key as_of.

    Raises PriceError naming the file and the key.
    """
    try:
        content = toml_of(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise PriceError(f"{path}: no such quotes file") from None
    except OSError as error:
        problem = f"{path}: the quotes file cannot be read: {error.strerror}"
        raise PriceError(f"{problem}; name a TOML file with a table [index]") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PriceError(f"{path}: not a readable TOML file: {error}") from None
    except ValueError as error:
        raise PriceError(f"{str(path)!r:.200} is no path: {error}; name a TOML file") from None
    keys = {"as_of", "index", "contract", "funding", "interval_hours"}
    for key in content:
        if key not in keys:
            raise PriceError(f"{path}: unknown key '{key}'; allowed are {', '.join(sorted(keys))}")
        if key != "as_of" and not isinstance(content[key], dict):
            raise PriceError(f"{path}: {key} must be a table: write [{key}], then a name a line")
    stamp = content.get("as_of")
    moment_ns = stamp_ns(stamp, f"{path}: as_of") if stamp is not None else as_of_ns
    return _checked_tables(moment_ns, content, f"{path} ")


def checked_quotes(quotes: Quotes) -> Quotes:
    """Quotes that a program made, judged as those of a file; PriceError names which is wrong."""
    tables = {
        name: by_name(getattr(quotes, name), f"quotes: {name}", example)
        for name, example in EXAMPLES.items()
    }
    return _checked_tables(time_ns_of(quotes.as_of_ns, "quotes: as_of_ns"), tables, "quotes ")


def _checked_tables(as_of_ns: int, tables: Mapping[str, Any], where: str) -> Quotes:
    """Quotes of tables by name, those that lack empty; where: begins every message."""
    judges = {
        "index": checked_price,
        "contract": checked_price,
        "funding": checked_rate,
        "interval_hours": checked_hours,
    }
    made = {
        table: {name: judge(name, one, f"{where}[{table}]") for name, one in given.items()}
        for table, judge in judges.items()
        if (given := tables.get(table)) is not None
    }
    return Quotes(as_of_ns, **made)


def stamp_ns(stamp: object, where: str) -> int:
    """Nanoseconds UTC of a datetime that carries an offset; PriceError otherwise."""
    if not isinstance(stamp, datetime) or stamp.tzinfo is None:
        raise PriceError(f"{where} must be a time with an offset, like 2024-05-20T00:00:00Z")
    return datetime_ns(stamp)


def time_ns_of(time: MomentLike, where: str) -> int:
    """Nanoseconds UTC of a moment as `units.moment_ns` reads it; PriceError, with the place."""
    try:
        return moment_ns(time)
    except ValueError as error:
        raise PriceError(f"{where}: {error}") from None


def merged(base: Quotes, over: Quotes) -> Quotes:
    """`base` with every figure that `over` gives replaced."""
    return Quotes(
        base.as_of_ns,
        base.index | over.index,
        base.contract | over.contract,
        base.funding | over.funding,
        base.interval_hours | over.interval_hours,
    )
