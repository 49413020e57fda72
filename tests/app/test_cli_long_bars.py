"""A paper desk whose contract has bars longer than its rhythm."""

from pathlib import Path

import pytest

from tests.app.running import run
from tests.app.test_cli_desk import MANDATE

HOUR_MS = 3_600_000
BEGIN_MS = 1_704_067_200_000  # 2024-01-01
STATED = '[guard]\nmax_price_age = "2m"\n'


def csv(hours: int, count: int) -> str:
    """Bars of a price that climbs by 10 an hour."""
    lines = ["timestamp,open,high,low,close,volume"]
    for n in range(count):
        first, last = 40_000 + 10 * n * hours, 40_000 + 10 * (n + 1) * hours
        stamp = BEGIN_MS + n * hours * HOUR_MS
        lines.append(f"{stamp},{first},{last},{first},{last},1")
    return "\n".join(lines) + "\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A coin by the hour and its contract by 8 hours, stored; and in that folder."""
    monkeypatch.chdir(tmp_path)
    for name, hours in (("coin", 1), ("contract", 8)):
        (tmp_path / f"{name}.csv").write_text(csv(hours, 240 // hours), encoding="utf-8")
    coin = ("--venue", "coinbase", "--symbol", "BTC", "--role", "index")
    perpetual = ("--venue", "bybit", "--symbol", "BTC/USD:BTC", "--role", "mark")
    for name, series in (("coin", coin), ("contract", perpetual)):
        made = run("data", "import", f"{name}.csv", *series, "--quote", "USD", "--yes")
        assert made.exit_code == 0, made.output
    return tmp_path


def paper(folder: Path, mandate: str) -> str:
    """What a desk of 12 hours tells, and why its last decision came out so."""
    (folder / "m.toml").write_text(mandate, encoding="utf-8")
    span = ("--data", "data", "--from", "2024-01-03", "--to", "2024-01-09")
    done = run("paper", "m.toml", *span, "--steps", "12", "--allow-missing-funding")
    assert done.exit_code == 0, done.output
    return " ".join((done.output + run("why", "m.ledger", "--full").stdout).split())


def test_a_price_counts_as_long_as_its_bar(folder: Path) -> None:
    """Deciding hourly on bars of 8 hours, nothing is unknown."""
    told = paper(folder, MANDATE)
    assert "All is well" in told
    assert "unknown" not in told


def test_what_the_owner_states_holds_and_is_named(folder: Path) -> None:
    """Of 2 minutes a price of 3 hours ago is too old: which, how old, and what to do."""
    told = paper(folder, MANDATE + STATED)
    assert (
        "no fresh price of bybit:BTC/USD:BTC (it is 3 hours old, 2 minutes are allowed: look at "
        "the venue, or raise max_price_age in [guard])"
    ) in told
