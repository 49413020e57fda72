"""A ledger put back from a copy, or taken away, beside the paper venue's own file."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.app.running import run
from tests.app.test_cli_desk import MANDATE
from volsculpt.ledger.ledger import open_ledger

PAPER = ("paper", "m.toml", "--steps", "3")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desk of three steps, its ledger copied, and three more steps with another order."""
    (tmp_path / "m.toml").write_text(MANDATE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(*PAPER).exit_code == 0
    for name in ("m.ledger", "m.ledger.venue"):
        shutil.copy(name, f"copy.{name}")
    asked = run("override", "m.ledger", "0.9", "--until", "2021-01-01")
    assert asked.exit_code == 0, asked.output
    assert run(*PAPER).exit_code == 0
    return tmp_path


def orders() -> list[str]:
    """Ids of the orders in the ledger."""
    with open_ledger("m.ledger", write=False) as ledger:
        return list(ledger.books.orders)


def test_each_start_has_ids_of_its_own(folder: Path) -> None:
    """The venue counts its starts, so a ledger that begins again at a copy repeats none."""
    first, second = orders()
    assert first.endswith("-1")
    assert second == first.removesuffix("-1") + "r2-2"


def test_a_ledger_older_than_its_venue_is_refused(folder: Path) -> None:
    """With the line that cuts the venue back, which is as it was then; or with its own copy."""
    shutil.copy("copy.m.ledger", "m.ledger")
    refused = run(*PAPER)
    assert refused.exit_code == 10
    assert "m.ledger is older than its paper venue, m.ledger.venue" in refused.stderr
    line = refused.stderr.strip().partition("to the ledger: ")[2]
    subprocess.run(["sh", "-c", line], check=True)
    done = run(*PAPER)
    assert done.exit_code == 0, done.output
    assert "All is well" in done.stdout
    assert run("ledger", "verify", "m.ledger").exit_code == 0
    for name in ("m.ledger", "m.ledger.venue"):
        shutil.copy(f"copy.{name}", name)
    assert "All is well" in run(*PAPER).stdout


def test_a_ledger_put_back_without_its_venue_is_refused(folder: Path) -> None:
    """A venue that begins anew knows nothing of its orders; no file of one is made."""
    Path("m.ledger.venue").unlink()
    for kept in ("m.ledger", "copy.m.ledger"):
        if kept != "m.ledger":
            shutil.copy(kept, "m.ledger")
        refused = run(*PAPER)
        assert refused.exit_code == 10
        assert "m.ledger.venue, is not there: put the copy of m.ledger.venue back" in refused.stderr
        assert not Path("m.ledger.venue").exists()
    shutil.copy("copy.m.ledger.venue", "m.ledger.venue")
    assert "All is well" in run(*PAPER).stdout


def test_a_venue_of_another_ledger_is_refused(folder: Path) -> None:
    """The ledger was taken away to begin anew: so must be the venue's file."""
    Path("m.ledger").unlink()
    refused = run(*PAPER)
    assert refused.exit_code == 10
    assert "m.ledger.venue is of another ledger than m.ledger" in refused.stderr
    assert "to begin anew move m.ledger.venue away too" in refused.stderr
    Path("m.ledger.venue").unlink()
    assert "All is well" in run(*PAPER).stdout
