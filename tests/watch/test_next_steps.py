"""What a plan says where an account has too few coins for its hedge: move, then trade."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import account, decided, fixed, inverse, linear, vault
from volsculpt.book.group import group_equity, group_gross
from volsculpt.book.holdings import Account, Book, Position
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.step import Decision
from volsculpt.watch.filled import filled
from volsculpt.watch.nextstep import NextStepRow, book_then, next_steps
from volsculpt.watch.step_words import step_words

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
    assert first == "MOVE 0.167 BTC TO futures (vault has 1 BTC)"
    assert then.startswith("SELL 30,000 contracts of BTC/USD:BTC on futures (bybit)")
    assert "liquidated at 89,5" in end


def test_what_is_carried_has_no_next_step() -> None:
    """Coins that are there need no word."""
    assert steps(0.5) == []


@given(ratio=st.floats(0.05, 1.0), held=st.floats(0.0, 0.05))
def test_a_planned_move_is_followed_by_what_is_decided_then(ratio: float, held: float) -> None:
    """The order told is the one that the same book decides once the coins are there."""

    def made(cold: float, margin: float) -> Decision:
        book = Book((vault(BTC=cold), account("futures", {"BTC": margin} if margin else {})))
        legs = ((("futures", BTC, False),),)
        hedges, plans = (fixed("BTC", ratio),), (CollateralPlan(("vault",)),)
        return decided(book, hedges, legs, {"BTC": 60_000.0}, Limits(), plans)

    first = made(1.0 - held, held)
    moved = first.answer.top_up[0]
    rows = next_steps(first, filled(first))
    assert len(rows) == (moved > 0.0)
    if rows and not any(first.answer.trade):
        then = made(1.0 - held - moved, held + moved)
        assert -then.answer.trade[0] == rows[0].contracts > 0.0
        assert rows[0].planned
        assert rows[0].coins == moved
        assert rows[0].available == {"vault": moved}


@given(st.floats(0.05, 1.0), st.floats(0.0, 0.3), st.sampled_from([None, 0.0, 0.0002]))
def test_the_book_then_is_the_one_the_steps_lead_to(
    ratio: float, held: float, cost: float | None
) -> None:
    """Its leverage is the one told; of the owner's coins only fees and transfers are spent."""
    book = Book((vault(BTC=1.0 - held), account("futures", {"BTC": held})))
    legs = ((("futures", BTC, False),),)
    plans = () if cost is None else (CollateralPlan(("vault",), cost=cost),)
    decision = decided(book, (fixed("BTC", ratio),), legs, {"BTC": 60_000.0}, Limits(), plans)
    after = filled(decision)
    rows, then = next_steps(decision, after), book_then(decision, after)
    moved = any(decision.answer.top_up)
    assert (then is not None) == (bool(rows) or moved)
    if then is None:
        return
    for row in rows:
        equity = group_equity(decision.flat.layout, then, decision.quoted.quote, 0)
        gross = group_gross(decision.flat.layout, then, decision.quoted.quote, 0)
        assert gross / equity == pytest.approx(row.leverage, rel=1e-9)
    fee = sum(abs(c) for c in then.contracts) / 60_000.0 * decision.flat.layout.legs.taker[0]
    spent = fee + (cost or 0.0) * moved
    assert sum(then.wallet) == pytest.approx(1.0 - spent, rel=1e-12)


def test_coins_that_are_released_are_gone_then() -> None:
    """0.9 of 1 BTC behind a short of 0.1: what the plan gives back stands in the vault then."""
    held = account("futures", {"BTC": 0.9}, (Position(BTC, -6_000.0, 60_000.0),))
    book, plans = Book((vault(BTC=0.1), held)), (CollateralPlan(("vault",), cost=0.0002),)
    legs = ((("futures", BTC, False),),)
    decision = decided(book, (fixed("BTC", 0.1),), legs, {"BTC": 60_000.0}, Limits(), plans)
    freed = -decision.answer.top_up[0]
    assert freed > 0.0
    then = book_then(decision, filled(decision))
    assert then is not None
    assert then.wallet == pytest.approx([0.1 + freed - 0.0002, 0.9 - freed])


@given(
    leverage=st.sampled_from([1.25, 2.0, 3.0, 7.5]),
    most=st.sampled_from([None, 1.5, 4.0]),
    distance=st.sampled_from([None, 0.3, 1.5]),
    held=st.floats(-0.05, 0.2),
    linear_one=st.booleans(),
)
def test_an_isolated_account_is_told_what_its_own_leverage_posts(
    leverage: float, most: float | None, distance: float | None, held: float, linear_one: bool
) -> None:
    """With the coins told there, the plan sells what was told, and asks for no more.

    An account that owes coins and holds no position is paid up first. All coins are there: what is
    bought for margin is hedged with the rest.
    """
    contract, settle, price = (linear(), "USDT", 60_000.0) if linear_one else (BTC, "BTC", 1.0)
    limits = Limits(max_leverage=most, min_liquidation_distance=distance)

    def made(there: float) -> Decision:
        own = account("fut", {settle: there * price}, mode="isolated", leverage=leverage)
        cold = vault(BTC=3.0 - (0.0 if linear_one else there), USDT=1e6)
        hedge = fixed("BTC", 1.0, base="coins", coins=1.0)
        legs, prices = ((("fut", contract, False),),), {"BTC": 60_000.0, "USDT": 1.0}
        return decided(Book((cold, own)), (hedge,), legs, prices, limits)

    first = made(held)
    for row in next_steps(first, filled(first)):
        told = abs(first.answer.trade[0]) + row.contracts
        then = made(held + row.coins / price)
        assert -then.answer.trade[0] == pytest.approx(told, rel=1e-6)
        assert next_steps(then, filled(then)) == []
        state, flat = filled(then), then.flat
        gross = group_gross(flat.layout, state, then.quoted.quote, 0)
        stands = gross / group_equity(flat.layout, state, then.quoted.quote, 0)
        assert row.leverage == pytest.approx(stands, rel=2e-3)


