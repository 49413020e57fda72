"""What is said where betas are not known, and where futures wait for them."""

import json
from pathlib import Path

import pytest

from tests.app.running import printed

TEXT = """version = 1
[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 1.0, SOL = 200, ADA = 9000 }
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = { BTC = 1.0 }
[[hedge]]
underlying = "BTC"
ratio = 0.5
use = [{ account = "coinm", contract = "BTC/USD:BTC" }]
[[hedge]]
underlying = "SOL"
ratio = 1.0
proxy = "BTC"
betas = "estimated"
[[hedge]]
underlying = "ADA"
ratio = 0.5
proxy = "BTC"
beta = 1.1
"""
PRICES = ("--price", "BTC=60000", "--price", "SOL=150", "--price", "ADA=0.5")


def told(folder: Path, text: str) -> tuple[dict[str, list[str]], list[str], int]:
    """(reasons by coin, warnings, how many orders) of a plan at prices given."""
    path = folder / "mandate.toml"
    path.write_text(text, encoding="utf-8")
    found = printed("plan", path, *PRICES)
    reasons = {row["underlying"]: row["reasons"] for row in found["decision"]}
    return reasons, found["warnings"], len(found["orders"])


def test_a_beta_that_is_not_known_is_not_told_as_one(tmp_path: Path) -> None:
    """No line of a beta of 1; the warning says what lacks, not what was asked."""
    reasons, warnings, orders = told(tmp_path, TEXT)
    assert orders == 0
    assert not any("with beta" in line for line in reasons["SOL"])
    assert "hedged through BTC with beta 1.1: it asks for" in json.dumps(reasons["ADA"])
    (undecided,) = [line for line in warnings if line.startswith("undecided")]
    assert undecided.startswith("undecided: SOL keeps what it holds: betas are not known: no daily")


def test_who_waits_for_them_says_so(tmp_path: Path) -> None:
    """Hedges that share the contracts; with a beta of its own nobody waits."""
    said = "futures on BTC are left as they are: they hedge SOL too, of which no answer is known"
    reasons, _, _ = told(tmp_path, TEXT)
    waits = {coin: any(line.startswith(said) for line in of) for coin, of in reasons.items()}
    assert waits == {"BTC": True, "SOL": False, "ADA": True}
    reasons, warnings, orders = told(tmp_path, TEXT.replace('betas = "estimated"', "beta = 1.2"))
    assert orders == 1
    assert not any("left as they are" in line for of in reasons.values() for line in of)
    assert not any(line.startswith("undecided") for line in warnings)


OVER = """[[override]]
underlying = "SOL"
ratio = {ratio}
until = 2099-01-01T00:00:00Z
"""
EVENT = """[[overlay]]
kind = "event"
underlying = "SOL"
mode = "{mode}"
ratio = {ratio}
from = 2020-01-01T00:00:00Z
to = 2099-01-01T00:00:00Z
"""


@pytest.mark.parametrize(
    "text",
    [
        OVER.format(ratio=0.5),
        EVENT.format(ratio=0.5, mode="at_least"),
        EVENT.format(ratio=-0.2, mode="at_most"),
        EVENT.format(ratio=1.0, mode="set"),
    ],
)
def test_an_opinion_waits_for_betas_too(tmp_path: Path, text: str) -> None:
    """Half of a hedge of no known size is not sold as if its beta were 1."""
    limits = "[limits]\nmin_ratio = -1.0\nallow_long = true\n"
    reasons, warnings, orders = told(tmp_path, TEXT + text + limits)
    assert orders == 0
    assert any(line.endswith("waits for betas; what is held is kept") for line in reasons["SOL"])
    assert any(line.startswith("undecided: SOL") for line in warnings)


@pytest.mark.parametrize(
    "text", [TEXT + OVER.format(ratio=0.0), TEXT.replace("ratio = 1.0", "ratio = 0.0")]
)
def test_closing_a_hedge_waits_for_nothing(tmp_path: Path, text: str) -> None:
    """At 0 none of a proxy is asked for, whatever its beta: the others are hedged again."""
    reasons, warnings, orders = told(tmp_path, text)
    assert orders == 1
    assert not any("waits" in line for line in reasons["SOL"])
    assert not any(line.startswith("undecided") for line in warnings)


def test_nothing_of_wealth_is_not_closed_without_betas(tmp_path: Path) -> None:
    """Against a debt 0 of wealth asks for a short, of what size nothing tells.

    120,000 in BTC, 30,000 in SOL: a wealth below 30,000 is less than the SOL.
    """
    little = TEXT.replace("SOL = 200", "SOL = 200, USD = -20000")
    little = little.replace('betas = "estimated"', 'betas = "estimated"\nbase = "wealth"')
    assert told(tmp_path, little + OVER.format(ratio=0.0))[2] == 1
    owing = TEXT.replace("SOL = 200", "SOL = 200, USD = -130000")
    owing = owing.replace('betas = "estimated"', 'betas = "estimated"\nbase = "wealth"')
    reasons, _, orders = told(tmp_path, owing + OVER.format(ratio=0.0))
    assert orders == 0
    assert any(line.startswith("0 % waits for betas") for line in reasons["SOL"])
