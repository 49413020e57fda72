"""Coins on which no venue of the catalog has a contract: slips of the pen, or hard to hedge."""

from collections.abc import Iterator

from volsculpt.contracts.counted import counted_asset
from volsculpt.contracts.currencies import moves, stands_for_words
from volsculpt.mandate.objects import Mandate


def unlisted(mandate: Mandate) -> list[str]:
    """A warning for each coin of a mandate that no contract is on; proxied ones were meant."""
    listed = mandate.catalog.listed_coins()
    proxied = {hedge.underlying for hedge in mandate.hedges if hedge.proxies}
    return [
        f"unlisted_coin: no contract of the catalog is on {coin}: {_remedy(coin, listed)}"
        for coin in dict.fromkeys(_coins(mandate))
        if coin not in listed | proxied
    ]


def _remedy(coin: str, listed: set[str]) -> str:
    """What to do about it; listed: coins that contracts are on."""
    first = stands_for_words(coin, listed)
    usual = (
        f"a plan asks for its price (--price {coin}=PRICE), and a proxy, or contracts of your own "
        f"in a contracts_file, can hedge it"
    )
    return f"check how it is spelled; {usual}" if first is None else f"{first}; else {usual}"


def _coins(mandate: Mandate) -> Iterator[str]:
    """What is held, under way, to come or hedged and moves, wrapped ones as what they stand for."""
    book = mandate.book
    names = [name for one in book.accounts for name, held in one.balances.items() if held != 0.0]
    names += [one.currency for one in book.transfers]
    names += [one.currency for one in book.flows]
    names += [hedge.underlying for hedge in mandate.hedges]
    for name in names:
        wrapped = book.wrapped.get(name)
        coin = counted_asset(name)[0] if wrapped is None else wrapped.underlying
        if moves(coin, book.pegs):
            yield coin
