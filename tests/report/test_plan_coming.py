"""Dated flows that are hedged ahead: they move with the price, and nobody owns them yet."""

import pytest

from volsculpt.mandate.load import parse_mandate
from volsculpt.report.document import Grid
from volsculpt.report.pages.plan_tables import exposure, scenarios
from volsculpt.report.plan import Plan
from volsculpt.verbs import plan

MINER = """
version = 1
hedge_flows = true
flow_horizon = "90d"

[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 2.0 }

[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = { BTC = 1.0 }

[[flow]]
account = "vault"
currency = "BTC"
amount = 0.5
every = "30d"

[[hedge]]
underlying = "BTC"
ratio = 0.5
"""


def planned(text: str) -> Plan:
    """The plan of a mandate at 60,000."""
    return plan(text, time_ns="2024-05-20", prices={"BTC": 60_000.0})


def test_coins_to_come_are_hedged_and_not_owned() -> None:
    """3 BTC owned and 1.5 to come: half of 4.5 is sold, and wealth is that of 3."""
    made = planned(MINER)
    row = next(one for one in made.exposure if one.currency == "BTC")
    assert (row.owned_coin, row.coming_coin) == (3.0, 1.5)
    assert (row.delta_coin, row.base_coin) == (4.5, 4.5)
    assert made.wealth_usd == 180_000.0
    assert made.orders[0].contracts == 135_000.0
    assert any("what you own and of 1.5 to come" in line for line in made.decision[0].reasons)


def test_wealth_in_scenarios_is_without_them() -> None:
    """At -20 % 3 BTC are worth 144,000 and the 1.5 to come 72,000, which stands beside it."""
    row = next(one for one in planned(MINER).scenarios if one.shock_ratio == -0.2)
    assert row.unhedged_usd == pytest.approx(144_000.0)
    assert row.coming_usd == pytest.approx(72_000.0)
    assert row.hedged_usd - row.unhedged_usd == pytest.approx(row.futures_usd)


def test_flows_that_are_not_hedged_change_nothing() -> None:
    """Without hedge_flows nothing is counted ahead, and no column tells of it."""
    made = planned(MINER.replace("hedge_flows = true", "hedge_flows = false"))
    row = next(one for one in made.exposure if one.currency == "BTC")
    assert (row.owned_coin, row.coming_coin, row.delta_coin) == (3.0, 0.0, 3.0)
    assert all(one.coming_usd == 0.0 for one in made.scenarios)
    heads = [column.head for column in _grid(made, exposure).columns]
    assert "to come" not in heads


def test_a_withdrawal_ahead_leaves_what_is_owned() -> None:
    """0.5 to leave three times: 3 are owned, 1.5 of them are not hedged any more."""
    made = planned(MINER.replace("amount = 0.5", "amount = -0.5"))
    row = next(one for one in made.exposure if one.currency == "BTC")
    assert (row.owned_coin, row.coming_coin, row.base_coin) == (3.0, -1.5, 1.5)
    assert made.wealth_usd == 180_000.0


def test_both_tables_show_what_is_to_come() -> None:
    """The page has a column of it in what is held and in the scenarios."""
    made = planned(MINER)
    for section in (exposure, scenarios):
        assert "to come" in [column.head for column in _grid(made, section).columns]


def test_a_coin_that_is_only_to_come_is_hedged_without_a_warning() -> None:
    """Who holds none yet and mines some has something to hedge."""
    text = MINER.replace("balances = { BTC = 2.0 }", "").replace("balances = { BTC = 1.0 }", "")
    assert parse_mandate(text).warnings == ()
    assert planned(text).wealth_usd == 0.0


def _grid(made: Plan, section: object) -> Grid:
    """The table of a section."""
    return next(one for one in section(made).items if isinstance(one, Grid))  # type: ignore[operator]
