"""What a framework saw, word by word: which evidence is told, what is left out, and what turns."""

from dataclasses import replace

import pytest
from hypothesis import given

from tests.hedge.regimes import SOME_DRAWN, condition, framework, frameworks, term
from volsculpt.hedge.features.change import Change
from volsculpt.hedge.features.level import Level
from volsculpt.hedge.regimes.framework import (
    REST,
    Condition,
    FigureKind,
    FigureValues,
    Framework,
    assessment_by_states,
    evidence_assessment,
    regime_assessment,
)
from volsculpt.hedge.regimes.macro import MacroFigure
from volsculpt.hedge.regimes.steady import RegimeMemory, leader
from volsculpt.hedge.regimes.telling import (
    SHOWN,
    evidence_words,
    missing_words,
    ratio_words,
    reasons,
    shares_words,
    turn_words,
    unknown_words,
    whole_percent,
)
from volsculpt.hedge.regimes.turning import Turn, knees_of, nearest_turns
from volsculpt.units import DAY_NS

TWO = framework(condition("x", 0.6, 1.0, "a", "c"), condition("y", 0.3, 0.5, "b", "d"))
FIGURES = {"a": 0.5, "b": 0.3, "c": 0.25, "d": 1.0}
NOTHING_HELD = RegimeMemory(0.52, "x", 0, 0)


def test_how_a_ratio_follows() -> None:
    """Each share of its own ratio, the rest of the rest ratio; parts of no size are left out."""
    assessment = regime_assessment(TWO, FIGURES)
    (said,) = ratio_words(TWO, assessment, replace_ratio(assessment.ratio))
    assert said == "so hedge 52 %: 50 % of 70 % (x) + 30 % of 50 % (y) + 20 % of 10 % (no regime)"
    full = regime_assessment(TWO, {**FIGURES, "a": 1.0, "b": 0.004})
    (said,) = ratio_words(TWO, full, replace_ratio(full.ratio))
    assert said.endswith(": 100 % of 70 % (x)")
    bare = regime_assessment(TWO, {**FIGURES, "a": 0.0, "b": 0.0})
    (said,) = ratio_words(TWO, bare, replace_ratio(bare.ratio))
    assert said == "so hedge 10 %: 100 % of 10 % (no regime)"


def replace_ratio(ratio: float | None) -> RegimeMemory:
    """A memory that passes a ratio on."""
    assert ratio is not None
    return NOTHING_HELD._replace(ratio=ratio)


def test_a_ratio_that_stays_is_told() -> None:
    """With the change that would be passed on."""
    said = ratio_words(TWO, regime_assessment(TWO, FIGURES), NOTHING_HELD._replace(ratio=0.5))
    assert said[1] == ("it stays at 50 %, told before: a change of 5 % or less is not passed on")


def test_the_strongest_evidence_is_told() -> None:
    """Three pieces at most, the strongest first, none that adds nothing."""
    each = Condition(
        "x",
        "a x",
        "why",
        0.0,
        1.0,
        (term("a", weight=1.0), term("b", weight=2.0), term("c", weight=4.0), term("d")),
        (term("a"),),
    )
    one = framework(each)
    (found,) = regime_assessment(one, {"a": 1.0, "b": 1.0, "c": 1.0, "d": 0.5}).conditions
    said = evidence_words(one, found)
    assert SHOWN == len(said) == 3
    adds = [line.rpartition(": adds ")[2] for line in said]
    assert adds == ["50 % to x", "25 % to x", "12 % to x"]
    (few,) = regime_assessment(one, {"a": 0.0, "b": 0.0, "c": 1.0, "d": 0.0}).conditions
    assert evidence_words(one, few) == ["the c is +100 %: adds 50 % to x"]


