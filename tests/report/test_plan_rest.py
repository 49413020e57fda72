"""What a plan says of the rest of a hedge once the coins to be moved are there."""

from pathlib import Path

import pytest

import volsculpt as vs
from tests.report.hedges import NOW, hedged, text_of
from volsculpt.report.pages.order_parts import parts_lines
from volsculpt.report.plan import Plan

MANDATE = """version = 1
[[account]]
name = "vault"
kind = "cold"
balances = {{ BTC = {coins} }}
[[account]]
name = "m"
kind = "margin"
venue = "{venue}"
balances = {{ BTC = 0.0 }}
[[hedge]]
underlying = "BTC"
ratio = 1.0
use = [{{ account = "m", contract = "BTC/USD:BTC" }}]
[[collateral]]
account = "m"
source = ["vault"]
"""
FOLLOWS = "the rest follows when the coins to be moved have arrived"


def planned(folder: Path, coins: float, venue: str, more: str = "") -> Plan:
    """The plan of so many bitcoin, none of them at the venue."""
    place = folder / "m.toml"
    place.write_text(MANDATE.format(coins=coins, venue=venue) + more, encoding="utf-8")
    return vs.plan(place, prices={"BTC": 60_000.0}, time_ns=NOW)


def test_less_than_a_contract_waits_for_no_coins(tmp_path: Path) -> None:
    """180 dollars are one contract of 100; 80 are less than one, whatever coins arrive."""
    reasons = planned(tmp_path, 0.003, "binance").decision[0].reasons
    assert FOLLOWS not in reasons
    assert f"a part of {FOLLOWS}: 55.56 % is hedged then" in reasons
    least = "what is missing then is less than the smallest order of BTC/USD:BTC, 100 USD"
    assert reasons[-1] == least
    text = text_of(hedged("0.003 BTC", {"venue": "binance"}))
    assert f"55.56 % is hedged by this: {least}" in text
    assert "follows" not in text


def test_an_order_that_is_too_large_is_named_with_its_parts(tmp_path: Path) -> None:
    """60 million of which one order is 25: the order is the reason, market orders are 5."""
    plan = planned(tmp_path, 1_000.0, "bybit")
    reasons = plan.decision[0].reasons
    assert f"a part of {FOLLOWS}: 41.67 % is hedged then" in reasons
    assert "bybit takes 25,000,000 contracts at most in one order" in reasons[-1]
    (step,) = plan.next_steps
    assert (step.contracts, step.market_most) == (25e6, 5e6)
    told = " ".join(plan.table(200).split())
    assert (
        "bybit takes 5,000,000 contracts at market: 5 orders of 5,000,000 then 34,972,500 cont"
        in told
    )
    assert "34,972,500 contracts more: 2 more orders, one a decision, as far as the band" in told
    assert "the order that waits for it stands on it, with 2 more orders" in told
    assert step.later_contracts == 34_972_500.0


def test_the_owners_largest_order_is_named_too(tmp_path: Path) -> None:
    """max_order_usd leaves a rest as the venue's own does."""
    plan = planned(tmp_path, 1.0, "bybit", "[limits]\nmax_order_usd = 20_000\n")
    reasons = plan.decision[0].reasons
    assert f"a part of {FOLLOWS}: 33.33 % is hedged then" in reasons
    assert "the order is cut to max_order_usd 20,000" in reasons[-1]
    (step,) = plan.next_steps
    assert (step.contracts, step.later_contracts) == (20_000.0, 39_978.0)  # less the fees


@pytest.mark.parametrize("coins", [1.0, 10.0])
def test_what_follows_whole_says_no_more(coins: float, tmp_path: Path) -> None:
    """The coins are all that is waited for."""
    plan = planned(tmp_path, coins, "bybit")
    assert plan.decision[0].reasons[-1] == FOLLOWS
    assert "at market" not in plan.table(200)


@pytest.mark.parametrize(
    ("size", "most", "said"),
    [
        (12.0, 5.0, ["bybit takes 5 contracts at market: 2 orders of 5 and one of 2"]),
        (7.0, 5.0, ["bybit takes 5 contracts at market: 1 order of 5 and one of 2"]),
        (10.0, 5.0, ["bybit takes 5 contracts at market: 2 orders of 5"]),
        (0.3, 0.1, ["bybit takes 0.1 contracts at market: 3 orders of 0.1"]),
        (5.0, 5.0, []),
        (5.0, None, []),
    ],
)
def test_an_order_in_parts_adds_up(size: float, most: float | None, said: list[str]) -> None:
    """Whole orders of the largest, and what is left."""
    assert [line.text for line in parts_lines(size, most, "bybit")] == said
