"""Loans in a plan: their levels beside the margin groups, what mends them, and what stays put."""

import pytest

from volsculpt.report.pages.plan import content
from volsculpt.report.plan import Plan
from volsculpt.verbs import plan
from volsculpt.watch.loans import LoanRow

BORROWER = """
version = 1

[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 2.0 }

[[account]]
name = "bank"
kind = "loan"
balances = { BTC = 1.0, USDT = -30_000 }
interest = { USDT = 0.0365 }
call_ltv = 0.7
liquidation_ltv = 0.8
due = 2025-06-01T00:00:00Z

[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = { BTC = 1.0 }

[[hedge]]
underlying = "BTC"
ratio = 0.5

[[collateral]]
source = ["vault"]
"""


def planned(price: float, text: str = BORROWER) -> Plan:
    """The plan of a mandate at a price of bitcoin."""
    return plan(text, time_ns="2024-05-20", prices={"BTC": price, "USDT": 1.0})


def loan_at(price: float, text: str = BORROWER) -> LoanRow:
    """Its one loan."""
    (row,) = planned(price, text).loans
    return row


def test_a_loan_stands_beside_the_margin_groups() -> None:
    """30,000 on 1 BTC at 60,000: 50 %, sold at 37,500, more asked at 42,857; 3 USD a day."""
    row = loan_at(60_000.0)
    assert (row.owed, row.pledged) == ({"USDT": 30_000.0}, {"BTC": 1.0})
    assert row.ltv == 0.5
    assert row.liquidation_price == pytest.approx(37_500.0)
    assert row.liquidation_move == pytest.approx(-0.375)
    assert row.call_price == pytest.approx(42_857.142857)
    assert row.interest_usd_per_day == pytest.approx(-3.0)
    assert (row.level, row.text, row.due) == (None, "", "2025-06-01T00:00:00Z")


def test_pledged_coins_are_owned_and_hedged() -> None:
    """4 BTC are owned, a half of them is sold forward, and the debt is a negative holding."""
    made = planned(60_000.0)
    owned = {row.currency: row.owned_coin for row in made.exposure}
    assert (owned["BTC"], owned["USDT"]) == (4.0, -30_000.0)
    assert made.wealth_usd == 210_000.0
    assert made.orders[0].contracts == 120_000.0


def test_near_its_level_the_coins_that_mend_it_come_first() -> None:
    """At 45,000 the level is 16.7 % away: with what is told it is 25 % away, or as much repaid."""
    row = loan_at(45_000.0)
    assert row.level == "warning"
    more = BORROWER.replace("BTC = 1.0, USDT", f"BTC = {1.0 + row.add_coin}, USDT")
    mended = loan_at(45_000.0, more)
    assert mended.liquidation_move == pytest.approx(-0.25)
    less = BORROWER.replace("-30_000", f"{-30_000 + row.repay_usd}")
    assert loan_at(45_000.0, less).liquidation_move == pytest.approx(-0.25)
    first = content(planned(45_000.0)).sections[0]
    assert first.title == "Watch your margin"


def test_past_its_level_it_is_a_danger() -> None:
    """At 36,000 it is 83 %: critical, and said at the top of the page."""
    row = loan_at(36_000.0)
    assert row.level == "critical"
    assert " NOW " in row.text
    assert "vault has 2 BTC" in row.text
    assert content(planned(36_000.0)).sections[0].title == "Danger"


def test_coins_owed_against_dollars_are_sold_after_a_rise() -> None:
    """0.4 BTC owed against 30,000 USDT at 60,000: 80 % of it; at 0.9 the price is 67,500."""
    text = BORROWER.replace("BTC = 1.0, USDT = -30_000", "USDT = 30_000, BTC = -0.4")
    text = text.replace("interest = { USDT = 0.0365 }", "interest = { BTC = 0.02 }")
    row = loan_at(60_000.0, text.replace("0.7\n", "0.85\n").replace("_ltv = 0.8\n", "_ltv = 0.9\n"))
    assert row.ltv == pytest.approx(0.8)
    assert row.liquidation_price == pytest.approx(67_500.0)
    assert row.level == "warning"
    assert row.add_currency == "USDT"
    assert "rise of 12.5 %" in row.text


def test_a_rate_that_is_not_given_is_no_zero() -> None:
    """The interest is null, and a warning says that none is counted."""
    made = planned(60_000.0, BORROWER.replace("interest = { USDT = 0.0365 }\n", ""))
    assert made.loans[0].interest_usd_per_day is None
    (line,) = [one for one in made.warnings if "no interest on the USDT owed is given" in one]
    assert line.startswith("no_interest: ")


def test_pledged_coins_are_no_source_of_margin() -> None:
    """Nothing is moved from a loan, and no remedy names it as having coins."""
    row = loan_at(36_000.0, BORROWER.replace("balances = { BTC = 2.0 }", ""))
    assert "has 1 BTC" not in row.text


def test_scenarios_tell_where_the_lender_sells() -> None:
    """At -50 % the loan is sold on the way, at 37,500; at -30 % it is not."""
    rows = {row.shock_ratio: row for row in planned(60_000.0).scenarios}
    sold = [one for one in rows[-0.5].liquidated if one.group == "loan"]
    assert [one.account for one in sold] == ["bank"]
    assert sold[0].price == pytest.approx(37_500.0)
    assert not any(one.group == "loan" for one in rows[-0.3].liquidated)


def test_a_loan_that_is_due_soon_is_told() -> None:
    """Within 30 days of its date a plan warns of it."""
    text = BORROWER.replace("2025-06-01", "2024-06-01")
    assert any(
        line.startswith("loan_due: 30,000 USDT") for line in planned(60_000.0, text).warnings
    )
    assert not any(line.startswith("loan_due") for line in planned(60_000.0).warnings)
