"""A position that is wholly somebody else's: no coins are moved for it."""

import pytest

from tests.factories import account, decided, fixed, inverse, vault
from volsculpt.book.holdings import Book, NotOwn, Position
from volsculpt.decide.limits import CollateralPlan

OWN, OTHER = inverse(), inverse("ETH")
PRICES = {"BTC": 50_000.0, "ETH": 2_000.0}


@pytest.mark.parametrize("mode", ["isolated", "cross"])
@pytest.mark.parametrize("whole", [True, False])
def test_coins_move_for_what_is_own(mode: str, whole: bool) -> None:
    """40,000 USD short on 4 ETH is 5x; a plan of 2x at most asks coins unless it is not own.

    In a cross account they would back what else is held there, so they are asked for.
    """
    said = NotOwn(OTHER) if whole else NotOwn(OTHER, -4_000.0, 2_000.0)
    posted = {"margin": 4.0, "leverage": 5.0} if mode == "isolated" else {}
    held = Position(OTHER, -40_000.0, 2_000.0, **posted)
    one = account("coinm", {"BTC": 1.0, "ETH": 4.0}, (held,), mode=mode, not_own=(said,))
    plan = CollateralPlan(("vault",), (1.0, 1.5, 1.5, 2.0), account="coinm", cost=0.0)
    legs, hedges = [(("coinm", OWN, False),)], [fixed("BTC", 0.0)]
    if not whole:
        legs.append((("coinm", OTHER, False),))
        hedges.append(fixed("ETH", 1.0, base="coins", coins=18.0))
    book = Book((vault(BTC=5.0, ETH=50.0), one))
    asked = decided(book, hedges, legs, PRICES, plans=(plan,)).answer.top_up
    assert any(asked) is (mode == "cross" or not whole)
