"""`volsculpt evaluate`, on some weeks of the synthetic market."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.app.running import printed, run
from tests.structure.source_tree import ROOT
from volsculpt.app.cli.published import published
from volsculpt.simulate import compiled

WEEKS = ("--from=2020-03-01", "--to=2020-05-10", "--step=1d", "--draws=60")
EXAMPLE = (ROOT / "examples" / "history.toml").read_text(encoding="utf-8")
HEDGE = 'policy = "fixed"\nratio = 0.6'
SYNTHETIC = "no --data: this is the synthetic market, not a real one\n"


@pytest.fixture(autouse=True)
def warm(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said does not depend on whether some other test has compiled already."""
    monkeypatch.setattr(compiled, "is_kept", lambda place: True)


def file(folder: Path, name: str, hedge: str = HEDGE) -> Path:
    """The example under another name, its BTC hedged otherwise."""
    path = folder / f"{name}.toml"
    text = EXAMPLE.replace('name = "history"', f'name = "{name}"', 1).replace(HEDGE, hedge, 1)
    path.write_text(text, encoding="utf-8")
    return path


def calm(folder: Path, name: str = "calm", days: int = 30) -> Path:
    """A volatility target for its BTC."""
    return file(folder, name, f'policy = "vol-target"\nvolatility = 0.2\nhalf_life = "{days}d"')


def test_mandates_are_walked_through_folds(tmp_path: Path) -> None:
    """Side by side, by fold, forecasts, tries, and the one sentence at the end."""
    files = [calm(tmp_path), file(tmp_path, "plain"), calm(tmp_path, "slow", 60)]
    result = run("evaluate", *files, *WEEKS, "--folds=2", "--trials=9")
    assert result.exit_code == 0, result.output
    text = result.stdout
    start = "calm, plain, slow, synthetic evaluation from 2020-03-01 00:00 UTC to 2020-05-10"
    assert " ".join(text.split()).startswith(start)
    for title in ("SIDE BY SIDE", "PLAIN", "BY FOLD", "FORECASTS OF VOLATILITY"):
        assert f"\n{title}\n" in text
    assert " ".join(text.split()).endswith("(12 variants tried).")
    assert max(map(len, text.split("\n"))) <= 80
    assert result.stderr == SYNTHETIC


def test_json_is_as_published_whatever_the_order(tmp_path: Path) -> None:
    """One object, the same from either order of the files."""
    files = [calm(tmp_path), file(tmp_path, "plain")]
    one = printed("evaluate", *files, *WEEKS, "--folds=2")
    Draft202012Validator(published("evaluate")).validate(one)
    assert one == printed("evaluate", *files[::-1], *WEEKS, "--folds=2")
    assert [row["fold"] for row in one["folds"]] == [1, 2]
    assert [row["mandate"] for row in one["mandates"]] == ["calm", "plain"]
    assert one["mandates"][0]["coins"] == ["BTC", "ETH"]
    assert [row["volatility_asked"] for row in one["mandates"]] == [0.2, None]


def test_costs_are_paid(tmp_path: Path) -> None:
    """A wider spread takes more of wealth, in every mandate."""
    path = file(tmp_path, "plain")
    cost = [
        next(row["value"] for row in found["work"] if row["figure"] == "cost")
        for found in (
            printed("evaluate", path, *WEEKS, "--folds=1", flag)
            for flag in ("--half-spread=0.0001", "--slippage=0.01")
        )
    ]
    assert cost[1] < cost[0] < 0.0


def test_a_page_is_written(tmp_path: Path) -> None:
    """--report writes a page and a picture, and the output stays."""
    page, picture = tmp_path / "run.html", tmp_path / "run.png"
    words = ("--folds=1", "--json", "--report", page, "--report", picture)
    result = run("evaluate", file(tmp_path, "plain"), *WEEKS, *words)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["verdict"].startswith("What is evidence: ")
    assert page.read_bytes().startswith(b"<!doctype html>")
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--folds=0",), 2, "--folds"),
        (("--trials=-1",), 2, "--trials"),
        (("--folds=60",), 8, "is 70 days, too few for 60 folds of 2 days or more"),
        (("--to=2020-02-01",), 2, "2020-02-01 is not after --from 2020-03-01"),
        (("--to=2031-01-01", "--folds=2"), 8, "plain, fold 1 of 2, 2020-03-01 00:00 UTC to"),
        (("--report", "run.pdf"), 2, ".html or .png"),
        (("--data", "nowhere"), 8, "plain, fold 1 of 4"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, words: tuple[str, ...], code: int, message: str) -> None:
    """Each has its exit code and a message on stderr; stdout stays empty."""
    result = run("evaluate", file(tmp_path, "plain"), *WEEKS, *words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in " ".join(result.stderr.split())


def test_one_mandate_twice_is_refused(tmp_path: Path) -> None:
    """By its name, with both files, before anything is run."""
    path = file(tmp_path, "plain")
    result = run("evaluate", path, path, *WEEKS)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "name = 'plain': two mandates are called so" in result.stderr
    assert run("evaluate").exit_code == 2
