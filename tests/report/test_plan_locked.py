"""Coins that cannot move yet: shown with the time they are free, and no source before."""

from volsculpt.report.pages.plan import content
from volsculpt.report.plan import Plan
from volsculpt.verbs import plan

STAKER = """
version = 1

[[account]]
name = "staked"
kind = "earn"
balances = { BTC = 2.0 }
locked_until = 2024-09-01T00:00:00Z

[[account]]
name = "vested"
kind = "cold"
balances = { BTC = 1.0, ETH = 5.0 }
locked_until = 2024-06-01T00:00:00Z

[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = { BTC = 0.4 }

[[hedge]]
underlying = "BTC"
ratio = 0.8

[[collateral]]
source = ["vested", "staked"]
"""


def planned(day: str) -> Plan:
    """The plan of a day at 60,000."""
    return plan(STAKER, time_ns=day, prices={"BTC": 60_000.0, "ETH": 3_000.0})


def test_locked_coins_are_told_the_first_free_first() -> None:
    """Each currency of each account, with its days and the account that waits for it."""
    made = planned("2024-05-20")
    rows = [(row.account, row.currency, row.days, row.source_of) for row in made.locked]
    assert rows == [
        ("vested", "BTC", 12.0, ["coinm"]),
        ("vested", "ETH", 12.0, []),
        ("staked", "BTC", 104.0, ["coinm"]),
    ]
    assert "Coins that cannot move yet" in [one.title for one in content(made).sections]
    assert made.transfers == [] or all(row.from_ is None for row in made.transfers)


def test_what_lacks_says_when_more_is_free() -> None:
    """The warning of sources that hold too little names the coins to come, and when."""
    (line,) = [one for one in planned("2024-05-20").warnings if one.startswith("sources_short")]
    assert "1 BTC in 'vested' is free from 2024-06-01 00:00 UTC on" in line
    assert "2 BTC in 'staked' is free from 2024-09-01 00:00 UTC on" in line


def test_unlocked_coins_are_moved() -> None:
    """From its date on an account is a source, and no longer told as locked."""
    made = planned("2024-06-01")
    assert [row.account for row in made.locked] == ["staked"]
    assert {row.from_ for row in made.transfers} == {"vested"}
    assert planned("2024-09-02").locked == []
