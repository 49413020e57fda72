"""Markets happen as they did."""

from tests.snapshots.compared import RENEW, changed, in_parts


@in_parts
def test_markets_happen_as_before(part: int) -> None:
    """Every kind of event, added up, every stamp, and the book that is left."""
    assert changed("markets", part) == {}, RENEW
