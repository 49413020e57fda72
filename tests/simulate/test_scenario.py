"""What a book is worth after a jump, group by group."""

import pytest

from tests.factories import account, flat_at, inverse, linear, vault
from volsculpt.book.holdings import Book, Position
from volsculpt.simulate.scenario import SHOCKS, close_all, shocked, wealth

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
