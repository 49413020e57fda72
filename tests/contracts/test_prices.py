"""Prices: what a venue takes of a limit order, what a position cost."""

import pytest

from volsculpt.contracts.orders import OVER_PRICE, TAKEN, judge_price
from volsculpt.contracts.payoff import INVERSE, LINEAR, average_entry


@pytest.mark.parametrize(
    ("size", "price", "expected"),
    [
        (1.0, 63_000.0, TAKEN),
        (1.0, 63_001.0, OVER_PRICE),
        (1.0, 1.0, TAKEN),
        (-1.0, 57_000.0, TAKEN),
        (-1.0, 56_999.0, OVER_PRICE),
        (-1.0, 900_000.0, TAKEN),
        (0.001, 63_001.0, OVER_PRICE),
        (0.001, 1.0, TAKEN),
        (-0.001, 56_999.0, OVER_PRICE),
        (-0.001, 900_000.0, TAKEN),
    ],
)
def test_a_price_too_far_beyond_the_mark_is_refused(
    size: float, price: float, expected: int
) -> None:
    """5 % beyond 60,000 at most, on the side that fills; an unknown limit refuses nothing."""
    assert judge_price(size, price, 60_000.0, 0.05, 0.05) == expected
    assert judge_price(size, price, 60_000.0, 0.0, 0.0) == TAKEN


def test_nothing_held_has_no_entry() -> None:
    """0.0 when flat; else harmonic for inverse contracts, and plain for linear ones."""
    assert average_entry(INVERSE, 0.0, 1.0, 0.0) == 0.0
    assert average_entry(INVERSE, 20_000.0, 1.0, 1.5) == pytest.approx(13_333.3333333)
    assert average_entry(LINEAR, -2.0, 0.5, -60_000.0) == 60_000.0
