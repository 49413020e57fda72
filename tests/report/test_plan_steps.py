"""What a plan says where an account has too few coins for its hedge: move, then trade."""

import pytest

from tests.factories import account, decided, fixed, inverse, vault
from volsculpt.book.holdings import Book
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.report.plan_rows import filled
from volsculpt.report.plan_steps import next_steps, step_words
from volsculpt.report.rows import NextStepRow

BTC = inverse()


def steps(coins: float, plans: tuple[CollateralPlan, ...] = ()) -> list[NextStepRow]:
    """The next steps of a hedge of half of what is owned, with so many coins as margin."""
    own = account("futures", {"BTC": coins} if coins else {})
    book = Book((vault(BTC=1.0 - coins), own))
    legs = ((("futures", BTC, False),),)
    decision = decided(book, (fixed("BTC", 0.5),), legs, {"BTC": 60_000.0}, Limits(), plans)
    return next_steps(decision, filled(decision))


def test_an_empty_account_is_told_what_to_move_and_then_to_sell() -> None:
    """0.5 BTC of short at 3x wants 0.167 BTC, its fee included; figures are those with both."""
    (row,) = steps(0.0)
    assert (row.side, row.contracts, row.contract) == ("sell", 30_000.0, "BTC/USD:BTC")
    assert row.coins == pytest.approx(0.167, abs=1e-3)
    assert row.leverage == pytest.approx(3.0, rel=0.01)
    assert row.available == {"vault": 1.0}
    first, then, end = step_words(row)
    assert first == "1. MOVE 0.167 BTC TO futures (vault has 1 BTC)"
    assert then.startswith("2. SELL 30,000 contracts of BTC/USD:BTC on futures (bybit)")
    assert "liquidated at 89,5" in end


@pytest.mark.parametrize(("coins", "plans"), [(0.5, ()), (0.0, (CollateralPlan(("vault",)),))])
def test_what_is_carried_or_planned_has_no_next_step(
    coins: float, plans: tuple[CollateralPlan, ...]
) -> None:
    """Coins that are there, or that the plan moves itself, need no word."""
    assert steps(coins, plans) == []
