"""Errors as a program reads them: with --json, one object on standard output."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.app.running import mandate, run
from volsculpt.app.cli.published import published
from volsculpt.app.cli.verbs import init

TWO = 'version = 1\nnames = "x"\n[[hedge]]\nunderlying = "BTC"\nratioo = 1\n'


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("plan", "small.toml"), 4, "--price BTC=PRICE"),
        (("plan", "none.toml"), 2, "none.toml: no such file"),
        (("plan",), 2, "Missing argument"),
        (("plan", "small.toml", "--prices", "x"), 2, "--prices"),
        (("backtest", "small.toml", "--half-spread", "1"), 2, "--half-spread"),
        (("nosuch",), 2, "No such command"),
        (("status", "none.ledger"), 10, "there is no ledger"),
        (("ledger", "show", "none.ledger"), 10, "there is no ledger"),
        (("contracts", "show", "x"), 2, "VENUE:SYMBOL"),
        (("features", "BTC", "--data", "none"), 8, "there is no such folder"),
    ],
)
def test_an_error_is_an_object_where_one_is_asked(
    words: tuple[str, ...], code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every kind of error, of the library of options too: text beside it, the same exit code."""
    monkeypatch.chdir(tmp_path)
    mandate(tmp_path)
    plain, asked = run(*words), run(*words, "--json")
    assert asked.exit_code == code
    assert said in " ".join(asked.stderr.replace("│", " ").split())
    assert (plain.exit_code, plain.stdout, plain.stderr) == (code, "", asked.stderr)
    found = json.loads(asked.stdout)
    Draft202012Validator(published("error")).validate(found)
    assert (found["exit_code"], said in found["error"]) == (code, True)


def test_every_problem_stands_alone(tmp_path: Path) -> None:
    """Two mistakes are two problems, and the error is both."""
    found = json.loads(run("plan", mandate(tmp_path, TWO), "--json").stdout)
    assert len(found["problems"]) == 2
    assert found["error"].split("\n") == found["problems"]


def test_a_verb_that_has_printed_prints_no_second_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `init` wrote and what is wrong with it are one object; so is what `check` found."""
    monkeypatch.setattr(init, "read_back", lambda path: ("no such coin", []))
    made = run("init", tmp_path / "m.toml", "--yes", "--json")
    assert (made.exit_code, json.loads(made.stdout)["problem"]) == (2, "no such coin")
    assert "cannot be planned yet: no such coin" in made.stderr
    checked = run("check", mandate(tmp_path, TWO), "--json")
    assert (checked.exit_code, json.loads(checked.stdout)["valid"]) == (2, False)
