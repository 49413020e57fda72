"""scikit-learn's own checks of an estimator, and the conventions that they do not ask for."""

import warnings
from typing import Any, ClassVar

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

from tests.structure.import_graph import ADDRESSES
from volsculpt.errors import EstimateError
from volsculpt.hedge.estimators.dcc import Dcc
from volsculpt.hedge.estimators.estimator import Estimator
from volsculpt.hedge.estimators.every import ESTIMATORS, estimator_class
from volsculpt.hedge.estimators.garch import Garch
from volsculpt.hedge.estimators.inverse import InverseClosedForm
from volsculpt.hedge.estimators.kalman import Kalman
from volsculpt.hedge.estimators.liquidation import LiquidationAware
from volsculpt.hedge.estimators.min_cvar import MinCvar

# What the checks' made-up data are not: returns, in rows enough for a model of their variance. The
# estimators of the list below are checked with other least rows, on data a thousandth the size.
SMALL = 1_000.0


def smaller(kind: type[Any], rows: int) -> type[Estimator]:
    """An estimator that takes few rows and no returns for returns, as the checks give them."""

    class Smaller(kind):  # type: ignore[misc]
        FEWEST: ClassVar[int] = rows

        def _checked(self, X: Any, y: Any) -> Any:  # noqa: ANN401
            X, y = super()._checked(X, y)
            return X / SMALL, y / SMALL

        def _errors(self, X: Any, y: Any) -> Any:  # noqa: ANN401
            return np.full(X.shape[1], 0.0)  # the jackknife refits twenty times: tested elsewhere

    Smaller.__name__ = Smaller.__qualname__ = f"Smaller{kind.__name__}"
    globals()[Smaller.__name__] = Smaller  # where pickle looks for it
    return Smaller


CHECKED = {
    InverseClosedForm: 6,
    Garch: 6,
    Dcc: 6,
    Kalman: 6,
    MinCvar: 6,
    LiquidationAware: 6,
}
# Checks that do not apply, each with its reason.
EXCUSED: dict[type[Estimator], dict[str, str]] = {
    Dcc: {"check_regressors_no_decision_function": "ten rows of four have no correlations"},
}


MARKED = [
    pytest.param(one, marks=pytest.mark.slow) if one in CHECKED else one for one in ESTIMATORS
]


@pytest.mark.parametrize("kind", MARKED, ids=lambda one: one.NAME)
def test_scikit_learns_checks(kind: type[Estimator]) -> None:
    """All that apply; those that do not are named with the reason, and must fail."""
    asked = smaller(kind, CHECKED[kind]) if kind in CHECKED else kind
    excused = EXCUSED.get(kind, {})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = check_estimator(asked(), expected_failed_checks=excused, on_fail=None, on_skip=None)
    failed = [
        f"{one['check_name']}: {one['exception']!r}" for one in found if one["status"] == "failed"
    ]
    assert failed == []
    passed = {one["check_name"] for one in found if one["status"] == "passed"}
    assert {"check_fit2d_1sample", "check_estimators_nan_inf", "check_n_features_in"} <= passed


@pytest.mark.parametrize("kind", ESTIMATORS, ids=lambda one: one.NAME)
def test_parameters_are_read_set_and_cloned(kind: type[Estimator]) -> None:
    """A clone has the same parameters and no fit; a name that is none is refused."""
    one = kind()
    assert clone(one).get_params() == one.get_params()
    assert not hasattr(clone(one), "ratio_")
    with pytest.raises(EstimateError, match="no_such"):
        one.set_params(no_such=1)


def test_parameters_of_which_nothing_is_said() -> None:
    """As the table of the folder has them."""
    lags, groups = {"lags": None}, {"groups": 20}
    liquidation = {"margin": 0.2, "aversion": 1.0, "maintenance": 0.005, "horizon": 1}
    wanted: dict[str, dict[str, object]] = {
        "naive": {},
        "ols": lags,
        "rolling-ols": {"window": 180, **lags},
        "ewma": {"decay": 0.97},
        "error-correction": lags,
        "inverse": {"premium": 1.0, **lags},
        "garch": groups,
        "dcc": groups,
        "kalman": {},
        "min-cvar": {"level": 0.95, **groups},
        "liquidation-aware": {**liquidation, "payoff": "inverse", "most": 1.5, **groups},
    }
    assert {one.NAME: one().get_params() for one in ESTIMATORS} == wanted


def test_names_are_found_and_others_refused() -> None:
    """Each by its own name; another lists them."""
    assert [estimator_class(one.NAME) for one in ESTIMATORS] == list(ESTIMATORS)
    with pytest.raises(EstimateError, match="naive, ols, rolling-ols"):
        estimator_class("magic")


def test_each_says_where_it_fails() -> None:
    """Paper, assumptions, where it fails and a worked number stand in every docstring."""
    for kind in ESTIMATORS:
        said = kind.__doc__ or ""
        assert [
            word for word in ("Assumes", "Fail", "Source:", "Worked:") if word not in said
        ] == []


def test_fitting_libraries_have_their_address() -> None:
    """They enter by `hedge` alone."""
    assert {ADDRESSES[one] for one in ("arch", "cvxpy", "sklearn", "statsmodels")} == {("hedge",)}
