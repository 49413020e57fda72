"""Runs look at what they looked at, and no more often."""

from tests.snapshots.compared import RENEW, changed, in_parts


@in_parts
def test_runs_look_at_what_they_looked_at(part: int) -> None:
    """Decisions, rows and rests of runs, and what is written of the market ahead of them."""
    assert changed("looks", part) == {}, RENEW
