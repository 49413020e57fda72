"""What a book is worth after a jump, group by group."""

import pytest

from tests.factories import account, flat_at, inverse, linear, vault
from volsculpt.book.holdings import Book, Position
from volsculpt.simulate.scenario import SHOCKS, close_all, wealth

PRICES = {"BTC": 50_000.0, "USDT": 1.0}
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


def test_shocks_rise_and_look_both_ways() -> None:
    """In order, each once, today among them, every fall beside the rise of the same size."""
    assert list(SHOCKS) == sorted(set(SHOCKS))
    assert 0.0 in SHOCKS
    assert {-shock for shock in SHOCKS if shock < 0.0} <= set(SHOCKS)
    assert min(SHOCKS) > -1.0
