"""Every contract on a coin that a store prices: what selling by it earns, the best first."""

import math
from dataclasses import dataclass
from pathlib import Path

from volsculpt.contracts.catalog import Catalog
from volsculpt.contracts.currencies import peg_of
from volsculpt.contracts.expiries import parse_symbol
from volsculpt.contracts.payoff import fair_price
from volsculpt.contracts.spec import Contract
from volsculpt.errors import ContractError, HistoryError
from volsculpt.hedge.carry.contract_carry import ContractCarry, carry_of
from volsculpt.hedge.carry.margin import CarryPrices
from volsculpt.hedge.carry.terms import CarryTerms
from volsculpt.hedge.survey import moment_of
from volsculpt.market.lacking import moment_words
from volsculpt.market.manifest import Manifest
from volsculpt.market.opening import StoreNames, history_before, quotes_at
from volsculpt.market.quotes import Quotes
from volsculpt.market.store import stored
from volsculpt.units import DAY_NS

FUNDING_DAYS = 5 * 365  # of funding are looked at


@dataclass(frozen=True, slots=True)
class CarrySurvey:
    """The carry of a coin at a moment, the highest net yield first, unknown ones last.

    index_usd: its price. foreign: stored contracts that the catalog does not know. notes: what was
    chosen or assumed of prices.
    """

    coin: str
    time_ns: int
    index_usd: float
    terms: CarryTerms
    rows: tuple[ContractCarry, ...]
    foreign: tuple[str, ...]
    notes: tuple[str, ...]


def carry_survey(
    root: Path,
    catalog: Catalog,
    coin: str,
    terms: CarryTerms,
    time_ns: int | None = None,
    index_venue: str | None = None,
) -> CarrySurvey:
    """What selling a coin by each contract of the catalog earns, at a time of a store.

    Raises HistoryError when no price of the coin is stored, or none before the time.

    Args: root: folder of the store; coin: its name; terms: how it is asked for; time_ns: ns UTC,
    None: the end of what is stored of its index; index_venue: the venue of its index, None: the
    best that is stored.
    """
    every = stored(root)
    moment = moment_of(every, root, coin, time_ns, index_venue)
    listed, foreign = _listed(catalog, every, coin, moment)
    keys = tuple(one.key for one in listed)
    quotes, notes = quotes_at(root, moment, keys, (coin,), index_venue=index_venue)
    _need_index(quotes, coin, root, index_venue)
    names = StoreNames(contracts=tuple(one.key for one in listed if one.expiry_ns is None))
    history = history_before(root, moment, names, FUNDING_DAYS * DAY_NS)
    rows = [
        carry_of(one, terms, prices, moment, history.funding.get(one.key))
        for one in listed
        if (prices := _prices(one, quotes)) is not None
    ]
    rows.sort(key=lambda one: -math.inf if one.net_annual is None else one.net_annual, reverse=True)
    index = quotes.index[coin]
    return CarrySurvey(coin, moment, index, terms, tuple(rows), foreign, notes)


def _listed(
    catalog: Catalog, every: list[Manifest], coin: str, time_ns: int
) -> tuple[list[Contract], tuple[str, ...]]:
    """(contracts on a coin that are stored and exist at a time, those the catalog does not know).

    Args: every: all that is stored; coin: its name; time_ns: ns UTC.
    """
    listed, foreign = list[Contract](), list[str]()
    priced = {one.label.key for one in every if one.role in ("mark", "last")}
    for key in sorted(priced):
        venue, _, symbol = key.partition(":")
        if parse_symbol(symbol).base != coin:
            continue
        spans = [one for one in every if one.label.key == key]
        try:
            listed.append(catalog.get(venue, symbol, time_ns))
        except ContractError:
            if min(one.from_ns for one in spans) <= time_ns < max(one.to_ns for one in spans):
                foreign.append(key)
    return listed, tuple(foreign)


def _need_index(quotes: Quotes, coin: str, root: Path, index_venue: str | None) -> None:
    """Raise HistoryError where a coin has no price of the day before a moment.

    Args: quotes: then; coin: its name; root: of the store; index_venue: of its prices, None: any.
    """
    if coin not in quotes.index:
        of = "" if index_venue is None else f" of {index_venue} (the index_venue)"
        raise HistoryError(
            f"{root}: no price of {coin}{of} in the day before {moment_words(quotes.as_of_ns)}; "
            f"another --at may have one (`volsculpt data list --data {root}` shows what is stored)"
        )


def _prices(contract: Contract, quotes: Quotes) -> CarryPrices | None:
    """The prices that a contract's carry needs; None where one is not known."""
    needed = (contract.base, contract.quote, contract.settle)
    pegged = {name: 1.0 for name in needed if name == "USD" or peg_of(name) == "USD"}
    index = pegged | quotes.index
    if contract.key not in quotes.contract or any(name not in index for name in needed):
        return None
    base, quote, settle = (index[name] for name in needed)
    return CarryPrices(
        quotes.contract[contract.key],
        fair_price(base, quote, contract.base_count),
        base,
        settle,
    )
