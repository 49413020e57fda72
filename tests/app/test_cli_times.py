"""One form of time wherever a person reads: `2024-05-20 08:00 UTC`, or the date alone."""

import json
import re
from pathlib import Path

import pytest

from tests.app.running import run
from tests.structure.sessions import lay_out

ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z?")
HOUR = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?! UTC|:)")
STAMP_SHOWN, STAMP_WRITTEN = "2024-05-20 08:00 UTC", "2024-05-20T08:00:00Z"
# In order: a desk that has run, then what reads its ledger and a store.
SAID = """
paper history.toml --ledger desk.ledger --steps 24; status desk.ledger; why desk.ledger;
override desk.ledger 0.8 --until 2030-01-01; status desk.ledger; ledger verify desk.ledger;
ledger show desk.ledger --limit 20; replay desk.ledger; replay desk.ledger --mandate history.toml;
data import history --yes; data check; features BTC; regime BTC; check desk.toml;
plan treasury.toml --at 2024-05-19T12:00:00Z --price USDT=0.9998;
backtest history.toml --to 2020-01-06 --step 8h
"""
REFUSED = """
override desk.ledger 0.8 --until 2010-01-01; backtest history.toml --from 2019-01-01;
plan treasury.toml --at 2014-05-19; evaluate history.toml --to 2025-08-01 --folds 2
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as a reader has it, to work in."""
    lay_out(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def outputs(commands: str) -> list[tuple[str, str, int]]:
    """Each command, what it printed, and its exit code."""
    ran = [(" ".join(words), run(*words)) for words in map(str.split, commands.split(";"))]
    return [(line, done.output, done.exit_code) for line, done in ran]


@pytest.mark.usefixtures("place")
def test_times_have_one_form() -> None:
    """No stamp as JSON has it, and no hour without its zone but under a head that says UTC."""
    for line, text, code in outputs(SAID):
        assert code == 0, f"{line}: {text}"
        assert ISO.findall(text) == [], line
        if not re.search(r"times in\s+UTC|, UTC", text):
            assert HOUR.findall(text) == [], line
    for line, text, code in outputs(REFUSED):
        assert code > 1, f"{line}: {text}"
        assert [one for one in ISO.findall(text) if not re.search(rf"--[a-z]+ {one}", text)] == []
        assert HOUR.findall(text) == [], line


@pytest.mark.usefixtures("place")
def test_json_keeps_its_stamps() -> None:
    """Programs read ISO 8601, in results as in errors."""
    run(*"paper history.toml --ledger desk.ledger --steps 2".split())
    status = json.loads(run("status", "desk.ledger", "--json").stdout)
    assert ISO.fullmatch(status["last_decision"])
    late = run(*"override desk.ledger 0.8 --until 2010-01-01 --json".split())
    assert json.loads(late.stdout)["error"].endswith("the desk is at 2020-01-02T01:00:00Z")
    assert "the desk is at 2020-01-02 01:00 UTC" in late.stderr


@pytest.mark.usefixtures("place")
def test_what_is_printed_can_be_typed() -> None:
    """A time copied from a page is the moment that it names."""
    words = "plan treasury.toml --quotes quotes.toml --json --time".split()
    copied, written = (run(*words, one).stdout for one in (STAMP_SHOWN, STAMP_WRITTEN))
    assert copied == written
    assert json.loads(copied)["as_of"] == STAMP_WRITTEN
