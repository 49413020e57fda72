"""An account that does not exist yet is planned as if it held what it needs."""

import pytest

from tests.factories import account, decided, fixed, inverse, trades, vault
from volsculpt.book.holdings import Book
from volsculpt.book.state import copy_state
from volsculpt.decide.limits import Limits
from volsculpt.watch.danger import coins_needed

PRICES = {"BTC": 60_000.0}
TIGHT = Limits(max_leverage=2.0, min_liquidation_distance=0.4)


@pytest.mark.parametrize("limits", [Limits(), TIGHT])
def test_it_sells_the_whole_hedge_and_names_its_coins(limits: Limits) -> None:
    """Half of 2 BTC: 60,000 contracts whatever the limits; at 2x it wants 0.5 BTC."""
    one = inverse()
    book = Book((vault(BTC=2.0), account("new", is_assumed=True)))
    decision = decided(book, [fixed(ratio=0.5)], [[("new", one, False)]], PRICES, limits)
    assert trades(decision) == {one.key: -60_000.0}
    state = copy_state(decision.flat.state)
    state.contracts[0], state.cost[0] = -60_000.0, -1.0
    assert coins_needed(decision, state, 0, 2.0) == pytest.approx(0.5, rel=0.01)


def test_one_that_exists_sells_what_it_carries() -> None:
    """The same account, empty, opens nothing."""
    one = inverse()
    book = Book((vault(BTC=2.0), account("new")))
    assert trades(decided(book, [fixed(ratio=0.5)], [[("new", one, False)]], PRICES)) == {}
