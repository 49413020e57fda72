"""What an estimator of the hedge ratio is: scikit-learn's conventions, without its classes.

    y = S1/S0 - 1            return of what is held, per US dollar of it
    x = (F1 - F0)/S0         move of a hedge in its own coin, per US dollar of the coin
    hedged = y - x·ratio     what is left

So a ratio is delta at the contract's mark: 1 is a short of as many coins as are held (an inverse
short of N US dollars is N/F0 of them). For an instrument on another coin x = F1/F0 - 1, and the
ratio is US dollars of face per US dollar held. Where mark and spot are 1 % apart, plain returns of
the own coin's contract give a ratio 1 % off; `moves` of `moves.py` makes x.

Deriving: a dataclass (eq=False) whose fields are the parameters, `_solve` for the ratio, `_errors`
for its standard error, `path` where the ratio changes with time.
"""

from dataclasses import fields
from typing import Any, ClassVar, Self

import numpy as np

from volsculpt.errors import EstimateError
from volsculpt.hedge.estimators.extra import models
from volsculpt.market.gate import Floats

STILL = 1e-12  # a deviation below this part of the largest figure is rounding, not movement


def stands_still(returns: Floats) -> bool:
    """Whether returns differ by rounding alone, or are none. Worked: thirty of 0.01: True."""
    return not np.std(returns) > STILL * np.abs(returns).max()


