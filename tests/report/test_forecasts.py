"""QLIKE and the test of Diebold and Mariano: worked by hand, by brute force, and laws."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.errors import ReportError
from volsculpt.report.stats.forecasts import (
    Forecasts,
    compared,
    daily_forecasts,
    diebold_mariano,
    qlike,
    student_p,
)
from volsculpt.units import DAY_NS, HOUR_NS, YEAR_NS


@pytest.mark.parametrize(
    ("statistic", "degrees", "p"),
    [
        (12.7062047, 1, 0.05),
        (4.30265273, 2, 0.05),
        (3.18244631, 3, 0.05),
        (2.22813885, 10, 0.05),
        (3.16927267, 10, 0.01),
        (2.04522964, 29, 0.05),
        (1.64637882, 1_000, 0.10),
        (0.0, 7, 1.0),
    ],
)
def test_tables_of_students_t(statistic: float, degrees: int, p: float) -> None:
    """Quantiles of the printed tables, odd and even degrees, either sign."""
    assert student_p(statistic, degrees) == pytest.approx(p, rel=2e-7)
    assert student_p(-statistic, degrees) == student_p(statistic, degrees)


@given(st.floats(-8.0, 8.0), st.integers(1, 60))
def test_students_t_is_the_integral_of_its_density(statistic: float, degrees: int) -> None:
    """Added up in small steps."""
    x = np.linspace(0.0, abs(statistic), 20_001)
    logs = math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)
    density = np.exp(logs) / math.sqrt(degrees * math.pi)
    height = density * (1.0 + x * x / degrees) ** (-(degrees + 1) / 2)
    assert student_p(statistic, degrees) == pytest.approx(
        1.0 - 2.0 * np.trapezoid(height, x), abs=1e-7
    )


def test_a_loss_by_hand() -> None:
    """ln h + r/h; the best forecast of a variance is the variance itself."""
    assert qlike(np.array([0.25]), np.array([0.25]))[0] == pytest.approx(math.log(0.25) + 1.0)
    assert qlike(np.array([0.25]), np.array([0.5]))[0] == pytest.approx(0.61370563888)
    assert np.isfinite(qlike(np.array([0.25]), np.array([0.0]))).all()
    tried = np.linspace(0.05, 1.0, 96)
    assert tried[qlike(tried, np.full(96, 0.3)).argmin()] == pytest.approx(0.3)


def test_a_comparison_by_hand() -> None:
    """d = 1, 2, 3 ten times over: mean 2, γ0 2/3, n 30: S = 2/√(2/90)·√(29/30) = 13.190906."""
    lost = np.array([1.0, 2.0, 3.0] * 10)
    found = diebold_mariano(lost, np.zeros(30))
    assert found is not None
    assert found[0] == pytest.approx(13.190906, rel=1e-6)
    # two steps ahead: off is -1, 0, 1, so that nine pairs of neighbours multiply to -1
    ahead = diebold_mariano(lost, np.zeros(30), 2)
    gamma1 = -9.0 / 30.0
    spread = math.sqrt((2.0 / 3.0 + 2.0 * gamma1) / 30.0)
    assert ahead is not None
    assert ahead[0] == pytest.approx(2.0 / spread * math.sqrt((31 - 4 + 2 / 30) / 30), rel=1e-9)


def test_chance_is_found_as_often_as_said() -> None:
    """Two losses of the same law: one comparison in ten has a p-value below a tenth."""
    random = np.random.default_rng(11)
    pairs = random.standard_t(6, (400, 2, 120))
    found = [diebold_mariano(first, second) for first, second in pairs]
    hits = sum(one is not None and one[1] < 0.10 for one in found)
    assert 22 <= hits <= 60  # 40 expected, three deviations of 6


@given(st.integers(0, 200), st.floats(0.01, 100.0))
def test_laws_of_a_comparison(seed: int, scale: float) -> None:
    """The order turns the sign alone, the unit nothing; the same forecasts are not told apart."""
    one, two = np.random.default_rng(seed).normal(size=(2, 50))
    found, turned = diebold_mariano(one, two), diebold_mariano(two, one)
    scaled = diebold_mariano(one * scale, two * scale)
    assert found is not None
    assert turned == (-found[0], found[1])
    assert scaled == pytest.approx(found, rel=1e-9)
    assert diebold_mariano(one, one) is None


def test_too_little_is_no_comparison() -> None:
    """Fewer than 30 days, none at all, a variance below zero; other days are refused."""
    random = np.random.default_rng(2)
    one, two = random.normal(size=(2, 29))
    assert diebold_mariano(one, two) is None
    assert diebold_mariano(one[:0], two[:0]) is None
    swing = np.array([1.0, -1.0] * 20)
    assert diebold_mariano(swing, np.zeros(40), 2) is None
    with pytest.raises(ReportError, match="same days"):
        diebold_mariano(one, two[:5])


def test_days_of_forecasts() -> None:
    """Three steps of 1 % a day are 0.1095 a year; a day that begins without a forecast is out."""
    stamps = np.arange(7) * 8 * HOUR_NS + 100 * DAY_NS
    price = np.exp(0.01 * np.arange(7))
    sigma = np.array([0.5, 9.0, 9.0, np.nan, 9.0, 9.0, 9.0])
    found = daily_forecasts(stamps, sigma, price)
    assert found.end_ns.tolist() == [101 * DAY_NS]
    assert found.forecast.tolist() == [0.25]
    assert found.realised == pytest.approx([3 * 0.0001 * YEAR_NS / DAY_NS])


def test_only_days_that_both_have_are_compared() -> None:
    """And none shared is no comparison."""
    days, random = np.arange(1, 61) * DAY_NS, np.random.default_rng(4)
    realised = random.uniform(0.1, 0.4, 60)
    near, far = Forecasts(days, realised + 0.01, realised), Forecasts(days, realised + 1, realised)
    late = Forecasts(far.end_ns[20:], far.forecast[20:], far.realised[20:])
    found = compared(near, late)
    assert found is not None
    assert found.days == 40
    assert found.first_loss < found.second_loss
    assert found.statistic is not None
    assert found.statistic < 0.0
    assert found.p_value is not None
    assert found.p_value < 1e-6
    assert compared(near, Forecasts(days + 1, realised, realised)) is None
