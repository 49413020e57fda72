"""A paper desk goes on under a mandate that was changed; what cannot be is refused with the fix."""

import json
from pathlib import Path

import pytest

from tests.app.running import run

VAULT = """
version = 1
name = "two"
[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 4.0, ETH = 30.0 }
"""
BTC = """
[[account]]
name = "btc"
kind = "margin"
venue = "bybit"
balances = { BTC = 1.0 }
[[hedge]]
underlying = "BTC"
policy = "fixed"
ratio = 0.6
use = [{ account = "btc", contract = "BTC/USD:BTC" }]
"""
ETH_ACCOUNT = """
[[account]]
name = "eth"
kind = "margin"
venue = "bybit"
balances = { ETH = 10.0 }
"""
ETH_HEDGE = """
[[hedge]]
underlying = "ETH"
policy = "fixed"
ratio = 0.4
use = [{ account = "eth", contract = "ETH/USD:ETH" }]
"""
PLAN = """
[[collateral]]
source = ["vault"]
transfer_hours = 3
cost = 0.0002
"""
MORE = """
[[account]]
name = "more"
kind = "margin"
venue = "bybit"
balances = { BTC = 0.5 }
"""
WHOLE = VAULT + BTC + ETH_ACCOUNT + ETH_HEDGE


def paper(text: str, steps: int = 6) -> dict[str, object]:
    """Go on for some steps under a mandate; the status, or the error and its exit code."""
    Path("m.toml").write_text(text, encoding="utf-8")
    done = run("paper", "m.toml", "--ledger", "a.ledger", "--steps", str(steps), "--json")
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def positions(status: dict[str, object]) -> dict[tuple[str, str], float]:
    """Contracts by account and contract."""
    rows = status["positions"]
    assert isinstance(rows, list)
    return {(one["account"], one["contract"]): one["contracts"] for one in rows}


@pytest.mark.parametrize(
    "text",
    [
        VAULT + BTC + ETH_ACCOUNT,
        WHOLE + PLAN,
        WHOLE + PLAN.replace("= 3", "= 1"),
        WHOLE + MORE,
        WHOLE.replace("BTC = 4.0", "BTC = 3.0"),
        WHOLE.replace(
            '"BTC/USD:BTC" }', '"BTC/USDT:USDT" }, { account = "btc", contract = "BTC/USD:BTC" }'
        ),
    ],
    ids=["a hedge less", "a plan", "another plan", "an account", "other balances", "a contract"],
)
def test_a_changed_mandate_is_taken_over(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Positions and balances stay, no alert tells a difference, and there is a way back."""
    monkeypatch.chdir(tmp_path)
    begun = positions(paper(WHOLE))
    assert len(begun) == 2
    back = () if MORE in text else (WHOLE, text)  # an account that holds something cannot go
    for mandate in (text, *back):
        status = paper(mandate)
        assert "error" not in status, status
        keys = [one["key"] for one in status["alerts"]]  # type: ignore[attr-defined]
        assert not [key for key in keys if key.startswith(("balance:", "position:", "found:"))]
        held = positions(status)
        assert all(held[place] == pytest.approx(size, rel=0.35) for place, size in begun.items())
    assert run("ledger", "verify", "a.ledger").exit_code == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            WHOLE.replace(
                'name = "btc"\nkind = "margin"\nvenue = "bybit"',
                'name = "btc"\nkind = "margin"\nvenue = "binance"',
            ),
            "let that account stay at bybit, and give one at another venue another name",
        ),
        (VAULT + BTC, "account 'eth' of it is not in the mandate: put it back"),
    ],
    ids=["another venue", "an account that is gone"],
)
def test_what_cannot_be_taken_over_is_refused(
    text: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the reason and the fix; nothing is written, and the old mandate goes on."""
    monkeypatch.chdir(tmp_path)
    begun = positions(paper(WHOLE))
    refused = paper(text)
    assert refused["exit_code"] == 11
    assert words in str(refused["error"])
    assert positions(paper(WHOLE)) == pytest.approx(begun, rel=0.1)


LINEAR = """
[[account]]
name = "lin"
kind = "margin"
venue = "binance"
balances = { USDT = 20_000.0 }
[[hedge]]
underlying = "ETH"
policy = "fixed"
ratio = 0.4
use = [{ account = "lin", contract = "ETH/USDT:USDT" }]
"""


def test_a_desk_on_a_market_made_up_for_it_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it is stated: contracts that the desk once traded are no prices of a coin."""
    monkeypatch.chdir(tmp_path)
    first = paper(VAULT + BTC + LINEAR, 2)
    again = paper(VAULT + BTC + LINEAR, 3)
    assert positions(first)
    assert positions(again).keys() == positions(first).keys()
