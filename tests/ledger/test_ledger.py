"""Writing and reading a ledger: the same in a file and in a database."""

import subprocess
import sys
from pathlib import Path
from threading import Timer
from time import monotonic
from typing import Any

import psycopg
import pytest

from tests.ledger.conftest import new_schema
from tests.ledger.samples import PERPETUAL, START_NS, filled, intended, life, lived, stated
from volsculpt.errors import LedgerError
from volsculpt.ledger.events import Acknowledged, Filled, Submitted
from volsculpt.ledger.ledger import Ledger, open_ledger
from volsculpt.ledger.opening import LOCK
from volsculpt.ledger.store import MemoryStore


def test_what_is_written_is_read_back(url: str) -> None:
    """Every kind of event comes back as it was, in order, with its time and a hash of its own."""
    with open_ledger(url) as ledger:
        events = life(ledger)
        assert ledger.append(events, START_NS) == list(range(1, len(events) + 1))
    with open_ledger(url, write=False) as ledger:
        found = list(ledger.entries())
    assert [one.event for one in found] == events
    assert {one.time_ns for one in found} == {START_NS}
    assert len({one.hash for one in found}) == len(events)


def test_the_books_are_there_again_after_a_restart(url: str) -> None:
    """What the books say while writing is what they say after opening the ledger again."""
    with open_ledger(url) as ledger:
        books = lived(ledger).books
    with open_ledger(url) as again:
        assert again.books == books
        assert again.head == ledger.head
    with open_ledger(url, write=False) as reader:
        assert reader.books == books


def test_a_reader_sees_what_a_writer_adds(url: str) -> None:
    """A reader beside a writer catches up without opening the ledger again."""
    with open_ledger(url) as writer, open_ledger(url, write=False) as reader:
        assert reader.books.lots == set()
        writer.append([filled()], START_NS)
        reader.catch_up()
        assert reader.books == writer.books
        assert reader.books.lots == {("coinm", "l1")}


def test_entries_from_a_place_and_of_a_kind(url: str) -> None:
    """A reader may ask for some kinds, from some event on; a kind there is not is named."""
    with open_ledger(url) as ledger:
        lived(ledger)
        found = list(ledger.entries(8, ("fill",)))
        assert [(one.seq, one.event.lot_id) for one in found if isinstance(one.event, Filled)] == [
            (9, "l2"),
            (17, "l3"),
        ]
        with pytest.raises(LedgerError, match="no event is of kind fil;"):
            ledger.entries(1, ("fil",))


def test_many_events_are_read_in_parts(url: str) -> None:
    """More events than are read at once come whole and in order."""
    with open_ledger(url) as ledger:
        ledger.append([filled(f"l{n}") for n in range(4_500)], START_NS)
        assert [one.seq for one in ledger.entries()] == list(range(1, 4_501))
        assert len(list(ledger.store.postings(1))) == 4_500 * 4


def test_one_writer_at_a_time(url: str) -> None:
    """A second writer is refused and told who holds the ledger; a reader is not refused."""
    with open_ledger(url) as ledger:
        ledger.append([filled()], START_NS)
        with pytest.raises(LedgerError, match=r"is being written by .*process \d+ since 20"):
            open_ledger(url)
        with open_ledger(url, write=False) as reader:
            assert len(list(reader.entries())) == 1
    with open_ledger(url) as free:
        assert free.append([filled("l2")], START_NS) == [2]


def holder_of(place: str) -> psycopg.Connection[Any]:
    """A connection that holds a ledger's lock until it is closed."""
    made = psycopg.connect(place, autocommit=True)
    assert made.execute(str(LOCK).encode()).fetchone() == (True,)
    return made


@pytest.mark.parametrize("make", [True, False])
def test_a_lock_that_is_soon_free_is_waited_for(server: str, make: bool) -> None:
    """Half a second, as a server takes to notice that the holder was killed."""
    place = new_schema(server)
    if not make:
        open_ledger(place).close()
    holder = holder_of(place)
    Timer(0.5, holder.close).start()
    with open_ledger(place) as ledger:
        assert holder.closed
        assert ledger.append([filled()], START_NS) == [1]


def test_a_lock_that_is_held_on_is_refused_after_two_seconds(server: str) -> None:
    """Not sooner: a server may take so long; and whoever starts a second desk is told why."""
    place = new_schema(server)
    with holder_of(place):
        begun = monotonic()
        with pytest.raises(LedgerError, match="one process at a time may write a ledger: stop"):
            open_ledger(place)
        assert monotonic() - begun > 1.9


