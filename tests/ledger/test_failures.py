"""A disk that is full, a file that may not be written, a page gone bad, a process killed."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import cast

import psycopg
import pytest

from tests.ledger.conftest import new_schema
from tests.ledger.samples import START_NS, filled, lived
from volsculpt.errors import LedgerError
from volsculpt.ledger.database import DatabaseStore
from volsculpt.ledger.ledger import Ledger, open_ledger
from volsculpt.ledger.trouble import DRIVER_ERRORS, OTHER, meaning
from volsculpt.ledger.verify import verify

PAGE = 4096


def pragma(ledger: Ledger, text: str) -> None:
    """Set SQLite's own setting on the writer's connection."""
    with cast(DatabaseStore, ledger.store).begun() as connection:
        connection.exec_driver_sql(f"PRAGMA {text}")


def batch(start: int) -> list[object]:
    """Three fills that belong together."""
    return [filled(f"l{start + n}") for n in range(3)]


def check_whole(place: Path | str, events: int) -> None:
    """The ledger is whole and has exactly so many events."""
    with open_ledger(place, write=False) as ledger:
        found = verify(ledger)
        assert (found.problems, found.events) == ([], events)


def fill_up(ledger: Ledger) -> None:
    """Append until there is no more room."""
    for start in range(0, 3_000, 3):
        ledger.append(batch(start), START_NS)  # type: ignore[arg-type]


def test_a_full_disk_stops_and_loses_nothing(tmp_path: Path) -> None:
    """The append that does not fit is refused whole; with space again the next one goes on."""
    place = tmp_path / "desk.ledger"
    with open_ledger(place) as ledger:
        ledger.append([filled("first")], START_NS)
        pragma(ledger, "max_page_count=20")
        with pytest.raises(LedgerError, match=r"desk\.ledger: the disk is full; free some space"):
            fill_up(ledger)
        written = ledger.store.last_seq()
        assert 1 < written < 1_000
        assert written % 3 == 1
        assert len(ledger.books.lots) == written
        pragma(ledger, "max_page_count=1000000")
        assert ledger.append([filled("more")], START_NS) == [written + 1]
    check_whole(place, written + 1)


@pytest.mark.parametrize("mode", [0o555, 0o777], ids=["folder too", "file alone"])
def test_a_file_that_may_not_be_written(mode: int) -> None:
    """Who may only read is told so when opening for writing, and may read."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lived(open_ledger(folder / "desk.ledger")).close()
        (folder / "desk.ledger").chmod(0o444)
        folder.chmod(mode)
        code = (
            "import os, sys\n"
            "from volsculpt.ledger.ledger import open_ledger\n"
            "import volsculpt.ledger.opening, filelock, sqlalchemy.dialects.sqlite, sqlite3\n"
            "from volsculpt.errors import LedgerError\n"
            "os.geteuid() or os.setuid(65534)\n"
            "with open_ledger(sys.argv[1], write=False) as ledger:\n"
            "    print(len(list(ledger.entries())))\n"
            "try:\n"
            "    open_ledger(sys.argv[1])\n"
            "except LedgerError as error:\n"
            "    print(error)\n"
        )
        place = str(folder / "desk.ledger")
        done = subprocess.run(
            [sys.executable, "-c", code, place], capture_output=True, text=True, timeout=60
        )
        folder.chmod(0o755)
    assert done.returncode == 0, done.stderr
    count, told = done.stdout.splitlines()
    assert count == "20"
    assert "desk.ledger: " in told
    assert "cannot be written" in told
    assert "or only read" in told


def test_a_read_only_database_refuses_an_append(tmp_path: Path) -> None:
    """A file that becomes read-only under a writer: the append fails whole and says what to do."""
    place = tmp_path / "desk.ledger"
    with open_ledger(place) as ledger:
        ledger.append([filled("first")], START_NS)
        pragma(ledger, "query_only=ON")
        with pytest.raises(LedgerError, match="it cannot be written; allow writing"):
            ledger.append([filled("second")], START_NS)
        assert ledger.books.lots == {("coinm", "first")}
    check_whole(place, 1)


def long_ledger(folder: Path) -> Path:
    """A ledger of many pages, closed, its log written back."""
    place = folder / "desk.ledger"
    with open_ledger(place) as ledger:
        for start in range(0, 600, 3):
            ledger.append(batch(start), START_NS)  # type: ignore[arg-type]
    return place


def test_a_bad_page_is_told(tmp_path: Path) -> None:
    """Noise over some pages: opening for writing stops, and verify says what is wrong."""
    place = long_ledger(tmp_path)
    raw = bytearray(place.read_bytes())
    assert len(raw) > 40 * PAGE
    for page in range(8, 30):
        raw[page * PAGE : page * PAGE + 200] = b"\xa5" * 200
    place.write_bytes(raw)
    with pytest.raises(LedgerError, match=r"desk\.ledger: its file is damaged; keep it, restore"):
        open_ledger(place)
    with open_ledger(place, write=False) as ledger:
        assert not verify(ledger).is_whole


