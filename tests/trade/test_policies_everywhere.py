"""The same aim at the same moment in a plan, a backtest and on paper, whatever policy.

Policies are found by their files: one that is added is held to this without being named here.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tests.hedge.a_market import BEGIN_NS, DAYS, a_mandate, a_store
from tests.hedge.test_policies import made
from tests.trade.test_macro_everywhere import OVERLAY
from volsculpt import verbs
from volsculpt.hedge.aim import aim_one
from volsculpt.hedge.answer import Aim
from volsculpt.hedge.fitted_ratio import FittedPolicy
from volsculpt.hedge.following import followed_before
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.needs import needs_of
from volsculpt.hedge.policies.regime import HMM, RegimePolicy
from volsculpt.hedge.policy import HedgeSummary, Policy
from volsculpt.hedge.registry import policy_names
from volsculpt.hedge.stored import features_of
from volsculpt.ledger.decisions import features_in, features_out
from volsculpt.mandate.history import open_market
from volsculpt.mandate.load import load_mandate
from volsculpt.mandate.objects import Mandate
from volsculpt.mandate.setup import setup_of
from volsculpt.market.history import History
from volsculpt.simulate.answers import Answers, Past
from volsculpt.trade.paper.opening import paper_market
from volsculpt.units import DAY_NS

START_NS = BEGIN_NS + (DAYS - 6) * DAY_NS
SPAN = (START_NS, START_NS + 2 * DAY_NS, None)
BOUNDS = (0.0, 1.0)
PLANNED = (0, 13, 24, 41)  # stamps: midnights and hours between
HIDDEN = "regime, hmm"
FITS_LONG = "liquidation-aware"
CASES = (*policy_names(), HIDDEN)
SLOW = {HIDDEN, FITS_LONG, "regime"}  # the latter has a file of its own in the daily set


def policy_of(case: str) -> Policy:
    """The policy of a case, of its examples; fits shorter than the made-up market."""
    if case == HIDDEN:
        found = made("regime")
        assert isinstance(found, RegimePolicy)
        return replace(found, model=HMM)
    policy = made(case)
    if isinstance(policy, FittedPolicy):
        return replace(policy, window_ns=240 * DAY_NS, refit_ns=60 * DAY_NS)
    return policy


@dataclass(frozen=True)
class Scene:
    """A mandate of one policy, and what a backtest of it knows."""

    mandate: Mandate
    history: History
    stamps: tuple[int, ...]
    known: list[Features | None]
    before: object

    def book(self, stamp: int) -> HedgeSummary:
        """A book whose wealth rises and falls, so that what looks at it has something to see."""
        wealth = 240_000.0 * (1.0 + 0.15 * np.sin(stamp / 6.0))
        return HedgeSummary("BTC", 60_000.0, 4.0, 2.5, 4.0, 0.375, float(wealth))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the made-up market, an overlay beside it."""
    folder = a_store(tmp_path_factory.mktemp("policies"), START_NS)
    (folder / "mine.toml").write_text(OVERLAY, encoding="utf-8")
    return folder


@cache
def scene(root: Path, case: str, with_macro: bool) -> Scene:
    """What a backtest knows at each of its stamps, and remembers before the first."""
    file = root / "mandate.toml"
    overlay = '[[overlay]]\nkind = "macro"\nfile = "mine.toml"\n' if with_macro else ""
    file.write_text(a_mandate("ratio = 0.5") + overlay, encoding="utf-8")
    read, policy = load_mandate(file), policy_of(case)
    hedge = replace(read.hedges[0], policy=policy, base=policy.BASE or "equity")
    mandate = replace(read, hedges=(hedge,))
    aligned, history, _ = open_market(mandate, None, root, SPAN)
    stamps = tuple(aligned.stamp_ns.tolist())
    known = features_of(history, mandate.hedges, stamps, mandate.overlays)
    (before,) = followed_before(history, mandate.hedges, [None], stamps[0])
    return Scene(mandate, history, stamps, list(known or [None] * len(stamps)), before)


