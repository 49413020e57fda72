"""Alerts that a person knows of, by their numbers: not told again until they are graver. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from volsculpt.errors import LedgerError
from volsculpt.ledger.books import AlertBooked, Books
from volsculpt.ledger.events import AlertAcknowledged

SHOWN = "`volsculpt status LEDGER` shows them with their numbers"


def acknowledgements(
    books: Books, arguments: Mapping[str, Any], who: str
) -> tuple[list[AlertAcknowledged], str]:
    """(events, the answer in words) for the alerts of some numbers, or for all that are open.

    What is acknowledged already stays as it is. Raises LedgerError naming a number that no open
    alert has.

    Args: arguments: numbers, or none for all, and a note; who: asks, for the ledger.
    """
    numbers = arguments.get("numbers")
    there = {one.number: one for one in books.alerts.values() if one.number is not None}
    wanted = list(there) if numbers is None else list(dict.fromkeys(numbers))
    for number in wanted:
        if number not in there:
            raise LedgerError(_unknown(books, number, sorted(there)))
    fresh = [there[number] for number in wanted if not there[number].is_acknowledged]
    note = arguments.get("note") or ""
    made = [AlertAcknowledged(one.key, one.number or 0, one.level, note, who) for one in fresh]
    return made, _answer(fresh, wanted)


def _unknown(books: Books, number: object, there: Sequence[int]) -> str:
    """Why a number is none of an open alert, and which there are."""
    if isinstance(number, int) and 0 < number <= books.alert_count:
        wrong = f"alert {number} is over"
    else:
        wrong = f"there is no alert {number}"
    if not there:
        return f"{wrong}; no alert is open, so there is nothing to acknowledge"
    verb = "are" if len(there) > 1 else "is"
    return f"{wrong}; open {verb} {', '.join(map(str, there))}: {SHOWN}"


def _answer(fresh: Sequence[AlertBooked], numbers: Sequence[int]) -> str:
    """What was acknowledged."""
    if not numbers:
        return "no alert is open, so there is nothing to acknowledge"
    if not fresh:
        return f"acknowledged already: {', '.join(map(str, numbers))}"
    named = ", ".join(f"{one.number} ({one.level}, {one.key})" for one in fresh)
    return f"acknowledged: {named}; told again when graver, or when it ends and comes back"
