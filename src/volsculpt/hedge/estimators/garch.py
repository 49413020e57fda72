"""Variances that come in clusters, correlations that stay."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np

from volsculpt.errors import EstimateError
from volsculpt.hedge.estimators.estimator import Estimator
from volsculpt.hedge.estimators.extra import models
from volsculpt.hedge.estimators.jackknife import jackknife_std
from volsculpt.market.gate import Floats

STEP_INSIDE = 0.98  # of alpha and beta: within what `arch` takes, and off the edge it stopped at
STARTS = ((0.05, 0.9), (0.1, 0.8))  # (alpha, beta), as days of most markets have them


class GarchParameters(NamedTuple):
    """Of returns r = mean + e in units of `scale`: σ² = omega + alpha·e² + beta·σ², row by row.

    backcast: e² and σ² before the first row. freedom: degrees of Student's law, inf: normal.
    """

    mean: float
    omega: float
    alpha: float
    beta: float
    backcast: float
    scale: float
    freedom: float = math.inf


def garch_fit(
    returns: Floats, name: str, law: Literal["normal", "t"] = "normal"
) -> GarchParameters:
    """Maximum likelihood under a law, by `arch`; `name` is told where it fails.

    Raises EstimateError where no search ends. Worked: the S&P 500 that `arch` brings, in
    percent, normal: omega 0.0175, alpha 0.102, beta 0.885.

    Args: returns: (n,); name: in messages; law: "t" is Student's, of variance 1.
    """
    with models():
        from arch import arch_model
    scale = float(returns.std())
    scaled = returns / scale
    model = arch_model(scaled, mean="Constant", vol="GARCH", p=1, q=1, dist=law, rescale=False)
    found = searched(model)
    if found is None:
        raise EstimateError(
            f"{name}: the search for GARCH parameters did not end on {len(returns)} returns; give "
            f"a longer span, or take an estimator without variances, such as ols"
        )
    backcast = float(model.volatility.backcast(scaled - scaled.mean()))
    mean, omega, alpha, beta, *freedom = found
    return GarchParameters(mean, omega, alpha, beta, backcast, scale, *freedom)


def searched(model: Any) -> list[float] | None:  # noqa: ANN401 - a model of arch
    """(mean, omega, alpha, beta, freedom) where a search ends; None: none does.

    The first begins where `arch` begins. At a jump it may stop beside the best point, by the last
    digits of sums, which another number of threads adds in another order: the next begins a step
    inside of where it stopped, two more at `STARTS`, each at a variance of 1.
    """
    fitted = model.fit(disp="off", show_warning=False)
    mean, _, *clusters = (float(one) for one in fitted.params)
    inside = [STEP_INSIDE * one / max(sum(clusters[:2]), 1.0) for one in clusters[:2]]
    for alpha, beta in (inside, *STARTS):
        if fitted.convergence_flag == 0:
            break
        begun = np.array([mean, 1.0 - alpha - beta, alpha, beta, *clusters[2:]])
        fitted = model.fit(disp="off", show_warning=False, starting_values=begun)
    return None if fitted.convergence_flag else [float(one) for one in fitted.params]


def garch_fold(returns: Floats, fitted: GarchParameters) -> tuple[Floats, Floats]:
    """(e, σ) in the unit of returns: (n,) surprises; (n + 1,) forecasts, each from rows before.

    Worked: mean 0, omega 0.1, alpha 0.1, beta 0.8, backcast 1: σ² = 1 first; after e = 2, 1.3.
    """
    with models():
        from scipy.signal import lfilter
    surprises = returns / fitted.scale - fitted.mean
    fed = fitted.omega + fitted.alpha * np.append(fitted.backcast, surprises**2)
    variances, _ = lfilter([1.0], [1.0, -fitted.beta], fed, zi=[fitted.beta * fitted.backcast])
    return surprises * fitted.scale, np.sqrt(variances) * fitted.scale


def ratios_of(deviations: Floats, correlations: Floats) -> Floats:
    """(n, k) ratios of least variance from forecasts of columns X, then y.

    deviations: (n, k + 1); correlations: (n, k + 1, k + 1). Worked: ρ 0.9, σ 0.04 of what is held
    and 0.05 of the future -> 0.72.
    """
    among, along = correlations[:, :-1, :-1], correlations[:, :-1, -1:]
    solved = np.linalg.solve(among, along)[:, :, 0]
    return np.asarray(solved * deviations[:, -1:] / deviations[:, :-1])


class Forecast(NamedTuple):
    """Surprises in their own deviations (n, m), and forecasts of the deviations (n + 1, m)."""

    shocks: Floats
    deviations: Floats


def forecast_of(series: Floats, fitted: list[GarchParameters]) -> Forecast:
    """Each column's own fold."""
    folds = [garch_fold(column, one) for column, one in zip(series.T, fitted, strict=True)]
    deviations = np.column_stack([one for _, one in folds])
    return Forecast(np.column_stack([one for one, _ in folds]) / deviations[:-1], deviations)


@dataclass(eq=False)
class Garch(Estimator):
    """ratio = ρ·σ_held/σ_future of the next row: σ by GARCH(1,1) each, ρ one for all the time.

    groups: of the jackknife that its standard error is from. Univariate fits by `arch`; how the
    variances begin (its backcast) is `arch`'s.

    Assumes constant correlation of what is left of returns once their variance is known. Fails
    where spot and futures are nearly one: the ratio of two noisy variances wanders about 1, and
    trades. With one jump in the sample both variances explode together. Source: Bollerslev,
    "Modelling the Coherence in Short-Run Nominal Exchange Rates", Review of Economics and
    Statistics 72(3), 1990, 498-505; for hedging Kroner and Sultan, Journal of Financial and
    Quantitative Analysis 28(4), 1993, 535-551. Worked: ρ 0.9, σ 0.04 and 0.05 -> 0.72.
    """

    NAME: ClassVar[str] = "garch"
    WORDS: ClassVar[str] = "variances by GARCH(1,1), constant correlation"
    FEWEST: ClassVar[int] = 100
    MOVES: ClassVar[bool] = True

    groups: int = 20

    def _fit_parameters(self, series: Floats) -> None:
        self._variances = [garch_fit(column, self.NAME) for column in series.T]
        shocks = forecast_of(series, self._variances).shocks
        self._correlation: Floats = np.asarray(np.corrcoef(shocks.T))

    def _correlations(self, forecast: Forecast) -> Floats:
        """(n + 1, m, m), each from the rows before."""
        return np.broadcast_to(
            self._correlation, (len(forecast.deviations), *self._correlation.shape)
        )

    def _path(self, X: Floats, y: Floats) -> Floats:
        forecast = forecast_of(np.column_stack([X, y]), self._variances)
        return ratios_of(forecast.deviations, self._correlations(forecast))

    def _solve(self, X: Floats, y: Floats) -> Floats:
        self._fit_parameters(np.column_stack([X, y]))
        return np.asarray(self._path(X, y)[-1])

    def _errors(self, X: Floats, y: Floats) -> Floats:
        def refit(some: Floats, same: Floats) -> Floats:
            other = type(self)(**self.get_params())
            other._fit_parameters(np.column_stack([some, same]))
            return np.asarray(other._path(X, y)[-1])

        return jackknife_std(refit, X, y, self.groups)

    def path(self, X: Any, y: Any) -> Floats:  # noqa: ANN401 - as fit
        """Of the forecasts for each row."""
        X, y = self._again(X, y)
        return self._path(X, y)