class Estimator:
    """A way to find the ratio that hedges y with the columns of X.

    NAME: in tables. WORDS: what it does, half a sentence. FEWEST: rows that it needs at least, and
    PER_COLUMN more for each instrument. FREE: whether it fits y (a ratio that is given does not).
    MOVES: whether the ratio changes with each row between two fits.

    After `fit`: ratio_ (k,), the ratio to hold next; ratio_std_ (k,), its standard error, NaN
    where none was asked for; n_features_in_.
    """

    NAME: ClassVar[str]
    WORDS: ClassVar[str]
    FEWEST: ClassVar[int] = 6
    PER_COLUMN: ClassVar[int] = 1
    FREE: ClassVar[bool] = True
    MOVES: ClassVar[bool] = False

    ratio_: Floats
    ratio_std_: Floats
    n_features_in_: int

    def _solve(self, X: Floats, y: Floats) -> Floats:
        """Fit checked data; the ratio to hold next, (k,)."""
        raise AssertionError(f"{type(self).__name__} has no _solve")

    def _errors(self, X: Floats, y: Floats) -> Floats:
        """Standard error of `ratio_`, (k,), after `_solve` of the same data."""
        raise AssertionError(f"{type(self).__name__} has no _errors")

    def fit(self, X: Any, y: Any) -> Self:  # noqa: ANN401 - whatever numpy makes an array of
        """Find the ratio and its standard error.

        X: (n, k) moves of the instruments, a row a period, in order of time; y: (n,) returns of
        what is held. Raises EstimateError (a ValueError too) for NaN, too few rows, or a column
        that stands still; MissingExtra without the extra `models`.
        """
        X, y = self._checked(X, y)
        self.ratio_ = self._solve(X, y)
        self.ratio_std_ = self._errors(X, y)
        return self

    def fit_ratio(self, X: Any, y: Any) -> Self:  # noqa: ANN401 - as fit
        """As `fit`, but without the standard error, which is NaN then: for many refits."""
        X, y = self._checked(X, y)
        self.ratio_ = self._solve(X, y)
        self.ratio_std_ = np.full(X.shape[1], np.nan)
        return self

    def path(self, X: Any, y: Any) -> Floats:  # noqa: ANN401 - as fit
        """(n + 1, k): the ratio to hold over each row, and over the one after the last.

        Each from the rows before it alone, with parameters as fitted; NaN while there are too few.
        A ratio that does not change with time is the fitted one everywhere.
        """
        X, _ = self._again(X, y)
        return np.broadcast_to(self.ratio_, (len(X) + 1, X.shape[1])).copy()

    def predict(self, X: Any) -> Floats:  # noqa: ANN401 - as fit
        """(n,): what a short of `ratio_` takes off the return of what is held, X·ratio_."""
        with models():
            from sklearn.utils.validation import check_is_fitted, validate_data
        check_is_fitted(self, "ratio_")
        X = translated(validate_data, self, X, reset=False, dtype=np.float64)
        return np.asarray(X @ self.ratio_)

    def score(self, X: Any, y: Any) -> float:  # noqa: ANN401 - as fit
        """Effectiveness 1 - Var(y - X·ratio_)/Var(y): 1 is all risk taken away, 0 none.

        Source: Ederington, "The Hedging Performance of the New Futures Markets", Journal of
        Finance 34(1), 1979, 157-170. Worked: y = 1, 2, 3, x the same, ratio 0.5 -> 0.75.
        """
        X, y = self._again(X, y)
        return float(1.0 - np.var(y - X @ self.ratio_) / np.var(y))

    # --- scikit-learn's conventions -------------------------------------------------

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters by name; none of them is an estimator, so `deep` changes nothing."""
        return {one.name: getattr(self, one.name) for one in _parameters(self)}

    def set_params(self, **values: Any) -> Self:  # noqa: ANN401 - of any parameter
        """Change parameters. Raises EstimateError for a name that is none."""
        params = self.get_params()
        for name, value in values.items():
            if name not in params:
                raise EstimateError(
                    f"{name}: {self.NAME} has {', '.join(params) or 'no parameter'}"
                )
            setattr(self, name, value)
        return self

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - a class of scikit-learn
        """What scikit-learn may expect: a regressor that takes dense numbers."""
        with models():
            from sklearn.utils import RegressorTags, Tags, TargetTags
        return Tags(
            estimator_type="regressor",
            target_tags=TargetTags(required=True),
            regressor_tags=RegressorTags(poor_score=not self.FREE),
        )

    def _checked(self, X: Any, y: Any) -> tuple[Floats, Floats]:  # noqa: ANN401 - as fit
        """Both as arrays of floats, and what no ratio can be found from refused."""
        with models():
            from sklearn.utils.validation import validate_data
        X, y = translated(validate_data, self, X, y, dtype=np.float64, y_numeric=True)
        y = y.astype(np.float64)
        least = self.FEWEST + self.PER_COLUMN * X.shape[1]
        if len(y) < least:
            of = "1 instrument" if X.shape[1] == 1 else f"{X.shape[1]} instruments"
            raise EstimateError(
                f"{self.NAME}: {len(y)} returns (n_samples = {len(y)}) are too few for {of}: it "
                f"needs {least}; give a longer span or a shorter step"
            )
        self._need_moves(X, y)
        return X, y

    def _need_moves(self, X: Floats, y: Floats) -> None:
        """Raise EstimateError where a column stands still."""
        for place, column in enumerate((*X.T, y)):
            if stands_still(column):
                what = "what is held" if place == X.shape[1] else f"instrument {place + 1}"
                raise EstimateError(
                    f"{self.NAME}: the price of {what} does not move in {len(y)} returns, so no "
                    f"ratio can be found; look at it with `volsculpt data check`"
                )

    def _again(self, X: Any, y: Any) -> tuple[Floats, Floats]:  # noqa: ANN401 - as fit
        """Data for an estimator that is fitted; it may be as short as one likes."""
        with models():
            from sklearn.utils.validation import check_is_fitted, validate_data
        check_is_fitted(self, "ratio_")
        X, y = translated(validate_data, self, X, y, reset=False, dtype=np.float64, y_numeric=True)
        return X, y.astype(np.float64)


def _parameters(estimator: Any) -> tuple[Any, ...]:  # noqa: ANN401 - a dataclass
    return fields(estimator)


def translated(check: Any, *given: Any, **options: Any) -> Any:  # noqa: ANN401 - scikit-learn's
    """What a check of scikit-learn says; its ValueError as an EstimateError."""
    try:
        return check(*given, **options)
    except ValueError as error:
        raise EstimateError(str(error)) from None
