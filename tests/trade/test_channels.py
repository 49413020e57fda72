"""Ways to people and monitors that fail: told as an alert, and never the end of a desk."""

import errno
import io
import logging
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from tests.trade.desks import TEXT, Bench, run, small
from volsculpt.ledger.events import Alerted
from volsculpt.mandate.desk import DeskRules
from volsculpt.trade.control.notify import LogFile, Notifier, posted
from volsculpt.trade.control.session import Session
from volsculpt.trade.desk import Stepped
from volsculpt.units import HOUR_NS


def untold(bench: Bench) -> list[Alerted]:
    """Every alert that something could not be told."""
    found = [one.event for one in bench.ledger.entries(kinds=("alert",))]
    return [one for one in found if isinstance(one, Alerted) and one.key.startswith("untold:")]


def test_a_health_file_that_cannot_be_written_is_told_once(tmp_path: Path) -> None:
    """The desk goes on, the alert stays with its remedy, and ends once the file is written."""
    health = tmp_path / "gone" / "well"

    def watched(made: Stepped) -> None:
        if made.time_ns >= begun[0] + 3 * HOUR_NS:
            health.parent.mkdir(exist_ok=True)

    begun: list[int] = []

    async def work(bench: Bench) -> None:
        begun.append(bench.clock.now_ns())
        done = await Session(bench.desk, bench.clock, steps=8, on_step=watched, health=health).run()
        assert done == 8
        first, last = untold(bench)
        assert (first.key, first.level, first.over) == ("untold:health", "warning", False)
        assert f"--health {health} cannot be written (No such file or directory)" in first.text
        assert "start the desk with another" in first.text
        assert last.over
        assert bench.ledger.books.positions

    run(work)


def test_one_step_is_enough_to_tell_it(tmp_path: Path) -> None:
    """What fails at the last step is in the ledger when the desk has stopped."""

    async def work(bench: Bench) -> None:
        await Session(bench.desk, bench.clock, steps=1, health=tmp_path).run()
        assert "Is a directory" in bench.ledger.books.alerts["untold:health"].text

    run(work)


@pytest.mark.parametrize("code", [errno.EPIPE, errno.ENOSPC])
def test_a_closed_console_stops_nothing(code: int) -> None:
    """Who reads standard error went away, or its disk is full: told once, in the ledger."""

    def broken(made: Stepped) -> None:
        raise OSError(code, "it went away")

    async def work(bench: Bench) -> None:
        assert await Session(bench.desk, bench.clock, steps=5, on_step=broken).run() == 5
        (told,) = untold(bench)
        assert told.key == "untold:console"
        assert "standard error cannot be written (it went away)" in told.text
        assert "`volsculpt status`" in told.text

    run(work)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def with_notifier(bench: Bench, rules: DeskRules) -> None:
    """Let the desk tell its alerts as these rules say."""
    notifier = Notifier("small", rules)
    bench.desk.emit, bench.desk.channels = notifier.emit, notifier.channels


@pytest.mark.parametrize(
    ("rules", "key", "words"),
    [
        (DeskRules(webhook="http://127.0.0.1:{port}/secret"), "webhook", "at 127.0.0.1 was not"),
        (DeskRules(webhook="nowhere"), "webhook", "does not begin with http://"),
        (DeskRules(command=("no-such-program",)), "command", "no program 'no-such-program'"),
        (DeskRules(command=("false",)), "command", "false, told nobody (it ended with 1)"),
    ],
    ids=["nobody listens", "no address", "no program", "a program that fails"],
)
def test_a_way_to_people_that_fails_is_an_alert(rules: DeskRules, key: str, words: str) -> None:
    """Nobody hears the alert; so the ledger has another, once, also at the very last step."""
    if rules.webhook is not None:
        rules = replace(rules, webhook=rules.webhook.format(port=free_port()))

    async def work(bench: Bench) -> None:
        with_notifier(bench, rules)
        await Session(bench.desk, bench.clock, steps=1).run()
        (told,) = untold(bench)
        assert (told.key, told.level) == (f"untold:{key}", "warning")
        assert words in told.text
        assert "secret" not in told.text

    run(work, mandate=small(TEXT + "[guard]\nmax_order_usd = 9\n"))


def test_a_way_that_works_again_ends_its_alert() -> None:
    """An alert that arrives is the end of the one that did not."""

    async def work(bench: Bench) -> None:
        with_notifier(bench, DeskRules(command=("true",)))
        bench.desk.channels.failed("command", "it told nobody")
        bench.desk.note(bench.desk.channels.failing.values())
        await bench.desk.channels.settled()
        await Session(bench.desk, bench.clock, steps=2).run()
        assert [one.over for one in untold(bench)] == [False, True]

    run(work)


def test_an_address_that_cannot_be_read_is_no_error() -> None:
    """Whatever is asked for, why nobody was told is an answer."""
    for address in ("http://[::1", "http://a b/", "x", "http://127.0.0.1:99999/"):
        assert "was not told" in (posted(address, {}) or "")


class FullDisk(io.StringIO):
    """A file on a disk without room."""

    def write(self, text: str) -> int:
        """Nothing can be written."""
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_log_that_cannot_be_written_is_an_alert(tmp_path: Path) -> None:
    """A full disk: the line is lost, and that is told by all other ways, until it is written."""
    log, handler = logging.getLogger("volsculpt.desk"), LogFile(tmp_path / "log")
    log.addHandler(handler)
    file = handler.setStream(FullDisk())  # type: ignore[type-var]
    try:
        notifier = Notifier("small", DeskRules())
        notifier.emit([Alerted("a", "critical", "it burns")], 5)
        assert "/log cannot be written" in notifier.channels.failing["log"].text
        handler.setStream(file)  # type: ignore[arg-type]
        notifier.emit([Alerted("a", "critical", "it burns")], 6)
        assert notifier.channels.failing == {}
    finally:
        log.removeHandler(handler)
        handler.close()
