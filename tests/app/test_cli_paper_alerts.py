"""What `volsculpt paper` prints through a rise that liquidates: each trouble once, in order."""

import re
from pathlib import Path

import pytest

from tests.app.running import run

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
MOST_LINES = 40


def printed(folder: Path, market: str, until: str) -> list[str]:
    """The lines on standard error of a desk whose margin is thin and is never added to."""
    (folder / "thin.toml").write_text(THIN, encoding="utf-8")
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
        *("sell", "! coinm", "over", "! coinm", "! coinm"),
        *("! coinm LIQUIDATED at", "! BTC NOT HEDGED AT ALL,", "over"),
    ]
    assert lines[5].endswith("over: alert 1, coinm (it lasted 7.17 days)")
    assert len(lines) < MOST_LINES


@pytest.mark.slow
@pytest.mark.parametrize("market", ["bull", "squeeze"])
def test_a_year_with_a_liquidation_is_one_page(tmp_path: Path, market: str) -> None:
    """However often the price crosses the bound of a danger before."""
    lines = printed(tmp_path, market, "2021-01-02")
    assert "LIQUIDATED" in " ".join(lines)
    assert len(lines) < MOST_LINES
