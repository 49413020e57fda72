"""What no ratio can be found from, and what is said of it."""

import sys
import warnings

import numpy as np
import pytest

from volsculpt.errors import EstimateError, MissingExtra, VolsculptError
from volsculpt.hedge.estimators.estimator import Estimator
from volsculpt.hedge.estimators.every import ESTIMATORS
from volsculpt.hedge.estimators.inverse import InverseClosedForm
from volsculpt.hedge.estimators.jackknife import jackknife_std
from volsculpt.hedge.estimators.kelly import growth_optimal
from volsculpt.hedge.estimators.liquidation import LiquidationAware
from volsculpt.hedge.estimators.ols import Ols, RollingOls
from volsculpt.market.gate import Floats

RANDOM = np.random.default_rng(1)
X = RANDOM.normal(0.0, 0.04, (200, 1))
Y = X[:, 0] + RANDOM.normal(0.0, 0.01, 200)
HOLE = np.where(np.arange(200) == 100, np.nan, Y)


@pytest.mark.parametrize("kind", ESTIMATORS, ids=lambda one: one.NAME)
@pytest.mark.parametrize(
    ("given", "held", "said"),
    [
        (X[:2], Y[:2], "sample"),
        (X, HOLE, "NaN"),
        (np.where(np.arange(200) == 5, np.inf, X[:, 0])[:, None], Y, "infinity"),
        (X, np.full(200, 0.01), "what is held does not move"),
        (np.zeros((200, 1)), Y, "instrument 1 does not move"),
        (X[:150], Y, "inconsistent numbers"),
    ],
    ids=["two points", "gap", "infinite", "constant held", "constant future", "other lengths"],
)
def test_bad_returns_are_refused(
    kind: type[Estimator], given: Floats, held: Floats, said: str
) -> None:
    """By every estimator, as one of our errors and as a ValueError, before anything is fitted."""
    one = kind()
    with pytest.raises(EstimateError, match=f"(?i){said}") as caught:
        one.fit(given, held)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, VolsculptError)
    assert not hasattr(one, "ratio_")


@pytest.mark.parametrize("still", ["held", "future", "both"])
def test_a_window_that_stands_still_is_no_fit(still: str) -> None:
    """Of the last rows alone: a ratio of 0 would let go of the hedge."""
    given, held = np.vstack([X, X[:180]]), np.concatenate([Y, Y[:180]])
    given[-180:] = given[-180:] if still == "held" else 0.0
    held[-180:] = held[-180:] if still == "future" else 0.0
    with pytest.raises(EstimateError, match="does not move in 180 returns"):
        RollingOls().fit(given, held)
    assert RollingOls(window=360).fit(given, held).ratio_[0] != 0.0


def test_columns_that_say_the_same_are_told_by_no_library() -> None:
    """A contract that moves exactly as the coin does: a ratio of 1, and a quiet terminal."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted = Ols().fit(np.hstack([X, X]), X[:, 0])
    assert fitted.ratio_ == pytest.approx([0.5, 0.5])


def test_a_missing_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra by its name."""
    monkeypatch.setitem(sys.modules, "statsmodels.regression.linear_model", None)
    with pytest.raises(MissingExtra, match=r"pip install 'volsculpt\[models\]'"):
        Ols().fit(X, Y)


def test_parameters_that_make_no_sense_are_refused() -> None:
    """Each names itself and what it needs."""
    with pytest.raises(EstimateError, match="margin 0"):
        LiquidationAware(margin=0.0).fit(X, Y)
    with pytest.raises(EstimateError, match="6 horizons of 30 rows, of 30 needed"):
        LiquidationAware(horizon=30).fit(X, Y)
    with pytest.raises(EstimateError, match="to nothing or below"):
        InverseClosedForm().fit(100.0 * X, Y)
    with pytest.raises(EstimateError, match="2 or more"):
        jackknife_std(lambda X, y: y, X, Y, 1)
    with pytest.raises(EstimateError, match="needs 30 returns"):
        growth_optimal(Y[:20])
