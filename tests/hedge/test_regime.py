"""The policy `regime`: steady over time, honest about what is not known, blind to the future."""

import json
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hedge.a_market import BEGIN_NS, DAYS, a_history, changed_after
from tests.hedge.regimes import condition, framework
from volsculpt.hedge.answer import Aim
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.needs import needs_of
from volsculpt.hedge.policies.regime import RegimePolicy
from volsculpt.hedge.policy import HedgeSummary, PolicyInput
from volsculpt.hedge.regimes.framework import RegimeAssessment, regime_assessment
from volsculpt.hedge.regimes.reading import framework_text
from volsculpt.hedge.regimes.steady import RegimeMemory, followed, leader
from volsculpt.hedge.regimes.telling import market_words, reasons
from volsculpt.hedge.spec import Hedge
from volsculpt.hedge.stored import features_of
from volsculpt.market.history import History
from volsculpt.units import DAY_NS, HOUR_NS

BOOK = HedgeSummary("BTC", 40_000.0, 1.0, 1.0, 1.0, 0.0, 40_000.0)
TWO = framework(condition("x", 0.6, 1.0, "a", "c"), condition("y", 0.0, 0.4, "b", "c"))
WALKS = st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)), min_size=2, max_size=60)


def policy(**more: object) -> RegimePolicy:
    """With the package's framework."""
    return replace(RegimePolicy(framework_text()), **more)  # type: ignore[arg-type]


@cache
def looks(days: tuple[int, ...], changed_ns: int | None = None) -> tuple[Features, ...]:
    """What is known on some days of the made-up market, or of one with another future."""
    history = a_history() if changed_ns is None else changed_after(a_history(), changed_ns, 1.3)
    return tuple(known_of(history, days))


def known_of(history: History, days: tuple[int, ...]) -> list[Features]:
    """What the policy may know of a history on some days."""
    stamps = [BEGIN_NS + day * DAY_NS for day in days]
    found = features_of(history, (Hedge("BTC", policy()),), stamps)
    assert found is not None
    return found


def walked(pairs: list[tuple[float, float]]) -> list[tuple[RegimeAssessment, RegimeMemory]]:
    """A look a day of two figures, and what is remembered after each."""
    found: list[tuple[RegimeAssessment, RegimeMemory]] = []
    memory: RegimeMemory | None = None
    for day, (one, other) in enumerate(pairs):
        assessment = regime_assessment(TWO, {"a": one, "b": other, "c": 0.5, "d": None})
        memory = followed(TWO, memory, assessment, day * DAY_NS)
        assert memory is not None
        found.append((assessment, memory))
    return found


@given(WALKS)
def test_the_ratio_moves_only_beyond_the_hysteresis(pairs: list[tuple[float, float]]) -> None:
    """It is never farther from what is seen, and moves only by more, to what is seen."""
    rows = walked(pairs)
    for (_, before), (assessment, after) in pairwise(rows):
        assert assessment.ratio is not None
        assert abs(after.ratio - assessment.ratio) <= TWO.hysteresis
        if after.ratio != before.ratio:
            assert after.ratio == assessment.ratio
            assert abs(after.ratio - before.ratio) > TWO.hysteresis


def test_a_lead_of_just_so_much_is_enough() -> None:
    """0.25 over 0.125 leads by an eighth, which is the lead that is asked for."""
    shares = {"x": 0.25, "y": 0.125}
    one = replace(TWO, lead=0.125, min_dwell_ns=0)
    assessment = cast(RegimeAssessment, SimpleNamespace(ratio=0.5, shares=shares))
    before = RegimeMemory(0.5, "y", 0, 0)
    for lead, named in ((0.125, "x"), (0.126, "y")):
        after = followed(replace(one, lead=lead), before, assessment, 1)
        assert after is not None
        assert after.named == named


@given(WALKS)
def test_another_condition_is_named_only_when_it_leads_after_a_week(
    pairs: list[tuple[float, float]],
) -> None:
    """Changes are a week apart or more, each to what leads by a tenth."""
    rows = walked(pairs)
    changes = [memory.since_ns for _, memory in rows]
    for (_, before), (assessment, after) in pairwise(rows):
        if after.named != before.named:
            name, by = leader(assessment.shares)
            assert after.named == name
            assert by >= TWO.lead
            assert after.since_ns - before.since_ns >= TWO.min_dwell_ns
        else:
            assert after.since_ns == before.since_ns
    assert changes == sorted(changes)


