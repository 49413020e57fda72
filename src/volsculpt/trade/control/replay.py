"""A recorded time again: every decision anew, as it was or under another mandate.

As it was, the stored inputs go through `aim` and `act` of today. Under another mandate the
recorded prices and what was held then go the way of the desk, and what it would have decided
is laid beside what was decided. What was held stays what it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from volsculpt.contracts.expiries import coin_of
from volsculpt.decide.step import Decision, decide
from volsculpt.errors import LedgerError
from volsculpt.ledger.booking import book
from volsculpt.ledger.books import Books
from volsculpt.ledger.decisions import differences, features_in
from volsculpt.ledger.entry import Entry
from volsculpt.ledger.events import Decided, QuoteObserved
from volsculpt.ledger.ledger import Ledger
from volsculpt.mandate.objects import Mandate
from volsculpt.trade.connections import Contracts
from volsculpt.trade.observe.assemble import LastPrices, assemble, newest
from volsculpt.trade.observe.found import questions
from volsculpt.trade.observe.observed import Observation
from volsculpt.trade.observe.ownership import Ownership, ownership_of
from volsculpt.trade.observe.reconciliation import ReconciledAccount, booked_balances
from volsculpt.trade.venue import VenuePrice

Sizes = dict[tuple[str, str], float]  # (account, contract) -> signed contracts


@dataclass(frozen=True, slots=True)
class Again:
    """One decision made again. before, now: what it trades and its ratio targets, then and now."""

    seq: int
    time_ns: int
    before: Sizes
    now: Sizes
    targets_before: dict[str, float | None]
    targets_now: dict[str, float | None]
    differs: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether nothing is different."""
        same = self.before == self.now and self.targets_before == self.targets_now
        return same and not self.differs


@dataclass(slots=True)
class Replayed:
    """A whole recorded time again. mandate: the other one's name, None as it was."""

    name: str
    mandate: str | None
    decisions: list[Again] = field(default_factory=list)

    @property
    def same(self) -> int:
        """How many decisions came out the same."""
        return sum(1 for one in self.decisions if one.is_same)


def replayed(ledger: Ledger, mandate: Mandate | None = None) -> Replayed:
    """Every decision of a ledger again. mandate: another one to decide by.

    Raises LedgerError: nothing was decided, or the mandate is of other accounts.
    """
    found = Replayed(ledger.name, mandate.name if mandate is not None else None)
    found.decisions = list(_as_it_was(ledger) if mandate is None else _under(ledger, mandate))
    if not found.decisions:
        raise LedgerError(f"{ledger.name}: nothing has been decided in it yet")
    return found


def _as_it_was(ledger: Ledger) -> Iterator[Again]:
    for entry in ledger.entries(kinds=("decision",)):
        assert isinstance(entry.event, Decided)
        legs, targets = _legs(ledger, entry.event), _targets(entry.event)
        differing = tuple(differences(ledger, entry.event))
        yield Again(entry.seq, entry.time_ns, legs, legs, targets, targets, differing)


def _legs(ledger: Ledger, decided: Decided) -> Sizes:
    """What a stored decision trades."""
    if not any(decided.answer["trade"]):
        return {}
    names = ledger.document(decided.layout)["legs"]
    pairs = zip(names, decided.answer["trade"], strict=False)
    return {(account, key): size for (account, key), size in pairs if size != 0.0}


def _targets(decided: Decided) -> dict[str, float | None]:
    """Target ratio of each hedge of a stored decision."""
    pairs = zip(decided.aim_input["summaries"], decided.aims, strict=True)
    return {summary["underlying"]: aim["ratio"] for summary, aim in pairs}


@dataclass(slots=True)
class _Past:
    """What was known at a moment of the recorded time."""

    books: Books
    last: LastPrices
    quote: QuoteObserved | None = None
    memory: list[Any] | None = None


def _under(ledger: Ledger, mandate: Mandate) -> Iterator[Again]:
    """Every decision, as the other mandate would have made it."""
    contracts, past = Contracts(mandate), _Past(Books(), LastPrices())
    for entry in ledger.entries():
        book(past.books, entry)
        if isinstance(entry.event, QuoteObserved):
            past.quote = entry.event
            past.last = newest(past.last, entry.event, entry.time_ns)
        elif isinstance(entry.event, Decided):
            made = _decided(mandate, contracts, past, entry.event)
            past.memory = made.memory
            yield _beside(ledger, entry, entry.event, made)


def _decided(mandate: Mandate, contracts: Contracts, past: _Past, then: Decided) -> Decision:
    """The decision of a mandate on what was held and quoted at one moment."""
    venues = {one.name for one in mandate.book.accounts if one.kind == "margin"}
    lacking = sorted(venues - past.books.adopted)
    if lacking:
        raise LedgerError(
            f"the ledger knows no account {', '.join(lacking)}: replay a mandate of the same "
            f"accounts"
        )
    ownership = ownership_of(mandate)
    reconciled = {name: _reconciliation(past.books, name, ownership) for name in venues}
    prices, stored = _prices(past.quote), past.quote.index_usd if past.quote else {}
    observed = Observation(then.aim_input["time_ns"], prices=prices, stored=stored)
    made = assemble(mandate, past.books, observed, reconciled, past.last, contracts)
    features = features_in(then.aim_input["features"])  # what the market had told by then
    return decide(made.setup, made.quotes, observed.time_ns, features, past.memory)


def _reconciliation(books: Books, account: str, ownership: Ownership) -> ReconciledAccount:
    """What an account held, as booked."""
    positions = {
        key: (held.contracts, held.entry)
        for (where, key), held in books.positions.items()
        if where == account and held.contracts != 0.0
    }
    alone = {key: one.text for key, one in questions(books, ownership, account).items()}
    return ReconciledAccount(account, booked_balances(books, account), positions, blocked=alone)


def _prices(quote: QuoteObserved | None) -> dict[str, VenuePrice]:
    """Recorded prices as a venue tells them."""
    if quote is None:
        return {}
    found = {}
    for key, mark in quote.mark.items():
        base = coin_of(key)
        if base in quote.index_usd:
            stamp = quote.stamp_ns.get(key, 0)
            found[key] = VenuePrice(key, mark, quote.index_usd[base], None, None, stamp)
    return found


def _beside(ledger: Ledger, entry: Entry, decided: Decided, made: Decision) -> Again:
    """Then and now."""
    now = {
        (account, contract.key): made.answer.trade[leg]
        for leg, (account, contract) in enumerate(made.flat.legs)
        if made.answer.trade[leg] != 0.0
    }
    targets = {
        hedge.underlying: aim.ratio for hedge, aim in zip(made.setup.hedges, made.aims, strict=True)
    }
    before = _legs(ledger, decided)
    return Again(entry.seq, entry.time_ns, before, now, _targets(decided), targets)
