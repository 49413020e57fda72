"""The policies min-variance and liquidation-aware: what they find, tell, and do without a fit."""

import json
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tests.hedge.a_market import BEGIN_NS, DAYS, KEY, a_history, a_mandate, a_store, changed_after
from volsculpt import verbs
from volsculpt.errors import EstimateError, MandateError, MissingExtra
from volsculpt.hedge.answer import Aim
from volsculpt.hedge.estimators.every import ESTIMATORS, estimator_class
from volsculpt.hedge.estimators.liquidation import LiquidationAware
from volsculpt.hedge.estimators.ols import Ols
from volsculpt.hedge.fitted_ratio import FittedPolicy
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.policies import min_variance
from volsculpt.hedge.policies.liquidation_aware import LiquidationAwarePolicy, LiquidationRatio
from volsculpt.hedge.policies.min_variance import MinVariancePolicy, MinVarianceRatio
from volsculpt.hedge.policy import HedgeSummary, PolicyInput
from volsculpt.hedge.spec import Hedge
from volsculpt.hedge.stored import features_of, observed_for
from volsculpt.ledger.decisions import features_in, features_out
from volsculpt.mandate.history import open_market
from volsculpt.mandate.load import parse_mandate
from volsculpt.mandate.setup import setup_of
from volsculpt.market.history import History
from volsculpt.market.streams import pair_stream
from volsculpt.simulate.answers import Answers
from volsculpt.trade.paper.opening import paper_market
from volsculpt.units import DAY_NS

NOTHING = HedgeSummary("BTC", 0.0, 0.0, 0.0, 0.0, None, 0.0)
OLS = MinVariancePolicy("bybit:{coin}/USD:{coin}", window_ns=120 * DAY_NS, refit_ns=5 * DAY_NS)
LIQUIDATION = LiquidationAwarePolicy(
    "bybit:{coin}/USD:{coin}", window_ns=240 * DAY_NS, refit_ns=40 * DAY_NS
)
BOTH = pytest.mark.parametrize("policy", [OLS, LIQUIDATION], ids=lambda one: one.NAME)
START_NS = BEGIN_NS + (DAYS - 12) * DAY_NS
SPAN = (START_NS, START_NS + 10 * DAY_NS, None)
KEYS = 'contract = "bybit:{coin}/USD:{coin}"\nwindow = "120d"\nrefit = "5d"\n'


def known(policy: FittedPolicy, history: History, days: tuple[int, ...]) -> list[Features]:
    """What the policy may know of a history on some days."""
    stamps = [BEGIN_NS + day * DAY_NS for day in days]
    found = features_of(history, (Hedge("BTC", policy),), stamps)
    assert found is not None
    return found


def told(policy: FittedPolicy, features: Features) -> Aim:
    """What it says."""
    answer, memory = policy.step(None, PolicyInput(features.time_ns, features, NOTHING))
    assert memory is None
    return answer


@cache
def moves(window_days: int, end: int) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """Moves of the contract and returns of the coin, by hand, on the days before one."""
    stream = pair_stream("BTC", KEY, DAY_NS)
    needs = {"BTC": (OLS.feature("BTC"),)}
    rows = observed_for(a_history(), needs, [BEGIN_NS, BEGIN_NS + end * DAY_NS])[stream]
    spot, mark = np.array([pair for _, pair in rows[-window_days - 1 :]]).T
    return np.diff(mark) / spot[:-1], spot[1:] / spot[:-1] - 1.0


def last_fit(day: int, refit_days: int) -> int:
    """The day of the newest multiple since 1970."""
    since = BEGIN_NS // DAY_NS
    return (since + day) // refit_days * refit_days - since


def test_estimators_are_those_there_are() -> None:
    """All but the one that is a policy of its own."""
    names = [one.NAME for one in ESTIMATORS]
    assert list(min_variance.ESTIMATORS) == [one for one in names if one != "liquidation-aware"]


