"""Odd books are decided as they were."""

from tests.snapshots.compared import RENEW, changed, in_parts


@in_parts
def test_odd_books_are_decided_as_before(part: int) -> None:
    """Legs that offset each other, coins owed, data missing."""
    assert changed("cases", part) == {}, RENEW
