"""An account that does not exist yet is planned as if it held what it needs."""

import pytest

from tests.factories import account, decided, fixed, inverse, trades, vault
from tests.laws import moved
from tests.laws.drawn import NOW_NS, Drawn
from volsculpt.book.holdings import Book, Position
from volsculpt.book.state import copy_state
from volsculpt.decide.limits import Limits
from volsculpt.decide.step import Setup
from volsculpt.decide.triggers import DISTANCE, LEVERAGE
from volsculpt.hedge.answer import Band
from volsculpt.market.quotes import Quotes
from volsculpt.watch.coins import coins_needed

PRICES = {"BTC": 60_000.0}
TIGHT = Limits(max_leverage=2.0, min_liquidation_distance=0.4)
WIDE = Band(0.05, 0.02, 0.05, 0.02)


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


@pytest.mark.parametrize("is_first", [True, False])
def test_an_isolated_one_has_rows_of_its_limits(is_first: bool) -> None:
    """Its margin is posted, not taken to be there, whichever place its leg has."""
    one = inverse()
    held = Position(one, -6_000.0, 60_000.0, margin=0.09, leverage=2.0)
    new = account("new", {"BTC": 0.09}, (held,), mode="isolated", leverage=2.0, is_assumed=True)
    other = account("old", {"BTC": 0.5}, (Position(one, -6_000.0, 60_000.0),))
    book = Book((vault(BTC=2.0), *((new, other) if is_first else (other, new))))
    legs = ((("new", one, False), ("old", one, False)),)
    setup = Setup(book, (fixed(ratio=0.08, band=WIDE),), legs, limits=TIGHT)
    rested = moved.rested(Drawn(0, setup, Quotes(NOW_NS, PRICES)))
    assert rested is not None
    rows, groups = rested.rows, rested.decision.flat.groups
    own = next(row for row, one in enumerate(groups) if one.account == "new")
    kinds = {rows.kind[row] for row in range(rows.used[0]) if rows.subject[row] == own}
    assert {LEVERAGE, DISTANCE} <= kinds