def test_min_variance_is_the_estimators_own_ratio() -> None:
    """Least squares on the window before the last multiple of five days, by hand."""
    answer = told(OLS, known(OLS, a_history(), (400,))[0])
    moved, held = moves(120, last_fit(400, 5))
    fitted = Ols().fit(moved[:, None], held)
    assert answer.ratio == pytest.approx(float(fitted.ratio_[0]), rel=1e-12)
    assert answer.reasons[0].startswith("ols: the least variance is left by hedging ")
    assert "give or take" in answer.reasons[0]


def test_liquidation_aware_is_the_estimators_own_ratio_and_leverage() -> None:
    """On weeks of the window, and what it says of leverage and liquidations."""
    answer = told(LIQUIDATION, known(LIQUIDATION, a_history(), (400,))[0])
    moved, held = moves(240, last_fit(400, 40))
    fitted = LiquidationAware(margin=0.2, horizon=7).fit_ratio(moved[:, None], held)
    assert answer.ratio == pytest.approx(float(fitted.ratio_[0]), rel=1e-12)
    assert f"leverage {fitted.leverage_:.3g}" in answer.reasons[0]
    assert "liquidated within 7 days with probability" in answer.reasons[0]


def test_more_margin_is_more_hedge() -> None:
    """With a margin of its whole size an inverse short is never liquidated: least squares again."""
    ratios = []
    for margin in (0.1, 0.3, 1.5):
        policy = LiquidationAwarePolicy(
            KEY, window_ns=240 * DAY_NS, refit_ns=40 * DAY_NS, margin=margin
        )
        ratios.append(told(policy, known(policy, a_history(), (400,))[0]).ratio)
    moved, held = moves(240, last_fit(400, 40))
    assert ratios == sorted(ratios)
    least = float(np.cov(moved, held)[0, 1] / np.var(moved, ddof=1))
    assert ratios[-1] == pytest.approx(least, abs=1e-5)


@BOTH
def test_the_future_is_not_seen(policy: FittedPolicy) -> None:
    """Every input changed from a moment on: the past tells the same, the future does not."""
    days, cut = tuple(range(300, DAYS, 9)), 400
    other = changed_after(a_history(), BEGIN_NS + cut * DAY_NS, 1.3)
    before = [told(policy, one) for one in known(policy, a_history(), days)]
    after = [told(policy, one) for one in known(policy, other, days)]
    past = sum(day <= cut for day in days)
    assert before[:past] == after[:past]
    assert before != after


@BOTH
def test_without_a_fit_it_falls_back(policy: FittedPolicy) -> None:
    """Nothing known, too little known, and what is known too old: told, and never guessed."""
    early = known(policy, a_history(), (50,))[0]
    for features in (Features(BEGIN_NS), early):
        answer = told(policy, features)
        assert answer.ratio is None
        assert answer.reasons[0].startswith("no ratio: ")
        assert "no fallback_ratio is given" in answer.reasons[1]
    feature = policy.feature("BTC")
    found = known(policy, a_history(), (400,))[0]
    memory = found.memory("BTC", feature)
    last_ns = memory.fitted_ns + policy.refit_ns + policy.keep_ns
    for late_ns, holds in ((0, True), (1, False)):
        now = Features(last_ns + late_ns, found.coins)
        assert (told(policy, now).ratio is not None) is holds
    own = type(policy)(
        policy.contract, policy.every_ns, policy.window_ns, policy.refit_ns, fallback_ratio=0.3
    )
    assert told(own, Features(BEGIN_NS)).ratio == 0.3


