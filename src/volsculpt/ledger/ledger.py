"""The ledger: append-only events, hash-chained, with balanced postings and the books they make.

One process writes; any number read. What `append` answered is on disk; what it refused or
failed to write is not there at all, in part or in whole.
"""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from types import TracebackType

from volsculpt.errors import LedgerError, LedgerWriteError
from volsculpt.ledger.booking import book
from volsculpt.ledger.books import Books
from volsculpt.ledger.checks import check_event
from volsculpt.ledger.codec import GENESIS, canonical, digest, entry_of, is_chained, row_of
from volsculpt.ledger.entry import Entry, PostingRow, Row
from volsculpt.ledger.events import EVENTS, Event, Json
from volsculpt.ledger.postings import check_balanced
from volsculpt.ledger.store import MemoryStore, Store


class Ledger:
    """Events of one mandate in a store; made by `open_ledger`."""

    def __init__(self, store: Store, *, write: bool) -> None:
        self.store = store
        self.can_write = write
        self._kept: dict[str, str] = {}  # documents that go with the next append
        self._stored: set[str] = set()  # digests known to be in the store
        self._sources: dict[str, tuple[object, str]] = {}
        self._books: Books | None = None
        self._seq, self._hash = 0, GENESIS

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def name(self) -> str:
        """Where it lies, for messages."""
        return self.store.name

    # --- the books --------------------------------------------------------------------

    @property
    def books(self) -> Books:
        """What everything written adds up to; kept current by `append`.

        A reader sees what was written when it first asked, and after each `catch_up`.
        """
        if self._books is None:
            self.catch_up()
        assert self._books is not None
        return self._books

    @property
    def head(self) -> tuple[int, str]:
        """Sequence number and hash of the last event in the books."""
        _ = self.books
        return self._seq, self._hash

    def catch_up(self) -> None:
        """Fold what has been written since, by another process or before this one.

        Raises LedgerError: the chain is broken, has a hole, or an event cannot be read.
        """
        books = self._books if self._books is not None else Books()
        try:
            for row in self.store.rows(self._seq + 1, ()):
                self._fold(books, row)
        except BaseException:
            self._forget()  # nothing stays half-folded
            raise
        self._books = books

    def _fold(self, books: Books, row: Row) -> None:
        """Book one stored event, once it is seen to be the next of the chain."""
        if row.seq != self._seq + 1 or not is_chained(row, self._hash):
            raise LedgerError(
                f"{self.name}: event {self._seq + 1} is missing or was changed, so nothing after "
                f"it can be trusted; `volsculpt ledger verify` tells more; restore a copy"
            )
        book(books, entry_of(row))
        self._seq, self._hash = row.seq, row.hash

    def _forget(self) -> None:
        """Forget the books; they are folded again, from what is written, when next needed."""
        self._books = None
        self._seq, self._hash = 0, GENESIS

    # --- documents --------------------------------------------------------------------

    def keep(self, document: Json) -> str:
        """Keep a document under the digest of its content; it is stored with the next append."""
        body = canonical(document)
        key = digest(body)
        if key not in self._stored and key not in self._kept:
            if self.store.document(key) is None:
                self._kept[key] = body
            else:
                self._stored.add(key)
        return key

    def keep_once(self, name: str, source: object, make: Callable[[], Json]) -> str:
        """As `keep`, but what `make` answers for the same object again is not made again."""
        before = self._sources.get(name)
        if before is not None and before[0] is source:
            return before[1]
        key = self.keep(make())
        self._sources[name] = (source, key)
        return key

    def document(self, key: str) -> Json:
        """A document by its digest; LedgerError where there is none, or it was changed."""
        body = self._kept.get(key)
        if body is None:
            body = self.store.document(key)
        if body is None or digest(body) != key:
            what = "is not there" if body is None else "was changed"
            raise LedgerError(f"{self.name}: the document {key[:12]} {what}; restore a copy")
        found: Json = json.loads(body)
        return found

    # --- events -----------------------------------------------------------------------

    def append(self, events: Sequence[Event], time_ns: int) -> list[int]:
        """Write events in one commit, on disk when this returns; their sequence numbers.

        Raises LedgerError: an event that the books cannot hold or that does not balance, a
        reader's ledger; LedgerWriteError: a store that failed. Then none of the events is written.
        """
        if not self.can_write:
            raise LedgerError(f"{self.name}: was opened for reading; open it for writing")
        _ = self.books
        rows: list[Row] = []
        lines: list[PostingRow] = []
        try:
            for event in events:
                rows.append(self._enter(event, time_ns, lines))
            self._commit(rows, lines)
        except BaseException:
            self._forget()  # the books have run ahead of what is written
            raise
        self._stored.update(self._kept)
        self._kept.clear()
        return [row.seq for row in rows]

    def _commit(self, rows: Sequence[Row], lines: Sequence[PostingRow]) -> None:
        """The one place that writes. Raises LedgerWriteError where the store takes nothing."""
        try:
            self.store.commit(rows, self._kept, lines)
        except OSError as error:
            from volsculpt.ledger.trouble import meaning  # its library loads in 0.1 s

            raise LedgerWriteError(f"{self.name}: {meaning(str(error))} ({error})") from error
        except LedgerError as error:
            raise LedgerWriteError(str(error)) from error

    def _enter(self, event: Event, time_ns: int, lines: list[PostingRow]) -> Row:
        """Check one event, chain it, and book it; its postings go to `lines`."""
        books = self.books
        try:
            check_event(books, event)
        except LedgerError as error:
            raise LedgerError(f"{self.name}: {error}") from None
        row = row_of(event, self._seq + 1, time_ns, self._hash)
        posted = book(books, Entry(row.seq, time_ns, event, row.hash))
        if posted:
            check_balanced(posted, f"{self.name}: event {row.seq} ({row.kind})")
            lines.extend(PostingRow(row.seq, n, *one) for n, one in enumerate(posted, 1))
        self._seq, self._hash = row.seq, row.hash
        return row

    def entries(self, from_seq: int = 1, kinds: Collection[str] = ()) -> Iterator[Entry]:
        """Written events in order, of some kinds (KIND of their classes) or of all."""
        unknown = sorted(set(kinds) - set(EVENTS))
        if unknown:
            raise LedgerError(
                f"no event is of kind {', '.join(unknown)}; kinds are {', '.join(EVENTS)}"
            )
        return map(entry_of, self.store.rows(from_seq, kinds))

    def close(self) -> None:
        """Let another process write."""
        self.store.close()


