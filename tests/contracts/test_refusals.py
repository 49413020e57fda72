"""What a venue says of an order that it does not take: each side of the market."""

from dataclasses import replace

import pytest

from tests.factories import inverse
from volsculpt.contracts.orders import OVER_PRICE
from volsculpt.contracts.refusals import refusal

ONE = replace(inverse(), orders=replace(inverse().orders, price_up=0.03, price_down=0.07))


@pytest.mark.parametrize(
    ("size", "words"), [(5.0, "buy up to 3 % above"), (-5.0, "sell down to 7 % below")]
)
def test_each_side_has_its_own_bound(size: float, words: str) -> None:
    """A buy may not be far above the mark, a sale not far below it."""
    assert words in refusal(ONE, OVER_PRICE, size, 60_000.0)
