"""The macro overlay: bounded, continuous, honest about what is not known, and read once."""

import copy
import json
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.errors import MandateError, PolicyError
from volsculpt.hedge.aim import Overlays, settled
from volsculpt.hedge.answer import Aim, plain
from volsculpt.hedge.feature import Feature
from volsculpt.hedge.features.change import Change
from volsculpt.hedge.features.level import Level, LevelMemory
from volsculpt.hedge.market_features import CoinFeatures, Features
from volsculpt.hedge.needs import needs_of
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.policy import HedgeSummary
from volsculpt.hedge.regimes.macro import macro_assessment, macro_figures, macro_words
from volsculpt.hedge.regimes.macro_reading import OWN, macro_in, macro_of, macro_text, read_twice
from volsculpt.hedge.regimes.reading import OWN as FRAMEWORK
from volsculpt.hedge.regimes.reading import framework_text
from volsculpt.hedge.schedule import changes_ns
from volsculpt.hedge.spec import Hedge, MacroOverlay, Tilt
from volsculpt.hedge.window import WindowMemory
from volsculpt.mandate.load import load_mandate
from volsculpt.mandate.objects import Mandate
from volsculpt.units import DAY_NS, HOUR_NS

RULES = macro_in(macro_text(), "BTC")
NAMES = tuple(one.name for one in RULES.figures)
DRAWN = st.fixed_dictionaries(dict.fromkeys(NAMES, st.none() | st.floats(-50.0, 150.0)))
CALM = dict.fromkeys(NAMES, 0.0) | {"slope": 1.0}
NOW_NS = 20_000 * DAY_NS
BOOK = HedgeSummary("BTC", 40_000.0, 1.0, 1.0, 1.0, 0.2, 40_000.0)
MACRO = Overlays(macro=(MacroOverlay(macro_text()),))
HEDGE = Hedge("BTC", FixedPolicy(0.4))


def adds(**figures: float | None) -> float:
    """What is added where all is calm but for some figures."""
    return macro_assessment(RULES, CALM | figures).adds


@given(DRAWN)
def test_it_never_adds_more_than_its_most(figures: dict[str, float | None]) -> None:
    """Up or down, and what it says adds up to what it asks."""
    assessment = macro_assessment(RULES, figures)
    assert abs(assessment.adds) <= RULES.most == 0.15
    assert assessment.unclamped == pytest.approx(sum(one.adds or 0.0 for one in assessment.tilts))
    said = macro_words(assessment)
    speak = [one for one in assessment.tilts if one.adds]
    assert len(said) == len(speak) + (assessment.adds != assessment.unclamped) + bool(
        assessment.missing
    )


@given(DRAWN, st.sampled_from(NAMES), st.floats(-1e-3, 1e-3))
def test_a_small_change_of_a_figure_is_a_small_change_of_the_ratio(
    figures: dict[str, float | None], name: str, moved: float
) -> None:
    """By no more than the steepest ramps of it together."""
    now = figures[name]
    if now is None:
        return
    terms = [one for one in RULES.tilts if one.term.of == name]
    steep = sum(abs(one.add / (one.term.end - one.term.start)) for one in terms)
    other = macro_assessment(RULES, {**figures, name: now + moved})
    assert abs(other.adds - macro_assessment(RULES, figures).adds) <= steep * abs(moved) + 1e-9


@given(DRAWN, st.sampled_from(NAMES))
def test_what_is_not_known_adds_nothing_and_is_said(
    figures: dict[str, float | None], name: str
) -> None:
    """It is not taken for a figure of 0: a slope of 0 would speak, one that is missing does not."""
    used = {one.term.of for one in RULES.tilts}
    assessment = macro_assessment(RULES, {**figures, name: None})
    rest = sum(one.adds or 0.0 for one in assessment.tilts if one.tilt.term.of != name)
    assert assessment.unclamped == pytest.approx(rest)
    assert (name in assessment.missing) is (name in used)
    if name in used:
        assert RULES.figure(name).what in macro_words(assessment)[-1]


