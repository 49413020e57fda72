"""The corners of a bar: where coins are put, which of them hurts a group most, and when it dies."""

import math
import random
from itertools import product

import pytest

from tests.exchange.one_step import Venue, venue_of
from tests.factories import account, dated, flat_at, inverse, linear, tiered, vault
from volsculpt.book.flatten import flatten
from volsculpt.book.group import group_equity, group_maintenance
from volsculpt.book.holdings import Account, Book, Position
from volsculpt.book.state import SLOT_BUSY, SLOT_FREE, Quote
from volsculpt.exchange.events import CANCELLED, CLOSED, LIQUIDATED, TAKEN
from volsculpt.exchange.liquidate import (
    breach_part,
    excess_now,
    is_in_group,
    set_coin,
    wipe,
    worst_corner,
)
from volsculpt.exchange.rows import NOT_DUE

INDEX = {"BTC": 50_000.0, "ETH": 2_500.0, "SOL": 150.0, "USDT": 0.99}
COINS = ("BTC", "ETH", "SOL")
PERPETUAL, DATED = inverse(), dated()


def cross(name: str, dice: random.Random) -> Account:
    """Three coins traded in USDT, BTC by two contracts."""
    lines = []
    for one in (linear("SOL"), linear("BTC"), linear("ETH"), linear("BTC", symbol="B/USDT:USDT")):
        size = dice.choice((-1.0, 1.0)) * dice.uniform(1e4, 5e4) / INDEX[one.base]
        lines.append(Position(one, size, INDEX[one.base] * dice.uniform(0.9, 1.1)))
    return account(name, {"USDT": dice.uniform(-2e4, 4e4)}, lines)


def drawn(seed: int) -> Venue:
    """Two such accounts beside a cold one, at a bar that moves every leg; scratch unknown."""
    dice = random.Random(seed)
    venue = venue_of(
        Book((vault(BTC=1.0, USD=1.0), cross("one", dice), cross("two", dice))), INDEX, [1.0] * 8
    )
    marks = [INDEX[one.base] * dice.uniform(0.98, 1.02) for _, one in venue.flat.legs]
    venue.open_at(INDEX, marks)
    for leg, mark in enumerate(marks):
        venue.bar.high_mark[leg] = mark * dice.uniform(1.0, 1.3)
        venue.bar.low_mark[leg] = mark * dice.uniform(0.7, 1.0)
    forget(venue.prices.there)
    return venue


def forget(quote: Quote) -> None:
    """Make all of it unknown."""
    for column in quote:
        column[:] = [math.nan] * len(column)


def at_corner(venue: Venue, sides: dict[str, int], part: float) -> Quote:
    """Prices a part of the way to the high (1) or the low (0) of each coin, written out."""
    opened, bar = venue.prices.opened, venue.bar
    index, marks = list(opened.index_usd), list(opened.mark)
    for coin, side in sides.items():
        moves = [1.0]
        for leg, (_, one) in enumerate(venue.flat.legs):
            if one.base == coin:
                end = (bar.low_mark, bar.high_mark)[side][leg]
                marks[leg] += part * (end - marks[leg])
                moves.append(marks[leg] / opened.mark[leg])
        index[venue.flat.currency(coin)] *= max(moves, key=lambda moved: abs(moved - 1.0))
    return Quote(index, marks)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("side", [0, 1])
def test_a_coin_is_put_where_its_marks_go(seed: int, side: int) -> None:
    """Each mark of it by itself, its index with that which moves most; nothing else is touched."""
    venue = drawn(seed)
    for coin, part in product(COINS, (0.0, 0.3, 1.0)):
        there, wanted = (
            Quote([7.0] * len(venue.flat.currencies), [8.0] * 8),
            at_corner(venue, {coin: side}, part),
        )
        row = venue.flat.currency(coin)
        set_coin(venue.flat.layout, venue.bar, venue.prices.opened, there, row, side, part)
        for leg, (_, one) in enumerate(venue.flat.legs):
            assert there.mark[leg] == pytest.approx(wanted.mark[leg] if one.base == coin else 8.0)
        for place, usd in enumerate(there.index_usd):
            assert usd == pytest.approx(wanted.index_usd[place] if place == row else 7.0)


