"""Legs whose rule has rolled on are closed at once, whatever the band says."""

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.factories import account, dated, decided, fixed, inverse, trades, vault
from volsculpt.book.holdings import Book, Position
from volsculpt.hedge.answer import Band

PERPETUAL, OLD = inverse(), dated()
PRICES = {"BTC": 60_000.0}


@given(
    held=st.integers(1_000, 90_000),
    ratio=st.floats(0.1, 0.9),
    trigger=st.floats(0.0, 0.6),
    reverse=st.booleans(),
)
def test_a_rolled_leg_is_closed_inside_the_band(
    held: int, ratio: float, trigger: float, reverse: bool
) -> None:
    """All of it is bought back, none is added to it, and the hedge goes on in the other leg."""
    margin = account("coinm", {"BTC": 1.0}, (Position(OLD, -held, 60_000.0),))
    legs = [("coinm", PERPETUAL, False), ("coinm", OLD, True)]
    used = legs[::-1] if reverse else legs
    book = Book((vault(BTC=1.0), margin))
    hedge = fixed(ratio=ratio, band=Band(trigger, 0.0, trigger, 0.0), roll_slice=1.0)
    decision = decided(book, (hedge,), (used,), PRICES)
    held_ratio = decision.answer.held[0]
    assume(abs(held_ratio - ratio) > 1e-6)
    found = trades(decision)
    assert found[OLD.key] == held
    low, high = sorted([held, ratio * 120_000])
    assert low - 1.0 <= -found.get(PERPETUAL.key, 0.0) <= high + 1.0
    still = decided(book, (hedge,), ([(name, one, False) for name, one, _ in used],), PRICES)
    assert bool(trades(still)) == (abs(held_ratio - ratio) > trigger)
