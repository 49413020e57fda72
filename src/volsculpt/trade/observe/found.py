"""Positions that somebody else may have opened: asked about once, left alone till then. Pure.

A fresh ledger takes over what an account holds. A position that the mandate does not state may
be somebody else's, so nothing of its coin is traded until a person adopts it, or until the
mandate states it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from volsculpt.contracts.orders import SAME_CONTRACTS
from volsculpt.ledger.books import Books
from volsculpt.ledger.events import Event, Filled, Operated, Stated
from volsculpt.text import signed
from volsculpt.trade.observe.observed import Alert
from volsculpt.trade.observe.ownership import Ownership, PositionKey


def found_events(booked: Iterable[Event], ownership: Ownership) -> Iterator[Operated]:
    """What to ask about in statements a fresh ledger takes over: all the mandate does not say.

    Of a contract that is shared nothing is something to ask about too.
    """
    for event in booked:
        if isinstance(event, Stated) and event.adopted:
            held = {key: one["contracts"] for key, one in event.positions.items()}
            parts = {key for _, key in ownership.parts(event.account)}
            for key in sorted({*held, *parts}):
                count = held.get(key, 0.0)
                if not _is_declared(ownership, (event.account, key), count):
                    yield _found((event.account, key), None if key in parts else count)


def _found(position: PositionKey, contracts: float | None) -> Operated:
    """The event of a question; contracts None: they are shared, so none of them is no answer."""
    arguments = {"account": position[0], "contract": position[1], "contracts": contracts}
    return Operated("found", arguments)


def traded_events(
    books: Books, unmatched: Sequence[Filled], ownership: Ownership
) -> Iterator[Operated]:
    """What to ask about where somebody else traded a contract that is not own, or not all of it.

    The figure of the mandate is no longer what is not own. Of a whole contract nothing is asked
    while the mandate says that it is not own; once it does not the position waits.
    """
    positions = dict.fromkeys((one.account, one.contract) for one in unmatched)
    for position in positions:
        if ownership.not_own(position) is not None and position not in books.found:
            whole = ownership.is_not_own(position)
            yield _found(position, books.positions[position].contracts if whole else None)


def accepted_events(books: Books, baseline: Stated, ownership: Ownership) -> Iterator[Operated]:
    """What to ask about where a statement is taken for the books: who changed what is shared?"""
    for position in ownership.parts(baseline.account):
        stated_contracts = baseline.positions.get(position[1], {}).get("contracts", 0.0)
        if abs(stated_contracts - _held(books, position)) > SAME_CONTRACTS:
            yield _found(position, None)


def answered(books: Books, ownership: Ownership) -> Iterator[Operated]:
    """What the mandate says by now: adopted without a question."""
    for position in books.found:
        if _is_declared(ownership, position, _held(books, position)):
            yield Operated(
                "adopt", {"account": position[0], "contract": position[1]}, "the mandate"
            )


def _is_declared(ownership: Ownership, position: PositionKey, contracts: float) -> bool:
    """Whether the mandate states a position with just these contracts that is not all foreign."""
    stated = ownership.held.get(position, 0.0)
    return not ownership.is_not_own(position) and abs(stated - contracts) <= SAME_CONTRACTS


def adopted(
    books: Books, ownership: Ownership, arguments: Mapping[str, Any], who: str
) -> list[Operated]:
    """What a person adopts: all that was found, or what is of one account or contract.

    What the mandate says is not own cannot be adopted.

    Args: arguments: account and contract, each to adopt only what is of it; who: asks, for the
    ledger.
    """
    account, contract = arguments.get("account"), arguments.get("contract")
    return [
        Operated("adopt", {"account": where, "contract": key}, who)
        for where, key in books.found
        if not ownership.is_not_own((where, key))
        and account in (None, where)
        and contract in (None, key, key.partition(":")[2])
    ]


def in_words(books: Books, adopt: Operated) -> str:
    """What is adopted. Worked: "-20,000 contracts of bybit:BTC/USD:BTC on coinm"."""
    account, key = adopt.arguments["account"], adopt.arguments["contract"]
    return f"{signed(_held(books, (account, key)))} contracts of {key} on {account}"


def _held(books: Books, position: PositionKey) -> float:
    """Contracts booked at a place; 0 where nothing ever was."""
    held = books.positions.get(position)
    return held.contracts if held is not None else 0.0


def adoption_alerts(books: Books, adopts: Iterable[Operated]) -> list[Alert]:
    """What becomes this desk's own; before it is booked."""
    return [
        Alert(
            f"adopted:{one.arguments['account']}|{one.arguments['contract']}",
            "info",
            f"adopted by {one.who or 'hand'}: {in_words(books, one)}; this desk keeps it now",
        )
        for one in adopts
    ]


def questions(books: Books, ownership: Ownership, account: str) -> dict[str, Alert]:
    """Contract -> what is asked about its position in an account."""
    alerts = {}
    for where, key in books.found:
        if where == account and not ownership.is_not_own((where, key)):
            held = _held(books, (where, key))
            text = (
                f"{key} on {where}: {signed(held)} contracts are there of which this desk did not "
                f"trade all, and the mandate does not state them, so nothing on it is traded: "
                f"`volsculpt adopt` if they are this desk's; what is not, say in "
                f"[[account.not_own]]"
            )
            alerts[key] = Alert(f"found:{where}|{key}", "critical", text)
    return alerts