def open_ledger(url: str | Path | Store, *, write: bool = True, make: bool = True) -> Ledger:
    """The ledger at a path or an address; made where there is none, to be written, unless told not.

    A path or sqlite:///PATH is a file, postgresql+psycopg://USER@HOST/DATABASE a database,
    "memory:" is gone when closed; a store is taken as it is. write takes the lock of the one
    writer and folds the books at once; LedgerError names who holds it.
    """
    ledger = Ledger(_store(url, write=write, make=write and make), write=write)
    try:
        if write:
            ledger.catch_up()
    except BaseException:
        ledger.close()
        raise
    return ledger


def address_of(given: object) -> str:
    """Where a ledger is, as text. Raises LedgerError for what is neither a path nor an address."""
    if isinstance(given, str | Path) and "\0" not in str(given):
        return str(given)
    raise LedgerError(
        f'ledger: {given!r:.60} is none; write the path of a file, as "books.ledger", an address, '
        f'or "memory:"'
    )


def _store(url: str | Path | Store, *, write: bool, make: bool) -> Store:
    if not isinstance(url, str | Path) and hasattr(url, "close"):
        return url
    address = address_of(url)
    if address == "memory:":
        return MemoryStore()
    from volsculpt.ledger.opening import open_store

    return open_store(address, write=write, make=make)
