"""Ways to people and monitors that fail: told as an alert, and never the end of a desk."""

import errno
from pathlib import Path

import pytest

from tests.trade.desks import Bench, run
from volsculpt.ledger.events import Alerted
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
