"""Backtests tell what they told."""

from tests.snapshots.compared import RENEW, changed, in_parts


@in_parts
def test_backtests_tell_what_they_told(part: int) -> None:
    """Every curve, list and sentence of mandates run through a market."""
    assert changed("backtests", part) == {}, RENEW
