"""Estimators against their formulas, written out: no library, no fold, no search."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volsculpt.errors import EstimateError
from volsculpt.hedge.estimators.dcc import dcc_fit, dcc_fold, unlikelihood
from volsculpt.hedge.estimators.error_correction import ErrorCorrection
from volsculpt.hedge.estimators.estimator import Estimator
from volsculpt.hedge.estimators.ewma import Ewma
from volsculpt.hedge.estimators.garch import GarchParameters, garch_fold, ratios_of
from volsculpt.hedge.estimators.jackknife import jackknife_std
from volsculpt.hedge.estimators.kalman import VAGUE, Kalman
from volsculpt.hedge.estimators.kelly import growth_optimal
from volsculpt.hedge.estimators.min_cvar import MinCvar
from volsculpt.hedge.estimators.naive import Naive
from volsculpt.hedge.estimators.ols import Ols, RollingOls, hac_lags
from volsculpt.hedge.estimators.shrunk import PRIOR_STD, shrunk, shrunk_betas
from volsculpt.hedge.estimators.walk import walk_forward
from volsculpt.market.gate import Floats

SEEDS = st.integers(0, 10**6)
SOME = settings(max_examples=max(6, settings().max_examples // 5))  # each fits many times
COLUMNS = st.integers(1, 2)


def moves(seed: int, rows: int, columns: int = 1) -> tuple[Floats, Floats]:
    """Instruments and what is held, with means that are not 0 and errors that last."""
    dice = np.random.default_rng(seed)
    X = dice.normal(0.01, 0.04, (rows, columns))
    noise = np.convolve(dice.normal(0.0, 0.02, rows + 2), [0.5, 0.3, 0.2], "valid")
    return X, 0.002 + X @ np.linspace(0.8, 0.3, columns) + noise


def regressed(columns: Floats, y: Floats) -> Floats:
    """Least squares by the normal equations."""
    return np.asarray(np.linalg.solve(columns.T @ columns, columns.T @ y))


def with_ones(X: Floats) -> Floats:
    """The columns behind a constant."""
    return np.column_stack([np.ones(len(X)), X])


def hac(columns: Floats, residuals: Floats, lags: int, corrected: bool) -> Floats:
    """Covariance of Newey and West: products of scores, those of a lag weighted 1 - lag/(lags + 1).

    Args: columns: (n, m), the constant too; residuals: (n,); lags: the last that counts;
    corrected: whether n/(n - m) makes up for the parameters.
    """
    scores = columns * residuals[:, None]
    middle = scores.T @ scores
    for lag in range(1, lags + 1):
        one = scores[lag:].T @ scores[:-lag]
        middle = middle + (1.0 - lag / (lags + 1.0)) * (one + one.T)
    bread = np.linalg.inv(columns.T @ columns)
    rows, width = columns.shape
    return np.asarray(bread @ middle @ bread * (rows / (rows - width) if corrected else 1.0))


@SOME
@given(SEEDS, COLUMNS, st.none() | st.integers(0, 5))
def test_least_squares_and_its_error(seed: int, columns: int, lags: int | None) -> None:
    """Over all rows, and over the last of them: ratio and covariance are those of the formula."""
    X, y = moves(seed, 60, columns)
    for one, last in ((Ols(lags), 60), (RollingOls(40, lags), 40), (RollingOls(200, lags), 60)):
        fitted = one.fit(X, y)
        asked = with_ones(X[-last:])
        told = regressed(asked, y[-last:])
        most = hac_lags(last) if lags is None else lags
        stated = hac(asked, y[-last:] - asked @ told, most, corrected=True)[1:, 1:]
        assert fitted.ratio_ == pytest.approx(told[1:], rel=1e-6)
        assert fitted.covariance() == pytest.approx(stated, rel=1e-6, abs=1e-12)
        assert fitted.ratio_std_ == pytest.approx(np.sqrt(np.diag(stated)), rel=1e-6)


def test_lags_grow_slowly() -> None:
    """Four at a hundred rows, six at a thousand; of few rows two fewer than there are."""
    assert [hac_lags(rows) for rows in (1, 2, 3, 4, 5, 100, 1_000)] == [0, 0, 1, 1, 2, 4, 6]


@given(SEEDS, COLUMNS, st.floats(0.8, 0.99))
def test_moments_that_forget(seed: int, columns: int, decay: float) -> None:
    """Older rows weigh less by a power of their age: ratio, error, and every row of the path."""
    X, y = moves(seed, 50, columns)
    root = np.sqrt(decay ** np.arange(49.0, -1.0, -1.0))
    scaled, held = X * root[:, None], y * root
    told = regressed(scaled, held)
    fitted = Ewma(decay).fit(X, y)
    stated = hac(scaled, held - scaled @ told, hac_lags(50), corrected=False)
    assert fitted.ratio_ == pytest.approx(told, rel=1e-6)
    assert fitted.covariance() == pytest.approx(stated, rel=1e-6, abs=1e-12)


REFITTED: tuple[Callable[[], Estimator], ...] = (Naive, Ewma, lambda: RollingOls(20))


@pytest.mark.parametrize("make", REFITTED, ids=("naive", "ewma", "rolling-ols"))
@SOME
@given(SEEDS, COLUMNS)
def test_a_path_is_a_fit_of_each_day(
    make: Callable[[], Estimator], seed: int, columns: int
) -> None:
    """Where nothing but the ratio is fitted, each row is the fit of the rows before it."""
    X, y = moves(seed, 45, columns)
    path = make().fit_ratio(X, y).path(X, y)
    least = make().FEWEST + make().PER_COLUMN * columns
    assert path.shape == (46, columns)
    for row in range(least, 46):
        fitted = make().fit_ratio(X[:row], y[:row]).ratio_
        assert path[row] == pytest.approx(fitted, rel=1e-6, abs=1e-9)
    if make is not Naive:
        assert np.all(np.isnan(path[:least]))
        assert np.all(np.isnan(make().fit_ratio(X, y).path(X[: least - 1], y[: least - 1])))


@given(SEEDS, COLUMNS)
def test_the_pull_of_the_basis(seed: int, columns: int) -> None:
    """Returns on returns and on how far the level lay from its line the row before."""
    X, y = moves(seed, 60, columns)
    levels, level = with_ones(np.cumsum(X, axis=0)), np.cumsum(y)
    away = level - levels @ regressed(levels, level)
    asked = np.column_stack([with_ones(X[1:]), away[:-1]])
    told = regressed(asked, y[1:])
    fitted = ErrorCorrection().fit(X, y)
    assert [*fitted.ratio_, fitted.pull_] == pytest.approx(told[1:].tolist(), rel=1e-6, abs=1e-9)
    stated = hac(asked, y[1:] - asked @ told, hac_lags(59), corrected=True)
    assert fitted.ratio_std_ == pytest.approx(np.sqrt(np.diag(stated))[1:-1], rel=1e-6)


@given(SEEDS, COLUMNS, st.integers(2, 9))
def test_a_jackknife_leaves_each_stretch_out(seed: int, columns: int, groups: int) -> None:
    """Adjacent stretches of equal length, to a row: the spread of the fits without each."""
    X, y = moves(seed, 37, columns)

    def refit(some: Floats, same: Floats) -> Floats:
        return regressed(with_ones(some), same)[1:]

    edges = [-(-37 * one // groups) for one in range(groups + 1)]
    kept = [[row for row in range(37) if not low <= row < high] for low, high in pairwise(edges)]
    fits = np.array([refit(X[rows], y[rows]) for rows in kept])
    wanted = np.sqrt((groups - 1) / groups * ((fits - fits.mean(axis=0)) ** 2).sum(axis=0))
    assert jackknife_std(refit, X, y, groups) == pytest.approx(wanted, rel=1e-9)


@SOME
@given(SEEDS, st.integers(30, 38), st.integers(1, 12))
def test_walking_forward_is_refitting(seed: int, first: int, every: int) -> None:
    """Each row has the ratio of the last fit before it, and what it became since."""
    X, y = moves(seed, 60, 2)
    for make in (Ols, Ewma):
        found = walk_forward(make(), X, y, first, every)
        assert found.shape == (60 - first, 2)
        for row in range(first, 60):
            fitted_at = row - (row - first) % every
            until = row if make is Ewma else fitted_at
            wanted = make().fit_ratio(X[:until], y[:until]).ratio_
            assert found[row - first] == pytest.approx(wanted, rel=1e-6)


@given(SEEDS, COLUMNS)
def test_effectiveness_is_the_variance_taken_away(seed: int, columns: int) -> None:
    """Of the data asked about, at the ratio fitted; a constant, or nothing fitted, is no matter."""
    X, y = moves(seed, 40, columns)
    fitted = Ols().fit_ratio(X[:30], y[:30])
    left = y - X @ fitted.ratio_
    assert fitted.score(X, y) == pytest.approx(1.0 - left.var() / y.var())
    assert fitted.predict(X) == pytest.approx(X @ fitted.ratio_)
    assert np.all(np.isnan(fitted.ratio_std_))


# --- beliefs and bets -----------------------------------------------------------------


@given(SEEDS, st.floats(0.1, 2.0))
def test_beliefs_and_data_are_weighed_by_their_errors(seed: int, prior_std: float) -> None:
    """The precision after is the sum of both; the betas are the mean that it weighs."""
    dice = np.random.default_rng(seed)
    half = dice.normal(0.0, 0.3, (2, 2))
    covariance = half @ half.T + 0.01 * np.eye(2)
    betas, start = dice.normal(1.0, 0.5, 2), dice.normal(1.0, 0.5, 2)
    known, believed = np.linalg.inv(covariance), np.eye(2) / prior_std**2
    after = np.linalg.inv(known + believed)
    found, errors = shrunk(betas, covariance, start, prior_std)
    assert found == pytest.approx(after @ (known @ betas + believed @ start), rel=1e-6)
    assert errors == pytest.approx(np.sqrt(np.diag(after)), rel=1e-6)
    one, error = shrunk(np.array([1.4]), np.array([[0.25]]), np.array([1.0]), 0.5)
    assert [*one, *error] == pytest.approx([1.2, 0.35355], abs=1e-4)


def test_betas_are_fitted_then_shrunk() -> None:
    """By the estimator that is named, towards what was believed."""
    X, y = moves(3, 80, 2)
    for name, kind in (("ols", Ols), ("rolling-ols", RollingOls), ("ewma", Ewma)):
        fitted = kind().fit(X, y)
        wanted = shrunk(fitted.ratio_, fitted.covariance(), np.array([0.5, 0.5]), PRIOR_STD)
        found = shrunk_betas(name, X.T.tolist(), y.tolist(), [0.5, 0.5])
        assert found == (pytest.approx(wanted[0].tolist()), pytest.approx(wanted[1].tolist()))


def test_growth_of_lopsided_returns_is_known_as_badly_as_stated() -> None:
    """Rare large gains: mean and variance err together, which the error stated knows of."""
    dice = np.random.default_rng(13)
    drawn = [growth_optimal(dice.exponential(0.04, 800) - 0.015) for _ in range(300)]
    spread = np.std([one.exposure for one in drawn])
    assert spread == pytest.approx(np.mean([one.std for one in drawn]), rel=0.15)
    assert np.mean([one.exposure for one in drawn]) == pytest.approx(0.025 / 0.0016, rel=0.05)


@given(SEEDS, st.floats(-0.05, 0.05), st.floats(0.01, 0.1))
def test_growth_optimal_is_the_mean_over_the_variance(
    seed: int, mean: float, spread: float
) -> None:
    """Its error is that of a regression of what each return moves it by on a constant."""
    returns = np.random.default_rng(seed).normal(mean, spread, 40)
    drift, variance = returns.mean(), returns.var()
    step = 1e-6
    moved = []
    for one in returns:  # what a little more weight of one return moves the ratio by
        to_mean = drift + step * (one - drift)
        to_square = variance + drift**2 + step * (one**2 - variance - drift**2)
        moved.append((to_mean / (to_square - to_mean**2) - drift / variance) / step)
    found = growth_optimal(returns)
    off = np.array(moved) - np.mean(moved)
    error = np.sqrt(hac(np.ones((40, 1)), off, hac_lags(40), corrected=True)[0, 0])
    assert found.exposure == pytest.approx(drift / variance)
    assert found.std == pytest.approx(error, rel=1e-3)


def test_growth_needs_thirty_returns_that_move() -> None:
    """Thirty are enough; one fewer are not, nor are those of a price that stands still."""
    returns = np.tile([0.01, -0.02], 15)
    assert growth_optimal(returns).exposure < 0.0
    for few in (returns[:29], np.full(30, 0.01)):
        with pytest.raises(EstimateError, match="the growth-optimal exposure needs"):
            growth_optimal(np.round(few, 2))


# --- correlations and tails -----------------------------------------------------------


def test_worked_correlations() -> None:
    """Those of the docstring: the shocks of a row move the correlation of the next."""
    average = np.array([[1.0, 0.5], [0.5, 1.0]])
    found = dcc_fold(np.array([[1.0, -1.0]]), average, 0.1, 0.8)
    assert found[:, 0, 1] == pytest.approx([0.5, 0.35])
    assert found[1] == pytest.approx(np.array([[1.0, 0.35], [0.35, 1.0]]))


def test_parameters_of_correlations_stay_where_they_mean_something() -> None:
    """Of shocks that a correlation answers and then swings back from, neither is below 0."""
    dice, answer = np.random.default_rng(21), 0.0
    rows = []
    for _ in range(600):
        here = np.clip(0.2 + answer, -0.95, 0.95)
        one, other = dice.normal(size=2)
        shock = np.array([one, here * one + np.sqrt(1.0 - here**2) * other])
        rows.append(shock)
        answer = 0.5 * (shock[0] * shock[1] - 0.2) - 0.6 * answer
    _, news, memory = dcc_fit(np.array(rows))
    assert news > 0.05
    assert memory >= 0.0
    assert news + memory < 1.0


@given(SEEDS, st.sampled_from([0.5, 0.8, 0.9]))
def test_the_mildest_worst_rows(seed: int, level: float) -> None:
    """No ratio nearby leaves a milder mean of the worst rows, means apart, at any level."""
    X, y = moves(seed, 40, 1)
    found = float(MinCvar(level).fit_ratio(X, y).ratio_[0])
    count = round(40 * (1.0 - level))

    def worst(ratio: float) -> float:
        left = (y - y.mean()) - ratio * (X[:, 0] - X[:, 0].mean())
        return -float(np.sort(left)[:count].mean())

    for step in (1e-3, 1e-2, 0.1):
        assert worst(found) <= min(worst(found - step), worst(found + step)) + 1e-9


# --- variances that cluster, ratios that wander ----------------------------------------


def test_worked_variances() -> None:
    """Those of the docstring; a mean is taken off, and the unit of returns is given back."""
    told = GarchParameters(0.0, 0.1, 0.1, 0.8, 1.0, 1.0)
    surprises, deviations = garch_fold(np.array([2.0, 0.0]), told)
    assert deviations**2 == pytest.approx([1.0, 1.3, 1.14])
    assert surprises == pytest.approx([2.0, 0.0])
    shifted = told._replace(mean=0.5, scale=0.1)
    surprises, scaled = garch_fold(np.array([0.25, 0.05]), shifted)
    assert surprises == pytest.approx([0.2, 0.0])
    assert scaled == pytest.approx(0.1 * deviations)


@given(SEEDS, COLUMNS)
def test_ratios_of_deviations_and_correlations(seed: int, columns: int) -> None:
    """Those of the covariance that both make; worked: ρ 0.9, σ 0.04 and 0.05: 0.72."""
    dice = np.random.default_rng(seed)
    half = dice.normal(size=(columns + 1, columns + 1))
    covariance = half @ half.T + 0.1 * np.eye(columns + 1)
    sigma = np.sqrt(np.diag(covariance))
    found = ratios_of(sigma[None], (covariance / np.outer(sigma, sigma))[None])
    wanted = np.linalg.solve(covariance[:-1, :-1], covariance[:-1, -1])
    assert found[0] == pytest.approx(wanted, rel=1e-6)
    rho = np.array([[[1.0, 0.9], [0.9, 1.0]]])
    assert ratios_of(np.array([[0.05, 0.04]]), rho)[0, 0] == pytest.approx(0.72)


@given(SEEDS, st.floats(0.01, 0.98), st.floats(0.0, 0.5))
def test_how_unlikely_correlations_are(seed: int, lasting: float, share: float) -> None:
    """Half the mean of minus twice the log density of normal shocks, less that of independent."""
    shocks = np.random.default_rng(seed).normal(size=(20, 2))
    average = np.array([[1.0, 0.4], [0.4, 1.0]])
    a = lasting * share
    every = dcc_fold(shocks, average, a, lasting - a)[:-1]
    told = []
    for shock, correlation in zip(shocks, every, strict=True):
        size = np.log(np.linalg.det(correlation))
        told.append(0.5 * (size + shock @ np.linalg.inv(correlation) @ shock - shock @ shock))
    point = np.array([lasting, share])
    assert unlikelihood(point, shocks, average) == pytest.approx(np.mean(told))
    broken = np.array([[1.0, 2.0], [2.0, 1.0]])
    assert unlikelihood(point, shocks, broken) == 1e6


@given(SEEDS, COLUMNS)
@settings(max_examples=max(4, settings().max_examples // 8))  # each is a search
def test_a_wandering_ratio_is_filtered(seed: int, columns: int) -> None:
    """By the two variances it finds: every row of the path, and the error, by the filter itself."""
    X, y = moves(seed, 60, columns)
    one = Kalman().fit(X, y)
    width, height = X.std(axis=0), y.std()
    state, spread = np.zeros(columns), VAGUE * np.eye(columns)
    noise, step = (one.noise_ / height) ** 2, (one.step_[0] * width[0] / height) ** 2
    path = one.path(X, y)
    for row in range(60):
        seen = X[row] / width
        gain = spread @ seen / (seen @ spread @ seen + noise)
        state = state + gain * (y[row] / height - seen @ state)
        spread = spread - np.outer(gain, seen @ spread) + step * np.eye(columns)
        if row + 1 >= Kalman.FEWEST:
            assert path[row + 1] == pytest.approx(state * height / width, rel=1e-4, abs=1e-6)
    assert np.all(np.isnan(path[: Kalman.FEWEST]))
    assert one.ratio_ == pytest.approx(path[-1])
    assert one.ratio_std_ == pytest.approx(np.sqrt(np.diag(spread)) * height / width, rel=1e-3)
    assert one.step_ * width == pytest.approx(np.full(columns, one.step_[0] * width[0]))


@pytest.mark.parametrize(
    ("kind", "fewest"), [(Naive, 6), (Ols, 6), (RollingOls, 6), (Ewma, 6), (MinCvar, 15)]
)
def test_as_many_rows_as_are_needed(kind: type[Estimator], fewest: int) -> None:
    """Those alone and one more an instrument; one row fewer is refused with the number."""
    for columns in (1, 2):
        least = fewest + columns
        X, y = moves(1, least, columns)
        assert kind().fit_ratio(X, y).ratio_.shape == (columns,)
        with pytest.raises(EstimateError, match=f"{least - 1} returns .* it needs {least}; give a"):
            kind().fit_ratio(X[1:], y[1:])
