"""A ratio that wanders, seen through noise."""

from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

import numpy as np

from volsculpt.errors import EstimateError
from volsculpt.hedge.estimators.estimator import Estimator
from volsculpt.hedge.estimators.extra import models
from volsculpt.market.gate import Floats

VAGUE = 1e4  # variance of the ratio before the first row, in the scaled data's own unit


@cache
def _model_class() -> Any:  # noqa: ANN401 - made where statsmodels is there
    """y = X·h + e with h a random walk, as statsmodels wants it told."""
    with models():
        from statsmodels.tsa.statespace.mlemodel import MLEModel

    class WanderingRatio(MLEModel):  # type: ignore[misc] # statsmodels has no types
        def __init__(self, y: Floats, X: Floats) -> None:
            columns = X.shape[1]
            super().__init__(y, k_states=columns, initialization="approximate_diffuse")
            self.ssm.initialize_approximate_diffuse(VAGUE)
            self.loglikelihood_burn = columns
            self.ssm["design"] = X.T[None]
            self.ssm["transition"] = np.eye(columns)
            self.ssm["selection"] = np.eye(columns)

        @property
        def start_params(self) -> Floats:
            return np.log([0.1, 1e-4])

        @property
        def param_names(self) -> list[str]:
            return ["noise", "step"]

        def update(self, params: Floats, **options: Any) -> None:  # noqa: ANN401 - statsmodels'
            params = super().update(params, **options)
            variances = np.exp(np.clip(params, -40.0, 40.0))
            self.ssm["obs_cov", 0, 0] = variances[0]
            self.ssm["state_cov"] = variances[1] * np.eye(self.k_states)

    return WanderingRatio


@dataclass(eq=False)
class Kalman(Estimator):
    """y = X·h + e, h walking at random from row to row; ratio = the filtered h.

    Both variances by maximum likelihood, by statsmodels. Its standard error is the filter's own,
    the root of the variance of h given all rows: it takes the two variances as known. They are
    kept as `noise_` (deviation of e) and `step_` (of a row's change of h, (k,)).

    Assumes a random walk, of equal steps for all instruments once each is scaled to a deviation of
    1, and a normal e of one size. Fails where e comes in clusters, as it does: after a calm time a
    wild day is believed too much, and the ratio jumps. Means are taken as 0. Source: Hatemi-J and
    Roca, "Calculating the optimal hedge ratio: constant, time varying and the Kalman Filter
    approach", Applied Economics Letters 13(5), 2006, 293-299; Durbin and Koopman, Time Series
    Analysis by State Space Methods, 2nd edition, 2012, 4.3. Worked: one row x = 1, y = 0.5 with e
    far smaller than what h may be: 0.5.
    """

    NAME: ClassVar[str] = "kalman"
    WORDS: ClassVar[str] = "a wandering ratio, filtered"
    FEWEST: ClassVar[int] = 30
    MOVES: ClassVar[bool] = True

    def _solve(self, X: Floats, y: Floats) -> Floats:
        self._width, self._height = X.std(axis=0), float(y.std())
        model = _model_class()(y / self._height, X / self._width)
        fitted = model.fit(method="lbfgs", disp=0, warn_convergence=False, cov_type="none")
        if not np.isfinite(fitted.llf):
            raise EstimateError(
                f"kalman: the search for its variances did not end on {len(y)} returns; give a "
                f"longer span, or take rolling-ols"
            )
        self._parameters = np.asarray(fitted.params)
        sizes = np.exp(0.5 * self._parameters)
        self.noise_ = float(sizes[0]) * self._height
        self.step_ = sizes[1] * self._height / self._width
        ratios, self._deviations = self._filtered(X, y)
        return np.asarray(ratios[-1])

    def _filtered(self, X: Floats, y: Floats) -> tuple[Floats, Floats]:
        """(n + 1, k) ratios from the rows before each, and the last one's deviations."""
        model = _model_class()(y / self._height, X / self._width)
        system = model.ssm
        model.update(self._parameters)
        found = system.filter()
        unit = self._height / self._width
        last = np.sqrt(np.diagonal(found.predicted_state_cov[:, :, -1])) * unit
        ratios = found.predicted_state.T * unit
        ratios[: self.FEWEST] = np.nan
        return ratios, last

    def _errors(self, X: Floats, y: Floats) -> Floats:
        return np.asarray(self._deviations)

    def path(self, X: Any, y: Any) -> Floats:  # noqa: ANN401 - as fit
        """Of the filter before each row."""
        X, y = self._again(X, y)
        return self._filtered(X, y)[0]
