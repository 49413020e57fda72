"""What `volsculpt paper` prints through a rise that liquidates: each trouble once, in order."""

import re
from pathlib import Path

import pytest

from tests.app.running import run
from volsculpt.ledger.ledger import open_ledger

THIN = """
version = 1
name = "thin"
[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 2.5 }
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = { BTC = 0.5 }
[[hedge]]
underlying = "BTC"
policy = "fixed"
ratio = 1.0
"""
COLLATERAL = """
[[collateral]]
source = ["vault"]
leverage_band = [2.0, 3.0, 3.0, 4.0]
transfer_hours = 1
"""
MOST_LINES = 40


def printed(folder: Path, market: str, until: str, mandate: str = THIN) -> list[str]:
    """The lines on standard error of a desk, whose margin is thin and is never added to."""
    (folder / "thin.toml").write_text(mandate, encoding="utf-8")
    ledger = ("--ledger", folder / "thin.ledger")
    done = run("paper", folder / "thin.toml", *ledger, "--market", market, "--until", until)
    assert done.exit_code == 0, done.output
    return done.stderr.splitlines()


def first_words(lines: list[str]) -> list[str]:
    """What each event begins with, without its time and figures."""
    began = [line[22:] for line in lines if re.match(r"\d{4}-", line)]
    return [re.split(r"[\d:(]", line)[0].strip() for line in began]


def test_a_rise_that_liquidates_is_told_once_step_by_step(tmp_path: Path) -> None:
    """Near its end, nearer, liquidated, not hedged; an end is one line, by the alert's number."""
    lines = printed(tmp_path, "squeeze", "2020-01-13")
    assert first_words(lines) == [
        *("! coinm", "sell", "over", "! coinm", "! coinm"),
        *("! coinm LIQUIDATED at", "! BTC NOT HEDGED AT ALL,", "over"),
    ]
    assert lines[5].endswith("over: alert 1, coinm (it lasted 7.21 days)")
    assert len(lines) < MOST_LINES


def test_what_a_desk_does_as_a_matter_of_course_is_no_alert(tmp_path: Path) -> None:
    """Through the same rise it moves coins to the margin before it is critical: a line a move."""
    lines = printed(tmp_path, "squeeze", "2020-01-21", THIN + COLLATERAL)
    assert {one.partition(" ")[0] for one in first_words(lines)} == {"sell", "move"}
    with open_ledger(str(tmp_path / "thin.ledger"), write=False) as ledger:
        assert ledger.books.passed["mends"] >= 1  # noted all the same


@pytest.mark.slow
@pytest.mark.parametrize("market", ["bull", "squeeze"])
def test_a_year_with_a_liquidation_is_one_page(tmp_path: Path, market: str) -> None:
    """However often the price crosses the bound of a danger before."""
    lines = printed(tmp_path, market, "2021-01-02")
    assert "LIQUIDATED" in " ".join(lines)
    assert len(lines) < MOST_LINES