@pytest.mark.parametrize("coins", [0.9, 1.1, -0.5])
def test_what_is_left_is_equity_less_maintenance(coins: float) -> None:
    """At the size and the haircuts of the moment, not of any other price."""
    tiers = tiered([(0.0, 0.01), (0.9, 0.1), (1.5, 0.3), (2.5, 0.5)])
    lines = (
        Position(inverse(margin=tiers), -50_000.0, 48_000.0),
        Position(linear(), 0.4, 45_000.0),
    )
    weights = {"BTC": 0.9, "USDT": 0.8}
    balances = {"BTC": coins, "USDT": -1_000.0}
    one = account("one", balances, lines, mode="unified", collateral_weights=weights)
    flat, quote = flat_at(Book((one,)), INDEX)
    where = (flat.layout, flat.state, quote, 0)
    left = group_equity(*where) - group_maintenance(*where)
    assert excess_now(*where) == pytest.approx(left)


def test_a_pegged_coin_stands_where_it_opened() -> None:
    """Its contract is no coin's: the low of its bar is nothing that is judged."""
    line = Position(linear("USDC", multiplier=1.0), 100_000.0, 1.0)
    venue = venue_of(Book((account("one", {"USDT": 3_000.0}, (line,)),)), {"USDC": 1.0}, [1.0])
    venue.bar.low_mark[0] = 0.5
    venue.step()
    assert venue.count(LIQUIDATED) == 0


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("part", [0.0, 0.4, 1.0])
def test_the_worst_corner_is_the_worst_of_all_corners(seed: int, part: float) -> None:
    """Of both groups, whatever was on the place it is written to; prices are left there."""
    venue = drawn(seed)
    layout, state, prices = venue.flat.layout, venue.state, venue.prices
    for group in range(2):
        corners = [
            at_corner(venue, dict(zip(COINS, sides, strict=True)), part)
            for sides in product((0, 1), repeat=3)
        ]
        left = [excess_now(layout, state, quote, group) for quote in corners]
        found = worst_corner(layout, state, venue.bar, prices.opened, prices.there, group, part)
        assert found == pytest.approx(min(left))
        assert excess_now(layout, state, prices.there, group) == pytest.approx(min(left))
        worst = corners[left.index(min(left))]
        assert list(prices.there.mark) == pytest.approx(list(worst.mark))
        assert list(prices.there.index_usd) == pytest.approx(list(worst.index_usd))
        forget(prices.there)


@pytest.mark.parametrize("seed", range(2))
def test_a_group_breaches_where_nothing_is_left(seed: int) -> None:
    """On the straight way into its worst corner; at the open where it stands under it already."""
    venue = drawn(seed)
    layout, state, prices = venue.flat.layout, venue.state, venue.prices
    for group in range(2):
        where = (layout, state, venue.bar, prices.opened, prices.there, group)
        for left in (5.0, -5.0, 1e6):
            wallet = venue.wallet_row(("one", "two")[group], "USDT")
            state.wallet[wallet] += left - excess_now(layout, state, prices.opened, group)
            at_end = worst_corner(*where, 1.0)
            part = breach_part(*where)
            if left < 0.0:
                assert part == 0.0
            elif at_end < 0.0:
                assert 0.0 < part < 1.0
                assert worst_corner(*where, part) == pytest.approx(0.0, abs=1e-6)
            else:
                assert part == 1.0


def test_a_group_is_touched_by_coins_of_its_legs_and_its_wallets() -> None:
    """What is traded or settled in it, or backs it; not what other groups have."""
    one = account("one", {"USDT": 1.0}, (Position(linear("ETH"), 1.0, 1.0),))
    weights = {"SOL": 0.5}
    two = account(
        "two",
        {"BTC": 1.0, "SOL": 5.0},
        (Position(PERPETUAL, 1.0, 1.0),),
        mode="unified",
        collateral_weights=weights,
    )
    three = account("three", {"XRP": 1.0}, (Position(linear("DOT", settle="BTC"), 1.0, 1.0),))
    for order in ((one, two, three), (three, one, two), (two, three, one)):
        flat = flatten(Book(order))
        found = {
            label.account: {
                name
                for row, name in enumerate(flat.currencies)
                if is_in_group(flat.layout, group, row) == 1
            }
            for group, label in enumerate(flat.groups)
        }
        assert found == {"one": {"ETH", "USDT"}, "two": {"BTC", "SOL"}, "three": {"DOT", "BTC"}}


