"""Which contracts are looked at as hedges of which coins."""

from pathlib import Path

from volsculpt.contracts.catalog import load_catalog
from volsculpt.contracts.expiries import parse_symbol
from volsculpt.contracts.spec import Contract, Payoff
from volsculpt.errors import ContractError, HistoryError, MandateError
from volsculpt.mandate.objects import Mandate
from volsculpt.market.history import History
from volsculpt.market.lacking import nothing_stored
from volsculpt.market.store import stored


def contracts_of_mandate(mandate: Mandate, time_ns: int) -> list[tuple[str, Contract]]:
    """What each hedge may trade at a time, once each; MandateError where there is no hedge.

    A proxied hedge is by the contracts of its proxy.
    """
    pairs = {
        (hedge.underlying, contract.key): contract
        for hedge in mandate.hedges
        for _, contract, retire in mandate.legs(hedge, time_ns)
        if not retire
    }
    if not pairs:
        raise MandateError(
            "hedge: there is none with a contract, so there is no ratio to find; add [[hedge]]"
        )
    return [(coin, contract) for (coin, _), contract in pairs.items()]


def contracts_of_coin(
    coin: str, named: list[str], file: Path | None, source: Path | History
) -> list[tuple[str, Contract]]:
    """The contracts named, else every perpetual on the coin with prices.

    Raises HistoryError where there are none, ContractError for a contract that is not known.

    Args: coin: its name; named: "venue:symbol"; file: the owner's own contracts; source: folder of
    a store, or a history.
    """
    keys = named or perpetuals_on(coin, keys_of(source))
    if not keys:
        raise _no_perpetual(coin, source)
    catalog, found = load_catalog(file), []
    for key in keys:
        venue, _, symbol = key.partition(":")
        try:
            found.append((coin, catalog.get(venue, symbol)))
        except ContractError:
            if named:
                raise
            found.append((coin, bare_contract(venue, symbol)))
    return found


def keys_of(source: Path | History) -> set[str]:
    """Every contract with prices in a store or a history, "venue:symbol"."""
    if isinstance(source, History):
        return set(source.contracts)
    return {one.label.key for one in stored(source) if one.role in ("mark", "last")}


def _no_perpetual(coin: str, source: Path | History) -> HistoryError:
    """Where no prices of a perpetual on a coin are there."""
    if isinstance(source, History):
        there = ", ".join(source.contracts) or "no contract"
        return HistoryError(
            f"the history has no prices of a perpetual on {coin}; it has {there}: name one with "
            f"contracts=[...]"
        )
    if not stored(source):
        return nothing_stored(source)
    return HistoryError(
        f"{source}: no prices stored of a perpetual on {coin}; import some with `volsculpt data "
        f"import`, or name a contract with --contract; `volsculpt data list --data {source}` "
        f"shows all"
    )


def perpetuals_on(coin: str, keys: set[str]) -> list[str]:
    """Of contracts the perpetuals on a coin, sorted."""
    parts = {key: parse_symbol(key.partition(":")[2]) for key in keys}
    return sorted(key for key, one in parts.items() if one.base == coin and one.day is None)


def bare_contract(venue: str, symbol: str) -> Contract:
    """A contract that the catalog does not have: what its symbol says, its fee unknown."""
    parts = parse_symbol(symbol)
    payoff: Payoff = "inverse" if parts.settle == parts.base else "linear"
    return Contract(venue, symbol, parts.base, parts.quote, parts.settle, payoff, 1.0)
