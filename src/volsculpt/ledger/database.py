"""A ledger in SQLite or PostgreSQL, through SQLAlchemy Core, over one connection.

SQLite: write-ahead log, full sync, so that a commit is on disk when it returns. PostgreSQL: as
the server is set up; its default waits for the disk too.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Table, event, func, insert, inspect, select, text

from volsculpt.errors import LedgerError
from volsculpt.ledger.entry import PostingRow, Row
from volsculpt.ledger.lock import WriterLock
from volsculpt.ledger.tables import DOCUMENTS, EVENTS, FORMAT, META, POSTINGS, TABLES
from volsculpt.ledger.trouble import translated

CHUNK = 2_000  # rows read at once: a reader never holds a transaction open


class DatabaseStore:
    """Events, documents and postings in tables; one writer, any number of readers."""

    def __init__(self, name: str, engine: Engine, lock: WriterLock | None) -> None:
        self.name = name
        self.engine = engine
        self._lock = lock
        self._inserts = {
            table.name: insert_text(table, engine) for table in (DOCUMENTS, EVENTS, POSTINGS)
        }
        with self._translating():
            self.connection: Connection = engine.connect()

    def _translating(self) -> AbstractContextManager[None]:
        return translated(self.name)

    @contextmanager
    def begun(self) -> Iterator[Connection]:
        """A transaction on the one connection; never on a new one, which would hold no lock."""
        if self.connection.invalidated:
            raise LedgerError(
                f"{self.name}: the connection was lost, and with it the writer's lock; check the "
                f"server, then start again"
            )
        with self._translating(), self.connection.begin():
            yield self.connection

    # --- its form ---------------------------------------------------------------------

    def format(self) -> int | None:
        """Version of its tables; None when there are none."""
        with self.begun():
            if not inspect(self.connection).has_table(META.name):
                return None
            found = self.connection.scalar(select(META.c.value).where(META.c.name == "format"))
        if found is None or not str(found).isdigit():
            raise LedgerError(f"{self.name}: is no ledger of volsculpt: it says no format")
        return int(found)

    def is_free(self) -> bool:
        """Whether a ledger may be made here: its file holds nothing else, a server may."""
        with self.begun():
            tables = inspect(self.connection).get_table_names()
        return self.engine.dialect.name != "sqlite" or not tables

    def make(self) -> None:
        """Make the tables in an empty database."""
        with self.begun():
            TABLES.create_all(self.connection)
            self.connection.execute(insert(META), [{"name": "format", "value": str(FORMAT)}])

    # --- writing ----------------------------------------------------------------------

    def commit(
        self, rows: Sequence[Row], documents: Mapping[str, str], postings: Sequence[PostingRow]
    ) -> None:
        """Write all of it in one transaction."""
        parts = ((DOCUMENTS, list(documents.items())), (EVENTS, rows), (POSTINGS, postings))
        with self.begun():
            for table, lines in parts:
                if lines:
                    self.connection.exec_driver_sql(self._inserts[table.name], list(lines))

    # --- reading ----------------------------------------------------------------------

    def rows(self, from_seq: int, kinds: Collection[str]) -> Iterator[Row]:
        """Events from a sequence number on, read in parts."""
        chosen = select(EVENTS).order_by(EVENTS.c.seq).limit(CHUNK)
        if kinds:
            chosen = chosen.where(EVENTS.c.kind.in_(sorted(kinds)))
        while True:
            found = self._all(chosen.where(EVENTS.c.seq >= from_seq))
            yield from (Row(*row) for row in found)
            if len(found) < CHUNK:
                return
            from_seq = found[-1][0] + 1

    def last_seq(self) -> int:
        """Sequence number of the last event."""
        return int(self._all(select(func.max(EVENTS.c.seq)))[0][0] or 0)

    def document(self, digest: str) -> str | None:
        """A kept document."""
        found = self._all(select(DOCUMENTS.c.body).where(DOCUMENTS.c.digest == digest))
        return str(found[0][0]) if found else None

    def documents(self) -> Iterator[tuple[str, str]]:
        """Every kept document."""
        for (key,) in self._all(select(DOCUMENTS.c.digest).order_by(DOCUMENTS.c.digest)):
            body = self.document(key)
            if body is not None:
                yield key, body

    def postings(self, from_seq: int) -> Iterator[PostingRow]:
        """Postings from an event on, read in parts of whole events."""
        last = self._all(select(func.max(POSTINGS.c.seq)))[0][0]
        ordered = select(POSTINGS).order_by(POSTINGS.c.seq, POSTINGS.c.line)
        while last is not None and from_seq <= last:
            until = from_seq + CHUNK
            part = ordered.where(POSTINGS.c.seq >= from_seq, POSTINGS.c.seq < until)
            yield from (PostingRow(*row) for row in self._all(part))
            from_seq = until

    def _all(self, statement: Any) -> Sequence[Any]:  # noqa: ANN401 - any select
        with self.begun():
            return self.connection.execute(statement).all()

    def problems(self) -> list[str]:
        """What SQLite's own check of its pages finds; PostgreSQL checks pages as it reads."""
        if self.engine.dialect.name != "sqlite":
            return []
        try:
            found = [str(row[0]) for row in self._all(text("PRAGMA integrity_check(20)"))]
        except LedgerError as error:
            return [str(error)]
        return [] if found == ["ok"] else [f"{self.name}: {line}" for line in found]

    def close(self) -> None:
        """Close the connection, then free the lock."""
        try:
            with self._translating():
                self.connection.close()
                self.engine.dispose()
        finally:
            if self._lock is not None:
                self._lock.free()


def insert_text(table: Table, engine: Engine) -> str:
    """An INSERT in the driver's own words: plain tuples go in at twice the speed of names."""
    mark = "?" if engine.dialect.name == "sqlite" else "%s"
    names = ", ".join(table.columns.keys())
    return f"INSERT INTO {table.name} ({names}) VALUES ({', '.join([mark] * len(table.columns))})"


def sqlite_settings(engine: Engine, *, write: bool) -> None:
    """Transactions as written, and on disk when committed."""

    @event.listens_for(engine, "connect")
    def connected(raw: Any, _: Any) -> None:  # noqa: ANN401 - the driver's own connection
        raw.isolation_level = None  # the driver begins nothing by itself
        cursor = raw.cursor()
        cursor.execute("PRAGMA busy_timeout=10000")
        cursor.execute("PRAGMA cache_size=-512")  # kB: one process may keep hundreds of ledgers
        if write:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute("BEGIN IMMEDIATE")  # fails now, not at the first append, where it must
            cursor.execute("ROLLBACK")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")
