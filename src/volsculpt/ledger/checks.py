"""What an event must be to enter the ledger: checked against the books before it is written."""

from collections.abc import Callable
from typing import Any

from volsculpt.contracts.payoff import PAYOFF_CODE
from volsculpt.errors import LedgerError
from volsculpt.ledger.books import Books
from volsculpt.ledger.events import (
    Acknowledged,
    AlertAcknowledged,
    CashBooked,
    Converted,
    Filled,
    Intended,
    Operated,
    Stated,
    Submitted,
    TransferNoted,
)
from volsculpt.ledger.postings import AGAINST


def check_event(books: Books, event: object) -> None:
    """Refuse an event that the books cannot hold; LedgerError says why. Nothing is written.

    The one that matters most: of a slot, one order at a time may be alive.
    """
    check = _CHECKS.get(type(event))
    if check is not None:
        check(books, event)


def _refuse(why: str) -> None:
    raise LedgerError(f"{why}; nothing was written")


def _intended(books: Books, event: Intended) -> None:
    if event.client_id in books.orders:
        _refuse(f"the client id {event.client_id} has been used: each order needs its own")
    holder = books.slots.get((event.account, event.contract))
    if holder is not None:
        state = books.orders[holder].state
        _refuse(
            f"the slot {event.account}|{event.contract} is taken by order {holder} ({state}): "
            f"wait for its final answer before another is intended"
        )
    if event.contracts == 0.0:
        _refuse(f"order {event.client_id} is of 0 contracts: intend what is to be traded")


def _of_an_order(books: Books, event: Submitted | Acknowledged) -> None:
    if event.client_id not in books.orders:
        _refuse(f"order {event.client_id} was never intended here: write its intent first")


def _alert_acknowledged(books: Books, event: AlertAcknowledged) -> None:
    one = books.alerts.get(event.key)
    if one is None or one.number != event.number:
        _refuse(f"alert {event.number} ({event.key}) is not open: acknowledge one that is")


def _filled(books: Books, event: Filled) -> None:
    what = f"fill {event.lot_id} of {event.account}"
    if event.payoff not in PAYOFF_CODE:
        _refuse(f"{what} has the payoff {event.payoff!r}: it is inverse, linear or quanto")
    if not (event.price > 0.0 and event.multiplier > 0.0):
        _refuse(f"{what} is at {event.price!r} x {event.multiplier!r}: both must be positive")
    held = books.positions.get((event.account, event.contract))
    terms = (event.payoff, event.multiplier, event.settle)
    if held is not None and terms != (held.payoff, held.multiplier, held.settle):
        _refuse(f"{what}: {event.contract} is {terms}, but booked as another kind of contract")


def _cash(books: Books, event: CashBooked) -> None:
    if event.reason not in AGAINST:
        _refuse(f"cash {event.cash_id} is for {event.reason!r}: say one of {', '.join(AGAINST)}")


def _converted(books: Books, event: Converted) -> None:
    what = f"conversion {event.conversion_id} of {event.account}"
    if not (event.sold_coins > 0.0 and event.bought_coins > 0.0):
        _refuse(f"{what} is {event.sold_coins!r} for {event.bought_coins!r}: both must be positive")
    if event.sold == event.bought:
        _refuse(f"{what} is {event.sold} for {event.bought}: coins are converted to others")


def _transfer(books: Books, event: TransferNoted) -> None:
    if not (event.coins > 0.0 and event.cost >= 0.0):
        _refuse(
            f"transfer {event.transfer_id} is of {event.coins!r} coins at {event.cost!r}: coins "
            f"must be positive and the cost not negative"
        )


def _stated(books: Books, event: Stated) -> None:
    if not event.adopted:
        return
    for name, stated in event.positions.items():
        is_held = (event.account, name) in books.positions
        lacking = [term for term in ("payoff", "multiplier", "settle") if term not in stated]
        if lacking and not is_held:
            _refuse(
                f"the position {name} of {event.account} cannot be adopted without its "
                f"{', '.join(lacking)}: take them from the contract"
            )
        if stated.get("contracts") is None:
            _refuse(f"the position {name} of {event.account} says no contracts")
        if stated["contracts"] != 0.0 and not (stated.get("entry") or 0.0) > 0.0:
            _refuse(f"the position {name} of {event.account} says no entry price")


def _operated(books: Books, event: Operated) -> None:
    if event.action == "latch" and not event.arguments.get("latch"):
        _refuse('an operator\'s "latch" names none: give arguments {"latch": name, "why": text}')
    if event.action in {"found", "adopt"}:
        place = (event.arguments.get("account"), event.arguments.get("contract"))
        shared = event.action == "found" and event.arguments.get("contracts", 0.0) is None
        if place not in books.positions and place not in books.found and not shared:
            _refuse(f'an operator\'s "{event.action}" names no position that is booked: {place}')


_CHECKS: dict[type, Callable[[Books, Any], None]] = {
    Acknowledged: _of_an_order,
    AlertAcknowledged: _alert_acknowledged,
    CashBooked: _cash,
    Converted: _converted,
    Filled: _filled,
    Intended: _intended,
    Operated: _operated,
    Stated: _stated,
    Submitted: _of_an_order,
    TransferNoted: _transfer,
}
