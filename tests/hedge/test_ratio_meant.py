"""A ratio that is a percentage is refused wherever one is given, never clamped to all."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.errors import LedgerError, PolicyError
from volsculpt.hedge.answer import Aim, checked_answer
from volsculpt.hedge.words import MOST_RATIO, ratio_problem
from volsculpt.trade.control.operate import override_arguments


@given(ratio=st.floats(-MOST_RATIO, MOST_RATIO))
def test_what_can_be_meant_is_not_refused(ratio: float) -> None:
    """From three times short to three times hedged."""
    assert ratio_problem(ratio) is None
    assert checked_answer(ratio, "policy p").ratio == ratio


@given(percentage=st.integers(4, 300), side=st.sampled_from([-1, 1]))
def test_a_percentage_is_told_as_a_ratio(percentage: int, side: int) -> None:
    """50 is 0.5, -50 is -0.5."""
    problem = ratio_problem(side * float(percentage))
    assert problem is not None
    assert problem.endswith(f"did you mean {side * percentage / 100:g}?")


@pytest.mark.parametrize("ratio", [1e9, math.nan, math.inf])
def test_what_is_no_percentage_either_has_no_hint(ratio: float) -> None:
    """No guess stands where dividing by a hundred does not help."""
    assert ratio_problem(ratio) == "must be between -3 and 3, where 1 hedges all"


@pytest.mark.parametrize("answer", [50, Aim(ratio=50.0)])
def test_a_policy_of_ones_own_is_asked_what_it_means(answer: object) -> None:
    """The policy is named."""
    with pytest.raises(PolicyError, match=r"policy p: answered ratio = 50; .* did you mean 0\.5\?"):
        checked_answer(answer, "policy p")


def test_coins_left_exposed_may_be_many() -> None:
    """A target in coins is no ratio, and neither is a cap that does not bind."""
    assert checked_answer(Aim(target_delta_coin=50.0, cap=9.0), "policy p").cap == 9.0


@pytest.mark.parametrize("ratio", [50.0, -50.0, math.nan])
def test_an_override_by_hand_is_a_ratio(ratio: float) -> None:
    """A running desk refuses what a mandate refuses."""
    with pytest.raises(LedgerError, match="must be between -3 and 3"):
        override_arguments({"ratio": ratio, "until_ns": 1}, ["BTC"], 0)
    kept = override_arguments({"ratio": 0.8, "until_ns": 1}, ["BTC"], 0)
    assert kept["ratio"] == 0.8
