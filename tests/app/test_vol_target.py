"""A volatility target from the command line: plan with and without history, and a backtest."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.app.running import mandate, printed, run
from tests.app.test_cli_data import stored
from volsculpt.app.cli.published import published
from volsculpt.simulate import compiled

MANDATE = """
version = 1
name = "calm"
[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 2.5 }
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = { BTC = 0.5 }
[[account.position]]
contract = "BTC/USD:BTC"
contracts = -20_000
entry = 52_000.0
[[hedge]]
underlying = "BTC"
policy = "vol-target"
volatility = 0.2334
half_life = "2d"
"""
AT = "2024-01-05T08:00:00Z"


def test_a_plan_with_history(tmp_path: Path) -> None:
    """An index that moves 0.5 % an hour moves 46.68 % a year; half of that is wanted."""
    root = stored(tmp_path)
    found = printed("plan", mandate(tmp_path, MANDATE), "--at", AT, "--data", root)
    Draft202012Validator(published("plan")).validate(found)
    row = found["decision"][0]
    assert row["policy"] == "vol-target"
    assert row["target_ratio"] == pytest.approx(0.5, abs=1e-3)
    assert "BTC is forecast to move 46.68 % a year and 23.34 % is wanted" in row["reasons"][0]


def test_prices_by_hand_still_use_stored_history(tmp_path: Path) -> None:
    """With --at, a price given wins, and the forecast is that of the store."""
    root = stored(tmp_path)
    found = printed(
        "plan", mandate(tmp_path, MANDATE), "--at", AT, "--data", root, "--price=BTC=70000"
    )
    assert found["decision"][0]["target_ratio"] == pytest.approx(0.5, abs=1e-3)


def test_a_plan_without_history_holds(tmp_path: Path) -> None:
    """No trade, the target is what is held, and the reason names the fix."""
    found = printed("plan", mandate(tmp_path, MANDATE), "--price=BTC=60000")
    row = found["decision"][0]
    assert found["orders"] == []
    assert row["target_ratio"] == row["held_ratio"] > 0.0
    assert "plan with --at TIME and --data FOLDER" in row["reasons"][0]


def test_a_plan_with_too_little_history_holds(tmp_path: Path) -> None:
    """A day of prices of the two that are needed."""
    root = stored(tmp_path)
    at = "2024-01-02T08:30:00Z"
    found = printed("plan", mandate(tmp_path, MANDATE), "--at", at, "--data", root)
    assert found["orders"] == []
    assert "1.29 days with 31 returns of BTC are known" in found["decision"][0]["reasons"][0]


def test_it_is_understood(tmp_path: Path) -> None:
    """`check` says what is wanted, of what, and what the limits make of it."""
    result = run("check", mandate(tmp_path, MANDATE))
    assert result.exit_code == 0, result.output
    said = " ".join(result.stdout.split())
    assert "hedge so that wealth moves 23.34 % a year (vol-target, half-life 2 days)" in said
    assert "of your whole wealth" in said
    assert "keeps 0 % to 100 % of your whole wealth exposed" in said


def test_a_backtest_tells_what_came_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Realised beside wanted volatility, days at the limits and without a forecast."""
    monkeypatch.setattr(compiled, "is_kept", lambda place: True)
    path = mandate(tmp_path, MANDATE.replace("0.2334", "0.35").replace('"2d"', '"10d"'))
    weeks = ("--from=2020-01-08", "--to=2020-06-04", "--step=8h")
    result = run("backtest", path, *weeks, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    Draft202012Validator(published("backtest")).validate(found)
    figures = {row["figure"]: row for row in found["effectiveness"]}
    assert figures["volatility_wanted"]["value"] == 0.35
    realised = figures["volatility_realised"]
    hedged = [
        r
        for r in found["summary"]
        if (r["book"], r["currency"], r["metric"]) == ("hedged", "USD", "volatility")
    ]
    assert realised["value"] == hedged[0]["value"]
    assert realised["low"] < realised["value"] < realised["high"]
    assert figures["days_without_target"]["value"] >= 0.0
    assert 0.25 < realised["value"] < 0.45
