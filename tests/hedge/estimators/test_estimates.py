"""Known parameters are found again, within what the standard error allows; and laws of all."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest

from volsculpt.hedge.estimators.dcc import Dcc, dcc_fit, dcc_fold
from volsculpt.hedge.estimators.error_correction import ErrorCorrection
from volsculpt.hedge.estimators.estimator import Estimator
from volsculpt.hedge.estimators.every import ESTIMATORS
from volsculpt.hedge.estimators.ewma import Ewma
from volsculpt.hedge.estimators.garch import Garch, garch_fit, garch_fold
from volsculpt.hedge.estimators.inverse import InverseClosedForm
from volsculpt.hedge.estimators.jackknife import jackknife_std
from volsculpt.hedge.estimators.kalman import Kalman
from volsculpt.hedge.estimators.kelly import growth_optimal
from volsculpt.hedge.estimators.liquidation import LiquidationAware, highest_rises, rise_tail
from volsculpt.hedge.estimators.min_cvar import MinCvar
from volsculpt.hedge.estimators.naive import Naive
from volsculpt.hedge.estimators.ols import Ols, RollingOls
from volsculpt.hedge.estimators.walk import walk_forward

TRUE = 0.8
ROWS = 600
FREE = [one for one in ESTIMATORS if one is not Naive]
SLOW = (Dcc, Garch, LiquidationAware)


def each(kinds: Sequence[type[Estimator]]) -> Any:  # noqa: ANN401
    """A test for each of these; of what takes seconds to fit among the slow ones."""
    marked = [pytest.param(one, marks=pytest.mark.slow) if one in SLOW else one for one in kinds]
    return pytest.mark.parametrize("kind", marked, ids=lambda one: one.NAME)


def market(
    seed: int, rows: int = ROWS, ratio: float = TRUE, noise: float = 0.01
) -> tuple[Any, Any]:
    """(X, y): a future that moves by 4 % a row, and what is held: ratio times that, and noise."""
    random = np.random.default_rng(seed)
    moved = np.clip(random.normal(0.0, 0.04, rows), -0.5, 0.5)
    return moved[:, None], ratio * moved + random.normal(0.0, noise, rows)


@cache
def fitted(kind: type[Estimator]) -> Estimator:
    """One fit of each, used by several tests."""
    return kind().fit(*market(1))


# --- what is true is found ------------------------------------------------------------


@each(FREE)
def test_a_known_ratio_is_found_again(kind: type[Estimator]) -> None:
    """Within three of its own standard errors, which are of the size that noise makes."""
    one = fitted(kind)
    assert 0.0 < one.ratio_std_[0] < 0.2
    assert abs(one.ratio_[0] - TRUE) <= 3.0 * one.ratio_std_[0]


@each([Ols, ErrorCorrection, InverseClosedForm, RollingOls, Ewma])
def test_standard_errors_are_as_large_as_the_errors(kind: type[Estimator]) -> None:
    """Over 60 made-up markets the mean error squared is that stated, to a factor of two."""
    errors, stated = [], []
    for seed in range(60):
        one = kind().fit(*market(100 + seed, 300))
        errors.append((one.ratio_[0] - TRUE) ** 2)
        stated.append(one.ratio_std_[0] ** 2)
    assert 0.5 < np.mean(errors) / np.mean(stated) < 2.0


def test_the_jackknife_of_a_mean_is_its_formula() -> None:
    """Groups of one row: √(variance/n), as worked in its docstring."""
    values = np.array([1.0, 2.0, 3.0, 4.0])
    found = jackknife_std(lambda X, y: np.array([y.mean()]), values[:, None], values, 4)
    assert found == pytest.approx(values.std(ddof=1) / 2.0)


def test_variances_are_those_of_arch() -> None:
    """Our fold of fitted parameters is the library's, row by row."""
    from arch import arch_model

    returns = market(3, 800)[1]
    ours = garch_fold(returns, garch_fit(returns, "garch"))[1]
    scaled = returns / returns.std()
    theirs = arch_model(scaled, rescale=False).fit(disp="off").conditional_volatility
    assert ours[:-1] / returns.std() == pytest.approx(theirs, rel=1e-9)


def test_dcc_finds_the_parameters_of_a_made_up_correlation() -> None:
    """a 0.08 and b 0.9, from 4,000 shocks whose correlation followed them, to 0.03 and 0.05."""
    random = np.random.default_rng(5)
    average = np.array([[1.0, 0.6], [0.6, 1.0]])
    a, b = 0.08, 0.9
    state, rows = average.copy(), []
    for _ in range(4_000):
        widths = np.sqrt(np.diag(state))
        shock = np.linalg.cholesky(state / np.outer(widths, widths)) @ random.normal(size=2)
        rows.append(shock)
        state = (1.0 - a - b) * average + a * np.outer(shock, shock) + b * state
    _, found_a, found_b = dcc_fit(np.array(rows))
    assert abs(found_a - a) < 0.03
    assert abs(found_b - b) < 0.05


