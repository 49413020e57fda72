"""Positions that were there before a ledger began: asked about once, left alone till then. Pure.

A fresh ledger takes over what an account holds. A position that the mandate does not state may
be somebody else's, so nothing of its coin is traded until a person adopts it, or until the
mandate states it.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from volsculpt.ledger.books import Books
from volsculpt.ledger.events import Event, Operated, Stated
from volsculpt.mandate.objects import Mandate
from volsculpt.trade.seen import Trouble

SAME_CONTRACTS = 1e-6

Said = Mapping[tuple[str, str], float]  # (account, contract key) -> contracts, as the mandate says


def said_of(mandate: Mandate) -> Said:
    """What the mandate says is held. Worked: {("coinm", "bybit:BTC/USD:BTC"): -20000.0}."""
    return {
        (account.name, one.contract.key): one.contracts
        for account in mandate.book.accounts
        for one in account.positions
    }


def found_events(booked: Iterable[Event], said: Said) -> Iterator[Operated]:
    """What to ask about in statements a fresh ledger takes over: all the mandate does not say."""
    for event in booked:
        if isinstance(event, Stated) and event.adopted:
            for key, held in event.positions.items():
                if not _is_said(said, (event.account, key), held["contracts"]):
                    given = {"account": event.account, "contract": key}
                    yield Operated("found", {**given, "contracts": held["contracts"]})


def answered(books: Books, said: Said) -> Iterator[Operated]:
    """What the mandate says by now: adopted without a question."""
    for place in books.found:
        if _is_said(said, place, books.positions[place].contracts):
            yield Operated("adopt", {"account": place[0], "contract": place[1]}, "the mandate")


def _is_said(said: Said, place: tuple[str, str], contracts: float) -> bool:
    """Whether the mandate states a position with just these contracts."""
    return abs(said.get(place, 0.0) - contracts) <= SAME_CONTRACTS


def adopted(books: Books, given: Mapping[str, Any], who: str) -> list[Operated]:
    """What a person adopts: all that was found, or what is of one account or contract."""
    account, contract = given.get("account"), given.get("contract")
    return [
        Operated("adopt", {"account": where, "contract": key}, who)
        for where, key in books.found
        if account in (None, where) and contract in (None, key, key.partition(":")[2])
    ]


def in_words(books: Books, adopt: Operated) -> str:
    """What is adopted. Worked: "-20,000 contracts of bybit:BTC/USD:BTC on coinm"."""
    account, key = adopt.arguments["account"], adopt.arguments["contract"]
    return f"{books.positions[account, key].contracts:+,.10g} contracts of {key} on {account}"


def told(books: Books, adopts: Iterable[Operated]) -> list[Trouble]:
    """What becomes this desk's own; before it is booked."""
    return [
        Trouble(
            f"adopted:{one.arguments['account']}|{one.arguments['contract']}",
            "info",
            f"adopted by {one.who or 'hand'}: {in_words(books, one)}; this desk keeps it now",
        )
        for one in adopts
    ]


def questions(books: Books, account: str) -> dict[str, Trouble]:
    """Contract -> what is asked about its position in an account."""
    asked = {}
    for where, key in books.found:
        if where == account:
            held = books.positions[where, key].contracts
            text = (
                f"{key} on {where}: {held:+,.10g} contracts were there before this ledger began, "
                f"and the mandate does not state them, so nothing on it is traded: `volsculpt "
                f"adopt` if they are this desk's; if they are not, keep them in another account"
            )
            asked[key] = Trouble(f"found:{where}|{key}", "critical", text)
    return asked
