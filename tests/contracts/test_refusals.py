"""What a venue says of an order that it does not take: a sentence a code, on either side."""

import pytest

from tests.factories import inverse
from volsculpt.contracts.orders import (
    NO_MARGIN,
    OVER_POSITION,
    OVER_PRICE,
    OVER_SIZE,
    UNDER_SIZE,
    UNDER_VALUE,
)
from volsculpt.contracts.refusals import refusal
from volsculpt.contracts.spec import Orders

ONE = inverse(minimum=30.0, orders=Orders(least_value=100.0, price_up=0.03, price_down=0.07))


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (5.0, "buy up to 3 % above"),
        (-5.0, "sell down to 7 % below"),
        (0.001, "buy up to 3 % above"),
        (-0.001, "sell down to 7 % below"),
    ],
)
def test_each_side_has_its_own_bound(size: float, words: str) -> None:
    """A buy may not be far above the mark, a sale not far below it."""
    said = f"limit price 60000: BTC/USD:BTC takes a {words} its mark"
    assert refusal(ONE, OVER_PRICE, size, 60_000.0) == said


@pytest.mark.parametrize("size", [5.0, -5.0])
@pytest.mark.parametrize(
    ("why", "most", "said"),
    [
        (UNDER_SIZE, None, "5 contracts: BTC/USD:BTC trades from 30"),
        (UNDER_VALUE, None, "under 100 USD: no order of BTC/USD:BTC is less"),
        (OVER_SIZE, 4.0, "5 contracts: one order of BTC/USD:BTC has 4 at most"),
        (OVER_POSITION, None, "the position in BTC/USD:BTC would be larger than the venue allows"),
        (NO_MARGIN, None, "insufficient margin"),
    ],
)
def test_a_refusal_says_what_would_be_taken(
    why: int, most: float | None, said: str, size: float
) -> None:
    """Sizes without their sign."""
    assert refusal(ONE, why, size, 60_000.0, most) == said
