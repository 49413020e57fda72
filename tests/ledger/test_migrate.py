"""An older ledger brought to today's form: all of it, or nothing."""

from pathlib import Path

import pytest
from sqlalchemy import text

from tests.ledger.samples import lived
from volsculpt.errors import LedgerError
from volsculpt.ledger.ledger import open_ledger
from volsculpt.ledger.migrate import Migrated, migrate
from volsculpt.ledger.opening import connected
from volsculpt.ledger.store import MemoryStore
from volsculpt.ledger.tables import FORMAT
from volsculpt.ledger.verify import verify

# The tables of format 1, as they were: events and documents alone.
FORMAT_1 = (
    "CREATE TABLE meta (name VARCHAR(32) PRIMARY KEY, value VARCHAR(64) NOT NULL)",
    """CREATE TABLE events (seq {integer} PRIMARY KEY, time_ns BIGINT NOT NULL, kind VARCHAR(32)
    NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL, hash VARCHAR(64) NOT NULL)""",
    "CREATE TABLE documents (digest VARCHAR(64) PRIMARY KEY, body TEXT NOT NULL)",
    "INSERT INTO meta VALUES ('format', '1')",
)


def old_ledger(url: str) -> MemoryStore:
    """Write a ledger of format 1; what is in it."""
    lived(open_ledger(held := MemoryStore()))
    store = connected(url, write=True, make=True)
    integer = "INTEGER" if store.engine.dialect.name == "sqlite" else "BIGINT"
    with store.connection.begin():
        for line in FORMAT_1:
            store.connection.execute(text(line.format(integer=integer)))
        rows = [row._asdict() for row in held.rows(1, ())]
        names = ":seq, :time_ns, :kind, :version, :body, :hash"
        store.connection.execute(text(f"INSERT INTO events VALUES ({names})"), rows)
        documents = [{"digest": key, "body": body} for key, body in held.documents()]
        store.connection.execute(text("INSERT INTO documents VALUES (:digest, :body)"), documents)
    store.close()
    return held


def test_an_old_ledger_is_refused_until_it_is_migrated(url: str) -> None:
    """The message names the command; after it the ledger has its postings and is whole."""
    held = old_ledger(url)
    for write in (False, True):
        with pytest.raises(LedgerError, match="older format 1; run `volsculpt ledger migrate"):
            open_ledger(url, write=write)
    done = migrate(url)
    assert (done.from_format, done.to_format) == (1, FORMAT)
    with open_ledger(url) as ledger:
        assert list(ledger.store.rows(1, ())) == list(held.rows(1, ()))
        assert list(ledger.store.postings(1)) == list(held.postings(1))
        assert verify(ledger).problems == []
        lived_on = ledger.append([], 0)
        assert lived_on == []


def test_a_migrated_ledger_is_left_alone(url: str) -> None:
    """A second time nothing happens."""
    old_ledger(url)
    migrate(url)
    again = migrate(url)
    assert again == Migrated(again.name, FORMAT, FORMAT)


def test_a_broken_chain_is_not_migrated(url: str) -> None:
    """Nothing is derived from events that cannot be trusted, and nothing is changed."""
    old_ledger(url)
    store = connected(url, write=True, make=True)
    with store.connection.begin():
        store.connection.execute(text("UPDATE events SET time_ns = 5 WHERE seq = 4"))
    store.close()
    with pytest.raises(LedgerError, match="event 4 is missing or was changed, so it was not"):
        migrate(url)
    with pytest.raises(LedgerError, match="older format 1"):
        open_ledger(url)


def test_nothing_there_to_migrate(tmp_path: Path) -> None:
    """An empty file is no ledger."""
    (tmp_path / "x").write_bytes(b"")
    with pytest.raises(LedgerError, match="holds no ledger"):
        migrate(str(tmp_path / "x"))
