"""The same condition at the same moment in a plan, a backtest, on paper and out of a ledger."""

import json
from pathlib import Path

import pytest

from tests.hedge.a_market import BEGIN_NS, DAYS, a_history, a_mandate
from volsculpt import verbs
from volsculpt.hedge.known import Features
from volsculpt.hedge.policies.regime import RegimePolicy
from volsculpt.hedge.policy import HedgeSummary, PolicyInput
from volsculpt.hedge.regimes.reading import framework_text
from volsculpt.hedge.regimes.survey import RegimeTold, SurveyAsked, regime_survey, told_over
from volsculpt.hedge.stored import features_of
from volsculpt.ledger.decisions import features_in, features_out
from volsculpt.mandate.history import open_market
from volsculpt.mandate.load import parse_mandate
from volsculpt.mandate.objects import Mandate
from volsculpt.mandate.setup import setup_of
from volsculpt.market.store import save
from volsculpt.simulate.answers import Answers
from volsculpt.trade.paper.opening import paper_market
from volsculpt.units import DAY_NS

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
    folder = tmp_path_factory.mktemp("regime")
    for one in a_history().series:
        save(folder, one, START_NS)
    return folder


@pytest.fixture(scope="module")
def known(root: Path, mandate: Mandate) -> list[Features]:
    """What a backtest knows at each of its stamps."""
    aligned, history, _ = open_market(mandate, None, root, SPAN)
    found = features_of(history, mandate.hedges, aligned.stamp_ns.tolist())
    assert found is not None
    return found


@pytest.fixture(scope="module")
def told(known: list[Features]) -> tuple[RegimeTold, ...]:
    """What the policy tells at each of them."""
    return told_over(POLICY, "BTC", known)


def test_a_backtest_is_told_what_the_policy_tells(
    mandate: Mandate, root: Path, known: list[Features], told: tuple[RegimeTold, ...]
) -> None:
    """Asked once a day with the memory it left; between two looks its answer holds."""
    aligned, _, _ = open_market(mandate, None, root, SPAN)
    answers = Answers(setup_of(mandate, START_NS), aligned.stamp_ns, known, 1, None)
    asked = 0
    for stamp in range(len(known)):
        answers.at(stamp, lambda: [NOTHING])
        asked += known[stamp].time_ns % DAY_NS == 0
        assert answers.said[0].ratio == told[stamp].said.ratio
        if stamp:
            assert answers.ratios[stamp - 1, 0, 0] == told[stamp].said.ratio
    assert asked == 11
    assert len({one.said.ratio for one in told}) > 1


def test_paper_is_told_the_same(
    mandate: Mandate, root: Path, known: list[Features], told: tuple[RegimeTold, ...]
) -> None:
    """From what a desk knows at each stamp; its memory comes back from plain values each time."""
    on_paper = paper_market(mandate, None, root, SPAN).features()
    memory = None
    for features, one in zip(known, told, strict=True):
        again = features_in(json.loads(json.dumps(features_out(on_paper(features.time_ns)))))
        assert again is not None
        (found,) = told_from(memory, again)
        assert found.said == one.said
        memory = json.loads(json.dumps(found.memory))


def told_from(memory: object, features: Features) -> tuple[RegimeTold, ...]:
    """One look that goes on with a memory."""
    said, after = POLICY.step(memory, PolicyInput(features.time_ns, features, NOTHING))
    return (RegimeTold(features.time_ns, said, after),)


def test_a_plan_is_told_the_same(root: Path, known: list[Features]) -> None:
    """Without a memory what a run's first look tells; with one what the run goes on to tell."""
    for day in (0, 4, 9):
        features = known[24 * day]
        (first,) = told_over(POLICY, "BTC", [features])
        made = verbs.decision(parse_mandate(TEXT), at=features.time_ns, data=root)
        assert made.aims[0].ratio == pytest.approx(first.said.ratio, abs=1e-4)
        again = reaim_ratio(made.memory[0], features)
        assert again == made.aims[0].ratio


def reaim_ratio(memory: object, features: Features) -> float | None:
    """What is told once more at the same moment."""
    (found,) = told_from(memory, features)
    return found.said.ratio


def test_the_verb_tells_what_the_policy_told(root: Path, known: list[Features]) -> None:
    """Followed over the year before: the look of each day on a run's own days."""
    found = regime_survey(SurveyAsked(root, known[-1].time_ns), "BTC", POLICY)
    looks = {one.time_ns: one for one in found.told}
    for features in known[::24]:
        figures = POLICY.look(features, "BTC").ratio
        told = looks[features.time_ns].said.ratio
        assert told is not None
        assert figures is not None
        assert abs(told - figures) <= 0.05 + 1e-4
