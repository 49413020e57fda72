"""Least squares: on all rows, and on the last of them."""

import warnings
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from volsculpt.hedge.estimators.estimator import Estimator
from volsculpt.hedge.estimators.extra import models
from volsculpt.market.gate import Floats


def hac_lags(rows: int) -> int:
    """Lags of a Newey-West error, ⌊4·(n/100)^(2/9)⌋. Worked: 1,000 rows -> 6.

    Source: Newey and West, "Automatic Lag Selection in Covariance Matrix Estimation", Review of
    Economic Studies 61(4), 1994, 631-653.
    """
    return min(int(4.0 * (rows / 100.0) ** (2.0 / 9.0)), max(rows - 2, 0))


def least_squares(columns: Floats, y: Floats, lags: int | None) -> Any:  # noqa: ANN401 - statsmodels'
    """A regression of statsmodels with errors for what is uneven and lasts (HAC).

    columns: (n, m), the constant too; y: (n,); lags: None takes `hac_lags`.
    """
    with models():
        from statsmodels.regression.linear_model import OLS
    most = hac_lags(len(y)) if lags is None else lags
    options = {"maxlags": most, "use_correction": True}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of columns that say the same: the shortest answer is ours
        return OLS(y, columns).fit(cov_type="HAC", cov_kwds=options)


def with_constant(*columns: Floats) -> Floats:
    """Columns after one of ones."""
    return np.column_stack([np.ones(len(columns[0])), *columns])


class LeastSquares(Estimator):
    """What least squares leave behind: the errors of what `_solve` keeps as `_fitted`."""

    _fitted: Any

    def _errors(self, X: Floats, y: Floats) -> Floats:
        return np.asarray(self._fitted.bse[1:])

    def covariance(self) -> Floats:
        """(k, k): of the errors of `ratio_`, whose roots on the diagonal are `ratio_std_`."""
        return np.asarray(self._fitted.cov_params())[1:, 1:]


@dataclass(eq=False)
class Ols(LeastSquares):
    """y = a + X·ratio + e by least squares: ratio = Cov(y, x)/Var(x), the least variance there was.

    lags: rows over which errors are allowed to last in the standard error (Newey-West), None for
    ⌊4·(n/100)^(2/9)⌋.

    Assumes one ratio for all the time. Fails where it changed, and where spot and futures are
    stamped at different moments: then the ratio falls short of 1 (Epps). Source: Ederington,
    Journal of Finance 34(1), 1979, 157-170; errors: Newey and West, Econometrica 55(3), 1987,
    703-708. Worked: y = 0, 1, 2, x = 0, 2, 4 -> 0.5.
    """

    NAME: ClassVar[str] = "ols"
    WORDS: ClassVar[str] = "least squares over all the time"

    lags: int | None = None

    def _solve(self, X: Floats, y: Floats) -> Floats:
        self._fitted = least_squares(with_constant(X), y, self.lags)
        return np.asarray(self._fitted.params[1:])


@dataclass(eq=False)
class RollingOls(LeastSquares):
    """Least squares over the last `window` rows.

    window: rows; fewer are all taken. lags: as in `Ols`.

    Assumes that the ratio stays for a window. Fails where it does not change: it throws rows away,
    so its error is larger by √(n/window), and each refit trades. Source: as `Ols`. Worked: 10 rows
    with ratio 1, then 180 with 0.8, window 180 -> 0.8.
    """

    NAME: ClassVar[str] = "rolling-ols"
    WORDS: ClassVar[str] = "least squares over the last rows"
    MOVES: ClassVar[bool] = True

    window: int = 180
    lags: int | None = None

    def _solve(self, X: Floats, y: Floats) -> Floats:
        rows = slice(-self.window, None)
        self._need_moves(X[rows], y[rows])
        self._fitted = least_squares(with_constant(X[rows]), y[rows], self.lags)
        return np.asarray(self._fitted.params[1:])

    def path(self, X: Any, y: Any) -> Floats:  # noqa: ANN401 - as fit
        """Of the window before each row, or of what there is of it."""
        with models():
            from statsmodels.regression.rolling import RollingOLS
        X, y = self._again(X, y)
        found = np.full((len(y) + 1, X.shape[1]), np.nan)
        least = self.FEWEST + self.PER_COLUMN * X.shape[1]
        if len(y) >= least:
            window = min(self.window, len(y))
            rolled = RollingOLS(y, with_constant(X), window, min_nobs=least, expanding=True)
            found[1:] = rolled.fit(params_only=True).params[:, 1:]
        return found
