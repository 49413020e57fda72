"""The same condition at the same moment in a plan, a backtest, on paper and out of a ledger."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.hedge.a_market import BEGIN_NS, DAYS, a_mandate, a_store
from tests.trade.test_macro_everywhere import OVERLAY
from volsculpt import verbs
from volsculpt.app.cli.verbs.regime import of_mandate
from volsculpt.hedge.following import followed_before
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.policies.regime import RegimePolicy
from volsculpt.hedge.policy import HedgeSummary, PolicyInput
from volsculpt.hedge.regimes.reading import framework_text
from volsculpt.hedge.regimes.survey import RegimeLook, SurveyRequest, looks_over, regime_survey
from volsculpt.hedge.stored import features_of
from volsculpt.ledger.decisions import features_in, features_out
from volsculpt.mandate.history import open_market
from volsculpt.mandate.load import load_mandate, parse_mandate
from volsculpt.mandate.objects import Mandate
from volsculpt.simulate.answers import Answers, Past
from volsculpt.simulate.run import RunRequest, prepared
from volsculpt.trade.paper.opening import paper_market
from volsculpt.units import DAY_NS, HOUR_NS

START_NS = BEGIN_NS + (DAYS - 12) * DAY_NS
SPAN = (START_NS, START_NS + 10 * DAY_NS, None)
TEXT = a_mandate('policy = "regime"')
POLICY = RegimePolicy(framework_text())
NOTHING = HedgeSummary("BTC", 0.0, 0.0, 0.0, 0.0, None, 0.0)


@pytest.fixture(scope="module")
def mandate() -> Mandate:
    """A regime on BTC."""
    return parse_mandate(TEXT)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the made-up market."""
    return a_store(tmp_path_factory.mktemp("regime"), START_NS)


@pytest.fixture(scope="module")
def known(root: Path, mandate: Mandate) -> list[Features]:
    """What a backtest knows at each of its stamps."""
    aligned, history, _ = open_market(mandate, None, root, SPAN)
    found = features_of(history, mandate.hedges, aligned.stamp_ns.tolist())
    assert found is not None
    return found


@pytest.fixture(scope="module")
def before(root: Path, mandate: Mandate) -> list[Any]:
    """What it remembers as the run begins, followed through all that is stored before."""
    _, history, _ = open_market(mandate, None, root, SPAN)
    (found,) = followed_before(history, mandate.hedges, [None], START_NS)
    assert found["asked_ns"] == START_NS - DAY_NS
    assert found["followed"]["since_ns"] < found["asked_ns"]
    return [found]


@pytest.fixture(scope="module")
def told(known: list[Features], before: list[Any]) -> tuple[RegimeLook, ...]:
    """What the policy tells at each of them."""
    return looks_over(POLICY, "BTC", known, before[0])


def test_a_backtest_is_told_what_the_policy_tells(
    mandate: Mandate, root: Path, known: list[Features], told: tuple[RegimeLook, ...]
) -> None:
    """Asked once a day with the memory it left; between two looks its answer holds."""
    made = prepared(mandate, None, root, RunRequest(SPAN)).spec
    stamps = made.aligned.stamp_ns
    answers = Answers(
        made.setup, stamps, made.features, 1, None, opens=False, past=Past(made.memory)
    )
    asked = 0
    for stamp in range(len(known)):
        answers.at(stamp, lambda: [NOTHING])
        asked += known[stamp].time_ns % DAY_NS == 0
        assert answers.aims[0].ratio == told[stamp].aim.ratio
        if stamp:
            assert answers.ratios[stamp - 1, 0, 0] == told[stamp].aim.ratio
    assert asked == 11
    assert len({one.aim.ratio for one in told}) > 1


def test_paper_is_told_the_same(
    mandate: Mandate, root: Path, known: list[Features], told: tuple[RegimeLook, ...]
) -> None:
    """From what a desk knows at each stamp; its memory comes back from plain values each time."""
    market = paper_market(mandate, None, root, SPAN)
    on_paper, (memory,) = market.features(), market.before([None], START_NS)
    for features, one in zip(known, told, strict=True):
        again = features_in(json.loads(json.dumps(features_out(on_paper(features.time_ns)))))
        assert again is not None
        (found,) = told_from(memory, again)
        assert found.aim == one.aim
        memory = json.loads(json.dumps(found.memory))


