"""Metrics: worked numbers, another library, laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.errors import ReportError
from volsculpt.report.stats import metrics
from volsculpt.report.stats.metrics import METRICS, Sample
from volsculpt.report.stats.returns import Floats, floats

BY_NAME = {metric.name: metric for metric in METRICS}
daily_returns = st.lists(st.floats(-0.5, 0.5), min_size=2, max_size=80)


def figure(name: str, returns: list[float] | Floats, years: float | None = None) -> float | None:
    """One metric of one path; as many years as its days make when none are given."""
    found = floats(returns)
    return BY_NAME[name].of(Sample(found, found.size / 365 if years is None else years))


@pytest.mark.parametrize(
    ("name", "returns", "years", "expected"),
    [
        ("total_growth", [0.1, -0.1], 1.0, -0.01),
        ("cagr", [0.1, 0.1], 2.0, 0.1),
        ("mean_annual", [0.002, 0.0], 1.0, 0.365),
        ("volatility", [0.01, -0.01], 1.0, 0.270185),
        ("max_drawdown", [0.1, -0.5, 0.2], 1.0, -0.5),
        ("max_drawdown", [-0.2, 0.1], 1.0, -0.2),
        ("sharpe", [0.02, 0.0, 0.01], 1.0, 19.104973),
        ("sortino", [0.03, -0.01], 1.0, 27.018512),
        ("calmar", [0.5, -0.4, 4 / 3], 1.0, 2.75),
        ("cvar", [-0.10, -0.06, *[0.0] * 38], 1.0, -0.08),
        ("cvar", [-0.10, -0.06, *[0.0] * 28], 1.0, (-0.10 - 0.5 * 0.06) / 1.5),
        ("cvar", [-0.10, 0.5], 1.0, -0.10),
        ("cvar", [-0.10], 1.0, -0.10),
    ],
)
def test_worked(name: str, returns: list[float], years: float, expected: float) -> None:
    """By hand."""
    assert figure(name, returns, years) == pytest.approx(expected, rel=1e-6)


def drawn(seed: int, days: int = 1_000) -> Floats:
    """Daily returns with fat tails."""
    return 0.0005 + 0.02 * np.random.default_rng(seed).standard_t(4, days).clip(-20, 20)


# What empyrical-reloaded 0.7.1 (Apache-2.0), asked with annualization=365 and cutoff=0.05, says of
# drawn(0) to drawn(7): its cum_returns_final, cagr, annual_volatility, max_drawdown, sharpe_ratio,
# sortino_ratio, calmar_ratio and conditional_value_at_risk, in this order.
NAMES = (
    "total_growth",
    "cagr",
    "volatility",
    "max_drawdown",
    "sharpe",
    "sortino",
    "calmar",
    "cvar",
)
EMPYRICAL = (
    (
        0.0870893378187,
        0.0309481205016,
        0.512836543011,
        -0.525085919767,
        0.313411442742,
        0.470639020819,
        0.0589391551678,
        -0.0581502363505,
    ),
    (
        0.463509080854,
        0.149130439379,
        0.540724158612,
        -0.61081021541,
        0.528075480865,
        0.765612887064,
        0.244151842285,
        -0.0630390740773,
    ),
    (
        -0.597982359558,
        -0.28294995856,
        0.519386628204,
        -0.851366490473,
        -0.378093156231,
        -0.510725566009,
        -0.332348009614,
        -0.0645095473189,
    ),
    (
        -0.537738212869,
        -0.245456785694,
        0.529233969599,
        -0.703847522706,
        -0.265317111694,
        -0.357600229728,
        -0.348735738601,
        -0.0670437763954,
    ),
    (
        0.670785131743,
        0.206051962433,
        0.5330495868,
        -0.499715221493,
        0.616738440433,
        0.911574491092,
        0.412338775308,
        -0.061572832261,
    ),
    (
        0.147708797612,
        0.0515709362695,
        0.546502847987,
        -0.599328669938,
        0.364752447994,
        0.522571669866,
        0.0860478379497,
        -0.0660504093294,
    ),
    (
        1.55934319187,
        0.409181431627,
        0.567113111812,
        -0.3653694132,
        0.881195552425,
        1.39490779577,
        1.11991156579,
        -0.0610059936594,
    ),
    (
        -0.782053550554,
        -0.426547201605,
        0.498851797613,
        -0.789800139333,
        -0.864390518856,
        -1.1816206052,
        -0.540069797868,
        -0.0599269613228,
    ),
)


@pytest.mark.parametrize("seed", range(len(EMPYRICAL)))
def test_as_another_library_says(seed: int) -> None:
    """empyrical computes the same, with 365 days a year."""
    expected = dict(zip(NAMES, EMPYRICAL[seed], strict=True))
    found = {name: figure(name, drawn(seed)) for name in NAMES}
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("days", [20, 37, 365, 1_001])
def test_cvar_is_the_minimum_of_its_paper(days: int) -> None:
    """Rockafellar and Uryasev: CVaR of a loss is min over a of a + E[(loss - a)+] / 0.05."""
    losses = -drawn(days, days)

    def above(level: float) -> float:
        return level + float(np.maximum(losses - level, 0.0).mean()) / 0.05

    least = min(above(one) for one in losses)
    between = np.linspace(losses.min(), losses.max(), 1_000)
    assert figure("cvar", -losses) == pytest.approx(-least, rel=1e-9)
    assert min(above(float(one)) for one in between) >= least - 1e-12


@given(returns=daily_returns)
def test_a_path_among_many_is_the_path_alone(returns: list[float]) -> None:
    """Metrics over a table of paths are the metrics of its rows."""
    rows = np.stack([floats(returns), floats(returns)[::-1]])
    both = Sample(rows, 1.5)
    for metric in METRICS:
        alone = [metric.over(Sample(row, 1.5)) for row in rows]
        assert metric.over(both) == pytest.approx(floats(alone), rel=1e-9, abs=1e-12, nan_ok=True)


@given(returns=daily_returns)
def test_order_matters_to_the_fall_alone(returns: list[float]) -> None:
    """Shuffled days change drawdown and Calmar, nothing else."""
    turned = returns[::-1]
    for name in BY_NAME.keys() - {"max_drawdown", "calmar"}:
        there, back = figure(name, returns), figure(name, turned)
        assert (there is None) == (back is None)
        assert there is None or there == pytest.approx(back, rel=1e-7, abs=1e-12)


@given(returns=daily_returns)
def test_bounds(returns: list[float]) -> None:
    """Risk has a sign; the fall is no deeper than -1 and no shallower than the worst day."""
    worst = min(*returns, 0.0)
    fall, tail = figure("max_drawdown", returns), figure("cvar", returns)
    assert fall is not None
    assert tail is not None
    assert -1.0 < fall <= worst + 1e-12
    assert min(returns) - 1e-12 <= tail <= float(np.mean(returns)) + 1e-12
    assert (figure("volatility", returns) or 0.0) >= 0.0


@given(returns=daily_returns, factor=st.floats(0.1, 1.0))
def test_a_smaller_stake_is_less_risk_and_the_same_sharpe(
    returns: list[float], factor: float
) -> None:
    """Returns times a factor: volatility and CVaR times it, Sharpe and Sortino as before."""
    less = [factor * one for one in returns]
    for name in ("volatility", "cvar", "mean_annual"):
        assert figure(name, less) == pytest.approx(
            factor * (figure(name, returns) or 0.0), abs=1e-9
        )
    for name in ("sharpe", "sortino"):
        there, scaled = figure(name, returns), figure(name, less)
        if there is not None and scaled is not None:
            assert scaled == pytest.approx(there, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "returns"),
    [
        ("volatility", [0.01]),
        ("sharpe", [0.01]),
        ("sharpe", [0.01, 0.01, 0.01]),
        ("sharpe", [1e-17, -1e-17, 0.0]),
        ("sortino", [0.01, 0.02]),
        ("calmar", [0.01, 0.02]),
    ],
)
def test_a_figure_that_does_not_exist_is_none(name: str, returns: list[float]) -> None:
    """No risk, no ratio: not infinity, not NaN, not 0."""
    assert figure(name, returns) is None


@pytest.mark.parametrize("returns", [[0.1, np.nan], [np.inf], [-1.0, 0.1], []])
def test_what_is_no_return_is_refused(returns: list[float]) -> None:
    """NaN, infinity, a loss of everything, and nothing at all."""
    with pytest.raises(ReportError, match="metrics need"):
        Sample(floats(returns), 1.0)


def test_every_metric_is_explained() -> None:
    """Formula, worked number and source stand in the docstring."""
    for metric in METRICS:
        text = metric.over.__doc__ or ""
        assert "Worked:" in text, metric.name
        assert "Source:" in text, metric.name
    assert metrics.__doc__
    assert "NaN" in metrics.__doc__
