"""A status is of now: what was filled since the last decision is in it."""

from pathlib import Path

import pytest

from tests.app.test_cli_desk import printed, ran


def test_what_is_hedged_is_told_as_it_is_now(folder: Path) -> None:
    """After the first step the order that it sent is filled: the target is held, not nothing."""
    ran("paper", "m.toml", "--steps", "1")
    (one,) = printed("status", "status", "m.ledger")["hedges"]
    assert one["held_ratio"] == 0.0
    assert one["held_now_ratio"] == pytest.approx(0.6, abs=1e-3)
    told = ran("status", "m.ledger").stdout
    assert "Hedged: BTC 60" in told
    ran("paper", "m.toml", "--steps", "1")
    later = printed("status", "status", "m.ledger")["hedges"][0]
    assert later["held_now_ratio"] == pytest.approx(later["held_ratio"], abs=1e-9)