def test_the_fold_of_correlations_is_the_recursion() -> None:
    """By hand, row by row."""
    random = np.random.default_rng(6)
    shocks = random.normal(size=(50, 3))
    average = np.corrcoef(shocks.T)
    found, state = dcc_fold(shocks, average, 0.1, 0.8), average
    for row, shock in enumerate(shocks):
        widths = np.sqrt(np.diag(state))
        assert found[row] == pytest.approx(state / np.outer(widths, widths))
        state = 0.1 * average + 0.1 * np.outer(shock, shock) + 0.8 * state


def test_error_correction_finds_the_pull() -> None:
    """A basis that halves each row: the ratio and the pull of -0.5 are found."""
    random = np.random.default_rng(7)
    moved = random.normal(0.0, 0.03, 3_000)
    basis = np.zeros(3_001)
    for row in range(3_000):
        basis[row + 1] = 0.5 * basis[row] + random.normal(0.0, 0.004)
    one = ErrorCorrection().fit(moved[:, None], moved + np.diff(basis))
    assert abs(one.ratio_[0] - 1.0) < 3.0 * one.ratio_std_[0]
    assert one.pull_ == pytest.approx(-0.5, abs=0.06)


def test_kalman_follows_a_ratio_that_wanders() -> None:
    """Nearer to it than a line over all the time, and inside its own error nine times in ten."""
    random = np.random.default_rng(8)
    true = 0.8 + np.cumsum(random.normal(0.0, 0.02, 1_500))
    moved = random.normal(0.0, 0.04, 1_500)
    held = true * moved + random.normal(0.0, 0.005, 1_500)
    one = Kalman().fit(moved[:, None], held)
    path = one.path(moved[:, None], held)[100:-1, 0]
    line = Ols().fit(moved[:, None], held).ratio_[0]
    assert np.mean((path - true[100:]) ** 2) < 0.2 * np.mean((line - true[100:]) ** 2)
    assert one.step_[0] == pytest.approx(0.02, rel=0.25)


def test_min_cvar_is_the_least_by_brute_force() -> None:
    """No ratio of a fine grid has a milder worst twentieth."""
    moved, held = market(9, 400)
    found = MinCvar().fit_ratio(moved, held).ratio_[0]

    def worst(ratio: float) -> float:
        left = held - held.mean() - ratio * (moved[:, 0] - moved.mean())
        return -float(np.sort(left)[:20].mean())

    assert worst(found) <= min(worst(one) for one in np.linspace(0.5, 1.1, 601)) + 1e-9


def test_liquidation_is_bought_off_with_less_hedge() -> None:
    """More aversion never means more hedge; a full margin is least squares, never liquidated."""
    moved, held = market(10, 1_000, ratio=1.0)
    found = [
        LiquidationAware(margin=0.1, aversion=one).fit_ratio(moved, held)
        for one in (0.0, 1.0, 10.0)
    ]
    ratios = [float(one.ratio_[0]) for one in found]
    assert ratios[0] > ratios[1] > ratios[2]
    assert found[0].liquidation_probability_ > found[2].liquidation_probability_
    full = LiquidationAware(margin=1.2, aversion=10.0).fit_ratio(moved, held)
    assert full.liquidation_probability_ == 0.0
    assert full.ratio_[0] == pytest.approx(Ols().fit_ratio(moved, held).ratio_[0], abs=1e-5)
    assert full.leverage_ == pytest.approx(full.ratio_[0] / 1.2)


def test_the_tail_of_rises_is_as_counted() -> None:
    """The law's probability of a rise is near the share of horizons that had it."""
    rises = highest_rises(market(11, 14_000)[0][:, 0], 7)
    for rise in (0.02, 0.1, 0.2, 0.25):
        assert rise_tail(rises).above(rise) == pytest.approx(np.mean(rises > rise), abs=0.01)


def test_growth_is_known_as_badly_as_stated() -> None:
    """Over 200 made-up histories the error of the exposure is the one stated, to a fifth."""
    random = np.random.default_rng(12)
    drawn = [growth_optimal(random.normal(0.001, 0.04, 1_000)) for _ in range(200)]
    spread = np.std([one.exposure for one in drawn])
    assert spread == pytest.approx(np.mean([one.std for one in drawn]), rel=0.2)
    assert np.mean([one.exposure for one in drawn]) == pytest.approx(0.001 / 0.0016, abs=0.2)


# --- laws of all ----------------------------------------------------------------------


@each(ESTIMATORS)
def test_no_row_of_a_path_knows_what_comes_later(kind: type[Estimator]) -> None:
    """Everything after a row is changed: the ratio held over it, and before, is the same."""
    moved, held = market(1)
    one, now = fitted(kind), 400
    other, others = market(2, ROWS - now)
    changed = one.path(np.concatenate([moved[:now], other]), np.concatenate([held[:now], others]))
    same = one.path(moved, held)
    assert np.array_equal(changed[: now + 1], same[: now + 1], equal_nan=True)