NAMES = ("one", "two", "three")
HELD = (Position(PERPETUAL, -6_000.0, 40_000.0), Position(DATED, 3_000.0, 45_000.0))


def wiped(dead: str) -> Venue:
    """Three accounts alike at 50,000, of which one breaches at 61,000 and 62,000, BTC at 60,000."""
    accounts = [account(name, {"BTC": 0.5}, HELD) for name in NAMES]
    venue = venue_of(Book((vault(BTC=1.0), *accounts)), INDEX, [50_000.0] * 6)
    for leg in range(6):
        venue.order(leg, 7.0, due=9)
    there = Quote(list(venue.prices.opened.index_usd), [61_000.0, 62_000.0] * 3)
    there.index_usd[venue.flat.currency("BTC")] = 60_000.0
    wipe(venue.at, venue.prices.opened, there, NAMES.index(dead))
    return venue


@pytest.mark.parametrize("dead", NAMES)
def test_what_dies_is_told_at_the_prices_of_its_breach(dead: str) -> None:
    """Coins by wallet, contracts and orders by leg, and the loss of it all."""
    page, group = wiped(dead).page, NAMES.index(dead)
    short, long = 6_000.0 / 61_000.0, 3_000.0 / 62_000.0  # coins
    end = [short - 0.15, 3_000.0 / 45_000.0 - long]
    moved = [end[0] * 6e4 + 0.03 * 5e4, end[1] * 6e4 - (3_000.0 / 45_000.0 - 0.06) * 5e4]
    rows = [
        (TAKEN, 1 + group, -0.5, 60_000.0, -30_000.0, 5_000.0),
        (CLOSED, 2 * group, 6_000.0, 61_000.0, short * 6e4, moved[0]),
        (CANCELLED, 2 * group, 7.0, 0.0, 0.0, 0.0),
        (CLOSED, 2 * group + 1, -3_000.0, 62_000.0, long * 6e4, moved[1]),
        (CANCELLED, 2 * group + 1, 7.0, 0.0, 0.0, 0.0),
        (LIQUIDATED, group, 0.0, 0.0, -30_000.0 - sum(end) * 6e4, 0.0),
    ]
    columns = ("kind", "row", "size", "price", "usd", "moved")
    for place, wanted in enumerate(rows):
        told = [getattr(page, f"event_{name}")[place] for name in columns]
        assert told == pytest.approx(list(wanted))
    assert page.used[0] == len(rows)


@pytest.mark.parametrize("dead", NAMES)
def test_nothing_is_left_of_what_dies_and_all_of_the_others(dead: str) -> None:
    """Contracts, their cost, orders at work and on their way; coins outside the group stay."""
    venue = wiped(dead)
    state, pending = venue.state, venue.pending
    alive = [name != dead for name, _ in venue.flat.legs]
    held = [one.contracts for one in HELD] * 3
    assert list(state.contracts) == [
        size if one else 0.0 for size, one in zip(held, alive, strict=True)
    ]
    assert [cost != 0.0 for cost in state.cost] == alive
    assert list(state.working) == list(pending.order) == [7.0 if one else 0.0 for one in alive]
    assert list(state.slot) == [SLOT_BUSY if one else SLOT_FREE for one in alive]
    assert list(pending.order_due) == [9 if one else NOT_DUE for one in alive]
    coins = [venue.wallet(name, "BTC") for name in ("vault", *NAMES)]
    assert coins == [1.0, *(0.0 if name == dead else 0.5 for name in NAMES)]


def test_all_wallets_of_a_group_are_taken() -> None:
    """Up to the last that there is, in a book where nothing is on its way."""
    balances = {"USDT": 5.0, "BTC": 0.5, "ETH": 2.0}
    one = account("one", balances, HELD, mode="unified")
    venue = venue_of(Book((vault(BTC=1.0), one)), INDEX, [50_000.0] * 2)
    flat = flatten(Book((vault(BTC=1.0), one)))
    at = venue.at._replace(layout=flat.layout, state=flat.state)
    wipe(at, venue.prices.opened, venue.prices.opened, 0)
    assert list(flat.state.wallet) == [1.0, 0.0, 0.0, 0.0]
    assert [venue.page.event_size[row] for row in range(3)] == [-5.0, -0.5, -2.0]
