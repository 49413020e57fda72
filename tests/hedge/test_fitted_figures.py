"""Ratios fitted on windows of prices: which steps count, which error is told, in which words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.errors import EstimateError
from volsculpt.hedge.estimators.estimator import Estimator
from volsculpt.hedge.estimators.every import estimator_class
from volsculpt.hedge.estimators.inverse import InverseClosedForm
from volsculpt.hedge.estimators.moves import Moves, own_moves, proxy_moves
from volsculpt.hedge.fitted_ratio import ratio_words
from volsculpt.hedge.policies.liquidation_aware import LiquidationRatio
from volsculpt.hedge.policies.min_variance import ESTIMATORS, MinVarianceRatio
from volsculpt.hedge.refit import is_too_old
from volsculpt.hedge.window import WindowMemory
from volsculpt.market.streams import PricePair
from volsculpt.units import DAY_NS

KEY = "bybit:BTC/USD:BTC"
DAYS = 60
QUICK = ("naive", "ols", "rolling-ols", "ewma", "error-correction", "inverse", "min-cvar")


def window(days: list[int]) -> WindowMemory:
    """Prices of a coin and of a contract on some days."""
    dice = np.random.default_rng(4)
    spot = 100.0 * np.exp(np.cumsum(dice.normal(0.0, 0.03, DAYS + 1)))
    mark = 1.01 * spot * np.exp(dice.normal(0.0, 0.004, DAYS + 1))
    pairs = [PricePair(float(spot[day]), float(mark[day])) for day in days]
    return WindowMemory(tuple(day * DAY_NS for day in days), tuple(pairs))


def feature(estimator: str = "ols", own: bool = True) -> MinVarianceRatio:
    """Of a window of sixty days."""
    return MinVarianceRatio(KEY, own=own, window_ns=DAYS * DAY_NS, estimator=estimator)


@pytest.mark.parametrize("own", [True, False])
@given(st.sets(st.integers(0, DAYS), min_size=2))
def test_steps_count_whose_two_ends_are_known(own: bool, missing: set[int]) -> None:
    """A step over a missing day is none; with fewer than half of them there is no fit."""
    days = [day for day in range(DAYS + 1) if day not in missing]
    there = [row for row in range(len(days) - 1) if days[row + 1] - days[row] == 1]
    if 2 * len(there) < DAYS:
        with pytest.raises(EstimateError, match=f"^{len(there)} of 60 steps have prices of both"):
            feature(own=own).moves(window(days))
        return
    found = feature(own=own).moves(window(days))
    spot, mark = np.array(window(days).figures).T
    whole = own_moves(spot, mark, "linear") if own else proxy_moves(spot, mark, mark, "linear")
    wanted = Moves(*(column[there] for column in whole[:3]), whole.premium)
    assert all(np.array_equal(one, other) for one, other in zip(found, wanted, strict=True))


def test_half_of_the_steps_are_enough() -> None:
    """Thirty of sixty are; one fewer is refused."""
    days = [*range(31), *range(32, DAYS, 2)]
    assert len(feature().moves(window(days)).held) == 30
    with pytest.raises(EstimateError, match=r"^29 of 60 steps .* fewer than half$"):
        feature().moves(window([*range(30), *range(31, DAYS, 2)]))


def fitted(estimator: str) -> tuple[Estimator, Moves]:
    """What an estimator finds by itself, of all days."""
    moves = feature().moves(window(list(range(DAYS + 1))))
    one = estimator_class(estimator)()
    if isinstance(one, InverseClosedForm):
        one = InverseClosedForm(premium=moves.premium)
    return one.fit_ratio(moves.moved[:, None], moves.held), moves


@pytest.mark.parametrize("estimator", QUICK)
def test_a_figure_is_the_estimators_own(estimator: str) -> None:
    """With its standard error, but where that would take a fit for each stretch of days."""
    assert estimator in ESTIMATORS
    one, moves = fitted(estimator)
    ratio, error = feature(estimator).fitted(window(list(range(DAYS + 1))))
    assert ratio == one.ratio_[0]
    if "groups" in one.get_params():
        assert error < 0.0
    else:
        assert error == one.fit(moves.moved[:, None], moves.held).ratio_std_[0] >= 0.0


def test_the_closed_form_is_of_the_coins_own_contract() -> None:
    """Of another coin it is refused, with what to take."""
    with pytest.raises(EstimateError, match=f"inverse: {KEY} is on another coin; take ols"):
        feature("inverse", own=False).fitted(window(list(range(DAYS + 1))))


@pytest.mark.parametrize("own", [True, False])
def test_a_ratio_in_words(own: bool) -> None:
    """Its error where there is one, 0 too; of another coin's contract it is of dollars."""
    of = "BTC" if own else "the dollars in BTC"
    assert ratio_words("BTC", (0.98, 0.01), own) == f"98 % of {of}, give or take 1 %"
    assert ratio_words("BTC", (1.0, 0.0), own) == f"100 % of {of}, give or take 0 %"
    assert ratio_words("BTC", (0.98, -1.0), own) == f"98 % of {of}"
    said = feature(own=own).found_words("BTC", (0.98, 0.01))
    assert said == f"ols: the least variance is left by hedging 98 % of {of}, give or take 1 %"


def test_features_name_what_they_are_fitted_on() -> None:
    """Estimator, window and turns; such a figure is not looked at for every coin."""
    assert feature().words() == "ols, 60 days, fitted every 30 days"
    assert MinVarianceRatio.usual([]) == LiquidationRatio.usual([]) == ()
    assert feature().figure_of([1.0, 2.0]) == PricePair(1.0, 2.0)


@given(st.integers(0, 50), st.integers(1, 20), st.integers(0, 20))
def test_a_fit_is_too_old_once_the_next_is_that_late(age: int, refit: int, keep: int) -> None:
    """It holds up to the end of what it is kept for, to the nanosecond."""
    assert is_too_old(100, refit, keep, 100 + age) is (age > refit + keep)