def test_worked_steadiness() -> None:
    """0.35 after 0.30 is not passed on, 0.36 is; a lead counts once the week is over."""
    memory = RegimeMemory(0.30, "y", 0, 0)
    near = RegimeAssessment((), 0.0, 0.35, ())
    far = replace(near, ratio=0.3500001 + 0.01)
    shares = regime_assessment(TWO, {"a": 1.0, "b": 0.0, "c": 0.5, "d": None})
    for one, ratio in ((near, 0.30), (far, far.ratio)):
        assessment = replace(shares, ratio=one.ratio)
        after = followed(TWO, memory, assessment, 6 * DAY_NS)
        assert after is not None
        assert (after.ratio, after.named) == (ratio, "y")
        after = followed(TWO, memory, assessment, 7 * DAY_NS)
        assert after is not None
        assert (after.named, after.since_ns) == ("x", 7 * DAY_NS)


def told(one: float, other: float, day: int) -> tuple[str, ...]:
    """The reasons of a day on which y is named, since day 0: figures of x and of y."""
    assessment = regime_assessment(TWO, {"a": one, "b": other, "c": 0.5, "d": None})
    after = followed(TWO, RegimeMemory(0.30, "y", 0, 0), assessment, day * DAY_NS)
    assert after is not None
    return reasons(TWO, assessment, after, "BTC")


LEANS = "BTC: named y since 1970-01-01 ({} %), but the evidence now leans to x ({} %): the name"


@pytest.mark.parametrize(
    ("one", "other", "day", "first", "last"),
    [
        (0.38, 0.45, 2, "BTC: a y (45 % y), since 1970-01-01", ""),
        (
            1.0,
            0.02,
            2,
            LEANS.format(2, 98),
            " changes when that leads by 10 % (now 96 %) and 7 days are over (on 1970-01-08)",
        ),
        (0.45, 0.38, 9, LEANS.format(38, 45), " changes when that leads by 10 % (now 7 %)"),
        (1.0, 0.02, 7, "BTC: a x (98 % x), named at this look", ""),
    ],
)
def test_the_named_and_the_seen_are_both_told(
    one: float, other: float, day: int, first: str, last: str
) -> None:
    """Where they differ, with what is not yet so; the evidence told is that of what leads.

    Args: one, other: figures of x and y; day: of the look; first, last: how the sentence begins
    and ends.
    """
    sentence, *rest = told(one, other, day)
    assert sentence == first + last
    leads = "to x" if one > other else "to y"
    assert any(line.endswith(leads) for line in rest)


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.integers(0, 20))
def test_no_other_than_the_leader_is_told_alone(one: float, other: float, day: int) -> None:
    """A sentence that names another than the one most seen says what is most seen."""
    assessment = regime_assessment(TWO, {"a": one, "b": other, "c": 0.5, "d": None})
    after = followed(TWO, RegimeMemory(0.30, "y", 0, 0), assessment, day * DAY_NS)
    assert after is not None
    name, _ = leader(assessment.shares)
    first = reasons(TWO, assessment, after, "BTC")[0]
    assert (f"leans to {name} (" in first) == (after.named != name)


def test_a_title_is_not_given_without_what_marks_it() -> None:
    """No recovery after a crash where there was none; with a fall of 45 % there was."""
    frame = policy().of("BTC")
    figures = dict.fromkeys((one.name for one in frame.figures), 0.0)
    figures |= {"trend": 1.2, "rebound": 0.5, "mood": 50.0, "unrest": 0.7, "quarter": 0.2}
    for fall, said in (
        (0.04, "most like recovery (52 %), named at this look, but not a recovery after a crash: "),
        (0.45, "a recovery after a crash ("),
    ):
        assessment = regime_assessment(frame, figures | {"fall": fall})
        after = followed(frame, None, assessment, DAY_NS)
        assert after is not None
        words = market_words(frame, assessment, after)
        assert words.startswith(said)
        assert words.endswith("is 4 %, which adds nothing") == (fall == 0.04)


def test_a_mean_is_told_as_one() -> None:
    """Fear and greed is that of a week, not today's."""
    words = {one.name: one.words for one in policy().of("BTC").figures}
    assert words["mood"] == "the fear and greed index (7-day mean)"
    assert words["trend"] == "the trend of a month"


def test_it_gives_a_ratio_with_reasons_in_eight_lines() -> None:
    """And a memory of plain values; what is not stored is said."""
    for known in looks(tuple(range(400, 480, 4))):
        answer, memory = policy().step(None, PolicyInput(known.time_ns, known, BOOK))
        assert answer.ratio is not None
        assert 0.0 <= answer.ratio <= 1.0
        assert 4 <= len(answer.reasons) <= 8
        assert any("change of BTC's share of all coins" in line for line in answer.reasons)
        assert json.loads(json.dumps(memory)) == memory


