"""Random books are decided as they were."""

from tests.snapshots.compared import RENEW, changed, in_parts


@in_parts
def test_books_are_decided_as_before(part: int) -> None:
    """Orders, coins to move, reasons, where groups end, and rows, of random books."""
    assert changed("books", part) == {}, RENEW
