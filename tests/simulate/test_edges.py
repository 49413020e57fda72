"""The guess at the edges of a box is exact where a gap moves as it is known to."""

import math

from hypothesis import assume, given
from hypothesis import strategies as st

from volsculpt.simulate.edges import ABOVE, BELOW, crossing


def gap_at(level: float, slope: float, bend: float, factor: float) -> float:
    """A gap of the shape that ratios of held and owned coins have."""
    return (level + slope * factor) / (1.0 + bend * factor)


@given(
    level=st.floats(-1.0, 1.0),
    slope=st.floats(-1.0, 1.0),
    bend=st.floats(-0.3, 3.0),
    factor=st.floats(0.65, 1.55),
)
def test_three_gaps_tell_where_any_other_is_reached(
    level: float, slope: float, bend: float, factor: float
) -> None:
    """From the gaps at 1, ABOVE and BELOW back to the factor of a fourth."""
    assume(abs(slope - level * bend) > 1e-2)
    gaps = [gap_at(level, slope, bend, one) for one in (1.0, ABOVE, BELOW)]
    found = crossing(*gaps, gap_at(level, slope, bend, factor))
    assert math.isclose(found, factor, rel_tol=1e-4)


def test_a_gap_that_never_moves_is_never_reached() -> None:
    """A full inverse hedge by equity has no price at which it must trade."""
    assert crossing(0.0, 0.0, 0.0, 0.05) == -1.0