def test_what_is_missing_and_what_is_unknown() -> None:
    """Figures by their words; of a regime that is unknown the shortest list and its share."""
    each = Condition("x", "a x", "why", 0.0, 1.0, (term("a"), term("b"), term("c")), (term("d"),))
    one = framework(each)
    all_there = regime_assessment(one, {"a": 1.0, "b": 1.0, "c": 1.0, "d": 1.0})
    assert missing_words(one, all_there) is None
    some = regime_assessment(one, {"a": 1.0, "b": None, "c": 1.0, "d": 1.0})
    assert missing_words(one, some) == (
        "not known, so the rest of the evidence counts for more: the b"
    )
    why = {"b": "nothing of b is known; import it", "c": "the c is 9 days old; import newer"}
    assert missing_words(one, some, why) == (
        "not known, so the rest of the evidence counts for more: the b (nothing of b is known; "
        "import it)"
    )
    few = regime_assessment(one, {"a": 1.0, "b": None, "c": None, "d": 1.0})
    assert missing_words(one, few, why) == (
        "not known, so the rest of the evidence counts for more: the b (nothing of b is known), "
        "the c (the c is 9 days old)"
    )
    assert (few.ratio, few.rest, few.shares) == (None, None, {})
    assert unknown_words(one, few) == (
        "the regime is unknown: of what speaks of 'x' only 33 % is known, half is needed; not "
        "known: the b, the c"
    )
    assert [each.membership for each in few.conditions] == [None]
    bare = regime_assessment(one, {"a": 1.0, "b": 1.0, "c": 1.0, "d": None})
    assert unknown_words(one, bare) == (
        "the regime is unknown: of what tells how far 'x' has gone only 0 % is known, half is "
        "needed; not known: the d"
    )


@given(frameworks(), SOME_DRAWN)
def test_memberships_are_told_the_greatest_first(one: Framework, figures: FigureValues) -> None:
    """Of the leader and of every other; its lead is over the second."""
    assessment = regime_assessment(one, figures)
    if assessment.ratio is None:
        return
    ordered = sorted(assessment.shares.values(), reverse=True)
    name, by = leader(assessment.shares)
    assert assessment.shares[name] == ordered[0]
    assert by == ordered[0] - ordered[1]
    said = shares_words(assessment).removeprefix("seen: ").split(", ")
    assert [line.partition(" %")[0] for line in said] == [
        whole_percent(share).partition(" %")[0] for share in ordered
    ]
    memory = RegimeMemory(assessment.ratio, name, 0, 0)
    lines = reasons(one, assessment, memory, "BTC")
    assert lines[0].startswith("BTC: ")
    assert lines[1] == shares_words(assessment)
    assert any(line.startswith("not known, so the rest") for line in lines) is bool(
        assessment.missing
    )


@given(frameworks(), SOME_DRAWN)
def test_lists_are_means_of_what_is_known(one: Framework, figures: FigureValues) -> None:
    """Weight by weight; what each term adds makes up the mean; under half of the weight none."""
    for each in one.conditions:
        found = evidence_assessment(each.evidence, figures)
        known = [term for term in each.evidence if figures[term.of] is not None]
        weight = sum(term.weight for term in known)
        share = weight / sum(term.weight for term in each.evidence)
        assert found.available_share == pytest.approx(share)
        assert (found.mean is None) is (share < 0.5)
        ramps = [term.weight * term.ramp(figures[term.of] or 0.0) for term in known]
        if found.mean is not None:
            assert found.mean == pytest.approx(sum(ramps) / weight)
            assert sum(term.adds for term in found.terms) == pytest.approx(found.mean)


def test_shares_of_states_take_the_place_of_evidence() -> None:
    """Those not named are 0; without them, or without a conviction, the regime is unknown."""
    assessment = assessment_by_states(TWO, FIGURES, {"x": 0.5})
    assert assessment.shares == {"x": 0.5, "y": 0.0, REST: 0.5}
    assert assessment.ratio == pytest.approx(0.5 * 0.7 + 0.5 * 0.1)
    assert assessment_by_states(TWO, FIGURES, {"x": None}).ratio is None
    blind = assessment_by_states(TWO, {**FIGURES, "a": None, "c": None}, {"x": 0.5})
    assert (blind.ratio, blind.missing) == (None, ("c",))