def test_signs_sizes_and_reasons() -> None:
    """Dearer money, an inverted curve, a strong dollar and fear ask for more, relief for less."""
    assert adds() == 0.0
    assert adds(two_years_change=0.8) == pytest.approx(0.10)
    assert adds(two_years_change=0.5) == pytest.approx(0.05)
    assert adds(two_years_change=-0.8) == pytest.approx(-0.05)
    assert adds(policy_rate=5.0) == pytest.approx(0.05)
    assert adds(policy_change=0.75) == pytest.approx(0.05)
    assert adds(policy_change=-2.0) == 0.0
    assert adds(ten_years_change=0.9) == pytest.approx(0.05)
    assert adds(slope=-0.5) == pytest.approx(0.05)
    assert adds(dollar_change=6.0) == pytest.approx(0.05)
    assert adds(dollar_change=-6.0) == pytest.approx(-0.05)
    assert adds(equity_volatility=37.0) == pytest.approx(0.05)
    (said,) = macro_words(macro_assessment(RULES, CALM | {"two_years_change": 0.8}))
    assert said == (
        "macro: 2-year yield up 0.8 points in 60 days: +10 % hedge (dearer money is expected)"
    )
    said = macro_words(macro_assessment(RULES, CALM | {"two_years_change": 0.8, "slope": -0.5}))[1]
    assert "10-year less 2-year yield at -0.50 points: +5 % hedge" in said


def known(features: dict[Feature, Any], time_ns: int = NOW_NS) -> Features:
    """What some features remember, all others nothing."""
    memories = dict.fromkeys(RULES.features) | features
    return Features(time_ns, {"BTC": CoinFeatures(40_000.0, time_ns, memories)})


def test_it_looks_at_midnight() -> None:
    """A figure that grows too old in the afternoon is told all day; the slope is of two others."""
    two, ten = (Level(f"series:yield_{n}y", every_ns=DAY_NS) for n in (2, 10))
    last_ns = NOW_NS - 10 * DAY_NS
    held: dict[Feature, Any] = {two: LevelMemory(5.0, last_ns), ten: LevelMemory(4.4, last_ns)}
    for later in (0, 23 * HOUR_NS):
        figures = macro_figures(RULES, known(held, NOW_NS + later), "BTC")
        assert figures["slope"] == pytest.approx(-0.6)
    figures = macro_figures(RULES, known(held, NOW_NS + DAY_NS), "BTC")
    assert figures["slope"] is figures["two_years"] is None
    only = macro_figures(RULES, known({two: LevelMemory(5.0, NOW_NS)}), "BTC")
    assert (only["two_years"], only["slope"]) == (5.0, None)


def risen() -> Features:
    """The 2-year yield has risen by 0.8 in 60 days."""
    rise = Change("series:yield_2y", 60 * DAY_NS)
    return known({rise: WindowMemory((NOW_NS - 60 * DAY_NS, NOW_NS), (3.5, 4.3))})


def test_it_tilts_an_answer_before_events_and_limits() -> None:
    """0.4 and the dated tilt and 0.10; held by the limits; without an answer nothing is added."""
    dated = Overlays((Tilt(0.05, 0, NOW_NS + 1),), macro=MACRO.macro)
    for overlays, most, ratio in ((MACRO, 1.0, 0.5), (dated, 1.0, 0.55), (dated, 0.45, 0.45)):
        answer = settled(HEDGE, Aim(0.4), BOOK, NOW_NS, overlays, (0.0, most), risen())
        assert answer.ratio == pytest.approx(ratio)
        assert any("2-year yield up 0.8 points in 60 days: +10 %" in one for one in answer.reasons)
        assert any("not known, so it adds nothing" in one for one in answer.reasons)
    assert settled(HEDGE, Aim(None), BOOK, NOW_NS, MACRO, (0.0, 1.0), risen()).ratio is None
    blind = settled(HEDGE, Aim(0.4), BOOK, NOW_NS, MACRO, (0.0, 1.0), None)
    assert blind.ratio == 0.4
    assert "policy rate" in blind.reasons[-1]
    other = Overlays(macro=(MacroOverlay(macro_text(), "ETH"),))
    assert settled(HEDGE, Aim(0.4), BOOK, NOW_NS, other, (0.0, 1.0), risen()).reasons == ()


