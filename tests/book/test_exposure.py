"""What contracts and orders at work are in coins, in figures a person can check."""

import pytest

from tests.factories import account, flat_at, inverse, linear
from volsculpt.book.exposure import coins_per_contract, exposure, fair_mark, held_ratio
from volsculpt.book.holdings import Book, Position, WorkingOrder
from volsculpt.book.state import new_exposure
from volsculpt.contracts.spec import Contract

THOUSANDS = linear("SHIB", symbol="1000SHIB/USDT:USDT", base_count=1_000.0, multiplier=1.0)
PRICES = {"BTC": 60_000.0, "ETH": 3_000.0, "SHIB": 0.00002, "USDT": 0.5}


@pytest.mark.parametrize(
    ("contract", "mark", "coins", "fair"),
    [
        (THOUSANDS, 0.04, 1_000.0, 0.04),
        (linear("ETH", multiplier=0.1), 6_000.0, 0.1, 6_000.0),
        (inverse(multiplier=100.0), 50_000.0, 100.0 / 50_000.0, 60_000.0),
    ],
)
def test_one_contract_is_so_many_coins(
    contract: Contract, mark: float, coins: float, fair: float
) -> None:
    """And fair at the indexes in its own quote, whose price is its own: USDT at half a dollar."""
    held = (Position(contract, 7.0, mark),)
    book = Book((account("one", {contract.settle: 1e6}, held),))
    flat, quote = flat_at(book, PRICES, {contract.key: mark})
    assert coins_per_contract(flat.layout, quote, 0) == pytest.approx(coins)
    assert fair_mark(flat.layout, quote, 0) == pytest.approx(fair)


def test_orders_at_work_count_where_they_are_asked_for() -> None:
    """Short 6,000 with an order for 3,000 more: -0.1 BTC, with it -0.15; sums begin anew."""
    one = inverse()
    order = WorkingOrder("a", one, -3_000.0, "acked")
    book = Book(
        (account("one", {"BTC": 1.0}, (Position(one, -6_000.0, 60_000.0),), orders=(order,)),)
    )
    flat, quote = flat_at(book, PRICES)
    sums = new_exposure(flat.layout)
    for with_working, coins in ((0, -0.1), (1, -0.15), (0, -0.1)):
        exposure(flat.layout, flat.state, quote, with_working, sums)
        row = flat.currency("BTC")
        assert sums.futures[row] == pytest.approx(coins)
        assert sums.leg_coin[0] == pytest.approx(coins)
        assert (sums.balance[row], sums.pnl[row], sums.pnl_on[row]) == (1.0, 0.0, 0.0)


def test_an_order_alone_makes_a_place_for_its_contract() -> None:
    """Neither held nor traded by any hedge: what works there counts, -0.05 BTC."""
    order = WorkingOrder("a", inverse(), -3_000.0, "acked")
    book = Book((account("one", {"BTC": 1.0}, orders=(order,)),))
    flat, quote = flat_at(book, PRICES)
    sums = new_exposure(flat.layout)
    exposure(flat.layout, flat.state, quote, 1, sums)
    assert list(flat.legs) == [("one", inverse())]
    assert sums.futures[flat.currency("BTC")] == pytest.approx(-0.05)


def test_a_held_ratio_is_what_is_gone_of_the_base() -> None:
    """Delta 1 of 8/3 owned: 0.625; more delta than base is a ratio below 0."""
    assert held_ratio(1.0, 8.0 / 3.0) == pytest.approx(0.625)
    assert held_ratio(3.0, 2.0) == -0.5
