"""The deflated Sharpe ratio: the paper's example, brute force, and laws."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.errors import ReportError
from volsculpt.report.stats.deflated import (
    ReturnShape,
    deflated_sharpe,
    luckiest_sharpe,
    probabilistic_sharpe,
    scatter_of,
    shape_of,
)

PAPER = ReturnShape(1_250, 2.5 / math.sqrt(250.0), -3.0, 10.0)
SCATTER = math.sqrt(0.5 / 250.0)
shapes = st.builds(
    lambda days, sharpe, skew, more: ReturnShape(days, sharpe, skew, 1.0 + skew * skew + more),
    st.integers(30, 3_000),
    st.floats(-0.4, 0.4),
    st.floats(-3.0, 3.0),
    st.floats(0.0, 20.0),
)


def test_the_example_of_the_paper() -> None:
    """Five years of days, 100 tries: 0.1132 by luck and 0.9004; with 46 tries 0.9505."""
    assert luckiest_sharpe(100, SCATTER) == pytest.approx(0.1132, abs=5e-5)
    assert deflated_sharpe(PAPER, 100, SCATTER) == pytest.approx(0.9004, abs=5e-5)
    assert deflated_sharpe(PAPER, 46, SCATTER) == pytest.approx(0.9505, abs=5e-5)


def test_the_luckiest_of_many_by_brute_force() -> None:
    """The mean of the largest of 50 Sharpe ratios of 500 days without skill, 3,000 times over.

    The formula is that of many variants; at 50 it lies within two per cent.
    """
    random = np.random.default_rng(5)
    drawn = random.normal(0.0, 1.0 / math.sqrt(500), (3_000, 50)).max(axis=1)
    assert drawn.mean() == pytest.approx(luckiest_sharpe(50, 1.0 / math.sqrt(500)), rel=0.02)


def test_a_single_variant_is_held_against_zero() -> None:
    """Normal days without skill: the probability is that of chance, one half."""
    assert luckiest_sharpe(1, 0.1) == 0.0
    assert deflated_sharpe(ReturnShape(500, 0.0, 0.0, 3.0), 1, 0.1) == 0.5


def test_it_is_the_share_of_worlds_without_skill_that_did_worse() -> None:
    """S = 0.06 over 400 normal days: as many histories of a true 0 stand below it."""
    random = np.random.default_rng(3)
    days = random.normal(0.0, 0.01, (8_000, 400))
    below = (days.mean(axis=1) / days.std(axis=1, ddof=1) < 0.06).mean()
    assert probabilistic_sharpe(ReturnShape(400, 0.06, 0.0, 3.0), 0.0) == pytest.approx(
        below, abs=0.012
    )


def test_the_shape_of_days() -> None:
    """Two values as often as each other: Sharpe 0.01/0.02 but for n - 1, no skew, kurtosis 1."""
    found = shape_of(np.array([0.03, -0.01] * 15))
    assert found is not None
    assert found == pytest.approx((30, 0.5 * math.sqrt(29 / 30), 0.0, 1.0), abs=1e-12)
    assert shape_of(np.array([0.03, -0.01] * 14)) is None
    assert shape_of(np.full(40, 0.01)) is None


@given(shapes, st.integers(1, 1_000), st.integers(0, 1_000))
def test_more_tries_never_raise_it(shape: ReturnShape, variants: int, more: int) -> None:
    """Whoever tried more must show more."""
    scatter = scatter_of([shape.sharpe], shape.days)
    fewer = deflated_sharpe(shape, variants, scatter)
    assert 0.0 <= deflated_sharpe(shape, variants + more, scatter) <= fewer <= 1.0


@given(st.floats(0.001, 1_000.0), st.integers(0, 50))
def test_the_unit_of_returns_does_not_matter(scale: float, seed: int) -> None:
    """A hedge twice as large has the same shape."""
    days = np.random.default_rng(seed).standard_t(5, 60) * 1e-4
    one, two = shape_of(days), shape_of(days * scale)
    assert one is not None
    assert two == pytest.approx(one, rel=1e-9)


@given(st.lists(st.floats(-0.3, 0.3), max_size=6), st.randoms())
def test_the_scatter_does_not_depend_on_the_order(sharpes: list[float], dice: object) -> None:
    """Nor is it ever below what chance alone makes."""
    other = sorted(sharpes)
    assert scatter_of(sharpes, 401) == scatter_of(other[::-1], 401) >= 0.05


@given(st.lists(st.floats(-0.3, 0.3), max_size=6), st.integers(2, 5_000))
def test_the_scatter_is_the_larger_of_chance_and_what_is_known(
    sharpes: list[float], days: int
) -> None:
    """One ratio alone does not scatter. Worked: 0.1 and 0.3 over 1,001 days: 0.1414."""
    chance = 1.0 / math.sqrt(days - 1)
    known = float(np.std(sharpes, ddof=1)) if len(sharpes) > 1 else 0.0
    assert scatter_of(sharpes, days) == pytest.approx(max(chance, known))
    assert scatter_of([0.1, 0.3], 1_001) == pytest.approx(0.1414, abs=1e-4)
    assert scatter_of([0.1], 1_001) == pytest.approx(0.0316, abs=1e-4)


def test_impossible_tries_are_refused() -> None:
    """No variant, or a scatter that is no number."""
    for variants, scatter in ((0, 0.1), (2, -0.1), (2, math.nan)):
        with pytest.raises(ReportError, match="one variant or more"):
            luckiest_sharpe(variants, scatter)


def test_returns_of_two_values_leave_no_doubt() -> None:
    """Kurtosis 1 and a Sharpe ratio of 2/skew: nothing is left below the root."""
    certain = ReturnShape(100, 2.0, 1.0, 2.0)
    assert probabilistic_sharpe(certain._replace(sharpe=2.0), 1.0) == 1.0
    assert probabilistic_sharpe(certain, 3.0) == 0.0
    assert probabilistic_sharpe(certain, 2.0) == 0.5
