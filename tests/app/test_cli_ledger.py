"""`volsculpt ledger`: show, verify, export, migrate."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.app.running import printed, run
from tests.ledger.samples import lived
from volsculpt.app.cli.published import published
from volsculpt.ledger.ledger import open_ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """A ledger with a small life in it."""
    place = tmp_path / "desk.ledger"
    lived(open_ledger(place)).close()
    return place


def obeys(name: str, found: dict[str, Any]) -> bool:
    """Whether what was printed is as its published schema says."""
    Draft202012Validator(published(name)).validate(found)
    return True


def damaged(place: Path) -> Path:
    """The ledger with one letter of one event changed."""
    raw = place.read_bytes()
    assert raw.count(b'"note":"mined"') == 1
    place.write_bytes(raw.replace(b'"note":"mined"', b'"note":"mimed"'))
    return place


def test_show_tells_every_kind_at_80_columns(ledger: Path) -> None:
    """Each event is a sentence, none wider than the terminal, under its day."""
    result = run("ledger", "show", ledger)
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= 80
    text = " ".join(result.stdout.split())
    for told in (
        "20 of 20 events; times in UTC 2024-05-20 - 1 00:00:00 operator: start, by tester",
        "statement: taken over from the venue, coinm: 0.5 BTC; -20,000 of bybit:BTC/USD:BTC",
        "decision: targets 100 %, 50 %; 2 orders. you asked for 100 %.",
        "intent: to sell 10,000 contracts of bybit:BTC/USD:BTC in coinm (market), order c1",
        "fill: sold 4,000 contracts of bybit:BTC/USD:BTC in coinm at 50,000, fee 0.0001 BTC",
        "acknowledgement: order c1: filled, -10,000 filled",
        "cash: funding: 0.00002 BTC received in coinm for bybit:BTC/USD:BTC",
        "transfer: arrived: 0.1 BTC from vault to coinm, t1",
        "flow: 0.25 BTC came to vault (mined)",
        "refusal: size: too large",
        "alert: warning: out of band",
        "alert_acknowledgement: alert 1 (warning, ratio): seen, by tester",
        "conversion: 0.05 BTC sold for 2,500 USD in vault",
    ):
        assert told in text


def test_show_chooses(ledger: Path) -> None:
    """The last events, those from a number on, those of a kind."""

    def numbers(*words: str) -> list[int]:
        found = printed("ledger", "show", ledger, *words)
        assert obeys("ledger-show", found)
        return [one["seq"] for one in found["events"]]

    assert numbers() == list(range(1, 21))
    assert numbers("--limit", "3") == [18, 19, 20]
    assert numbers("--from", "4", "--limit", "2") == [4, 5]
    assert numbers("--kind", "fill") == [7, 9, 17]
    assert numbers("--kind", "fill", "--kind", "cash", "--limit", "2") == [10, 17]
    assert numbers("--kind", "fill", "--from", "8") == [9, 17]


def test_verify_of_a_whole_ledger(ledger: Path) -> None:
    """Exit code 0, what was checked, and the hash that names the state of the ledger."""
    result = run("ledger", "verify", ledger)
    assert (result.exit_code, "whole" in result.stdout) == (0, True), result.output
    found = printed("ledger", "verify", ledger)
    assert obeys("ledger-verify", found)
    assert (found["whole"], found["events"], found["decisions"]) == (True, 20, 1)
    assert found["head"] in result.stdout


def test_verify_of_a_changed_ledger(ledger: Path) -> None:
    """Exit code 10, and the event that was changed, in words and in JSON."""
    result = run("ledger", "verify", damaged(ledger))
    assert result.exit_code == 10
    assert "! event 14: it or the one before was changed: wrong hash" in result.stdout
    result = run("ledger", "verify", ledger, "--json")
    assert result.exit_code == 10
    found = json.loads(result.stdout)
    assert obeys("ledger-verify", found)
    assert [one["seq"] for one in found["problems"]] == [14]


@pytest.mark.parametrize(("form", "rows"), [("csv", 36), ("parquet", 36), ("beancount", 10)])
def test_export(ledger: Path, tmp_path: Path, form: str, rows: int) -> None:
    """Each form is written, and what was written is said."""
    out = tmp_path / f"out.{form}"
    found = printed("ledger", "export", ledger, "--format", form, "--out", out)
    assert obeys("ledger-export", found)
    assert (found["rows"], found["path"], out.stat().st_size > 0) == (rows, str(out), True)
    said = run("ledger", "export", ledger, "--format", form, "--out", out).stdout
    assert said.startswith(f"wrote {rows} ")


def test_export_of_events(ledger: Path, tmp_path: Path) -> None:
    """Events go to tables, not to a journal."""
    out = tmp_path / "out.csv"
    words = ("ledger", "export", ledger, "--table", "events", "--out", out)
    assert printed(*words)["rows"] == 20
    result = run(*words, "--format", "beancount")
    assert (result.exit_code, "journal holds postings" in result.output) == (2, True)


def test_migrate_of_a_ledger_of_today(ledger: Path) -> None:
    """Nothing to do is said, and no failure."""
    found = printed("ledger", "migrate", ledger)
    assert obeys("ledger-migrate", found)
    assert found["from_format"] == found["to_format"]
    assert "already; nothing was changed" in run("ledger", "migrate", ledger).stdout


@pytest.mark.parametrize("verb", ["show", "verify", "migrate"])
def test_a_place_without_a_ledger(tmp_path: Path, verb: str) -> None:
    """Exit code 10 and a message that names the place; nothing is made there."""
    place = tmp_path / "no" / "desk.ledger"
    result = run("ledger", verb, place)
    assert (result.exit_code, str(place) in result.stderr) == (10, True)
    assert not place.parent.exists()


def test_an_unknown_kind(ledger: Path) -> None:
    """The kinds there are stand in the message."""
    result = run("ledger", "show", ledger, "--kind", "fil")
    assert result.exit_code == 10
    assert "kinds are quote, decision, intent" in result.stderr


def test_other_verbs_do_not_load_the_database() -> None:
    """The program starts without the library of databases; only these verbs pay for it."""
    code = (
        "import sys, volsculpt.app.cli\n"
        "print(sorted({'sqlalchemy', 'sqlite3', 'polars', 'numba'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]"
