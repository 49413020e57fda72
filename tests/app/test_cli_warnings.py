"""Warnings are sentences, and the code that programs know each by stands behind it."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from tests.app.running import MANDATE, mandate, printed, run
from volsculpt.app.cli.verbs.paper import describe

if TYPE_CHECKING:
    from volsculpt.trade.paper.opening import PaperMarket

CODE_FIRST = re.compile(r"^(?:! )?[a-z]+(?:_[a-z]+)*: ", re.MULTILINE)
NO_CONTRACT = MANDATE.replace("{ BTC = 2.5 }", "{ BTC = 2.5, FOO = 7 }")


def warnings_in(text: str) -> list[str]:
    """The warnings of a page, each on one line."""
    one_line = re.sub(r"\n {2,}", " ", text)
    return [line[2:] for line in one_line.splitlines() if line.startswith("! ")]


def both(folder: Path, *words: str | Path) -> tuple[list[str], list[str]]:
    """The warnings that a verb prints, and those of its --json."""
    return warnings_in(run(*words).stdout), printed(*words)["warnings"]


def test_a_plan_says_its_warnings(tmp_path: Path) -> None:
    """The same warnings in both, with the code behind the sentence and before it."""
    words = ("plan", mandate(tmp_path, NO_CONTRACT), "--price", "BTC=60000", "--price", "FOO=2")
    shown, kept = both(tmp_path, *words)
    assert kept[0].startswith("assumed_mark: bybit:BTC/USD:BTC has no price of its own")
    assert all(CODE_FIRST.match(one) for one in kept)
    split = [one.partition(": ") for one in kept]
    assert shown[-len(kept) :] == [f"{said} [{code}]" for code, _, said in split]


@pytest.mark.parametrize("verb", ["check", "init", "backtest"])
def test_no_warning_begins_with_its_code(verb: str, tmp_path: Path) -> None:
    """Wherever one is printed."""
    mandate(tmp_path).rename(tmp_path / "b.toml")
    path = mandate(tmp_path, NO_CONTRACT)
    words: dict[str, tuple[str | Path, ...]] = {
        "check": ("check", path),
        "init": ("init", tmp_path / "i.toml", "--coin", "BTC=7", "--venue", "bybit", "--yes"),
        "backtest": ("backtest", path.with_name("b.toml"), "--to", "2020-01-06", "--step", "1d"),
    }
    shown = warnings_in(run(*words[verb]).stdout)
    assert [one for one in shown if CODE_FIRST.match(one)] == []
    assert any(re.search(r" \[[a-z_]+\]$", one) for one in shown), shown


def test_the_market_of_a_desk_is_described_in_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error, before any step; that it is made up is said without a code."""
    lacking = "missing_funding: okx:BTC/USD:BTC lacks 2 funding stamps, counted as none"
    market = SimpleNamespace(is_synthetic=True, warnings=("synthetic: it is made up", lacking))
    describe(cast("PaperMarket", market))
    assert capsys.readouterr().err.splitlines() == [
        "this is the synthetic market, not a real one",
        "okx:BTC/USD:BTC lacks 2 funding stamps, counted as none [missing_funding]",
    ]
