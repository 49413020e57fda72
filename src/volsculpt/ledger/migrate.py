"""An older form of a stored ledger brought to today's, in one transaction or not at all."""

from dataclasses import dataclass

from sqlalchemy import insert, update

from volsculpt.errors import LedgerError
from volsculpt.ledger.booking import book
from volsculpt.ledger.books import Books
from volsculpt.ledger.codec import GENESIS, entry_of, is_chained
from volsculpt.ledger.database import DatabaseStore
from volsculpt.ledger.entry import PostingRow
from volsculpt.ledger.opening import check_format, connected
from volsculpt.ledger.tables import EVENTS, FORMAT, META, POSTINGS


@dataclass(frozen=True, slots=True)
class Migrated:
    """A ledger and the forms it had and has; equal when there was nothing to do."""

    name: str
    from_format: int
    to_format: int


def migrate(url: str) -> Migrated:
    """Bring the ledger at a path or an address to today's form. Events stay as they are.

    Raises LedgerError: no ledger is there, it is newer than this program, it is in use, its
    chain is broken, or the store failed; then it is as it was.
    """
    store = connected(url, write=True, make=False)
    try:
        before = store.format()
        if before is None or before > FORMAT:
            check_format(store.name, before)
        steps = {1: _add_postings}
        for step in range(before or FORMAT, FORMAT):
            steps[step](store)
        return Migrated(store.name, before or FORMAT, FORMAT)
    finally:
        store.close()


def _add_postings(store: DatabaseStore) -> None:
    """Format 1 to 2: make the table of postings and the index of kinds, and fill them."""
    lines = _all_postings(store)
    with store.begun():
        POSTINGS.create(store.connection)
        for index in EVENTS.indexes:
            index.create(store.connection)
        if lines:
            store.connection.execute(insert(POSTINGS), [line._asdict() for line in lines])
        changed = update(META).where(META.c.name == "format").values(value="2")
        store.connection.execute(changed)


def _all_postings(store: DatabaseStore) -> list[PostingRow]:
    """What the stored events post, once the chain is seen to be whole."""
    books, before, found = Books(), GENESIS, list[PostingRow]()
    for number, row in enumerate(store.rows(1, ()), 1):
        if row.seq != number or not is_chained(row, before):
            raise LedgerError(
                f"{store.name}: event {number} is missing or was changed, so it was not migrated; "
                f"restore a copy"
            )
        before = row.hash
        posted = book(books, entry_of(row))
        found += [PostingRow(row.seq, n, *one) for n, one in enumerate(posted, 1)]
    return found
