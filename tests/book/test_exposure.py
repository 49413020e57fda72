"""What contracts and orders at work are in coins, in figures a person can check."""

import math
import random
from collections import Counter

import pytest

from tests.factories import account, flat_at, inverse, linear, quanto
from tests.laws import formulas
from tests.laws.drawn import Drawn, draw
from volsculpt.book.exposure import (
    coins_per_contract,
    exposure,
    fair_mark,
    held_ratio,
    is_owing,
    leg_pnl,
    leg_value,
    others_pnl,
    pnl_at,
    venue_contracts,
    venue_cost,
    venue_value,
    wealth_usd,
)
from volsculpt.book.holdings import Book, NotOwn, Position, WorkingOrder
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
        (quanto(multiplier=0.001), 4_000.0, 0.001 * 4_000.0 * 60_000.0 / 3_000.0, 3_000.0),
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


def plain_sums(drawn: Drawn, working: dict[str, float]) -> dict[str, dict[str, float]]:
    """Balance, PnL by settle currency and by coin, futures: line by line."""
    quotes, index = drawn.quotes, drawn.quotes.index | {"USD": 1.0}
    found: dict[str, dict[str, float]] = {name: Counter() for name in ("pnl", "pnl_on", "futures")}
    for _, line in formulas.lines_of(drawn.setup.book):
        one = line.contract
        mark = formulas.mark_at(one, quotes, 1.0)
        won = formulas.profit(line, mark)
        found["pnl"][one.settle] += won
        found["pnl_on"][one.base] += won * index[one.settle] / index[one.base]
        count = line.contracts + working.get(one.key, 0.0)
        found["futures"][one.base] += count * formulas.coins_each(one, quotes)
        face = count * one.multiplier * (mark if one.payoff == "linear" else 1.0)
        found["futures"][one.quote] -= face if one.payoff != "quanto" else 0.0
    return found | {"balance": formulas.balances_of(drawn.setup.book)}


@pytest.mark.parametrize("seed", range(40))
def test_sums_are_those_of_every_wallet_and_line(seed: int) -> None:
    """Of random books, with what works there and without, whatever was in the sums before."""
    drawn = draw(seed)
    flat, quote = flat_at(drawn.setup.book, drawn.quotes.index, drawn.quotes.contract)
    sums, dice, working = new_exposure(flat.layout), random.Random(seed), {}
    for row, (_, one) in enumerate(flat.legs):
        working.setdefault(one.key, dice.uniform(-5.0, 5.0))
        flat.state.working[row] = working[one.key]
    for counts in (1, 0):
        for column in sums:
            column[:] = [math.nan] * len(column)
        exposure(flat.layout, flat.state, quote, counts, sums)
        for name, wanted in plain_sums(drawn, working if counts else {}).items():
            for row, currency in enumerate(flat.currencies):
                found = getattr(sums, name)[row]
                assert found == pytest.approx(wanted.get(currency, 0.0), rel=1e-9, abs=1e-7)
        for row, (_, one) in enumerate(flat.legs):
            size = flat.state.contracts[row] + counts * working[one.key]
            coins = size * formulas.coins_each(one, drawn.quotes)
            assert sums.leg_coin[row] == pytest.approx(coins)
    wealth = formulas.wealth_usd(drawn.setup.book, drawn.quotes)
    assert wealth_usd(flat.layout, quote, sums) == pytest.approx(wealth)


@pytest.mark.parametrize("contract", [inverse(multiplier=10.0), linear(multiplier=0.1), quanto()])
def test_a_venue_holds_what_is_own_and_what_is_not(contract: Contract) -> None:
    """Contracts, cost, value and profit of each part, of the second leg of two."""
    held, theirs = Position(contract, -500.0, 900.0), NotOwn(contract, 200.0, 1_100.0)
    other = account("other", {"ETH": 1.0}, (Position(inverse("ETH"), 3.0, 3e3),))
    one = account("one", {contract.settle: 5.0}, (held,), not_own=(theirs,))
    flat, quote = flat_at(Book((other, one)), PRICES, {contract.key: 1_000.0})
    layout, state = flat.layout, flat.state

    def worth(size: float, price: float = 1_000.0) -> float:
        return formulas.size_at(contract, size, price)

    assert venue_contracts(state, 1) == -500.0
    assert venue_cost(state, 1) == pytest.approx(worth(-500.0, 900.0))
    assert venue_value(layout, state, quote, 1) == pytest.approx(worth(-500.0))
    assert leg_value(layout, state, quote, 1) == pytest.approx(worth(-700.0))
    for mark in (800.0, 1_000.0):
        not_own = formulas.profit(Position(contract, 200.0, 1_100.0), mark)
        assert others_pnl(layout, state, 1, mark) == pytest.approx(not_own)
        whole = formulas.profit(held, mark)
        assert pnl_at(layout, state, 1, mark) == pytest.approx(whole - not_own)
    assert leg_pnl(layout, state, quote, 1) == pnl_at(layout, state, 1, 1_000.0)


@pytest.mark.parametrize(
    ("base", "spot", "owing"),
    [
        (1.0, 1.5, 1),
        (1.5, 1.5, 0),
        (1.5, 1.5 + 1e-10, 0),
        (1.5, 1.0, 0),
        (0.0, 0.1, 1),
        (0.0, 0.0, 0),
        (-0.1, 0.0, 1),
    ],
)
def test_less_wealth_than_coins_is_a_debt(base: float, spot: float, owing: int) -> None:
    """But for the noise of sums."""
    assert is_owing(base, spot) == owing
