"""The catalog of money: government currencies, and coins meant to be worth one of them."""

import tomllib
from functools import cache
from pathlib import Path

_DATA = Path(__file__).parent / "data" / "currencies.toml"


@cache
def money() -> tuple[frozenset[str], dict[str, str]]:
    """(government money, stablecoin -> the money that one of it is meant to be worth one of)."""
    read = tomllib.loads(_DATA.read_text(encoding="utf-8"))
    pegs = {coin: name for name, coins in read["stable"].items() for coin in coins}
    return frozenset(read["fiat"]["codes"]), pegs
