"""Rows of coefficients: what is in one, and when it says nothing."""

import pytest

from tests.factories import account, decided, fixed, inverse, vault
from volsculpt.book.holdings import Book
from volsculpt.decide.triggers import AT_CLOSE, FORM, is_idle, new_row, new_triggers, numbers_of

CONTRACT = inverse()
DECISION = decided(
    Book((vault(BTC=1.0), account("one", {"BTC": 1.0}))),
    [fixed()],
    [[("one", CONTRACT, False)]],
    {"BTC": 60_000.0},
)
LAYOUT = DECISION.flat.layout


@pytest.mark.parametrize("what", ["coef", "gain"])
def test_a_row_is_idle_only_while_nothing_moves_in_it(what: str) -> None:
    """A single number, or a single wallet, first or last, is enough; another row's is not."""
    each = {"coef": numbers_of(LAYOUT), "gain": LAYOUT.wallets}[what]
    for place in range(each):
        rows = new_triggers(LAYOUT, 1)
        rows.used[0] = 0
        first, second = (new_row(LAYOUT, 1, rows, FORM, 0, AT_CLOSE) for _ in range(2))
        getattr(rows, what)[first * each + place] = 1.0
        assert is_idle(LAYOUT, rows, first) == 0
        assert is_idle(LAYOUT, rows, second) == 1
