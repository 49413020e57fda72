"""Days on which a target was free of its limits, and volatility over the one asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.report.rows.evaluation_target import spanned
from volsculpt.report.stats.metrics import Sample
from volsculpt.report.stats.target import free_days, over_target
from volsculpt.units import DAY_NS


def test_the_worked_figures() -> None:
    """Those of the docstrings."""
    stamps = np.array([0, 1, 2]) * DAY_NS
    free = free_days(stamps, np.array([0.2, 0.0, 1.0]), (0.0, 1.0), stamps + DAY_NS)
    assert free.tolist() == [True, False, False]
    sample = Sample(np.array([0.02, -0.02] * 50), 100 / 365)
    assert over_target(0.4)({"hedged": sample}) == pytest.approx(0.96, abs=0.01)


@given(st.lists(st.sampled_from([0.0, 0.3, 0.7, 1.0, float("nan")]), min_size=1, max_size=40))
def test_a_day_is_that_of_its_first_stamp(targets: list[float]) -> None:
    """Against a loop over stamps of eight hours; without a target a day is not free."""
    stamps = np.arange(len(targets)) * DAY_NS // 3
    ends = (np.arange(-(-len(targets) // 3)) + 1) * DAY_NS
    found = free_days(stamps, np.array(targets), (0.0, 1.0), ends)
    assert found.tolist() == [0.0 < targets[3 * day] < 1.0 for day in range(len(ends))]


def test_too_few_days_have_no_figure() -> None:
    """One day varies by nothing; no draws leave the interval out."""
    assert spanned(np.array([0.01]), 0.4, 100, 0) == (None, None, None)
    value, low, high = spanned(np.array([0.02, -0.02] * 50), 0.4, 0, 0)
    assert (low, high) == (None, None)
    assert value == pytest.approx(0.96, abs=0.01)
