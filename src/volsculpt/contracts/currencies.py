"""Which currencies move with the market: coins do, stablecoins and fiat do not.

The table is `data/currencies.toml`. A mandate may say otherwise: `told` is asset -> the
currency that one of it is meant to be worth one of, None for a coin like any other.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from volsculpt.contracts.catalog_money import money

Pegs = Mapping[str, str | None]
NO_PEGS: Pegs = MappingProxyType({})

SHORTEST, LONGEST_PREFIX = 3, 4  # letters of a coin that an asset may stand for, and before them


def is_fiat(currency: str) -> bool:
    """True for government money; 1 USD of it needs a price unless it is USD itself."""
    return currency in money()[0]


def peg_of(currency: str, pegs: Pegs = NO_PEGS) -> str | None:
    """The currency that one of it is meant to be worth one of; None for coins and for fiat.

    Worked: USDT is USD, EURC is EUR, USDe is USD, BTC and EUR are None.
    """
    if currency in pegs:
        return pegs[currency]
    return money()[1].get(currency.upper())


def is_stable(currency: str, pegs: Pegs = NO_PEGS) -> bool:
    """True for a coin meant to be worth one of some money."""
    return peg_of(currency, pegs) is not None


def moves(currency: str, pegs: Pegs = NO_PEGS) -> bool:
    """True for a coin whose price is the risk being measured."""
    return not is_fiat(currency) and not is_stable(currency, pegs)


def stands_for_words(name: str, coins: Iterable[str]) -> str | None:
    """How an asset is hedged as the coin that its name ends with; None where it ends with none.

    Worked: WBTC: 'if it is BTC, wrapped or staked, [assets.WBTC] underlying = "BTC" in a mandate
    hedges it as that'. coins: those that contracts are on.
    """
    ends = [coin for coin in coins if name.upper().endswith(coin.upper())]
    coin = max(ends, key=len, default=name)
    if len(coin) < SHORTEST or not 0 < len(name) - len(coin) <= LONGEST_PREFIX:
        return None
    return (
        f'if it is {coin}, wrapped or staked, [assets.{name}] underlying = "{coin}" in a mandate '
        f"hedges it as that"
    )
