"""`volsculpt check` refuses what no plan could be made of, whatever prices are."""

import json
from pathlib import Path

import pytest

from tests.app.running import run

HEAD = """
version = 1

[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 1 }

[[account]]
name = "by"
kind = "margin"
venue = "bybit"
balances = { BTC = 0.1 }
"""
SOURCE = """
[[account]]
name = "de"
kind = "margin"
venue = "deribit"
balances = { BTC = 0.6 }

[[account.position]]
contract = "BTC/USD:BTC"
contracts = -12_000
entry = 58_000.0

[[account]]
name = "by2"
kind = "margin"
venue = "bybit"
balances = { BTC = 1 }

[[account.position]]
contract = "BTC/USD:BTC"
contracts = -10
entry = 58_000.0

[[collateral]]
account = "de"
source = ["vault", "by2"]
"""
POSTED = """margin_mode = "isolated"

[[account.position]]
contract = "BTC/USD:BTC"
contracts = -60_000
entry = 60_000
leverage = 2
"""
UNKNOWN = """
[[hedge]]
underlying = "SOL"
ratio = 0.5
use = [{ account = "by", contract = "SOL/USDT:USDT" }]
"""
RULE = """
[[hedge]]
underlying = "BTC"
ratio = 0.5
use = [{ account = "by", contract = "BTC/USD:BTC@quarter" }]
"""


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        (SOURCE, 5, "[[collateral]] source 'by2' is a margin account whose BTC backs its own"),
        (POSTED, 5, "account 'by': its isolated positions post more BTC than its balance holds"),
        (UNKNOWN, 3, "bybit:SOL/USDT:USDT: maintenance margin is unknown to the catalog"),
    ],
)
def test_check_refuses_what_plan_refuses(
    tmp_path: Path, more: str, code: int, message: str
) -> None:
    """Both end with the same code and the same words, as text and as JSON."""
    path = tmp_path / "mandate.toml"
    path.write_text(HEAD + more, encoding="utf-8")
    checked = run("check", str(path))
    planned = run("plan", str(path), "--price", "BTC=60000", "--price", "SOL=150")
    assert checked.exit_code == planned.exit_code == code
    assert message in checked.stderr
    assert message in planned.stderr
    as_json = run("check", str(path), "--json")
    assert as_json.exit_code == code
    found = json.loads(as_json.stdout)
    assert found["valid"] is False
    assert message in found["problems"][0]


@pytest.mark.parametrize("more", ["", RULE])
def test_check_understands_what_plan_does(tmp_path: Path, more: str) -> None:
    """What can be decided on is understood without a price."""
    path = tmp_path / "mandate.toml"
    path.write_text(HEAD + more, encoding="utf-8")
    checked = run("check", str(path))
    assert checked.exit_code == 0
    assert run("plan", str(path), "--price", "BTC=60000").exit_code == 0


def test_check_warns_of_alerts_that_would_reach_nobody(tmp_path: Path) -> None:
    """A program that is not there, an address that is none: what the machine can tell."""
    (tmp_path / "m.toml").write_text(
        HEAD + '[desk]\nwebhook = "a.b/c"\ncommand = ["no-such-program"]\n', encoding="utf-8"
    )
    done = run("check", tmp_path / "m.toml", "--json")
    warnings = " ".join(json.loads(done.stdout)["mandate"]["warnings"])
    assert "untold_webhook: [desk] webhook tells nobody: its address does not begin" in warnings
    assert "untold_command: [desk] command tells nobody: there is no program 'no-such" in warnings
    assert "tells nobody" in run("check", tmp_path / "m.toml").stdout.replace("\n", " ")
