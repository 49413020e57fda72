"""Contracts are what they were."""

from tests.snapshots.compared import RENEW, changed, in_parts


@in_parts
def test_contracts_are_as_before(part: int) -> None:
    """Every figure of the catalog, of a contract by rule and day, and of what a file changes."""
    assert changed("contracts", part) == {}, RENEW