def told_from(memory: object, features: Features) -> tuple[RegimeLook, ...]:
    """One look that goes on with a memory."""
    answer, after = POLICY.step(memory, PolicyInput(features.time_ns, features, NOTHING))
    return (RegimeLook(features.time_ns, answer, after),)


def test_a_plan_is_told_the_same(
    root: Path, known: list[Features], told: tuple[RegimeLook, ...]
) -> None:
    """At midnight and in the afternoon, to the bit: it remembers what the run does."""
    for stamp in (0, 15, 24 * 4, 24 * 9 + 1):
        made = verbs.decision(parse_mandate(TEXT), at=known[stamp].time_ns, data=root)
        assert made.aims[0].ratio == told[stamp].aim.ratio
        assert made.aims[0].reasons == told[stamp].aim.reasons
        assert made.memory[0] == told[stamp].memory


def test_the_verb_tells_what_the_policy_told(
    root: Path, known: list[Features], told: tuple[RegimeLook, ...]
) -> None:
    """The look of each day on a run's own days."""
    found = regime_survey(SurveyRequest(root, known[-1].time_ns), "BTC", POLICY)
    looks = {one.time_ns: one for one in found.looks}
    for one in told[::24]:
        assert looks[one.time_ns] == one


MODELS = ["framework", pytest.param("hmm", marks=pytest.mark.slow)]


@pytest.mark.parametrize("with_macro", [False, True], ids=["alone", "macro"])
@pytest.mark.parametrize("model", MODELS)
def test_the_verb_a_plan_and_a_backtest_aim_the_same(
    root: Path, tmp_path: Path, model: str, with_macro: bool
) -> None:
    """To the bit, the overlay's tilt too, at midnights and hours between."""
    (tmp_path / "mine.toml").write_text(OVERLAY, encoding="utf-8")
    file = tmp_path / "mandate.toml"
    overlay = '[[overlay]]\nkind = "macro"\nfile = "mine.toml"\n' if with_macro else ""
    keys = f'policy = "regime"\nmodel = "{model}"\nfallback_ratio = 0.3'
    file.write_text(a_mandate(keys) + overlay, encoding="utf-8")
    mandate = load_mandate(file)
    made = prepared(mandate, None, root, RunRequest(SPAN)).spec
    stamps = made.aligned.stamp_ns
    answers = Answers(
        made.setup, stamps, made.features, 1, None, opens=False, past=Past(made.memory)
    )
    for row in range(24 * 4):
        answers.at(row, lambda: [NOTHING])
        if row not in (0, 15, 24 * 2, 24 * 3 + 1):
            continue
        plan = verbs.decision(mandate, at=int(stamps[row]), data=root)
        (survey, _), *_ = of_mandate(str(file), SurveyRequest(root, int(stamps[row])), root)
        assert plan.aims[0].ratio == answers.aims[0].ratio
        assert plan.aims[0].reasons == answers.aims[0].reasons
        assert plan.memory[0] == survey.last.memory
        assert plan.aims[0].reasons[: len(survey.last.aim.reasons)] == survey.last.aim.reasons
        if not with_macro:
            assert plan.aims[0].ratio == survey.last.aim.ratio


def test_what_is_looked_at_is_midnight_whenever_steps_fall(root: Path, mandate: Mandate) -> None:
    """Steps of 8 hours from 05:00: a backtest, a desk that was down, and a plan say the same."""
    span = (START_NS + 5 * HOUR_NS, SPAN[1], 8 * HOUR_NS)
    made = prepared(mandate, None, root, RunRequest(span)).spec
    stamps = made.aligned.stamp_ns
    own = (made.setup, stamps, made.features, 1, None)
    answers = Answers(*own, opens=False, past=Past(made.memory, made.looks))
    market = paper_market(mandate, None, root, span)
    memory, down = market.before([None], span[0]), range(4, 14)
    for row in range(len(stamps)):
        now = int(stamps[row])
        answers.at(row, lambda: [NOTHING])
        plan = verbs.decision(mandate, at=now, data=root)
        assert answers.aims[0].ratio == plan.aims[0].ratio
        assert answers.aims[0].reasons == plan.aims[0].reasons
        if row in down:
            continue
        before = market.before(memory, now)
        features = market.features()(now)
        assert features is not None
        (found,) = told_from(before[0], features)
        after = found.memory
        assert found.aim.ratio == plan.aims[0].ratio
        assert found.aim.reasons == plan.aims[0].reasons
        assert after == plan.memory[0]
        assert after["asked_ns"] == now // DAY_NS * DAY_NS
        memory = json.loads(json.dumps([after]))