def test_it_is_asked_again_at_midnight_and_feeds_what_it_reads() -> None:
    """Between two looks of a policy too; off, nothing more is asked for."""
    hedge = Hedge("BTC", FixedPolicy(0.4))
    assert needs_of((hedge,)) == {}
    assert set(needs_of((hedge,), MACRO)["BTC"]) == set(RULES.features)
    from tests.hedge.test_regime import policy

    regime = Hedge("BTC", policy(every_ns=7 * DAY_NS))
    memory = {"asked_ns": NOW_NS, "said": plain(Aim(0.4)), "followed": None}
    later = changes_ns(regime, memory, Overlays(), NOW_NS)
    assert later is not None
    assert changes_ns(regime, memory, MACRO, NOW_NS) == NOW_NS + DAY_NS < later


# --- files ----------------------------------------------------------------------------


def table() -> dict[str, Any]:
    """The package's file, to be changed."""
    return copy.deepcopy(tomllib.loads(OWN.read_text(encoding="utf-8")))


BAD: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda one: one.pop("most"), "x: most is missing"),
    (lambda one: one.update(most=0.0), "most = 0: must be above 0; to be without"),
    (lambda one: one.update(most=15), "most = 15: must be between -3 and 3"),
    (lambda one: one.update(mots=1), 'mots: there is no such key; did you mean "most"?'),
    (lambda one: one["tilt"].clear(), r"tilt: must be tables; write \[\[tilt\]\]"),
    (lambda one: one["tilt"][0].update(of="policy"), "tilt 1: of = 'policy': there is no such fig"),
    (lambda one: one["tilt"][1].update(to=0.25), "tilt 2: from and to are both 0.25, so it would"),
    (
        lambda one: one["tilt"][0].update({"about": 1.0, "from": -0.5, "to": 0.5}),
        "x: tilt 1: from and to are distances from about = 1, and -0.5 is below 0, where no figure",
    ),
    (lambda one: one["tilt"][0].update(add=0), "tilt 1: add = 0: adds nothing; give it a size"),
    (lambda one: one["tilt"][0].update(add="5 %"), "tilt 1: add = '5 %': must be a number"),
    (lambda one: one["tilt"][0].pop("why"), "tilt 1: why is missing"),
    (lambda one: one["figure"]["slope"].update(less="x"), "figure.slope: less = 'x': there is no"),
    (lambda one: one["figure"]["policy_rate"].pop("every"), 'write every = "1d"'),
    (lambda one: one["figure"]["policy_rate"].update(every="1h"), 'write every = "1d"'),
    (lambda one: one["figure"]["policy_rate"].pop("what"), "figure.policy_rate: what is missing"),
    (lambda one: one["figure"]["policy_rate"].update(feature="x"), "there is no such feature"),
    (lambda one: one["figure"].update(policy_rate=3), "figure.policy_rate: must be a table"),
]


@pytest.mark.parametrize(("change", "message"), BAD)
def test_a_wrong_file_is_refused_with_the_fix(
    change: Callable[[dict[str, Any]], object], message: str
) -> None:
    """Key by key."""
    wrong = table()
    change(wrong)
    with pytest.raises(PolicyError, match=message):
        macro_of(wrong, "BTC", "x")


def written(folder: Path, overlay: str, hedge: str = "ratio = 0.5") -> Mandate:
    """A mandate with an overlay. overlay: lines below [[overlay]]; hedge: of its ratio."""
    path = folder / "mandate.toml"
    path.write_text(
        'version = 1\n[[account]]\nname = "coinm"\nkind = "margin"\nvenue = "bybit"\n'
        f'balances = {{ BTC = 1.0 }}\n[[hedge]]\nunderlying = "BTC"\n{hedge}\n{overlay}',
        encoding="utf-8",
    )
    return load_mandate(path)


ASKED = '[[overlay]]\nkind = "macro"\n'
OWN_FRAMEWORK = 'policy = "regime"\nframework = "mine.toml"'


def own_framework(folder: Path, more: str = "") -> None:
    """A framework beside the mandate, with the overlay in it."""
    inside = OWN.read_text(encoding="utf-8").replace("[[tilt]]", "[[overlay.tilt]]")
    inside = inside.replace("[figure.", "[overlay.figure.").replace("most = ", "[overlay]\nmost = ")
    text = FRAMEWORK.read_text(encoding="utf-8") + inside
    (folder / "mine.toml").write_text(text.replace("most = 0.15", f"most = 0.10\n{more}"))


