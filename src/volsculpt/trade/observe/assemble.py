"""From a snapshot and the books to what is decided on: Setup, Quotes, and what is missing. Pure.

Venue accounts hold what their venue states; all others what the ledger booked. What is not
known keeps its last known figure, and is marked: `act` then leaves its legs and coins alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from volsculpt.book.holdings import Account, OrderState, Position, Transfer, WorkingOrder
from volsculpt.contracts.currencies import is_stable, peg_of
from volsculpt.contracts.spec import Contract
from volsculpt.decide.step import Missing, Setup
from volsculpt.hedge.spec import Override
from volsculpt.ledger.books import Books
from volsculpt.ledger.events import QuoteObserved
from volsculpt.mandate.objects import Mandate
from volsculpt.mandate.setup import setup_of
from volsculpt.market.quotes import PRICE_HOLDS_NS, Quotes
from volsculpt.trade.connections import ContractOf
from volsculpt.trade.observe.observed import Observation
from volsculpt.trade.observe.reconciliation import ReconciledAccount

LegContracts = Mapping[tuple[str, str], Contract]  # (account, contract key) -> contract

EVERY = "*"  # an override of every hedge


@dataclass(frozen=True, slots=True)
class Assembled:
    """What one decision is made on.

    quote: the fresh prices, for the ledger; why: what is missing, in words.
    """

    setup: Setup
    quotes: Quotes
    quote: QuoteObserved
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LastPrices:
    """The newest price ever seen of each currency and contract; observed_ns: of each currency's."""

    quotes: Quotes = field(default_factory=lambda: Quotes(0))
    observed_ns: Mapping[str, int] = field(default_factory=dict)

    def holds(self, name: str, time_ns: int) -> bool:
        """Whether a price of before still tells something: what is older than that is none."""
        return name in self.observed_ns and time_ns - self.observed_ns[name] <= PRICE_HOLDS_NS

    def is_newer(self, name: str, observed: Observation) -> bool:
        """Whether a price that holds was seen after those which a history tells."""
        stored_ns = observed.time_ns if observed.stored_ns is None else observed.stored_ns
        return self.holds(name, observed.time_ns) and self.observed_ns[name] > stored_ns


def assemble(
    mandate: Mandate,
    books: Books,
    observed: Observation,
    reconciled: Mapping[str, ReconciledAccount],
    last: LastPrices,
    contract_of: ContractOf,
) -> Assembled:
    """What a decision at the time of this snapshot is made on.

    A price that is missing is drawn along: mark = index x last mark / last index.

    Args: reconciled: by account; last: the newest prices; contract_of: "venue:symbol" -> the
    contract, None for one that is not known.
    """
    accounts = tuple(
        _account(one, books, reconciled.get(one.name), contract_of) for one in mandate.book.accounts
    )
    book = replace(mandate.book, accounts=accounts, transfers=tuple(_transfers(mandate, books)))
    overrides = (*mandate.overrides, *by_hand(books))
    now = replace(mandate, book=book, overrides=overrides)
    setup = setup_of(now, observed.time_ns)
    legs = {(account, contract.key): contract for account, contract in _legs(setup)}
    coins_usd: dict[str, float] = {}
    _price_coins(coins_usd, observed, contract_of)
    _price_others(coins_usd, mandate, observed, legs, last)
    quotes, lacking = _quotes(mandate, observed, legs, coins_usd, last)
    missing, why = _missing(setup, legs, books, reconciled, lacking)
    why = [f"no fresh price of {_aged(name, observed)}" for name in sorted(lacking)] + why
    silent = {name for name in missing.currencies if not last.holds(name, observed.time_ns)}
    missing = replace(missing, unpriced=frozenset(silent & lacking), why=tuple(why))
    fresh = _quote_event(observed, coins_usd)
    return Assembled(replace(setup, missing=missing), quotes, fresh, tuple(why))


# --- the book ------------------------------------------------------------------------------


def _account(
    account: Account, books: Books, recon: ReconciledAccount | None, contract_of: ContractOf
) -> Account:
    """An account with what it holds now and the orders of ours that work there."""
    account = replace(account, bonus={}) if _lost_bonus(account.name, books) else account
    if recon is None:
        if account.name not in books.adopted:
            return account
        coins = {name: n for (where, name), n in books.balances.items() if where == account.name}
        return replace(account, balances=coins)
    before = {one.contract.key: one for one in account.positions}
    positions = []
    for key, (contracts, entry) in recon.positions.items():
        contract = contract_of(key)
        if contract is not None and contracts != 0.0:
            leverage = before[key].leverage if key in before else None
            margin = recon.margins.get(key) if account.margin_mode == "isolated" else None
            positions.append(Position(contract, contracts, entry, margin, leverage))
    orders = tuple(_working(account.name, books, recon, contract_of))
    return replace(
        account, balances=dict(recon.balances), positions=tuple(positions), orders=orders
    )


