"""What each cause added to wealth adds up to what wealth gained, for any book and market."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.exchange.one_step import Venue, venue_of
from tests.factories import account, inverse, linear, quanto, vault
from volsculpt.book.holdings import Book, Position
from volsculpt.exchange.events import FILLED, LIQUIDATED

INDEX = {"BTC": 50_000.0, "ETH": 2_500.0, "USDT": 1.0}
MARKS = [50_100.0, 2_505.0, 2_498.0, 50_050.0]
SIZE = [20_000.0, 2_000.0, 8.0, 0.4]


def book_of(dice: random.Random) -> Book:
    """Two coins, four payoffs and margin modes, a loan, sizes and entries at random."""

    def held(leg: int) -> tuple[float, float]:
        return round(dice.uniform(-1.0, 1.0) * SIZE[leg], 3), MARKS[leg] * dice.uniform(0.8, 1.2)

    isolated = Position(inverse(), *held(0), leverage=5.0)
    return Book(
        (
            vault(BTC=dice.uniform(0.0, 3.0), ETH=30.0, USD=-10_000.0),
            account("iso", {"BTC": 0.4}, (isolated,), mode="isolated", leverage=5.0),
            account(
                "all",
                {"USDT": 5_000.0, "BTC": 0.2},
                (Position(quanto(), *held(1)), Position(linear("ETH"), *held(2))),
                mode="unified",
                collateral_weights={"BTC": 0.9},
            ),
            account("lin", {"USDT": 4_000.0}, (Position(linear("BTC"), *held(3)),)),
        )
    )


def happen(venue: Venue, dice: random.Random, marks: list[float], step: int) -> list[float]:
    """One random step; the marks it ends at."""
    index = dict(zip(venue.flat.currencies, venue.prices.closed.index_usd, strict=True))
    opened = [mark * dice.uniform(0.99, 1.01) for mark in marks]
    venue.open_at({name: price * dice.uniform(0.99, 1.01) for name, price in index.items()}, opened)
    closed = [mark * dice.uniform(0.93, 1.07) for mark in opened]
    for leg, (start, end) in enumerate(zip(opened, closed, strict=True)):
        venue.bar.trade[leg] = start * dice.uniform(0.999, 1.001)
        venue.bar.high_mark[leg] = max(start, end) * dice.uniform(1.0, 1.05)
        venue.bar.low_mark[leg] = min(start, end) * dice.uniform(0.95, 1.0)
        venue.bar.funding[leg] = dice.choice((0.0, 0.0003, -0.0003))
        if dice.random() < 0.4:
            venue.order(leg, round(dice.uniform(-1.0, 1.0) * SIZE[leg], 3), step)
    if dice.random() < 0.3:
        venue.bar.flow[0] = dice.uniform(-0.2, 0.2)
    venue.close_at(
        {name: price * dice.uniform(0.95, 1.05) for name, price in index.items()}, closed
    )
    venue.step(step)
    return closed


@given(st.integers(0, 10**9))
def test_the_causes_add_up_to_the_change_of_wealth(seed: int) -> None:
    """spot + futures + basis + funding + fees + slippage + liquidation + flows, to 1e-9."""
    dice = random.Random(seed)
    venue = venue_of(book_of(dice), INDEX, MARKS, taker=0.0006, half_spread=0.0002, slippage=0.0001)
    start = venue.wealth()
    marks = MARKS
    for step in range(6):
        marks = happen(venue, dice, marks, step)
    scale = abs(start) + sum(abs(one) for one in (*venue.page.event_usd, venue.usd("spot")))
    assert venue.wealth() - start == pytest.approx(venue.told(), rel=0.0, abs=1e-9 * scale)


@given(st.integers(0, 10**9))
def test_a_fee_in_coins_is_the_fee_in_dollars(seed: int) -> None:
    """Of every fill and of nothing else, at the index of its moment, whatever it is settled in."""
    dice = random.Random(seed)
    venue = venue_of(book_of(dice), INDEX, MARKS, taker=0.0006, half_spread=0.0002)
    happen(venue, dice, MARKS, 0)
    page, index = venue.page, venue.prices.opened.index_usd
    settle = venue.flat.layout.legs.settle
    for row in range(page.used[0]):
        if page.event_kind[row] == FILLED:
            usd = page.event_charge[row] * index[settle[page.event_row[row]]]
            assert page.event_fee[row] == pytest.approx(-usd, rel=1e-12)
            worth = 0.0006 * page.event_usd[row]
            assert usd == pytest.approx(worth, rel=1e-12)
        else:
            assert page.event_charge[row] == 0.0


def test_random_books_are_liquidated_too() -> None:
    """The law above would say little if no book ever died or traded."""
    died = traded = 0
    for seed in range(30):
        dice = random.Random(seed)
        venue = venue_of(book_of(dice), INDEX, MARKS)
        marks = MARKS
        for step in range(6):
            marks = happen(venue, dice, marks, step)
        died += venue.count(LIQUIDATED)
        traded += venue.count(FILLED)
    assert died > 3
    assert traded > 100