def test_it_is_off_unless_asked_for(tmp_path: Path) -> None:
    """Absent, a mandate has none; asked for, that of the package, and a note."""
    assert written(tmp_path, "").overlays.macro == ()
    made = written(tmp_path, ASKED)
    assert made.overlays.macro == (MacroOverlay(macro_text()),)
    assert any("tilt the ratio by up to 15 %" in one for one in made.notes)
    (one,) = written(tmp_path, f'{ASKED}underlying = "BTC"\n').macro
    assert one.underlying == "BTC"


def test_it_may_stand_in_an_owners_framework(tmp_path: Path) -> None:
    """The framework is the same with it; off it is said, and a second one is not guessed at."""
    own_framework(tmp_path)
    assert framework_text(tmp_path / "mine.toml") == framework_text()
    made = written(tmp_path, f'{ASKED}file = "mine.toml"\n', OWN_FRAMEWORK)
    assert macro_in(made.macro[0].text, "BTC").most == 0.10
    off = written(tmp_path, "", OWN_FRAMEWORK)
    assert off.macro == ()
    assert any("its [overlay] is off" in one for one in off.notes)
    with pytest.raises(MandateError, match=r"mine.toml has an \[overlay\] of its own; write file"):
        written(tmp_path, ASKED, OWN_FRAMEWORK)
    own_framework(tmp_path, "typo = 1")
    with pytest.raises(MandateError, match=r"mine.toml: overlay: typo: there is no such key"):
        written(tmp_path, "", OWN_FRAMEWORK)
    (tmp_path / "mine.toml").write_text(FRAMEWORK.read_text(encoding="utf-8"))
    with pytest.raises(MandateError, match=r"is a framework without an \[overlay\]"):
        written(tmp_path, f'{ASKED}file = "mine.toml"\n')


def test_a_series_stands_in_the_evidence_or_in_the_overlay(tmp_path: Path) -> None:
    """Whatever is made of it: a change in one, a level in the other."""
    text = FRAMEWORK.read_text(encoding="utf-8").replace(
        'of = "series:btc_dominance"', 'of = "series:yield_2y"'
    )
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    with pytest.raises(MandateError, match="yield_2y would count twice for BTC: it stands in"):
        written(tmp_path, ASKED, OWN_FRAMEWORK)
    assert written(tmp_path, "", OWN_FRAMEWORK).macro == ()
    assert written(tmp_path, ASKED, 'policy = "regime"').macro
    one, other = Change("series:a", DAY_NS), Level("series:a")
    assert read_twice([one], [other], "BTC") == ["a"]
    assert read_twice([one], [Level("series:b")], "BTC") == []


@pytest.mark.parametrize(
    ("overlay", "message"),
    [
        (f"{ASKED}add = 0.1\n", 'add = 0.1: does not belong to kind = "macro"; remove it'),
        (f"{ASKED}from = 2024-01-01T00:00:00Z\n", 'does not belong to kind = "macro"; remove it'),
        (f'{ASKED}file = "no.toml"\n', "there is no such file; it is relative to the mandate"),
        (ASKED + ASKED, "a macro overlay is on BTC already; keep one"),
        (f'{ASKED}underlying = "ETH"\n', r"there is no \[\[hedge\]\] on it"),
        ('[[overlay]]\nkind = "tilt"\nadd = 0.1\nfile = "x"\n', 'only kind = "macro" has it'),
        ('[[overlay]]\nkind = "tilt"\nadd = 0.1\n', "from is missing: kind = .tilt. needs it"),
    ],
)
def test_a_wrong_overlay_is_refused(tmp_path: Path, overlay: str, message: str) -> None:
    """With what to write."""
    with pytest.raises(MandateError, match=message):
        written(tmp_path, overlay)


def test_its_text_is_plain() -> None:
    """And the same whatever comments say."""
    assert json.loads(macro_text())["most"] == 0.15


def test_what_it_takes_away_is_held_to_its_most_too() -> None:
    """Every tilt the other way round: the same sizes, below nothing."""
    turned = replace(RULES, tilts=tuple(replace(one, add=-one.add) for one in RULES.tilts))
    most = {one.term.of: one.term.end for one in RULES.tilts}
    up, down = macro_assessment(RULES, CALM | most), macro_assessment(turned, CALM | most)
    assert down.unclamped == -up.unclamped
    assert abs(up.unclamped) > RULES.most
    assert {up.adds, down.adds} == {RULES.most, -RULES.most}
