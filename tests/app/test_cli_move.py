"""Coins moved on paper: a desk that runs and one that does not, refused where they lack."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.running import run
from tests.app.test_cli_desk import MANDATE
from tests.trade.kills import ENV
from volsculpt.app.cli.desk import is_running
from volsculpt.ledger.ledger import open_ledger

PAPER = ("paper", "m.toml", "--steps", "3")
LEDGER = Path("m.ledger")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desk of three steps."""
    (tmp_path / "m.toml").write_text(MANDATE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(*PAPER).exit_code == 0
    return tmp_path


@pytest.fixture
def running(folder: Path) -> Iterator[Path]:
    """The desk goes on, in real time."""
    words = [sys.executable, "-m", "volsculpt", "paper", "m.toml", "--speed", "real"]
    desk = subprocess.Popen(words, env=ENV, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    patience = time.monotonic() + 60.0
    while not is_running(LEDGER) and time.monotonic() < patience:
        time.sleep(0.05)
    yield folder
    desk.terminate()
    desk.wait(30)


def held(account: str) -> float:
    """BTC of an account, as booked."""
    with open_ledger(LEDGER, write=False) as ledger:
        return ledger.books.balances[account, "BTC"]


def moved(*words: str) -> str:
    """What a move answers that is done."""
    done = run("move", "m.ledger", *words)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_coins_move_in_and_out_of_a_desk_that_does_not_run(folder: Path) -> None:
    """The advice is followed with the coins of the vault, and with some from outside."""
    vault, margin = held("vault"), held("coinm")
    assert "0.31 BTC from vault to coinm" in moved("0.31BTC", "--from", "vault", "--to", "coinm")
    assert "0.2 BTC from outside to coinm" in moved("0.2BTC", "--to", "coinm")
    assert "0.1 BTC from vault to outside" in moved("0.1 BTC", "--from", "vault")
    done = run(*PAPER)
    assert done.exit_code == 0, done.output
    assert "All is well" in done.stdout
    assert held("vault") == pytest.approx(vault - 0.41)
    assert held("coinm") == pytest.approx(margin + 0.51, abs=1e-3)
    assert "All is well" in run(*PAPER).stdout
    assert held("coinm") == pytest.approx(margin + 0.51, abs=1e-3)
    assert run("ledger", "verify", "m.ledger").exit_code == 0


def test_coins_move_on_a_desk_that_runs(running: Path) -> None:
    """They are at the venue when it answers, or on their way."""
    vault, margin = held("vault"), held("coinm")
    assert "moved 0.2 BTC from outside to coinm" in moved("0.2BTC", "--to", "coinm")
    assert held("coinm") == pytest.approx(margin + 0.2)
    assert "sent" in moved("0.31BTC", "--from", "vault", "--to", "coinm")
    assert held("vault") == pytest.approx(vault - 0.31)
    refused = run("move", "m.ledger", "1.19BTC", "--from", "coinm")
    assert refused.exit_code == 10
    assert "margin of its positions" in refused.stderr
    assert held("coinm") == pytest.approx(margin + 0.2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("5BTC", "--from", "vault", "--to", "coinm"), "'vault' has 2 BTC, not 5 BTC"),
        (("1BTC", "--from", "vault", "--to", "vault"), "--from and --to are the same"),
        (("1BTC", "--to", "nope"), "--to nope: this desk has no such account; it has coinm, vault"),
        (("1DOGE", "--to", "vault"), "no account holds DOGE"),
        (("0BTC", "--to", "vault"), "write a number above 0"),
        (("0.5BTC", "--from", "coinm"), "its venue must say what margin lets go"),
        (("BTC", "--to", "vault"), "is no amount of coins"),
        (("1BTC",), "name an account"),
    ],
)
def test_what_cannot_be_moved_is_refused(folder: Path, words: tuple[str, ...], said: str) -> None:
    """With the reason, and nothing of it in the ledger."""
    with open_ledger(LEDGER, write=False) as ledger:
        before = ledger.head
    refused = run("move", "m.ledger", *words)
    assert refused.exit_code in (2, 10)
    assert said in " ".join(refused.stderr.replace("│", " ").split())
    with open_ledger(LEDGER, write=False) as ledger:
        assert ledger.head == before


def test_a_balance_of_a_venue_that_is_edited_is_told_until_the_coins_are_there(
    folder: Path,
) -> None:
    """The number moves nothing: the line names the command, which does and ends it."""
    edited = MANDATE.replace("balances = { BTC = 1.0 }", "balances = { BTC = 1.31 }")
    Path("m.toml").write_text(edited, encoding="utf-8")
    told = " ".join(run(*PAPER).stdout.split())
    assert "coinm: stated 1.31 BTC, held 0.99" in told
    command = told.partition("use `volsculpt ")[2].partition("`")[0]
    assert command.startswith("move m.ledger 0.31")
    assert command.endswith("BTC --from vault --to coinm")
    assert run(*command.split()).exit_code == 0
    assert "All is well" in run(*PAPER).stdout


PLANS = """
[[account]]
name = "lin"
kind = "margin"
venue = "bybit"
balances = { USDT = 20_000.0 }
[[collateral]]
account = "lin"
currency = "USDT"
source = ["vault"]
cost = 2.0
[[collateral]]
account = "coinm"
source = ["vault"]
leverage_band = [0.01, 0.02, 20.0, 30.0]
transfer_hours = 1
cost = 0.0002
"""


def test_a_move_costs_what_the_plan_of_its_account_and_currency_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside a plan in USDT that costs 2, bitcoin costs 0.0002 BTC."""
    (tmp_path / "m.toml").write_text(MANDATE + PLANS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(*PAPER).exit_code == 0
    vault, margin = held("vault"), held("coinm")
    moved("0.31BTC", "--from", "vault", "--to", "coinm")
    done = run(*PAPER)
    assert done.exit_code == 0, done.output
    assert held("vault") == pytest.approx(vault - 0.31, abs=1e-12)
    assert held("coinm") == pytest.approx(margin + 0.3098, abs=1e-4)
    refused = run("move", "m.ledger", "0.0002BTC", "--from", "vault", "--to", "coinm")
    assert "the transfer alone costs 0.0002 BTC" in refused.stderr