def _lost_bonus(account: str, books: Books) -> bool:
    """Whether coins have left an account, or it was liquidated: its bonus went too."""
    sent = [one.noted for one in books.transfers.values() if one.gone_coins > 0.0]
    return account in books.liquidated or any(one.source == account for one in sent)


def _working(
    account: str, books: Books, recon: ReconciledAccount, contract_of: ContractOf
) -> Iterator[WorkingOrder]:
    """Orders of ours that are alive; one whose outcome is a question counts as unknown."""
    for (where, key), client_id in books.slots.items():
        contract = contract_of(key)
        if where != account or contract is None:
            continue
        order = books.orders[client_id]
        uncertain = key in recon.blocked or recon.account_blocked is not None
        state: OrderState = "unknown"
        if not uncertain and order.state in ("acked", "partial", "cancelling"):
            state = order.state
        yield WorkingOrder(client_id, contract, order.left_contracts, state, order.since_ns)


def _transfers(mandate: Mandate, books: Books) -> Iterator[Transfer]:
    """Coins on their way: the mandate's until an account's books begin, then the ledger's."""
    begun = books.adopted
    yield from (one for one in mandate.book.transfers if one.target not in begun)
    for noted in (one.noted for one in books.transfers.values()):
        if noted.state in ("sent", "unknown"):
            yield Transfer(noted.currency, noted.coins, noted.target, noted.source)


def by_hand(books: Books) -> Iterator[Override]:
    """Overrides that a person gave while it ran."""
    for underlying, stored in books.override.items():
        coin = None if underlying == EVERY else underlying
        yield Override(stored["ratio"], stored["until_ns"], stored.get("note", ""), coin)


def _legs(setup: Setup) -> Iterator[tuple[str, Contract]]:
    """Every leg that is held, worked or may be traded."""
    for account in setup.book.accounts:
        yield from ((account.name, one.contract) for one in account.positions)
        yield from ((account.name, one.contract) for one in account.orders)
    for used in setup.legs:
        yield from ((account, contract) for account, contract, _ in used)


# --- prices --------------------------------------------------------------------------------


def _quote_event(observed: Observation, coins_usd: Mapping[str, float]) -> QuoteObserved:
    """The fresh prices of a snapshot as the ledger keeps them. coins_usd: of coins, US dollars."""
    return QuoteObserved(
        index_usd=dict(coins_usd),
        mark={key: price.mark for key, price in observed.prices.items()},
        stamp_ns={key: price.stamp_ns for key, price in observed.prices.items()},
    )


def _price_coins(index: dict[str, float], observed: Observation, contract_of: ContractOf) -> None:
    """US dollars of every coin that a fresh price tells; the first venue to tell is taken."""
    for key, price in observed.prices.items():
        on = contract_of(key)
        if on is None:
            continue
        index.setdefault(on.base, price.index_usd)
        for name, usd in ((on.quote, price.quote_usd), (on.settle, price.settle_usd)):
            if usd is not None and name != "USD":
                index.setdefault(name, usd)


def _price_others(
    index: dict[str, float],
    mandate: Mandate,
    observed: Observation,
    legs: LegContracts,
    last: LastPrices,
) -> None:
    """US dollars, as a history tells them, of every coin that no venue priced.

    What is traded is priced by its venues alone, but for stablecoins: a history knows nothing of
    why a venue is silent. What was last seen of a stablecoin goes before what is stored of an
    earlier time.

    Args: index: what venues told, added to; legs: by account and key; last: the newest prices.
    """
    traded = {name for one in legs.values() for name in (one.base, one.quote, one.settle)}
    for name in _priced(mandate, legs):
        by_venues = name in traded and not is_stable(name, mandate.book.pegs)
        if by_venues or name == "USD" or last.is_newer(name, observed):
            continue
        if name in observed.stored:
            index.setdefault(name, observed.stored[name])


def _quotes(
    mandate: Mandate,
    observed: Observation,
    legs: LegContracts,
    coins_usd: Mapping[str, float],
    last: LastPrices,
) -> tuple[Quotes, set[str]]:
    """Prices for every coin and leg, and the names of those that are not fresh.

    Args: legs: by account and key; coins_usd: US dollars of coins that are known now; last: the
    newest prices.
    """
    index, lacking = dict(coins_usd), set[str]()
    before = last.quotes.index
    for name in _priced(mandate, legs):
        peg = peg_of(name, mandate.book.pegs)
        if name in index or name == "USD":
            continue
        if peg is not None and last.holds(name, observed.time_ns):
            index[name] = before[name]
        elif peg not in (*index, "USD"):  # where its peg is known it is taken at that, and told
            lacking.add(name)
            index[name] = before.get(name, 1.0)  # 1 holds a place: see `Missing.unpriced`
    marks: dict[str, float] = {}
    funding: dict[str, float] = {}
    for contract in legs.values():
        fresh = observed.prices.get(contract.key)
        if fresh is not None:
            marks[contract.key] = fresh.mark
            if fresh.funding_rate is not None:
                funding[contract.key] = fresh.funding_rate
            continue
        lacking.add(contract.key)
        carried = _carried(contract, index, last.quotes)
        if carried is not None:
            marks[contract.key] = carried
    return Quotes(observed.time_ns, index, marks, funding), lacking