def in_backtest(here: Scene) -> list[float | None]:
    """The ratio of each stamp, as a run through history has it; None where what is held is kept."""
    stamps = np.array(here.stamps)
    features = None if here.known[0] is None else [one for one in here.known if one is not None]
    setup = setup_of(here.mandate, here.stamps[0])
    answers = Answers(setup, stamps, features, 1, None, opens=False, past=Past([here.before]))
    found: list[float | None] = []
    for stamp in range(len(stamps)):
        answers.at(stamp, lambda at=stamp: [here.book(at)])  # type: ignore[misc]
        paused = bool(answers.paused[stamp - 1, 0]) if stamp else answers.aims[0].ratio is None
        ratio = float(answers.first[0, 0] if stamp == 0 else answers.ratios[stamp - 1, 0, 0])
        found.append(None if paused else ratio)
    return found


def on_paper(here: Scene, root: Path) -> list[Aim]:
    """What a desk on paper is told at each stamp; features and memory come out of its ledger."""
    market = paper_market(here.mandate, None, root, SPAN)
    knows = market.features()
    (memory,) = market.before([None], here.stamps[0])
    found = []
    for row, stamp in enumerate(here.stamps):
        features = knows(stamp) if needs_of(here.mandate.hedges, here.mandate.overlays) else None
        again = features_in(json.loads(json.dumps(features_out(features))))
        answer, memory = aimed(here, again, memory, here.book(row), stamp)
        memory = json.loads(json.dumps(memory))
        found.append(answer)
    return found


def aimed(
    here: Scene, features: Features | None, memory: object, book: HedgeSummary, time_ns: int
) -> tuple[Aim, object]:
    """What `aim` says."""
    hedge, overlays = here.mandate.hedges[0], here.mandate.overlays
    return aim_one(hedge, memory, features, book, time_ns, overlays, BOUNDS)


def check_paper(here: Scene, root: Path) -> Sequence[Aim]:
    """Paper and backtest agree to the bit."""
    paper, backtest = on_paper(here, root), in_backtest(here)
    assert [one.ratio for one in paper] == backtest
    return paper


def check_plan(here: Scene, root: Path, paper: Sequence[Aim]) -> None:
    """A plan says what the others would say of its book; of the market alone, what they said."""
    for row in PLANNED:
        plan = verbs.decision(here.mandate, at=here.stamps[row], data=root)
        (before,) = followed_before(here.history, here.mandate.hedges, [None], here.stamps[row])
        answer, _ = aimed(here, here.known[row], before, plan.summaries[0], here.stamps[row])
        assert plan.aims[0].ratio == answer.ratio
        assert len(plan.aims[0].reasons) == len(answer.reasons)
        if not here.mandate.hedges[0].policy.ASKS_BOOK and not here.mandate.macro:
            assert plan.aims[0].ratio == paper[row].ratio


def marked(cases: Sequence[str]) -> list[object]:
    """Cases; those that fit for long are left to the long suite."""
    slow = pytest.mark.slow
    return [pytest.param(one, marks=slow if one in SLOW else ()) for one in cases]


@pytest.mark.parametrize("with_macro", [False, True], ids=["alone", "macro"])
@pytest.mark.parametrize("case", marked(CASES))
def test_every_policy_aims_the_same_in_every_mode(root: Path, case: str, with_macro: bool) -> None:
    """Hour by hour through two days, alone and under the macro overlay; an answer is there."""
    here = scene(root, case, with_macro)
    paper = check_paper(here, root)
    check_plan(here, root, paper)
    assert any(one.ratio is not None for one in paper), "a case without an answer shows nothing"


def test_what_looks_at_the_book_moves_with_it(root: Path) -> None:
    """The wealth of the book here matters to a floor, or the cases above would show little."""
    floor = {one.ratio for one in on_paper(scene(root, "drawdown-floor", False), root)}
    assert len(floor) > 5


@pytest.mark.parametrize("case", [one for one in CASES if one not in SLOW])
def test_a_desk_on_paper_begins_as_a_plan_does(root: Path, case: str) -> None:
    """The first decision of a desk, on the mandate's own book, and a plan of that moment."""
    here = scene(root, case, False)
    desk = verbs.paper(here.mandate, data=root, from_ns=SPAN[0], to_ns=SPAN[1], steps=1)
    plan = verbs.decision(here.mandate, at=here.stamps[0], data=root)
    (row,) = desk.status["hedges"]
    assert row["target_ratio"] == plan.aims[0].ratio