def test_a_flipped_byte_in_a_body_is_told(tmp_path: Path) -> None:
    """One letter of one event changed in the file, which SQLite itself cannot see."""
    place = long_ledger(tmp_path)
    raw = place.read_bytes()
    assert raw.count(b'"lot_id":"l300"') == 1
    place.write_bytes(raw.replace(b'"lot_id":"l300"', b'"lot_id":"l3O0"'))
    with pytest.raises(LedgerError, match="event 301 is missing or was changed"):
        open_ledger(place)
    with open_ledger(place, write=False) as ledger:
        found = verify(ledger)
    assert [one.seq for one in found.problems][:1] == [301]


@pytest.mark.parametrize("content", [b"", b"hello, this is no database " * 400])
def test_a_file_that_is_no_ledger(tmp_path: Path, content: bytes) -> None:
    """An empty file holds no ledger; another kind of file is not touched."""
    place = tmp_path / "desk.ledger"
    place.write_bytes(content)
    with pytest.raises(LedgerError, match=r"holds no ledger|its file is damaged"):
        open_ledger(place, write=False)
    assert place.read_bytes() == content


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A ledger cannot be made in no folder."""
    with pytest.raises(LedgerError, match="make the folder"):
        open_ledger(tmp_path / "nowhere" / "desk.ledger")
    with pytest.raises(LedgerError, match="there is no ledger"):
        open_ledger(tmp_path)


def test_a_commit_waits_for_the_disk(tmp_path: Path) -> None:
    """The write-ahead log with full sync, which is what a durable commit needs."""
    ledger = open_ledger(tmp_path / "desk.ledger")
    with cast(DatabaseStore, ledger.store).begun() as begun:
        asked = ("journal_mode", "synchronous")
        said = [begun.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked]
    ledger.close()
    assert said == ["wal", 2]


def test_a_lost_server_ends_the_writer(server: str) -> None:
    """Who loses the connection loses the lock: it writes no more, and another one may."""
    place = new_schema(server)
    ledger = open_ledger(place)
    ledger.append([filled("l1")], START_NS)
    with psycopg.connect(server, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s",
            [f"volsculpt process {os.getpid()}"],
        )
    with pytest.raises(LedgerError, match="server does not answer"):
        ledger.append([filled("l2")], START_NS)
    with open_ledger(place) as heir:
        assert heir.append([filled("l3")], START_NS) == [2]
        for _ in range(2):
            with pytest.raises(LedgerError, match="connection was lost, and with it the writer"):
                ledger.append([filled("l4")], START_NS)
    check_whole(place, 2)


WRITER = """
import sys
from tests.ledger.samples import filled
from volsculpt.ledger.ledger import open_ledger
ledger = open_ledger(sys.argv[1])
start = ledger.store.last_seq()
while True:
    print(ledger.append([filled(f"l{start + n}") for n in range(3)], start)[-1], flush=True)
    start += 3
"""


def killed_after(place: str, lines: int) -> int:
    """Let a writer append batches of three, kill -9 it after so many; the last it told of."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, place], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    assert writer.stdout is not None
    told = 0
    with writer:
        for _ in range(lines):
            told = int(writer.stdout.readline())
        writer.kill()
        rest = writer.stdout.read().split("\n")[:-1]
    return int(rest[-1]) if rest else told


@pytest.mark.slow
def test_kill_9_in_mid_commit_loses_nothing(url: str) -> None:
    """Again and again: all that was told is there, batches whole, the next writer goes on."""
    for lines in (1, 7, 2, 12):
        told = killed_after(url, lines)
        with open_ledger(url) as ledger:
            assert ledger.store.last_seq() >= told
            assert ledger.store.last_seq() % 3 == 0
            assert verify(ledger).problems == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("database or disk is full", "disk is full"),
        ("could not extend file: No space left on device", "disk is full"),
        ("attempt to write a readonly database", "cannot be written"),
        ("database disk image is malformed", "damaged"),
        ("disk I/O error", "disk failed"),
        ("database is locked", "another program holds it"),
        ("server closed the connection unexpectedly", "server does not answer"),
        ("something else", OTHER),
    ],
)
def test_what_a_driver_says_is_told_with_a_fix(said: str, told: str) -> None:
    """Each message that drivers are known for has its own words; any other some."""
    assert told in meaning(said)
    assert all(sign == sign.lower() for signs, _ in DRIVER_ERRORS for sign in signs)
