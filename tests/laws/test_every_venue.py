"""Whichever venues the catalog has: books on their contracts keep the laws of money over time."""

import pytest

from tests.laws.drawn import listed
from tests.laws.run import seeds_seen, shown
from volsculpt.contracts.catalog import BUILT_IN

BOOKS = 12
USABLE = [venue for venue in BUILT_IN if listed(venue, "BTC") or listed(venue, "ETH")]


@pytest.mark.parametrize("venue", USABLE)
def test_books_at_one_venue_keep_the_laws(venue: str) -> None:
    """Its contracts alone, whatever they settle in: found by its file, forgotten by no list."""
    seen = seeds_seen(range(BOOKS), (venue,))
    assert seen.books == BOOKS
    assert seen.laws.total() == 0, shown(seen, 2)
