"""Coins on their way are owned at once, counted on once, and never asked for again."""

import pytest

from tests.factories import account, decided, fixed, inverse, vault
from volsculpt.book.holdings import Account, Book, Position, Transfer
from volsculpt.decide.collateral import least_move
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.hedge.answer import Band

PLAN = CollateralPlan(("vault",))
BTC = inverse()
WIDE = Band(0.9, 0.0, 0.9, 0.0)


def margin_account(mode: str) -> Account:
    """0.5 BTC and a short of 20,000 USD from 52,000, in an account of a mode."""
    held = Position(BTC, -20_000, 52_000.0, leverage=3.0 if mode == "isolated" else None)
    weights = {"BTC": 0.95} if mode == "unified" else {}
    return Account("coinm", "margin", BTC.venue, mode, {"BTC": 0.5}, (held,), (), weights)


def top_up_of(mode: str, transfers: tuple[Transfer, ...]) -> float:
    """Coins the plan asks for, with some already on their way."""
    book = Book((vault(BTC=2.5), margin_account(mode)), transfers=transfers)
    legs = (("coinm", BTC, False),)
    decision = decided(
        book, (fixed("BTC", 1.0),), (legs,), {"BTC": 60_000.0}, limits=Limits(), plans=(PLAN,)
    )
    return sum(decision.answer.top_up)


@pytest.mark.parametrize("mode", ["cross", "unified", "isolated"])
def test_a_transfer_on_its_way_is_not_asked_for_again(mode: str) -> None:
    """What is in transit is taken off the next top-up, in every kind of account."""
    asked = top_up_of(mode, ())
    later = top_up_of(mode, (Transfer("BTC", 0.3, "coinm", "vault"),))
    assert asked > 0.3
    # the coins in transit are owned too: 0.3 more to hedge, at 3x leverage, 0.1 more margin
    assert later == pytest.approx(asked - 0.3 + 0.1, abs=0.02)


@pytest.mark.parametrize("mode", ["cross", "unified", "isolated"])
def test_a_dated_flow_is_not_collateral_on_its_way(mode: str) -> None:
    """Income expected next month hedges ahead of time, but no top-up counts on it."""
    asked = top_up_of(mode, ())
    later = top_up_of(mode, (Transfer("BTC", 0.3, "coinm", is_sent=False),))
    assert later == pytest.approx(asked + 0.1, abs=0.02)


def test_coins_for_another_account_are_not_counted() -> None:
    """A transfer to the vault is no margin of the futures account."""
    assert account is not None
    asked = top_up_of("cross", ())
    later = top_up_of("cross", (Transfer("BTC", 0.3, "vault"),))
    assert later == pytest.approx(asked + 0.1, abs=0.001)


@pytest.mark.parametrize(("held", "least"), [(-600.0, 2e-4), (-60_000.0, 1e-3)])
def test_no_move_is_smaller_than_dust(held: float, least: float) -> None:
    """Of a margin of 2 BTC a ten-thousandth, of what is short of 1 BTC a thousandth."""
    one = account("one", {"BTC": 2.0}, (Position(inverse(), held, 60_000.0),))
    book = Book((vault(BTC=5.0), one))
    hedge = fixed(base="coins", coins=7.0, ratio=-held / 420_000.0)
    plans = [CollateralPlan(("vault",), (0.1, 0.2, 9.0, 9.5))]
    legs = [[("one", inverse(), False)]]
    found = decided(book, [hedge], legs, {"BTC": 60_000.0}, plans=plans)
    assert found.answer.trade == [0.0]
    (group,) = (row for row, label in enumerate(found.flat.groups) if label.account == "one")
    assert least_move(found.problem, group) == pytest.approx(least)


@pytest.mark.parametrize("weight", [0.5, 0.7, 0.95, 1.0])
@pytest.mark.parametrize("distance", [0.5, 0.9, 1.0, 1.5])
def test_coins_that_are_given_back_are_not_asked_for_again(weight: float, distance: float) -> None:
    """A unified account of 7 BTC, dollars and a short that no hedge trades, which loses at a rise.

    There coins are owed, which count in full: what is left keeps the distance, with a margin.
    """
    dated = inverse(symbol="BTC/USD:BTC-260327")
    line = Position(dated, -500_000.0, 50_000.0)
    given = 0.0
    for _ in range(2):
        coins = {"BTC": 7.1 - given, "USDT": 375_000.0}
        own = account("one", coins, (line,), mode="unified", collateral_weights={"BTC": weight})
        plans = (CollateralPlan(("vault",), (4.0, 5.0, 6.0, 8.0), "one", "BTC"),)
        limits = Limits(min_liquidation_distance=distance)
        book, hedges = Book((vault(BTC=100.0 + given), own)), [fixed(ratio=0.5, band=WIDE)]
        prices = {"BTC": 55_000.0, "USDT": 1.0}
        decision = decided(book, hedges, [[("one", BTC, False)]], prices, limits, plans)
        assert not any(decision.answer.trade)
        if given:
            assert decision.answer.top_up[0] == 0.0
        given = -decision.answer.top_up[0]
        assert given >= 0.0