def test_it_looks_at_midnight_and_holds_between() -> None:
    """Whatever is known later that day."""
    one, other = looks((430, 431))
    answer, memory = policy().step(None, PolicyInput(one.time_ns, one, BOOK))
    later = PolicyInput(one.time_ns + 23 * HOUR_NS, Features(one.time_ns), BOOK)
    assert policy().step(memory, later) == (answer, memory)
    assert policy().held(memory) == (answer, other.time_ns)
    assert policy().step(memory, PolicyInput(other.time_ns, other, BOOK))[1] != memory


def test_an_unknown_regime_holds_then_falls_back() -> None:
    """The last ratio until aim_max_age, then the fallback; without one, what is held is kept."""
    (known,) = looks((430,))
    said, memory = policy().step(None, PolicyInput(known.time_ns, known, BOOK))
    for days, ratio in ((1, said.ratio), (7, said.ratio), (8, 0.25)):
        now = known.time_ns + days * DAY_NS
        blind = PolicyInput(now, Features(now), BOOK)
        answer, after = policy(fallback_ratio=0.25).step(memory, blind)
        assert answer.ratio == ratio
        assert "the regime is unknown" in answer.reasons[0]
        assert "; the funding rate a year (7-day mean): nothing of funding" in answer.reasons[0]
        assert "is known; it takes stored history that has it at this time" in answer.reasons[0]
        assert after["followed"] == memory["followed"]
    answer, _ = policy().step(memory, blind)
    assert answer.ratio is None
    assert policy().step(None, blind)[0].ratio is None


def followed_over(features: tuple[Features, ...]) -> list[Aim]:
    """What is told look after look."""
    memory, found = None, []
    for known in features:
        answer, memory = policy().step(memory, PolicyInput(known.time_ns, known, BOOK))
        found.append(answer)
    return found


def test_the_future_is_not_seen() -> None:
    """Every input changed and published later from a moment on: the past tells the same."""
    days = tuple(range(420, DAYS))
    cut = 450
    one = followed_over(looks(days))
    other = followed_over(looks(days, BEGIN_NS + cut * DAY_NS))
    assert one[: cut - 420 + 1] == other[: cut - 420 + 1]
    assert one != other


def test_it_asks_for_the_figures_of_its_framework() -> None:
    """Each once, of its own coin."""
    needs = needs_of((Hedge("BTC", policy()), Hedge("ETH", policy())))
    assert set(needs) == {"BTC", "ETH"}
    assert len(needs["BTC"]) == len(policy().of("BTC").figures)


def test_an_owners_framework_is_read_beside_the_mandate(tmp_path: Path) -> None:
    """It is what the policy goes by."""
    from volsculpt.hedge.regimes.reading import OWN
    from volsculpt.mandate.load import load_mandate

    text = OWN.read_text(encoding="utf-8").replace("rest_ratio = 0.10", "rest_ratio = 0.20")
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    mandate = tmp_path / "mandate.toml"
    mandate.write_text(
        'version = 1\n[[account]]\nname = "coinm"\nkind = "margin"\nvenue = "bybit"\n'
        'balances = { BTC = 1.0 }\n[[hedge]]\nunderlying = "BTC"\npolicy = "regime"\n'
        'framework = "mine.toml"\nfallback_ratio = 0.3\n',
        encoding="utf-8",
    )
    (hedge,) = load_mandate(mandate).hedges
    assert isinstance(hedge.policy, RegimePolicy)
    assert hedge.policy.of("BTC").rest_ratio == 0.2
    assert hedge.policy.fallback_ratio == 0.3
    (tmp_path / "mine.toml").unlink()
    with pytest.raises(Exception, match="there is no such file"):
        load_mandate(mandate)


def test_what_is_not_known_is_told_with_its_reason() -> None:
    """A figure that no history has: the rest counts for more, and it is said what lacks."""
    own = policy()
    (known,) = looks((DAYS - 3,))
    (mood,) = [one.feature for one in own.of("BTC").figures if one.name == "mood"]
    of = known.coins["BTC"]
    blind = Features(known.time_ns, {"BTC": replace(of, memories={**of.memories, mood: None})})
    answer, _ = own.step(None, PolicyInput(known.time_ns, blind, BOOK))
    (line,) = [line for line in answer.reasons if line.startswith("not known, so the rest")]
    assert "(nothing of fear_greed is known" in line


@pytest.mark.parametrize(("ratio", "passed_on"), [(0.5, 0.25), (0.0, 0.25), (0.51, 0.51)])
def test_a_change_of_just_the_hysteresis_is_not_passed_on(ratio: float, passed_on: float) -> None:
    """Of a quarter, to the bit; a hundredth more is."""
    steady = replace(TWO, hysteresis=0.25)
    seen = regime_assessment(TWO, {"a": 1.0, "b": 0.0, "c": 0.5, "d": None})
    after = followed(steady, RegimeMemory(0.25, "x", 0, 0), replace(seen, ratio=ratio), DAY_NS)
    assert after is not None
    assert after.ratio == passed_on
