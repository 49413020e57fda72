"""Where a ledger lies: what every store can do, and the one in memory."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Protocol

from volsculpt.errors import LedgerError
from volsculpt.ledger.entry import PostingRow, Row


class Store(Protocol):
    """Rows on disk, in a database, or in memory. Each method may raise LedgerError."""

    name: str  # for messages: a path or an address without its password

    def commit(
        self, rows: Sequence[Row], documents: Mapping[str, str], postings: Sequence[PostingRow]
    ) -> None:
        """Write all of it in one transaction, or nothing; it is durable on return."""
        ...

    def rows(self, from_seq: int, kinds: Collection[str]) -> Iterator[Row]:
        """Stored events from a sequence number on; of some kinds, or of all."""
        ...

    def last_seq(self) -> int:
        """Sequence number of the last stored event; 0 where there is none."""
        ...

    def document(self, digest: str) -> str | None:
        """A kept document; None when there is none."""
        ...

    def documents(self) -> Iterator[tuple[str, str]]:
        """Every kept document with its digest."""
        ...

    def postings(self, from_seq: int) -> Iterator[PostingRow]:
        """Stored postings from the event of a sequence number on, in their order."""
        ...

    def problems(self) -> list[str]:
        """What the store itself finds wrong with its pages; empty when it is sound."""
        ...

    def close(self) -> None:
        """Let go of it; a closed store is not used again."""
        ...


class MemoryStore:
    """A store that is gone with the process; for tests and simulated time.

    durable: True writes through at every commit; False keeps writes until `sync`. on_commit is
    called with "begun" before anything is written (what it raises is a failed commit), with
    "written" before a commit is synced and "synced" after it (a kill at that moment). `kill`
    answers the store as a restart would find it.
    """

    def __init__(self, name: str = "memory:", *, durable: bool = True) -> None:
        self.name = name
        self.durable = durable
        self.on_commit: Callable[[str], None] | None = None
        self._closed = False
        self._rows: list[Row] = []
        self._postings: list[PostingRow] = []
        self._documents: dict[str, str] = {}
        self._synced = (0, 0, 0)

    def commit(
        self, rows: Sequence[Row], documents: Mapping[str, str], postings: Sequence[PostingRow]
    ) -> None:
        """Keep all of it; synced at once when durable."""
        if self._closed:
            raise LedgerError(f"{self.name}: is closed; open it again")
        self._at("begun")
        self._rows.extend(rows)
        self._postings.extend(postings)
        self._documents.update(documents)
        self._at("written")
        if self.durable:
            self.sync()
        self._at("synced")

    def _at(self, moment: str) -> None:
        if self.on_commit is not None:
            self.on_commit(moment)

    def sync(self) -> None:
        """Make everything written so far survive a kill."""
        self._synced = (len(self._rows), len(self._postings), len(self._documents))

    def kill(self) -> "MemoryStore":
        """What is left after a kill: a new store with what had been synced; this one is closed."""
        left = MemoryStore(self.name, durable=self.durable)
        rows, postings, documents = self._synced
        left._rows = self._rows[:rows]
        left._postings = self._postings[:postings]
        left._documents = dict(list(self._documents.items())[:documents])
        left.sync()
        self._closed = True
        return left

    def rows(self, from_seq: int, kinds: Collection[str]) -> Iterator[Row]:
        """Events from a sequence number on."""
        for place in range(max(0, from_seq - 1), len(self._rows)):
            row = self._rows[place]
            if not kinds or row.kind in kinds:
                yield row

    def last_seq(self) -> int:
        """Sequence number of the last event."""
        return self._rows[-1].seq if self._rows else 0

    def document(self, digest: str) -> str | None:
        """A kept document."""
        return self._documents.get(digest)

    def documents(self) -> Iterator[tuple[str, str]]:
        """Every kept document."""
        yield from list(self._documents.items())

    def postings(self, from_seq: int) -> Iterator[PostingRow]:
        """Postings from the event of a sequence number on."""
        yield from [row for row in self._postings if row.seq >= from_seq]

    def problems(self) -> list[str]:
        """Memory has no pages to check."""
        return []

    def close(self) -> None:
        """Refuse further commits."""
        self._closed = True
