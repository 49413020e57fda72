"""Files that are no ledger given where one belongs, and ledgers where a mandate does."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.app.running import MANDATE, mandate, run

TAKES_LEDGER = (
    ("why",),
    ("status",),
    ("replay",),
    ("ledger", "show"),
    ("ledger", "verify"),
    ("ledger", "migrate"),
    ("ledger", "export", "--out", "out.csv"),
    ("pause",),
    ("resume",),
    ("override", "0.5", "--until", "2031-01-01"),
    ("flatten", "--yes"),
    ("accept", "--yes"),
    ("adopt", "--yes"),
    ("arrived", "tr-1", "--coins", "1"),
)


@pytest.mark.parametrize("words", TAKES_LEDGER, ids=" ".join)
def test_what_is_no_ledger_is_told_as_what_it_is(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mandate, text, an empty file, a folder, nothing: each by name, and none is written to."""
    monkeypatch.chdir(tmp_path)
    mandate(tmp_path)
    (tmp_path / "note").write_text("é" * 5_000, encoding="utf-8")
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    before = sorted(one.name for one in tmp_path.iterdir())
    told = {
        "small.toml": "as a mandate is; name the ledger of its desk, small.ledger where",
        "note": "holds no ledger: it is text",
        "empty": "holds no ledger: it is empty",
        "folder": "there is no ledger: it is a folder",
        "nothing": "there is no ledger; name the file that a desk has written",
    }
    verb, rest = (words[:2], words[2:]) if words[0] == "ledger" else (words[:1], words[1:])
    for name, said in told.items():
        result = run(*verb, name, *rest)
        assert (result.exit_code, said in result.stderr) == (10, True), (name, result.output)
    assert sorted(one.name for one in tmp_path.iterdir()) == before
    assert (tmp_path / "empty").read_bytes() == b""


def test_a_ledger_is_not_made_in_another_database(tmp_path: Path) -> None:
    """A desk leaves alone what another program keeps in the file it is given."""
    place = tmp_path / "other.db"
    with closing(sqlite3.connect(place)) as other:
        other.execute("CREATE TABLE theirs (x)")
    result = run("paper", mandate(tmp_path), "--ledger", place, "--steps", "2")
    assert (result.exit_code, "holds no ledger" in result.stderr) == (10, True)
    assert run("pause", place).exit_code == 10
    with closing(sqlite3.connect(place)) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]


@pytest.mark.parametrize("verb", ["plan", "check", "backtest", "evaluate", "paper"])
def test_a_ledger_is_no_mandate(verb: str, tmp_path: Path) -> None:
    """A ledger where a mandate belongs is told as one, with the verb that reads it."""
    ledger = tmp_path / "small.ledger"
    assert run("paper", mandate(tmp_path), "--ledger", ledger, "--steps", "1").exit_code == 0
    result = run(verb, ledger)
    assert result.exit_code == 2
    assert "is a database, as a ledger is, and no mandate" in result.stderr


def test_a_ledger_is_not_made_in_a_mandate(tmp_path: Path) -> None:
    """`paper --ledger` with the mandate itself is refused, and the mandate stays as it is."""
    place = mandate(tmp_path)
    result = run("paper", place, "--ledger", place, "--steps", "1")
    assert (result.exit_code, "it is a TOML file" in result.stderr) == (10, True)
    assert place.read_text(encoding="utf-8") == MANDATE
