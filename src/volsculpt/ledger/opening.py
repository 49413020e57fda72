"""From a path or an address to a store: a file, or a server's database."""

import os
from pathlib import Path
from time import sleep
from urllib.parse import quote

from sqlalchemy import URL, Engine, NullPool, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError

from volsculpt.errors import LedgerError, MissingExtra
from volsculpt.ledger.database import DatabaseStore, sqlite_settings
from volsculpt.ledger.filekind import check_ledger_file
from volsculpt.ledger.lock import WriterLock
from volsculpt.ledger.tables import FORMAT
from volsculpt.text import moment
from volsculpt.units import SECOND_NS

FORMS = "a path, sqlite:///PATH, postgresql+psycopg://USER@HOST/DATABASE, or memory:"
# One number a schema of a database; the second half is the schema's own.
LOCK = text("SELECT pg_try_advisory_lock(827364, hashtext(current_schema()))")
# A server learns only after a moment that a writer was killed, and keeps its lock till then.
LOCK_TRIES, LOCK_PAUSE_S = 21, 0.1
HOLDER = text(
    "SELECT a.application_name, a.backend_start FROM pg_locks l JOIN pg_stat_activity a "
    "ON a.pid = l.pid WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 827364 "
    "AND l.objid = (hashtext(current_schema())::bigint & 4294967295)::oid"
)


def open_store(url: str, *, write: bool, make: bool) -> DatabaseStore:
    """The store behind a path or an address, its form checked; make: where there is none.

    Raises LedgerError: not there, not a ledger, of an older or a newer form, in use, or an
    address of another kind; MissingExtra: the driver of PostgreSQL is not installed.
    """
    store = connected(url, write=write, make=make)
    try:
        found = store.format()
        if found is None and make and store.is_free():
            store.make()
        else:
            check_format(store.name, found)
    except BaseException:
        store.close()
        raise
    return store


def check_format(name: str, found: int | None) -> None:
    """Refuse tables that this program does not write."""
    if found is None:
        raise LedgerError(f"{name}: holds no ledger; give the one a desk has written")
    if found > FORMAT:
        raise LedgerError(f"{name}: has format {found}, of a newer volsculpt; update volsculpt")
    if found < FORMAT:
        raise LedgerError(
            f"{name}: has the older format {found}; run `volsculpt ledger migrate {name}` once"
        )


def connected(url: str, *, write: bool, make: bool) -> DatabaseStore:
    """The store behind a path or an address, whatever its form; make: a file where none is."""
    if "://" not in url:
        return connected_file(Path(url), write=write, make=make)
    try:
        address = make_url(url)
    except ArgumentError:
        raise LedgerError(f"{url!r} is no address of a ledger; write {FORMS}") from None
    kind = address.get_backend_name()
    if kind == "sqlite" and address.database:
        return connected_file(Path(address.database), write=write, make=make)
    if kind == "postgresql":
        return connected_server(address, write=write)
    raise LedgerError(f"{url!r}: a ledger is kept at {FORMS}")


def connected_file(path: Path, *, write: bool, make: bool) -> DatabaseStore:
    """A ledger in a file; make: where there is none, or an empty file."""
    path = path.expanduser().resolve()
    is_new = not path.exists() or (path.is_file() and path.stat().st_size == 0)
    if not (make and is_new):
        check_ledger_file(path)
    lock = WriterLock(path) if write else None
    query = {"mode": "rwc" if write else "ro", "uri": "true"}
    if not write and not _has_log(path) and not _may_write(path.parent):
        query["immutable"] = "1"  # nobody can be writing, and no shared memory can be made
    database = f"file:{quote(str(path))}"
    engine = create_engine(URL.create("sqlite", database=database, query=query), poolclass=NullPool)
    sqlite_settings(engine, write=write)
    return _store_or_free(str(path), engine, lock)


def _has_log(path: Path) -> bool:
    return path.with_name(path.name + "-wal").exists()


def _may_write(folder: Path) -> bool:
    return os.access(folder, os.W_OK)


def _store_or_free(name: str, engine: Engine, lock: WriterLock | None) -> DatabaseStore:
    try:
        return DatabaseStore(name, engine, lock)
    except BaseException:
        if lock is not None:
            lock.free()
        raise


def connected_server(address: URL, *, write: bool) -> DatabaseStore:
    """A ledger in a PostgreSQL database, in the schema that the address chooses."""
    name = address.render_as_string(hide_password=True)
    address = address.set(drivername="postgresql+psycopg")
    try:
        engine = create_engine(
            address,
            poolclass=NullPool,
            connect_args={"application_name": f"volsculpt process {os.getpid()}"},
        )
    except ModuleNotFoundError:
        raise MissingExtra(
            f"{name}: needs the driver of PostgreSQL: pip install 'volsculpt[postgres]'"
        ) from None
    store = DatabaseStore(name, engine, None)
    if write:
        try:
            lock_server(store)
        except BaseException:
            store.close()
            raise
    return store


def lock_server(store: DatabaseStore) -> None:
    """Take the writer's lock for as long as the connection lives; LedgerError: another holds it."""
    for left in reversed(range(LOCK_TRIES)):
        with store.begun():
            if store.connection.scalar(LOCK):
                return
            held = store.connection.execute(HOLDER).first()
        if left:
            sleep(LOCK_PAUSE_S)
    who = "another process"
    if held is not None:
        who = f"{held[0]} since {moment(int(held[1].timestamp()) * SECOND_NS)}"
    raise LedgerError(
        f"{store.name}: is being written by {who}; one process at a time may write a ledger: "
        f"stop that one first, or only read"
    )