@pytest.mark.parametrize("third", [2.0, 3.0, 5.0])
@pytest.mark.parametrize("most", [None, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("distance", [None, 0.3, 0.6])
def test_a_step_leads_within_every_limit(
    third: float, most: float | None, distance: float | None
) -> None:
    """The third leverage of a band, and each limit beside it: followed, the plan asks no more."""
    band = (2.0, third, third, third + 1.0)
    limits = Limits(max_leverage=most, min_liquidation_distance=distance)

    def made(cash: float, sold: float) -> Decision:
        held = (Position(linear(), -sold, 60_000.0),) if sold else ()
        book = Book((vault(BTC=2.0), account("usdm", {"USDT": cash}, held)))
        legs, plans = ((("usdm", linear(), False),),), (CollateralPlan(("vault",), band),)
        hedge, prices = fixed("BTC", 1.0, base="coins", coins=2.0), {"BTC": 60_000.0, "USDT": 1.0}
        return decided(book, (hedge,), legs, prices, limits, plans)

    (row,) = next_steps(made(0.0, 0.0), filled(made(0.0, 0.0)))
    assert row.leverage is not None
    assert row.leverage <= min(third, most or third)
    fee = row.contracts * 60_000.0 * made(0.0, 0.0).flat.layout.legs.taker[0]
    then = made(row.coins - fee, row.contracts)
    assert not any(then.answer.trade)
    assert next_steps(then, filled(then)) == []
    moved = row.liquidation_move
    assert moved is None or distance is None or abs(moved) >= distance * (1.0 - 1e-9)


# --- steps that leave no leverage -----------------------------------------------------------


def isolated_short(size: float, posted: float, entry: float) -> Decision:
    """An isolated short at 60,000, closed in parts of 150,000, that coins are moved for."""
    held = (Position(BTC, -size, entry, margin=posted, leverage=20.0),)
    own = account("iso", {"BTC": posted}, held, mode="isolated", leverage=20.0)
    legs, plans = ((("iso", BTC, False),),), (CollateralPlan(("vault",)),)
    limits = Limits(max_order_usd=150_000.0, min_liquidation_distance=0.9)
    hedges = (fixed("BTC", 0.0),)
    return decided(Book((vault(BTC=5.0), own)), hedges, legs, {"BTC": 60_000.0}, limits, plans)


def test_a_step_that_closes_a_position_has_no_leverage() -> None:
    """240,000 USD bought back in two orders, coins moved between: then nothing is held."""
    decision = isolated_short(240_000.0, 0.2, 60_000.0)
    (row,) = next_steps(decision, filled(decision))
    assert (row.planned, row.side, row.contracts) == (True, "buy", 90_000.0)
    assert (row.leverage, row.liquidation_price) == (None, None)
    assert step_words(row)[2] == "with both it holds nothing any more"


@given(st.floats(20_000.0, 400_000.0), st.floats(0.01, 0.5), st.floats(20_000.0, 90_000.0))
def test_a_leverage_that_is_told_is_one(size: float, posted: float, entry: float) -> None:
    """Above 0 wherever there is one: no equity, or nothing held, has none."""
    decision = isolated_short(float(round(size)), posted, entry)
    for row in next_steps(decision, filled(decision)):
        assert row.leverage is None or row.leverage > 0.0


@given(owed=st.floats(0.0, 9.0), there=st.floats(0.0, 0.05))
def test_a_margin_that_is_used_up_has_no_leverage(owed: float, there: float) -> None:
    """What sources have does not pay what an account owes: it is said, in place of -0.04x."""
    book = Book((vault(BTC=there), Account("cash", "spot", balances={"BTC": 20.0})))
    own = account("coinm", {"BTC": -owed}, (Position(BTC, -60_000.0, 60_000.0),))
    plans, legs = (CollateralPlan(("vault",)),), ((("coinm", BTC, False),),)
    hedges, prices = (fixed("BTC", 0.0),), {"BTC": 60_000.0}
    limits = Limits(max_order_usd=15_000.0)
    decision = decided(Book((*book.accounts, own)), hedges, legs, prices, limits, plans)
    for row in next_steps(decision, filled(decision)):
        if row.leverage is None:
            assert step_words(row)[2] == "with both it has its margin used up all the same"
        else:
            assert row.leverage > 0.0