def test_every_estimator_can_be_named() -> None:
    """Each that needs no minute finds about as much as is held, by the coin's own contract."""
    for name in ("naive", "rolling-ols", "ewma", "error-correction", "inverse"):
        policy = MinVariancePolicy(KEY, window_ns=120 * DAY_NS, estimator=name)
        answer = told(policy, known(policy, a_history(), (400,))[0])
        assert answer.ratio == pytest.approx(1.0, abs=0.05), name
    other = MinVariancePolicy(KEY, window_ns=120 * DAY_NS, estimator="inverse")
    features = known(other, a_history(), (400,))[0]
    assert told(other, features).ratio is not None


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the extra to install, not as a ratio that is not known."""
    monkeypatch.setitem(sys.modules, "sklearn.utils.validation", None)
    with pytest.raises(MissingExtra, match=r"pip install 'volsculpt\[models\]'"):
        known(OLS, a_history(), (400,))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the made-up market."""
    return a_store(tmp_path_factory.mktemp("fitted"), START_NS)


def test_the_same_in_a_plan_a_backtest_and_on_paper(root: Path) -> None:
    """At midnights of ten days, over two refits; out of a ledger too."""
    text = a_mandate(f'policy = "min-variance"\n{KEYS}')
    mandate = parse_mandate(text)
    aligned, history, _ = open_market(mandate, None, root, SPAN)
    in_run = features_of(history, mandate.hedges, aligned.stamp_ns.tolist())
    assert in_run is not None
    answers = Answers(setup_of(mandate, START_NS), aligned.stamp_ns, in_run, 1, None, opens=False)
    on_paper = paper_market(mandate, None, root, SPAN).features()
    ratios = set()
    for stamp, features in enumerate(in_run):
        again = on_paper(features.time_ns)
        if stamp and stamp % 24 == 0:
            kept = features_in(json.loads(json.dumps(features_out(again))))
            assert kept is not None
            (hedge,) = mandate.hedges
            assert isinstance(hedge.policy, MinVariancePolicy)
            answer = told(hedge.policy, kept)
            assert answer.ratio is not None
            limited = min(answer.ratio, 1.0)
            assert answers.ratios[stamp - 1, 0, 0] == limited
            planned = verbs.decision(parse_mandate(text), at=features.time_ns, data=root)
            assert planned.aims[0].ratio == limited
            ratios.add(answer.ratio)
    assert len(ratios) in (2, 3)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("", "contract is missing"),
        ('contract = "bybit"', 'must be VENUE:SYMBOL, for example "bybit:{coin}/USD:{coin}"'),
        ('contract = "bybit:BTCUSD"', "not in unified notation"),
        (f'{KEYS}estimator = "magic"', "estimator"),
        (f'{KEYS}step = "1m"', 'step = "1m": must be "1h" or longer'),
        (f"{KEYS}margin = 0.2", 'belongs to policy = "liquidation-aware", not "min-variance"'),
    ],
)
def test_wrong_keys_are_told(keys: str, message: str) -> None:
    """Each names the key, what is allowed and the fix."""
    with pytest.raises(MandateError) as caught:
        parse_mandate(a_mandate(f'policy = "min-variance"\n{keys}'))
    assert any(message in line for line in caught.value.problems), caught.value.problems


@pytest.mark.parametrize(("estimator", "days"), [("ols", 7), ("garch", 101), ("kalman", 31)])
def test_the_shortest_window_is_that_of_the_estimator(estimator: str, days: int) -> None:
    """What it says of itself is what it refuses to go below."""
    one = MinVarianceRatio(KEY, estimator=estimator)
    assert one.least_window_ns() == days * DAY_NS
    returns = np.random.default_rng(1).normal(0.0, 0.02, days - 1)
    with pytest.raises(EstimateError, match=f"it needs {days}"):
        estimator_class(estimator)().fit(returns[:, None], returns)
    assert LiquidationRatio(KEY).least_window_ns() == 30 * 7 * DAY_NS
    few = np.array([0.01, -0.01])
    said = f"{estimator}: 2 returns .n_samples = 2. are too few for 1 instrument: it needs {days};"
    with pytest.raises(EstimateError, match=said):
        estimator_class(estimator)().fit(few[:, None], few)
