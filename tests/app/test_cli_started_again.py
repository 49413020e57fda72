"""A desk that starts again tells what is still wrong, as it is now, and what is over meanwhile."""

from pathlib import Path

import pytest

from tests.app.running import run
from tests.app.test_cli_desk import MANDATE
from tests.app.test_cli_paper_alerts import THIN, printed

KILL = Path("m.ledger.kill")
PAPER = ("paper", "m.toml", "--steps", "2")


def test_what_ended_while_it_was_off_is_told_and_what_stays_as_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kill switch is set, stays over a restart, and is removed before the next."""
    (tmp_path / "m.toml").write_text(MANDATE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    KILL.touch()
    assert "! the kill switch is set, nothing is sent" in run(*PAPER).stderr
    again = run(*PAPER).stderr
    assert "! the kill switch is set" in again
    assert ", still (alert 1)" in " ".join(again.split())
    assert again.count("! ") == 1
    KILL.unlink()
    ended = run(*PAPER).stderr
    assert "over: alert 1, the kill switch is set" in ended
    assert "still" not in ended


def test_a_danger_that_stays_has_the_figures_of_today(tmp_path: Path) -> None:
    """Prices rose between: the line has another distance than the alert began with."""
    before = printed(tmp_path, "squeeze", "2020-01-09", THIN)
    after = printed(tmp_path, "squeeze", "2020-01-10T12:00:00Z", THIN)
    began = next(line for line in before if "! coinm" in line)
    told = " ".join(" ".join(after).split())
    assert ", still (alert 1)" in told
    assert began.partition("! coinm")[2] not in told.partition(", still (alert 1)")[0]


def test_a_ratio_below_zero_is_no_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read, and held to what the mandate allows; a word that is none is named."""
    (tmp_path / "m.toml").write_text(MANDATE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(*PAPER).exit_code == 0
    done = run("override", "m.ledger", "-20%", "--until", "2021-01-01")
    assert "option" not in done.output
    assert "will be held to 0" in done.output or "-0.2" in done.output
    assert "is no ratio; write 0.8" in run("override", "m.ledger", "-much").stderr