def _aged(name: str, observed: Observation) -> str:
    """A contract or coin without a fresh price, with how old it is where that is known."""
    return f"{name} (it is {observed.old[name]})" if name in observed.old else name


def _priced(mandate: Mandate, legs: LegContracts) -> list[str]:
    """Every currency that needs a price: held, hedged, or of a leg."""
    names: dict[str, None] = {}
    for account in mandate.book.accounts:
        for asset in account.balances:
            wrapped = mandate.book.wrapped.get(asset)
            names[wrapped.underlying if wrapped else asset] = None
    for hedge in mandate.hedges:
        names |= dict.fromkeys(hedge.coins_named)
    for contract in legs.values():
        names |= dict.fromkeys((contract.base, contract.quote, contract.settle))
    return list(names)


def _carried(contract: Contract, index: Mapping[str, float], last: Quotes) -> float | None:
    """A mark that is not fresh, drawn along with its index; None when it was never seen."""
    mark, then = last.contract.get(contract.key), last.index.get(contract.base)
    if mark is None or then is None:
        return None
    return mark * index[contract.base] / then


def newest(last: LastPrices, quote: QuoteObserved, time_ns: int) -> LastPrices:
    """The newest price of everything, once a snapshot is complete."""
    observed_ns = dict(last.observed_ns) | dict.fromkeys(quote.index_usd, time_ns)
    index, marks = last.quotes.index | quote.index_usd, last.quotes.contract | quote.mark
    return LastPrices(Quotes(time_ns, index, marks), observed_ns)


# --- what is missing -----------------------------------------------------------------------


def _missing(
    setup: Setup,
    legs: LegContracts,
    books: Books,
    reconciled: Mapping[str, ReconciledAccount],
    lacking: set[str],
) -> tuple[Missing, list[str]]:
    """Which legs and coins are not known, and why in words.

    A leg without a price, or whose account is blocked, is missing, and every leg behind which a
    coin without a price stands. So is every coin that a blocked account holds, and every coin
    whose held leg is missing: its hedge cannot be sized.
    """
    gone: set[tuple[str, str]] = set()
    coins = {name for name in lacking if ":" not in name}
    why = list[str]()
    held: set[tuple[str, str]] = set()
    dark = {one.name for one in setup.book.accounts if _is_backed_by(one, lacking)}
    for place in setup.book.accounts:
        held |= {(place.name, one.contract.key) for one in place.positions}
        held |= {(place.name, one.contract.key) for one in place.orders}
    for (account, _), contract in legs.items():
        recon = reconciled.get(account)
        blocked = recon is not None and (
            recon.account_blocked is not None or contract.key in recon.blocked
        )
        unpriced = bool({contract.key, contract.base, contract.settle, contract.quote} & lacking)
        if blocked or unpriced or account in dark:
            gone.add((account, contract.key))
            if (account, contract.key) in held:
                coins.add(contract.base)
    for name, recon in reconciled.items():
        if recon.account_blocked is not None:
            why.append(recon.account_blocked)
            coins.update(_coins_of(name, setup, legs))
        why += [text for key, text in recon.blocked.items()]
    noted = [one.noted for one in books.transfers.values()]
    coins |= {one.currency for one in noted if one.state == "unknown"}
    if coins:
        coins |= {hedge.underlying for hedge in setup.hedges if hedge.base == "wealth"}
    return Missing(frozenset(gone), frozenset(coins)), list(dict.fromkeys(why))


def _is_backed_by(account: Account, lacking: set[str]) -> bool:
    """Whether coins without a price are margin of a unified account: what it stands at is unknown.

    A coin of weight 0 backs nothing while it is owned.
    """
    return account.margin_mode == "unified" and any(
        coins < 0.0 or (coins > 0.0 and account.collateral_weights.get(name, 1.0) > 0.0)
        for name, coins in account.balances.items()
        if name in lacking
    )


def _coins_of(name: str, setup: Setup, legs: LegContracts) -> Iterator[str]:
    """Every coin whose exposure an account changes."""
    account = setup.book.account(name)
    if account is not None:
        for asset in account.balances:
            wrapped = setup.book.wrapped.get(asset)
            yield wrapped.underlying if wrapped else asset
    for (where, _), contract in legs.items():
        if where == name:
            yield from (contract.base, contract.settle)
