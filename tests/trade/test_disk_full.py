"""A ledger that takes no more ends the desk: told by every other way, and nothing half-written."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.trade.desks import TEXT, Bench, new_desk, run, small
from volsculpt.errors import LedgerWriteError
from volsculpt.ledger.database import DatabaseStore
from volsculpt.ledger.ledger import Ledger, open_ledger
from volsculpt.ledger.verify import verify
from volsculpt.trade.control.notify import Notifier
from volsculpt.trade.control.session import Session
from volsculpt.trade.control.wellness import wellness_of
from volsculpt.trade.desk import Stepped
from volsculpt.units import HOUR_NS


@pytest.fixture
def heard() -> Iterator[tuple[str, list[str]]]:
    """A webhook's address, and what it was told."""
    texts: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            texts.append(json.loads(body)["text"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", texts
    server.shutdown()
    server.server_close()


def fill_disk(ledger: Ledger) -> None:
    """Let the ledger's file grow no more: SQLite says so in the words of a full disk."""
    store = ledger.store
    assert isinstance(store, DatabaseStore)
    with store.begun():
        pages = store.connection.exec_driver_sql("PRAGMA page_count").scalar()
        store.connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")


def on_file(bench: Bench, place: Path) -> None:
    """The bench's desk on a ledger that is a file."""
    bench.ledger = open_ledger(place)
    bench.desk = new_desk(bench.mandate, bench.ledger, bench.venue, bench.clock)


async def asked_until_it_fails(session: Session) -> None:
    """A person asks again and again."""
    while True:
        await session.command("pause", {}, "me")


@pytest.mark.parametrize("by_command", [False, True])
def test_a_full_disk_ends_the_desk_and_all_are_told(
    tmp_path: Path, heard: tuple[str, list[str]], by_command: bool
) -> None:
    """The webhook, the health file and the caller say it; the ledger is whole, to the last step."""
    address, texts = heard
    health, place = tmp_path / "well", tmp_path / "a.ledger"
    mandate = small(TEXT + f'[desk]\nwebhook = "{address}"\n')

    async def until_full(bench: Bench) -> str:
        on_file(bench, place)
        notifier = Notifier("small", mandate.desk)
        bench.desk.emit, bench.desk.channels = notifier.emit, notifier.channels

        def watch(made: Stepped) -> None:
            if made.decision is not None:
                fill_disk(bench.ledger)

        session = Session(bench.desk, bench.clock, on_step=watch, health=health)
        running = asyncio.ensure_future(session.run())
        if by_command:
            await bench.clock.sleep_until(bench.clock.now_ns() + HOUR_NS // 2)
            with pytest.raises(LedgerWriteError):
                await asked_until_it_fails(session)
        with pytest.raises(LedgerWriteError) as ended:
            await running
        assert ended.value.exit_code == 13
        bench.ledger.close()
        return str(ended.value)

    said = run(until_full, mandate)
    assert "the disk is full; free some space, then start again" in said
    assert "the desk ends here and sends nothing more" in said
    assert any(said in text for text in texts)
    assert health.read_text().splitlines()[1] == f"failed: {said}"
    with open_ledger(place) as ledger:
        assert verify(ledger).is_whole


def test_how_a_desk_is_is_said_the_gravest_first(tmp_path: Path) -> None:
    """Well, paused, killed, stale: one word and why, not a constant."""

    async def words(bench: Bench) -> list[str]:
        bench.desk.kill_file = tmp_path / "kill"
        await bench.desk.start()
        await bench.hours(2)
        found = [wellness_of(bench.desk, bench.clock.now_ns()).word]
        await Session(bench.desk, bench.clock).command("pause", {}, "me")
        found.append(wellness_of(bench.desk, bench.clock.now_ns()).text)
        bench.desk.kill_file.touch()
        found.append(wellness_of(bench.desk, bench.clock.now_ns()).word)
        late = wellness_of(bench.desk, bench.clock.now_ns() + 3 * HOUR_NS)
        assert not late.is_alive
        return [*found, late.text]

    well, paused, killed, stale = run(words)
    assert (well, paused, killed) == ("well", "paused: by hand, nothing is sent", "killed")
    assert stale.startswith("stale: no step since 20")
