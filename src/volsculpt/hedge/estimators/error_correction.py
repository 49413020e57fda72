"""Least squares that know that spot and futures cannot drift apart."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from volsculpt.hedge.estimators.estimator import Estimator
from volsculpt.hedge.estimators.ols import least_squares, with_constant
from volsculpt.market.gate import Floats


@dataclass(eq=False)
class ErrorCorrection(Estimator):
    """y = a + X·ratio + c·z + e, where z is how far the price lay from its line the row before.

    Two steps (Engle and Granger): levels are sums of returns; the level of what is held on those of
    the instruments gives z; then returns on returns and z. lags: as in `Ols`. c below 0 pulls the
    price back; it is kept as `pull_`.

    Assumes one line between the levels. Fails where there is none: on two coins z only wanders, and
    costs a parameter. The error of the line vanishes faster than that of the ratio, so the standard
    error leaves it out. Source: Ghosh, "Hedging with Stock Index Futures: Estimation and
    Forecasting with Error Correction Model", Journal of Futures Markets 13(7), 1993, 743-752; Engle
    and Granger, Econometrica 55(2), 1987, 251-276. Worked: y = 0.9·x - 0.5·z exactly -> 0.9.
    """

    NAME: ClassVar[str] = "error-correction"
    WORDS: ClassVar[str] = "least squares with the pull of the basis"

    lags: int | None = None

    def _solve(self, X: Floats, y: Floats) -> Floats:
        levels, level = np.cumsum(X, axis=0), np.cumsum(y)
        away = least_squares(with_constant(levels), level, 0).resid
        columns = with_constant(X[1:], away[:-1])
        self._fitted = least_squares(columns, y[1:], self.lags)
        self.pull_ = float(self._fitted.params[-1])
        return np.asarray(self._fitted.params[1:-1])

    def _errors(self, X: Floats, y: Floats) -> Floats:
        return np.asarray(self._fitted.bse[1:-1])
