"""Whether a paper venue's journal goes with a ledger: what it was asked, a desk wrote before.

A desk writes each order and transfer to its ledger before it sends it. So a journal that holds one
that the ledger does not know is of another ledger, or later than the copy put in its place. A
ledger with orders or transfers and no journal was put back alone: a venue that begins anew knows
nothing of them.
"""

from pathlib import Path

from volsculpt.errors import LedgerError
from volsculpt.ledger.events import Operated
from volsculpt.ledger.ledger import Ledger
from volsculpt.parsing import json_of
from volsculpt.trade.observe.recall import mark_of

INSIDE = "vm-"  # margin moved within an account, which no ledger notes


def check_kinship(journal: Path, ledger: Ledger) -> None:
    """Raise LedgerError, with the remedy, where a journal holds what the ledger never asked.

    And where there is none beside a ledger that has asked.
    """
    books = ledger.books
    if not journal.exists() and (books.orders or books.transfers):
        raise LedgerError(
            f"{ledger_file(journal)} has orders or transfers, but the file of its paper venue, "
            f"{journal}, is not there: put the copy of {journal.name} back that was made with this "
            f"ledger; to begin anew move the ledger away too"
        )
    for number, name in journal_requests(journal):
        if name in books.orders or name in books.transfers or name in books.flow_ids:
            continue
        if first_mark(ledger) == name.split("-")[1][:8]:
            raise LedgerError(
                f"{ledger_file(journal)} is older than its paper venue, {journal}, which was asked "
                f"for {name} that this ledger does not know: put the copy of {journal.name} that "
                f"was made with this ledger beside it, or cut the venue back to the ledger: "
                f"head -n {number - 1} {journal} > cut.venue && mv cut.venue {journal}"
            )
        raise LedgerError(
            f"{journal} is of another ledger than {ledger_file(journal)}: it was asked for {name}, "
            f"which this ledger does not know; to begin anew move {journal.name} away too, to go "
            f"on put the ledger back that it belongs to"
        )


def journal_requests(journal: Path) -> list[tuple[int, str]]:
    """(line, id) of each order and transfer in a journal; of a file that is none, nothing."""
    try:
        lines = journal.read_bytes().splitlines() if journal.exists() else []
        rows = [json_of(line)["given"] for line in lines[1:]]
        keys = ("client_id", "transfer_id", "flow_id")
        names = [next((one[key] for key in keys if key in one), INSIDE) for one in rows]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []  # whoever opens it says what it is
    found = [(number, str(name)) for number, name in enumerate(names, 2)]
    return [(number, name) for number, name in found if not name.startswith(INSIDE)]


def first_mark(ledger: Ledger) -> str:
    """The mark that the ids of a ledger's orders bear: of its first start; "" before it."""
    for entry in ledger.entries(kinds=(Operated.KIND,)):
        if isinstance(entry.event, Operated) and entry.event.action == "start":
            return mark_of(entry.hash)
    return ""


def ledger_file(journal: Path) -> Path:
    """The ledger that a journal stands beside."""
    return journal.with_suffix("")
