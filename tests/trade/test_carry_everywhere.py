"""Coins sold forward at the same moments in a plan, a backtest, on paper and out of a ledger."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.hedge.a_market import BEGIN_NS, DAYS, FUNDING, a_history, a_mandate
from volsculpt import verbs
from volsculpt.hedge.policy import HedgeSummary, PolicyInput
from volsculpt.ledger.decisions import decided_event, differences, features_in, features_out
from volsculpt.ledger.ledger import open_ledger
from volsculpt.mandate.load import parse_mandate
from volsculpt.mandate.objects import Mandate
from volsculpt.market.series import FundingRates
from volsculpt.market.store import save
from volsculpt.simulate.answers import Answers, Past
from volsculpt.simulate.run import RunRequest, prepared
from volsculpt.trade.paper.opening import paper_market
from volsculpt.units import DAY_NS, HOUR_NS

START_NS = BEGIN_NS + (DAYS - 41) * DAY_NS
SPAN = (START_NS, START_NS + 40 * DAY_NS, 8 * HOUR_NS)
BOOK = HedgeSummary("BTC", 60_000.0, 4.0, 2.5, 4.0, 0.375, 240_000.0)
CARRY = 'policy = "carry"\nholding = "30d"\nhurdle = 0.03\nexit = 0.01\nmin_dwell = "3d"\n'
BESIDE = CARRY + 'ratio = 0.6\nbeside = { policy = "trend", ratio = 0.2, tilt = 0.2 }\n'
CASES = {
    "alone": CARRY,
    "higher": BESIDE + 'combine = "higher"\n',
    "sum": BESIDE + 'combine = "sum"\n',
    "dated": 'policy = "carry"\nhurdle = 0.1\nexit = 0.09\n',
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the made-up market, whose funding falls in the last 40 days."""
    folder = tmp_path_factory.mktemp("carry")
    history = a_history()
    rates = history.funding[f"{FUNDING.venue}:{FUNDING.symbol}"]
    turns = np.arange(len(rates.rate)) / 3 / 160 + 0.75  # of 160 days each
    wave = 1e-4 * (0.3 + np.sin(turns * 2 * np.pi))
    waving = FundingRates(FUNDING, rates.stamp_ns, rates.rate * 0.1 + wave, rates.interval_hours)
    for one in history.series:
        save(folder, waving if one.label == FUNDING else one, START_NS)
    return folder


@cache
def mandate(case: str) -> Mandate:
    """By a perpetual; or by what a rule for dated contracts means."""
    text = a_mandate(CASES[case])
    if case == "dated":
        text = text.replace('"bybit"', '"binance"').replace("USD:BTC", "USD:BTC@quarter")
    return parse_mandate(text)


def span_of(case: str) -> tuple[int, int, int]:
    """Forty days; of the dated contract those in which its rule means the one that is stored."""
    return (SPAN[0] + 10 * DAY_NS, *SPAN[1:]) if case == "dated" else SPAN


def in_backtest(root: Path, case: str) -> list[Any]:
    """What each stamp of a run is told."""
    made = prepared(mandate(case), None, root, RunRequest(span_of(case))).spec
    stamps = made.aligned.stamp_ns
    answers = Answers(
        made.setup, stamps, made.features, 1, None, opens=False, past=Past(made.memory, made.looks)
    )
    found = []
    for stamp in range(len(stamps)):
        answers.at(stamp, lambda: [BOOK])
        found.append((int(stamps[stamp]), answers.aims[0]))
    return found


@pytest.mark.parametrize("case", CASES)
def test_every_mode_sells_at_the_same_moments(root: Path, case: str) -> None:
    """By 8 hours through forty days; the desk's memory and features come out of plain values."""
    told = in_backtest(root, case)
    market = paper_market(mandate(case), None, root, span_of(case))
    knows, (memory,) = market.features(), market.before([None], told[0][0])
    policy = mandate(case).hedges[0].policy
    for time_ns, said in told:
        features = features_in(json.loads(json.dumps(features_out(knows(time_ns)))))
        assert features is not None
        one, memory = policy.step(memory, PolicyInput(time_ns, features, BOOK))
        memory = json.loads(json.dumps(memory))
        assert one.ratio == said.ratio
    for time_ns, said in told[::17]:
        plan = verbs.decision(mandate(case), at=time_ns, data=root)
        assert plan.aims[0].ratio == said.ratio
        assert plan.aims[0].reasons[0] == said.reasons[0]
    assert len({one.ratio for _, one in told}) > 1


def test_what_it_remembers_does_not_depend_on_where_the_run_begins(root: Path) -> None:
    """A run that begins twenty days later is told the same from there on."""
    whole = in_backtest(root, "alone")
    span = (SPAN[0] + 20 * DAY_NS, SPAN[1], SPAN[2])
    made = prepared(mandate("alone"), None, root, RunRequest(span)).spec
    stamps = made.aligned.stamp_ns
    answers = Answers(
        made.setup, stamps, made.features, 1, None, opens=False, past=Past(made.memory, made.looks)
    )
    for stamp in range(len(stamps)):
        answers.at(stamp, lambda: [BOOK])
        assert (int(stamps[stamp]), answers.aims[0]) == whole[60 + stamp]


def test_a_stored_decision_is_made_again(root: Path) -> None:
    """Policy, contracts and policy beside come out of the ledger; the aims are the same."""
    for case in CASES:
        decision = verbs.decision(mandate(case), at=span_of(case)[0] + 8 * HOUR_NS, data=root)
        ledger = open_ledger("memory:")
        event = decided_event(ledger, decision)
        assert differences(ledger, event) == []
        (aim,) = event.aims
        other = replace(event, aims=[aim | {"ratio": 0.123}])
        assert differences(ledger, other) == ["aim: hedge 1"]
