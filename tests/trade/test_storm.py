"""Days of trouble in virtual time, and mistakes of one line that they must catch."""

from pathlib import Path

import pytest

from tests.trade.planted import BUGS, Planted, storm_over
from tests.trade.storm import storm

DAYS = 40
PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_lost_in_a_storm(part: int) -> None:
    """Faults, kills and restarts by chance: no double order, no lost fill, back in band."""
    killed = sum(storm(seed) for seed in range(part * DAYS // PARTS, (part + 1) * DAYS // PARTS))
    assert killed > 0


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name.replace(" ", "-"))
def test_a_planted_mistake_is_caught(bug: Planted, tmp_path: Path) -> None:
    """Each mistake of one line breaks an invariant within a few days."""
    done = storm_over(bug, tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Violation" in done.stdout, done.stdout + done.stderr
