"""Laws of a framework: what is seen of market conditions, and the ratio that follows."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.hedge.regimes import (
    FIGURES_DRAWN,
    NAMES,
    SOME_DRAWN,
    condition,
    framework,
    frameworks,
    term,
)
from volsculpt.hedge.regimes.framework import (
    Condition,
    FigureValues,
    Framework,
    Term,
    evidence_assessment,
    memberships,
    regime_assessment,
)
from volsculpt.hedge.regimes.turning import nearest_turns, turns_by

NEAR = 1e-9


@given(frameworks(), SOME_DRAWN)
def test_the_ratio_never_leaves_the_bands(one: Framework, figures: FigureValues) -> None:
    """Whatever the figures, known or not: between the least low and the highest high."""
    assessment = regime_assessment(one, figures)
    if assessment.ratio is None:
        assert assessment.shares == {}
        return
    low, high = one.ends
    assert low <= assessment.ratio <= high
    assert all(0.0 <= share <= 1.0 for share in assessment.shares.values())
    assert sum(assessment.shares.values()) == pytest.approx(1.0)


@given(frameworks(), FIGURES_DRAWN, st.sampled_from(NAMES), st.floats(-1e-6, 1e-6))
def test_the_ratio_is_continuous(
    one: Framework, figures: dict[str, float], name: str, by: float
) -> None:
    """A millionth of a figure moves a ratio by less than what the steepest ramps allow."""
    before = regime_assessment(one, figures).ratio
    after = regime_assessment(one, {**figures, name: figures[name] + by}).ratio
    assert before is not None
    assert after is not None
    assert abs(after - before) <= 100.0 * abs(by) + NEAR


@given(frameworks(), FIGURES_DRAWN, st.floats(0.01, 100.0))
def test_weights_count_only_against_each_other(
    one: Framework, figures: FigureValues, factor: float
) -> None:
    """All of them times a number: the same ratio."""

    def scaled(terms: tuple[Term, ...]) -> tuple[Term, ...]:
        return tuple(replace(each, weight=factor * each.weight) for each in terms)

    other = with_lists(one, scaled)
    assert regime_assessment(other, figures).ratio == pytest.approx(
        regime_assessment(one, figures).ratio
    )


@given(frameworks(), SOME_DRAWN)
def test_the_order_of_terms_changes_nothing(one: Framework, figures: FigureValues) -> None:
    """To the bit."""
    other = with_lists(one, lambda terms: terms[::-1])
    assert regime_assessment(other, figures).ratio == regime_assessment(one, figures).ratio
    assert regime_assessment(other, figures).shares == regime_assessment(one, figures).shares


def with_lists(one: Framework, change: Callable[[tuple[Term, ...]], tuple[Term, ...]]) -> Framework:
    """The same with every list of terms changed."""
    changed = [
        replace(each, evidence=change(each.evidence), conviction=change(each.conviction))
        for each in one.conditions
    ]
    return replace(one, conditions=tuple(changed))


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_two_that_contradict_give_the_mean_of_their_bands(one: float, other: float) -> None:
    """Both wholly seen: half of each, whatever the conviction is the same of."""
    low, high = min(one, other), max(one, other)
    both = framework(condition("x", low, high, "a", "c"), condition("y", 0.0, 0.4, "b", "d"))
    assessment = regime_assessment(both, {"a": 1.0, "b": 1.0, "c": 0.5, "d": 0.25})
    assert assessment.ratio == pytest.approx(0.5 * (0.5 * (low + high)) + 0.5 * 0.1)
    assert assessment.rest == 0.0


def test_worked_numbers() -> None:
    """Half bearish at a quarter of conviction, 30 % recovery at its high end, the rest a tenth."""
    assert memberships([0.5, 0.2]) == [0.5, 0.2]
    assert memberships([1.0, 1.0]) == [0.5, 0.5]
    assert term("a", 0.2, 0.5).ramp(0.31) == pytest.approx(0.366667, abs=1e-6)
    assert Term("a", 25.0, 10.0, 1.0, about=50.0).ramp(62.5) == pytest.approx(12.5 / 15.0)
    one = framework(condition("x", 0.6, 1.0, "a", "c"), condition("y", 0.3, 0.5, "b", "d"))
    assessment = regime_assessment(one, {"a": 0.5, "b": 0.3, "c": 0.25, "d": 1.0})
    assert assessment.ratio == pytest.approx(0.5 * 0.7 + 0.3 * 0.5 + 0.2 * 0.1)


def test_what_is_missing_has_no_weight() -> None:
    """The mean of those known; under half of the weight there is none."""
    terms = (term("a", weight=2.0), term("b"), term("c"))
    found = evidence_assessment(terms, {"a": 1.0, "b": 0.5, "c": None})
    assert found.mean == pytest.approx(2.5 / 3.0)
    assert found.available_share == 0.75
    assert evidence_assessment(terms, {"a": 1.0, "b": None, "c": None}).mean == 1.0
    assert evidence_assessment(terms, {"a": None, "b": 0.5, "c": None}).mean is None
    one = framework(condition("x", 0.6, 1.0, "abc", "d"))
    assert regime_assessment(one, {"a": 1.0, "b": None, "c": 1.0, "d": 0.0}).missing == ("b",)
    assert regime_assessment(one, {"a": 1.0, "b": None, "c": None, "d": 0.0}).ratio is None
    assert regime_assessment(one, {"a": 1.0, "b": 1.0, "c": 1.0, "d": None}).ratio is None


@given(frameworks(), FIGURES_DRAWN, st.sampled_from(NAMES))
def test_a_turn_is_where_the_membership_passes(
    one: Framework, figures: dict[str, float], name: str
) -> None:
    """Just before it the condition is on the side it is on now, at it on the other."""
    for each in one.conditions:
        for turn in turns_by(one, figures, each.name, name, 0.5):
            inside = turn.at - (turn.at - turn.now) * 1e-6

            def share(place: float, of: Condition = each) -> float:
                return regime_assessment(one, {**figures, name: place}).shares[of.name]

            assert (share(turn.at) > 0.5 - NEAR) if turn.rises else (share(turn.at) < 0.5 + NEAR)
            assume(abs(turn.at - turn.now) > 1e-3)
            assert (share(inside) <= 0.5 + NEAR) is turn.rises or share(inside) == pytest.approx(
                0.5, abs=1e-5
            )


def test_the_nearest_turn_is_named() -> None:
    """Of two figures the one that has less of its ramp to go: the one that weighs more."""
    lists = (term("a", weight=2.0), term("b", 0.0, 10.0)), (term("c"),)
    each = Condition("x", "a x", "why", 0.6, 1.0, *lists)
    figures = {"a": 0.4, "b": 4.0, "c": 0.0, "d": None}
    (turn,) = nearest_turns(framework(each), figures)
    assert (turn.figure, turn.rises) == ("a", True)
    assert turn.at == pytest.approx(0.55)
    assert turn.reach == pytest.approx(0.15)
    (slower,) = turns_by(framework(each), figures, "x", "b", 0.5)
    assert slower.at == pytest.approx(7.0)
    assert nearest_turns(framework(each), {**figures, "c": None}) == []
