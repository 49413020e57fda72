"""Coins on which no venue of the catalog has a contract: slips of the pen, or hard to hedge."""

from collections.abc import Iterator

from volsculpt.contracts.counted import counted_asset
from volsculpt.contracts.currencies import moves
from volsculpt.mandate.objects import Mandate


def unlisted(mandate: Mandate) -> list[str]:
    """A warning for each coin of a mandate that no contract is on; proxied ones were meant."""
    listed = {one.base for one in mandate.catalog.contracts()}
    listed |= {one.template.base for one in mandate.catalog.families()}
    proxied = {hedge.underlying for hedge in mandate.hedges if hedge.proxies}
    return [
        f"unlisted_coin: no contract of the catalog is on {coin}: check how it is spelled; a plan "
        f"asks for its price (--price {coin}=PRICE), and only a proxy, or contracts of your own in "
        f"a contracts_file, can hedge it"
        for coin in dict.fromkeys(_coins(mandate))
        if coin not in listed | proxied
    ]


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
