"""Coins as people write them: amounts by name, in any natural form, spelled as the catalog does."""

import math
import re
from collections.abc import Mapping
from difflib import get_close_matches

from volsculpt.contracts.catalog import Catalog
from volsculpt.contracts.currencies import moves, stands_for_words
from volsculpt.errors import MandateError
from volsculpt.units import added

_AMOUNT = re.compile(r"([+-]?[0-9][0-9_.]*(?:[eE][+-]?\d+)?)\s*([A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*)")
_NUMBER = r"[+-]?[0-9][0-9_.]*(?:[eE][+-]?[0-9]+)?"
_NAMED = re.compile(rf"([A-Za-z][A-Za-z0-9]*)\s*[=:]\s*({_NUMBER})(?![A-Za-z0-9])")
_NAMES_FIRST = re.compile(rf"([A-Za-z][A-Za-z0-9]*)\s+({_NUMBER})(?![A-Za-z0-9])")
_ZERO = re.compile(r"0+(\.0*)?(\s*[a-z]\w*)?")  # 0, 0.0, 0 BTC
NOTHING = ("", "0", "none", "no", "nothing", "empty")  # as people write it
_NEXT = re.compile(r"(?<=[A-Za-z])(?:\s+(?:and|\+|&))?\s+(?=[0-9+-])")


def amounts(text: str) -> dict[str, float]:
    """Coins by currency. Worked: "2.5 BTC, 40 eth" is {"BTC": 2.5, "ETH": 40.0}.

    Raises MandateError for what is no amount, for a decimal comma, and below 0.
    """
    found: dict[str, float] = {}
    comma = re.search(r"\d,\d+", text)
    if comma is not None:
        raise MandateError(
            f'"{comma[0]}": a comma parts coins; write a point, for example 2.5 BTC, and 1000 '
            f"without one"
        )
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = _AMOUNT.fullmatch(part)
        try:
            number, currency = (float(match[1]), match[2]) if match else (math.nan, "")
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise MandateError(f'"{part}": write an amount and a currency, for example 2.5 BTC')
        if number < 0.0:
            raise MandateError(
                f'"{part}": write what you hold; a loan is a negative balance in the file'
            )
        currency = currency.upper() if currency.islower() else currency
        found[currency] = added(found.get(currency, 0.0), number)
    return found


def coins_of(text: str) -> dict[str, float]:
    """Coins by name in any natural form. Worked: "1.3 eth 0.2 btc", "ETH=1.3, BTC=0.2".

    Raises MandateError for what is no amount above 0 of a coin.
    """
    plain = _NAMED.sub(r"\2 \1", text.strip())
    if re.match(r"[A-Za-z]", plain):
        plain = _NAMES_FIRST.sub(r"\2 \1", plain)
    found = amounts(_NEXT.sub(", ", plain))
    if not found:
        raise MandateError("no coin is named; write what you own, for example 1.3 ETH 0.2 BTC")
    for coin, held in found.items():
        if held == 0.0:
            raise MandateError(f'"0 {coin}": write an amount above 0, or leave {coin} out')
    return found


def coins_or_none(text: str) -> dict[str, float]:
    """The same where nothing may be there. Worked: "", "0", "none" and "0 BTC" are no coins."""
    plain = text.strip().lower()
    return {} if plain in NOTHING or _ZERO.fullmatch(plain) else coins_of(text)


def spelled(coins: Mapping[str, float], catalog: Catalog) -> dict[str, float]:
    """The same coins, spelled as the catalog does. Worked: Eth is ETH, usde USDe where it is known.

    Raises MandateError for a coin that no contract is on, with the nearest that one is on.
    """
    names = {name.upper(): name for name in sorted(catalog.listed_coins())}
    found: dict[str, float] = {}
    for name, held in coins.items():
        coin = names.get(name.upper(), name)
        if moves(coin) and coin not in names.values():
            raise MandateError(
                f"{name}: no contract of the catalog is on it; {_fix(name, names)} (`volsculpt "
                f"contracts list` shows all), leave it out, or hedge it with another coin: `proxy` "
                f"in a mandate (docs/mandate.md)"
            )
        found[coin] = added(found.get(coin, 0.0), held)
    return found


def _fix(name: str, symbols: Mapping[str, str]) -> str:
    """What a coin without contracts may be. symbols: coins that have some, by name in capitals."""
    first = stands_for_words(name, symbols.values())
    if first is not None:
        return f"{first}; else check how it is spelled"
    near = get_close_matches(name.upper(), symbols, 1)
    return f"did you mean {symbols[near[0]]}?" if near else "check how it is spelled"
