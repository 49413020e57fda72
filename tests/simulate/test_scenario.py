"""What a book is worth after a jump, group by group."""

from typing import Any

import pytest

from tests.factories import account, flat_at, inverse, linear, vault
from volsculpt.book.breaches import Breaches
from volsculpt.book.flatten import Flat
from volsculpt.book.group import group_equity, group_maintenance
from volsculpt.book.holdings import Book, Position
from volsculpt.book.state import Quote
from volsculpt.simulate.scenario import (
    SHOCKS,
    close_all,
    on_the_way,
    outcome,
    shocked,
    wealth,
    wipe_out,
)

PRICES = {"BTC": 50_000.0, "USDT": 1.0}
CROSS = linear("ETH", settle="BTC", quote="BTC", symbol="ETH/BTC:BTC", lot=0.01)
SHORT, LINEAR = inverse(), linear()


@pytest.mark.parametrize(
    ("group", "kept"), [(None, [0.0, 0.0]), (0, [0.0, -1.0]), (1, [-6e4, 0.0])]
)
def test_one_group_or_all_are_closed_at_the_mark(group: int | None, kept: list[float]) -> None:
    """Contracts of the group go, their profit is in its wallet, and wealth stays as it was."""
    coin = account("coinm", {"BTC": 1.0}, (Position(SHORT, -60_000.0, 60_000.0),))
    dollars = account("usdm", {"USDT": 30_000.0}, (Position(LINEAR, -1.0, 55_000.0),))
    flat, quote = flat_at(Book((vault(BTC=1.0), coin, dollars)), PRICES)
    closed = close_all(flat, flat.state, quote, group)
    assert closed.contracts == kept
    assert [cost != 0.0 for cost in closed.cost] == [size != 0.0 for size in kept]
    assert wealth(flat, closed, quote) == pytest.approx(wealth(flat, flat.state, quote), abs=1e-6)
    assert flat.state.contracts == [-60_000.0, -1.0]


@pytest.mark.parametrize("shock", [-0.5, 0.2])
def test_a_price_between_two_coins_is_no_price_that_is_shocked(shock: float) -> None:
    """All coins fall by half: BTC and what is quoted in dollars with it; ETH stays 0.05 BTC."""
    lines = (Position(SHORT, -100.0, 50_000.0), Position(CROSS, -1.0, 0.05))
    flat, quote = flat_at(Book((account("a", {"BTC": 1.0}, lines),)), PRICES | {"ETH": 2_500.0})
    there = shocked(flat, quote, shock)
    marks = dict(zip((one.symbol for _, one in flat.legs), there.mark, strict=True))
    by = 1.0 + shock
    assert marks == pytest.approx({SHORT.symbol: 50_000.0 * by, CROSS.symbol: 0.05})
    index = dict(zip(flat.currencies, there.index_usd, strict=True))
    assert index["BTC"] == pytest.approx(50_000.0 * by)


def test_shocks_rise_and_look_both_ways() -> None:
    """In order, each once, today among them, every fall beside the rise of the same size."""
    assert list(SHOCKS) == sorted(set(SHOCKS))
    assert 0.0 in SHOCKS
    assert {-shock for shock in SHOCKS if shock < 0.0} <= set(SHOCKS)
    assert min(SHOCKS) > -1.0


def two_groups(size: float) -> Book:
    """A short in coins, and so many coins bought in an account of several; a bonus in both."""
    weights = {"BTC": 1.0, "ETH": 1.0, "USDT": 1.0}
    coin = account(
        "coinm", {"BTC": 0.2}, (Position(SHORT, -60_000.0, 50_000.0),), bonus={"BTC": 0.01}
    )
    mixed = {"ETH": 2.0, "USDT": 1_000.0, "BTC": 0.1}
    lines = (Position(LINEAR, size, 50_000.0),)
    rest: Any = {"collateral_weights": weights, "bonus": {"USDT": 100.0}}
    several = account("several", mixed, lines, mode="unified", **rest)
    return Book((vault(BTC=1.0, ETH=3.0), coin, several))