@each(ESTIMATORS)
def test_a_path_ends_with_the_ratio(kind: type[Estimator]) -> None:
    """What is held next is what `fit` answered."""
    assert fitted(kind).path(*market(1))[-1] == pytest.approx(fitted(kind).ratio_, rel=1e-8)


SCALED = [one for one in ESTIMATORS if one not in (Naive, InverseClosedForm, LiquidationAware)]


@each(SCALED)
def test_the_unit_of_returns_does_not_matter(kind: type[Estimator]) -> None:
    """Both in percent: the same ratio. The future twice as lively: half the ratio.

    Not of those that know what a return of -100 % is.
    """
    moved, held = market(1)
    before = kind().fit_ratio(moved, held).ratio_
    assert kind().fit_ratio(100.0 * moved, 100.0 * held).ratio_ == pytest.approx(before, rel=1e-4)
    assert kind().fit_ratio(2.0 * moved, held).ratio_ == pytest.approx(before / 2.0, rel=1e-4)


@each(ESTIMATORS)
def test_the_order_of_instruments_does_not_matter(kind: type[Estimator]) -> None:
    """Two columns the other way round give the same two ratios the other way round."""
    first, held = market(1)
    second, more = market(2)
    both = np.column_stack([first, second + 0.5 * first])
    y = held + 0.3 * more
    found = kind().fit_ratio(both, y).ratio_
    assert kind().fit_ratio(both[:, ::-1], y).ratio_[::-1] == pytest.approx(found, abs=2e-4)


@each([Ols, Ewma, Kalman, MinCvar])
def test_two_instruments_get_their_own_ratios(kind: type[Estimator]) -> None:
    """0.6 of one and 0.3 of the other, to 0.03 or three of its errors."""
    first, second = market(1)[0], market(2)[0]
    random = np.random.default_rng(4)
    y = 0.6 * first[:, 0] + 0.3 * second[:, 0] + random.normal(0.0, 0.005, ROWS)
    one = kind().fit(np.column_stack([first, second]), y)
    allowed = np.maximum(0.03, 3.0 * one.ratio_std_)
    assert np.all(np.abs(one.ratio_ - [0.6, 0.3]) < allowed)


def test_walking_forward_fits_on_the_past_alone() -> None:
    """What happens after a row changes nothing of what was held by it, refits included."""
    moved, held = market(1)
    other = np.concatenate([held[:450], -held[450:]])
    for kind in (Ols, Ewma, RollingOls):
        real, changed = (walk_forward(kind(), moved, y, 300, 50) for y in (held, other))
        assert np.array_equal(real[:151], changed[:151])
        assert not np.array_equal(real, changed)


# --- where each loses -----------------------------------------------------------------


def left(kind: type[Estimator], X: Any, y: Any, first: int) -> float:  # noqa: ANN401
    """Variance that is left out of sample, refitted every 100 rows."""
    held = walk_forward(kind(), X, y, first, 100)
    return float(np.var(y[first:] - np.sum(held * X[first:], axis=1)))


CONSTANT = [one for one in FREE if one not in (Ols, InverseClosedForm, LiquidationAware)]


@each(CONSTANT)
def test_where_the_ratio_is_one_estimating_it_loses(kind: type[Estimator]) -> None:
    """Against as much short as is held, out of sample: all that is estimated is noise."""
    X, y = market(21, 900, ratio=1.0, noise=0.02)
    assert left(kind, X, y, 500) > left(Naive, X, y, 500)


def test_where_the_ratio_changes_a_line_loses() -> None:
    """`Ols`, and what is short as much as is held, against the last rows alone."""
    first, second = market(22, 500, ratio=1.1), market(23, 500, ratio=0.5)
    X, y = np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])
    for kind in (Ols, Naive):
        assert left(kind, X, y, 700) > 1.5 * left(RollingOls, X, y, 700)


def test_where_returns_are_large_the_other_payoff_loses() -> None:
    """Each ratio leaves more variance of the payoff that it is not for."""
    random = np.random.default_rng(24)
    moved = np.clip(random.normal(0.0, 0.2, 4_000), -0.6, 1.5)
    held = np.clip(0.7 * moved + random.normal(0.0, 0.05, 4_000), -0.9, None)
    X = moved[:, None]
    linear, inverse = Ols().fit_ratio(X, held), InverseClosedForm().fit_ratio(X, held)
    paid = (1.0 + held) * moved / (1.0 + moved)
    assert np.var(held - inverse.ratio_ * moved) > np.var(held - linear.ratio_ * moved)
    assert np.var(held - linear.ratio_ * paid) > np.var(held - inverse.ratio_ * paid)


def test_where_nothing_is_liquidated_aversion_loses() -> None:
    """A margin that a calm sample made look too small: less hedge, more variance, no rescue."""
    X, y = market(25, 900, ratio=1.0)
    shy, plain = LiquidationAware(margin=0.08, aversion=5.0), Ols()
    shy.fit_ratio(X[:500], y[:500])
    plain.fit_ratio(X[:500], y[:500])
    assert shy.score(X[500:], y[500:]) < plain.score(X[500:], y[500:])