def test_a_title_rests_on_the_heaviest_evidence() -> None:
    """Known and adding nothing: told as lacking; of several of one weight all that are so."""
    each = Condition(
        "x",
        "a x",
        "why",
        0.0,
        1.0,
        (term("a", weight=2.0), term("b", weight=2.0), term("c")),
        (term("d"),),
    )
    for figures, names in (
        ({"a": 0.0, "b": 1.0, "c": 0.0}, ["a"]),
        ({"a": 0.0, "b": 0.0, "c": 1.0}, ["a", "b"]),
        ({"a": None, "b": 1.0, "c": 0.0}, []),
        ({"a": 0.1, "b": 1.0, "c": 0.0}, []),
    ):
        (found,) = regime_assessment(framework(each), {**figures, "d": 1.0}).conditions
        assert [one.term.of for one in found.unmarked] == names


# --- turns ----------------------------------------------------------------------------


def test_turns_in_words() -> None:
    """Which way the figure goes, and on which side the membership is after it."""
    turns = [
        Turn("x", "a", 0.2, 0.5, 0.5, rises=True, reach=0.3),
        Turn("x", "a", 0.8, 0.5, 0.5, rises=False, reach=0.3),
    ]
    assert [turn_words(TWO, one) for one in turns] == [
        "x above 50 % when the a rises past +50 % (now +20 %)",
        "x below 50 % when the a falls past +50 % (now +80 %)",
    ]


@pytest.mark.parametrize(("now", "rises", "reach"), [(0.2, True, 0.3), (0.8, False, 0.3)])
def test_the_nearest_turn_of_one_figure(now: float, rises: bool, reach: float) -> None:
    """A ramp from 0 to 1: half is passed at 0.5, and how far that is in ramps."""
    one = framework(condition("x", 0.0, 1.0, "a", "b"))
    (turn,) = nearest_turns(one, {"a": now, "b": 0.5, "c": None, "d": None})
    assert (turn.condition, turn.figure, turn.now, turn.rises) == ("x", "a", now, rises)
    assert turn.at == pytest.approx(0.5)
    assert turn.reach == pytest.approx(reach)
    (other,) = nearest_turns(one, {"a": now, "b": 0.5, "c": None, "d": None}, share=0.25)
    assert other.at == pytest.approx(0.25)


def test_the_knees_of_a_ramp() -> None:
    """Both ends; of a distance those on either side, and the middle."""
    assert list(knees_of(term("a", 0.2, 0.5))) == [0.2, 0.5]
    about = replace(term("a", 1.0, 3.0), about=10.0)
    assert sorted(knees_of(about)) == [7.0, 9.0, 10.0, 11.0, 13.0]


# --- figures --------------------------------------------------------------------------


def test_figures_name_their_mean() -> None:
    """A mean stands in brackets; what is not known is said so."""
    mean = FigureKind("mood", "the fear and greed index", Level("series:fear_greed", 7 * DAY_NS))
    assert mean.words == "the fear and greed index (7-day mean)"
    assert mean.figure_words(None) == "not known"
    assert mean.figure_words(40.0) == "40"
    assert FigureKind("mood", "the index", Level("series:fear_greed")).words == "the index"


def test_figures_of_the_economy_in_words() -> None:
    """A change goes up or down by its size; a level stands at it; a difference has two digits."""
    change = MacroFigure("x", "2-year yield", "points", Change("series:yield_2y"))
    assert change.figure_words(0.8) == "2-year yield up 0.8 points in 60 days"
    assert change.figure_words(-0.8) == "2-year yield down 0.8 points in 60 days"
    assert change.figure_words(0.0) == "2-year yield up 0 points in 60 days"
    level = MacroFigure("x", "policy rate", "%", Level("series:policy_rate"))
    assert level.figure_words(5.25) == "policy rate at 5.25 %"
    assert replace(level, unit="").figure_words(5.25) == "policy rate at 5.25"
    slope = MacroFigure("x", "slope", "points", None, ("a", "b"))
    assert slope.figure_words(-0.5) == "slope at -0.50 points"