@pytest.mark.parametrize("price", [50_000.0, 90_000.0])
@pytest.mark.parametrize("group", [0, 1])
def test_a_group_that_is_closed_keeps_nothing_and_owes_nothing(group: int, price: float) -> None:
    """Its contracts, coins, bonus and debt go; the other group is as it was."""
    flat, quote = flat_at(two_groups(-0.5), PRICES | {"BTC": price, "ETH": 2_500.0})
    layout, legs, before = flat.layout, flat.layout.legs, flat.state
    equity = [group_equity(layout, before, quote, one) for one in range(2)]
    assert (equity[group] < 0.0) == (price > 80_000.0)
    after = wipe_out(flat, before, group)
    assert group_equity(layout, after, quote, group) == 0.0
    assert group_equity(layout, after, quote, 1 - group) == equity[1 - group]
    for leg in range(legs.rows):
        kept = (0.0, 0.0) if legs.group[leg] == group else (before.contracts[leg], before.cost[leg])
        assert (after.contracts[leg], after.cost[leg]) == kept
    own = [wallet for wallet, one in enumerate(layout.wallet_group) if one == group]
    assert not any(after.wallet[wallet] for wallet in own)
    others = set(range(layout.wallets)) - {*own}
    assert all(after.wallet[wallet] == before.wallet[wallet] for wallet in others)


@pytest.mark.parametrize("size", [-0.05, 0.0, 0.3, -0.5, 50.0])
def test_a_group_is_closed_where_its_margin_ends_on_the_way(size: float) -> None:
    """Looked up in a hundred steps of price, up and down, group by group."""
    flat, quote = flat_at(two_groups(size), PRICES | {"ETH": 2_500.0})
    breaches, layout = Breaches(flat, flat.state, quote), flat.layout
    for shock in (*SHOCKS, 0.05, -0.7):
        for group in range(2):
            way = [round(shock * part / 100.0, 9) for part in range(101)]
            there = [(one, shocked(flat, quote, one)) for one in way]
            ends = [
                1.0 + one
                for one, at in there
                if group_equity(layout, flat.state, at, group)
                < group_maintenance(layout, flat.state, at, group)
            ]
            found = on_the_way(breaches, group, shock)
            assert (found is not None) == bool(ends), (shock, group)
            assert found is None or found == pytest.approx(ends[0], abs=abs(shock) / 99.0)
        done = outcome(flat, flat.state, quote, shock)
        assert [group for group, _ in done.liquidated] == [
            group for group in range(2) if on_the_way(breaches, group, shock) is not None
        ]


def bankrupt(mode: str, lines: tuple[Position, ...]) -> tuple[Flat, Quote]:
    """0.5 BTC of margin on a short from 40,000 at 70,000, or the loan that it comes to; a vault."""
    rest: Any = {"collateral_weights": {"BTC": 1.0}} if mode == "unified" else {}
    owed = {"BTC": 0.5} if lines else {"BTC": -0.142857}
    book = Book((vault(BTC=0.1), account("coinm", owed, lines, mode=mode, **rest)))
    return flat_at(book, PRICES | {"BTC": 70_000.0}, extra=[("coinm", SHORT)])


@pytest.mark.parametrize("mode", ["cross", "unified"])
def test_a_bankrupt_group_costs_what_is_in_it_whatever_the_move(mode: str) -> None:
    """Short of 60,000 from 40,000 on 0.5 BTC: at 70,000 it owes, at any move the vault is left.

    As a move on the way there leaves it, and as a bar of a backtest does: no other account pays.
    """
    flat, quote = bankrupt(mode, (Position(SHORT, -60_000.0, 40_000.0),))
    assert group_equity(flat.layout, flat.state, quote, 0) < 0.0
    solvent = shocked(flat, quote, -0.4)
    beyond = outcome(flat, flat.state, solvent, 70.0 / 42.0 - 1.0)
    assert beyond.hedged_usd == pytest.approx(0.1 * 70_000.0)
    for shock in SHOCKS:
        found = outcome(flat, flat.state, quote, shock)
        there = 0.1 * 70_000.0 * (1.0 + shock)
        assert found.hedged_usd == pytest.approx(there)
        assert found.unhedged_usd == pytest.approx(there)
        assert found.liquidated == [(0, 1.0)]


def test_orders_that_close_a_bankrupt_group_do_not_leave_its_debt() -> None:
    """The exchange closes it before them: what it owed is no more taken than without orders."""
    flat, quote = bankrupt("cross", (Position(SHORT, -60_000.0, 40_000.0),))
    found = outcome(flat, close_all(flat, flat.state, quote), quote, 0.0, flat.state)
    assert found.hedged_usd == pytest.approx(7_000.0)
    assert found.unhedged_usd == found.hedged_usd


@pytest.mark.parametrize("mode", ["cross", "unified"])
def test_a_loan_without_contracts_stays_owed(mode: str) -> None:
    """There is nothing for the exchange to close: 0.1 BTC less what is owed, at any move."""
    flat, quote = bankrupt(mode, ())
    found = outcome(flat, flat.state, quote, 0.2)
    assert found.liquidated == []
    assert found.hedged_usd == found.unhedged_usd == pytest.approx(-0.042857 * 84_000.0)