def test_a_killed_writer_leaves_no_lock(url: str) -> None:
    """After kill -9 of a writer the next one may write, with all that was written."""
    code = (
        "import os, signal, sys\n"
        "from tests.ledger.samples import filled\n"
        "from volsculpt.ledger.ledger import open_ledger\n"
        "open_ledger(sys.argv[1]).append([filled()], 5)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, url], env=None, timeout=60)
    assert done.returncode == -9
    with open_ledger(url) as ledger:
        assert ledger.append([filled("l2")], START_NS) == [2]


def test_a_reader_cannot_write(url: str) -> None:
    """A ledger opened for reading refuses an event."""
    open_ledger(url).close()
    with (
        open_ledger(url, write=False) as ledger,
        pytest.raises(LedgerError, match="opened for reading"),
    ):
        ledger.append([filled()], START_NS)


def test_a_refused_event_takes_its_whole_append_with_it(url: str) -> None:
    """Of an append with one bad event nothing is written, and the books are as before."""
    with open_ledger(url) as ledger:
        ledger.append([intended("c1")], START_NS)
        with pytest.raises(LedgerError, match=r"slot coinm\|bybit.* is taken by order c1"):
            ledger.append([filled("l1"), intended("c2")], START_NS)
        assert ledger.books.positions == {}
        assert list(ledger.books.orders) == ["c1"]
        assert len(list(ledger.entries())) == 1
        freed = [Submitted("c1"), Acknowledged("c1", "cancelled", 0.0), intended("c2")]
        assert ledger.append(freed, START_NS) == [2, 3, 4]


def test_documents_are_kept_once_by_content(url: str) -> None:
    """A document goes with the next append, is found by its digest, and stands there once."""
    with open_ledger(url) as ledger:
        key = ledger.keep({"b": 0.1, "a": [1, None]})
        assert ledger.document(key) == {"a": [1, None], "b": 0.1}
        assert list(ledger.store.documents()) == []
        ledger.append([filled()], START_NS)
        assert ledger.keep({"a": [1, None], "b": 0.1}) == key
        ledger.append([filled("l2")], START_NS)
        assert list(ledger.store.documents()) == [(key, '{"a":[1,null],"b":0.1}')]
    with open_ledger(url) as ledger:
        assert ledger.keep({"a": [1, None], "b": 0.1}) == key
        ledger.append([filled("l3")], START_NS)
        with pytest.raises(LedgerError, match="document ffff is not there"):
            ledger.document("ffff")


def test_a_ledger_of_another_form_is_refused(url: str) -> None:
    """A newer form, an empty place, a file that is none: each with what to do."""
    with pytest.raises(LedgerError, match=r"holds no ledger|there is no ledger"):
        open_ledger(url, write=False)
    with open_ledger(url) as ledger:
        store = ledger.store
        with store.connection.begin():  # type: ignore[attr-defined]
            store.connection.exec_driver_sql("UPDATE meta SET value = '99'")  # type: ignore[attr-defined]
    for write in (False, True):
        with pytest.raises(LedgerError, match="format 99, of a newer volsculpt; update"):
            open_ledger(url, write=write)


def test_addresses(tmp_path: Path) -> None:
    """A path, an address of a file, and what is neither."""
    path = tmp_path / "a.ledger"
    with open_ledger(f"sqlite:///{path}") as ledger:
        ledger.append([filled()], START_NS)
    with open_ledger(path, write=False) as ledger:
        assert len(list(ledger.entries())) == 1
    for wrong in ("mysql://x/y", "sqlite://", "http://["):
        with pytest.raises(LedgerError, match="memory:"):
            open_ledger(wrong)


# --- in memory ------------------------------------------------------------------------


class Killed(BaseException):
    """The process dies here."""


@pytest.mark.parametrize(("moment", "left"), [("begun", 1), ("written", 1), ("synced", 2)])
def test_a_kill_in_mid_commit_keeps_what_was_synced(moment: str, left: int) -> None:
    """A commit is there whole once it is synced, and not at all before."""
    ledger = open_ledger(store := MemoryStore())
    ledger.append([stated()], START_NS)

    def die(at: str) -> None:
        if at == moment:
            raise Killed

    store.on_commit = die
    with pytest.raises(Killed):
        ledger.append([filled("l1"), filled("l2")], START_NS)
    again = open_ledger(store.kill())
    assert len(list(again.entries())) == (1 if left == 1 else 3)
    assert len(again.books.lots) == (0 if left == 1 else 2)


def test_unsynced_writes_are_lost_at_a_kill() -> None:
    """A store that is not durable keeps what was synced, documents and postings too."""
    ledger: Ledger = open_ledger(store := MemoryStore(durable=False))
    ledger.append([stated()], START_NS)
    store.sync()
    key = ledger.keep({"a": 1})
    ledger.append([filled()], START_NS)
    left = store.kill()
    assert (left.last_seq(), left.document(key), len(list(left.postings(1)))) == (1, None, 2)
    with pytest.raises(LedgerError, match="closed"):
        ledger.append([filled("l2")], START_NS)
    assert open_ledger(left).append([filled()], START_NS) == [2]


def test_a_failed_commit_leaves_the_books_as_they_were() -> None:
    """When nothing was written, the books say so, and the next append takes its place."""
    ledger = open_ledger(store := MemoryStore())

    def fail(at: str) -> None:
        if at == "begun":
            raise LedgerError("the disk is full")

    store.on_commit = fail
    with pytest.raises(LedgerError, match="full"):
        ledger.append([filled()], START_NS)
    assert ledger.books.positions == {}
    store.on_commit = None
    assert ledger.append([filled()], START_NS) == [1]
    assert ledger.books.positions["coinm", PERPETUAL].contracts == -10_000.0
