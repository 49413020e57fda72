"""Moments that forget."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from volsculpt.hedge.estimators.estimator import Estimator
from volsculpt.hedge.estimators.extra import models
from volsculpt.hedge.estimators.ols import hac_lags
from volsculpt.market.gate import Floats


@dataclass(eq=False)
class Ewma(Estimator):
    """ratio = Σ λ^age·x·y / Σ λ^age·x²: covariance over variance, older rows counting less.

    decay: λ a row, above 0 and below 1; the weights are worth (1 + λ)/(1 - λ) rows. Means are taken
    as 0, as RiskMetrics does.

    Assumes that the ratio drifts slowly. Fails where it does not drift: with λ = 0.97 it knows 66
    rows, and its wandering is noise that is traded. Its standard error is that of weighted least
    squares, errors allowed to last. Source: J.P. Morgan and Reuters, RiskMetrics Technical
    Document, 4th edition, 1996, 78-84. Worked: λ = 0.5, x = 1, 1, y = 1, 0.5 (newest last):
    (0.5 + 0.5)/1.5 = 0.667.
    """

    NAME: ClassVar[str] = "ewma"
    WORDS: ClassVar[str] = "covariance over variance, older rows counting less"
    MOVES: ClassVar[bool] = True

    decay: float = 0.97

    def _solve(self, X: Floats, y: Floats) -> Floats:
        with models():
            from statsmodels.regression.linear_model import WLS
        weights = self.decay ** np.arange(len(y) - 1.0, -1.0, -1.0)
        options = {"maxlags": hac_lags(len(y)), "use_correction": False}
        self._fitted = WLS(y, X, weights).fit(cov_type="HAC", cov_kwds=options)
        return np.asarray(self._fitted.params)

    def _errors(self, X: Floats, y: Floats) -> Floats:
        return np.asarray(self._fitted.bse)

    def covariance(self) -> Floats:
        """(k, k): of the errors of `ratio_`, whose roots on the diagonal are `ratio_std_`."""
        return np.asarray(self._fitted.cov_params())

    def path(self, X: Any, y: Any) -> Floats:  # noqa: ANN401 - as fit
        """Of the moments folded so far."""
        with models():
            from scipy.signal import lfilter
        X, y = self._again(X, y)
        rows, columns = X.shape
        squares = lfilter([1.0], [1.0, -self.decay], X[:, :, None] * X[:, None, :], axis=0)
        products = lfilter([1.0], [1.0, -self.decay], X * y[:, None], axis=0)
        found = np.full((rows + 1, columns), np.nan)
        first = self.FEWEST + self.PER_COLUMN * columns
        solved = np.linalg.pinv(squares[first - 1 :]) @ products[first - 1 :, :, None]
        found[first:] = solved[:, :, 0]
        return found
