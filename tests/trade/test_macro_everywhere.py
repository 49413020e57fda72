"""The macro overlay at the same moment in a plan, a backtest, on paper and out of a ledger."""

import json
from functools import cache
from pathlib import Path

import pytest

from tests.hedge.a_market import BEGIN_NS, DAYS, a_history, a_mandate, a_store, changed_after
from volsculpt import verbs
from volsculpt.hedge.aim import aim_one
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.policy import HedgeSummary
from volsculpt.hedge.stored import features_of
from volsculpt.ledger.decisions import RECORDS, features_in, features_out
from volsculpt.ledger.plain import record_in, record_out
from volsculpt.mandate.history import open_market
from volsculpt.mandate.load import load_mandate
from volsculpt.mandate.objects import Mandate
from volsculpt.mandate.setup import setup_of
from volsculpt.simulate.answers import Answers
from volsculpt.trade.paper.opening import paper_market
from volsculpt.units import DAY_NS, HOUR_NS

START_NS = BEGIN_NS + (DAYS - 12) * DAY_NS
SPAN = (START_NS, START_NS + 8 * DAY_NS, None)
BOUNDS = (0.0, 1.0)
NOTHING = HedgeSummary("BTC", 0.0, 0.0, 0.0, 0.0, None, 0.0)
OVERLAY = """most = 0.5
[figure.rate]
feature = "level"
of = "series:yield_2y"
every = "1d"
what = "2-year yield"
unit = "%"
[figure.rise]
feature = "change"
of = "series:yield_2y"
window = "5d"
what = "2-year yield"
unit = "points"
[figure.lost]
feature = "level"
of = "series:policy_rate"
every = "1d"
what = "policy rate"
[[tilt]]
of = "rate"
from = 0
to = 200
add = 0.3
why = "cash pays"
[[tilt]]
of = "rise"
from = -20
to = 20
add = -0.2
why = "it comes down again"
[[tilt]]
of = "lost"
from = -1
to = 1
add = 0.5
why = "it would be half of it, were it taken for 0"
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the made-up market, and an overlay beside it."""
    folder = a_store(tmp_path_factory.mktemp("macro"), START_NS)
    (folder / "mine.toml").write_text(OVERLAY, encoding="utf-8")
    return folder


@cache
def mandate_in(folder: Path, hedge: str) -> Mandate:
    """A mandate with the overlay. hedge: its ratio."""
    file = folder / "mandate.toml"
    overlay = '[[overlay]]\nkind = "macro"\nfile = "mine.toml"\n'
    file.write_text(a_mandate(hedge) + overlay, encoding="utf-8")
    return load_mandate(file)


@cache
def known_to(root: Path, mandate: str, changed_ns: int | None = None) -> list[Features]:
    """What a backtest knows at each of its stamps, or would with another future."""
    made = mandate_in(root, mandate)
    aligned, history, _ = open_market(made, None, root, SPAN)
    if changed_ns is not None:
        history = changed_after(a_history(), changed_ns, 1.5)
    found = features_of(history, made.hedges, aligned.stamp_ns.tolist(), made.overlays)
    assert found is not None
    return found


def told_by(mandate: Mandate, known: list[Features]) -> list[float]:
    """What a backtest decides at each stamp."""
    aligned, _, _ = open_market(mandate, a_history(), None, SPAN)
    answers = Answers(setup_of(mandate, START_NS), aligned.stamp_ns, known, 1, None, opens=False)
    for stamp in range(len(known)):
        answers.at(stamp, lambda: [NOTHING])
    return [float(answers.first[0, 0]), *answers.ratios[:, 0, 0].tolist()]


@pytest.mark.parametrize("hedge", ["ratio = 0.3", 'policy = "regime"'])
def test_every_mode_is_told_the_same(root: Path, hedge: str) -> None:
    """At midnight and between; a fixed ratio moves at midnight alone; what lacks adds nothing."""
    mandate, known = mandate_in(root, hedge), known_to(root, hedge)
    ratios = told_by(mandate, known)
    on_paper = paper_market(mandate, None, root, SPAN).features()
    memory: list[object] = [None]
    overlays = record_in(json.loads(json.dumps(record_out(mandate.overlays))), RECORDS)
    for stamp, features in enumerate(known):
        again = features_in(json.loads(json.dumps(features_out(on_paper(features.time_ns)))))
        asked = (mandate.hedges[0], memory[0], again, NOTHING, features.time_ns)
        answer, memory[0] = aim_one(*asked, overlays, BOUNDS)
        assert answer.ratio == ratios[stamp]
        assert any("not known, so it adds nothing: policy rate" in one for one in answer.reasons)
        if stamp % 31 == 0 and hedge == "ratio = 0.3":
            made = verbs.decision(mandate, at=features.time_ns, data=root)
            assert made.aims[0].ratio == answer.ratio
            assert made.aims[0].reasons == answer.reasons
    if hedge == "ratio = 0.3":
        moved = [k for k in range(1, len(ratios)) if ratios[k] != ratios[k - 1]]
        assert moved
        assert all(known[stamp].time_ns % DAY_NS == 0 for stamp in moved)


def test_the_future_is_not_seen(root: Path) -> None:
    """Every figure changed, and published a day later, from a moment on: the past is the same."""
    cut_ns = START_NS + 3 * DAY_NS + 5 * HOUR_NS
    hedge = "ratio = 0.3"
    mandate = mandate_in(root, hedge)
    one = told_by(mandate, known_to(root, hedge))
    other = told_by(mandate, known_to(root, hedge, cut_ns))
    place = (cut_ns - START_NS) // HOUR_NS + 1
    assert one[:place] == other[:place]
    assert one[place:] != other[place:]
