"""Hidden states: those of the library, blind to what comes, the same wherever the fold began."""

import json
import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tests.hedge.a_market import a_mandate
from tests.hedge.test_regime import BOOK
from volsculpt.errors import EstimateError, MandateError
from volsculpt.hedge.estimators.hidden_markov import Chain, chain_fit, filtered, state_names
from volsculpt.hedge.features.hidden_state import STATE_NAMES, HiddenState, returns_of, unpacked
from volsculpt.hedge.market_features import CoinFeatures, Features
from volsculpt.hedge.policies.regime import RegimePolicy, hidden_states
from volsculpt.hedge.policy import PolicyInput
from volsculpt.hedge.refit import FitMemory
from volsculpt.hedge.regimes.reading import OWN, framework_text
from volsculpt.hedge.window import WindowMemory
from volsculpt.mandate.load import load_mandate, parse_mandate
from volsculpt.units import DAY_NS

WINDOW_NS = 300 * DAY_NS
ONE = HiddenState("bearish", WINDOW_NS)
FIRST_NS = 200 * ONE.refit_ns + 20 * DAY_NS
POLICY = RegimePolicy(framework_text(), model="hmm")
NOW_NS = FIRST_NS + 499 * DAY_NS


@cache
def returns() -> tuple[float, ...]:
    """Calm, wild falls and rises, in turns of fifty days."""
    dice = np.random.default_rng(5)
    kinds = [(0.0005, 0.008), (-0.012, 0.05), (0.006, 0.025)]
    parts = [dice.normal(*kinds[turn % 3], 50) for turn in range(10)]
    return tuple(np.concatenate(parts).tolist())


def rows(days: int = 500, changed: int | None = None) -> list[tuple[int, float]]:
    """A close a day. changed: from this day on another."""
    closes = 100.0 * np.exp(np.cumsum(returns()[:days]))
    if changed is not None:
        closes[changed:] *= np.linspace(1.2, 2.0, days - changed)
    return [(FIRST_NS + day * DAY_NS, float(one)) for day, one in enumerate(closes)]


def test_shares_are_the_librarys_filtered_ones() -> None:
    """Of the fitted chain, day by day; never the smoothed ones."""
    from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression

    asked = np.array(returns())
    chain = chain_fit(asked)
    model = MarkovRegression(asked, k_regimes=3, switching_variance=True)
    moved = [chain.moves[one][to] for to in range(2) for one in range(3)]
    variances = [one * one for one in chain.sigmas]
    theirs = model.filter(np.array([*moved, *chain.means, *variances]))
    shares = chain.start
    for row, one in enumerate(asked.tolist()):
        shares = filtered(chain, shares, one)
        assert sum(shares) == pytest.approx(1.0)
        assert shares == pytest.approx(tuple(theirs.filtered_marginal_probabilities[row]), abs=1e-6)
    assert sorted(map(str, state_names(chain))) == ["bearish", "bull run", "range"]


def test_the_states_of_a_made_up_market_are_found() -> None:
    """Means and deviations of its three kinds of days, and that they last, within chance."""
    chain = chain_fit(np.array(returns()))
    order = sorted(range(3), key=lambda one: chain.sigmas[one])
    truth = [(0.0005, 0.008), (0.006, 0.025), (-0.012, 0.05)]
    for one, (mean, sigma) in zip(order, truth, strict=True):
        assert chain.sigmas[one] == pytest.approx(sigma, rel=0.2)
        assert chain.means[one] == pytest.approx(mean, abs=3.0 * sigma / math.sqrt(150.0))
        assert chain.moves[one][one] > 0.9
        assert sum(chain.moves[one]) == pytest.approx(1.0)
    assert sum(chain.start) == pytest.approx(1.0)


def test_states_are_named_by_their_moments() -> None:
    """One that fits none of the names has none."""
    moves = ((0.8, 0.1, 0.1),) * 3
    start = (0.4, 0.3, 0.3)
    for means, sigmas, names in (
        ((-0.02, 0.001, 0.004), (0.08, 0.01, 0.03), ("bearish", "range", "bull run")),
        ((0.004, -0.02, 0.001), (0.03, 0.001, 0.01), ("bull run", "bearish", "range")),
        ((0.001, 0.002, 0.004), (0.03, 0.01, 0.02), (None, "range", "bull run")),
        ((-0.02, -0.001, -0.004), (0.08, 0.03, 0.01), ("bearish", None, "range")),
    ):
        assert state_names(Chain(moves, means, sigmas, start)) == names


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (np.zeros(400), "prices that never move cannot be told apart"),
        (np.full(400, 0.01), "prices that never move cannot be told apart"),
        (np.array([0.1, -0.1]), "need 250 returns or more, there are 2; give a longer history"),
    ],
)
def test_what_has_no_states_is_refused(asked: np.ndarray, message: str) -> None:
    """Constant, or two points."""
    with pytest.raises(EstimateError, match=message):
        chain_fit(asked)


@cache
def folded(first: int = 0, changed: int | None = None) -> FitMemory:
    """The memory after all days from one on."""
    memory = ONE.fold(None, rows(changed=changed)[first:])
    assert isinstance(memory, FitMemory)
    return memory


def test_a_row_of_numbers_is_the_chain_and_its_shares() -> None:
    """As fitted to the window of the last turn and folded since, to the bit."""
    assert folded().fit is not None
    chain, shares = unpacked(folded().fit or ())
    turn = (folded().fitted_ns - FIRST_NS) // DAY_NS
    assert folded().fitted_ns % ONE.refit_ns == 0
    assert chain == chain_fit(
        np.array(returns_of(*zip(*rows()[turn - 300 : turn + 1], strict=True)))
    )
    again = chain.start
    for one in returns_of(*zip(*rows()[turn - 300 :], strict=True)):
        again = filtered(chain, again, one)
    assert shares == again
    own = [
        share for name, share in zip(state_names(chain), shares, strict=True) if name == "bearish"
    ]
    assert ONE.value(folded(), NOW_NS) == sum(own)


def test_it_is_the_same_wherever_the_fold_began() -> None:
    """As far back as it looks, or farther; a memory goes on out of plain values."""
    back = (NOW_NS - ONE.look_back_ns - FIRST_NS) // DAY_NS
    assert back > 0
    assert folded(back) == folded()
    half = ONE.fold(None, rows()[:450])
    assert half is not None
    again = ONE.memory_of(json.loads(json.dumps(ONE.plain(half))))
    assert ONE.fold(again, rows()[450:]) == folded()
    states = [HiddenState(name, WINDOW_NS) for name in STATE_NAMES]
    found = Features(
        NOW_NS, {"BTC": CoinFeatures(1.0, NOW_NS, {one: one.fold(None, rows()) for one in states})}
    )
    assert sum(found.value("BTC", one) or 0.0 for one in states) == pytest.approx(1.0)
    assert ONE.value(folded(), NOW_NS + 11 * DAY_NS) is None


def test_the_future_is_not_seen() -> None:
    """Another future changes no share before it, and those after it."""
    cut = 470
    one, other = ONE.fold(None, rows()[:cut]), ONE.fold(None, rows(changed=cut)[:cut])
    assert one == other
    assert folded().fit != folded(changed=cut).fit


def test_gaps_and_constant_prices_are_told() -> None:
    """With how many days there are; a return over a missing day is no daily return."""
    assert returns_of((0, DAY_NS, 3 * DAY_NS), (1.0, 2.0, 3.0)) == (pytest.approx(np.log(2.0)),)
    full = rows()
    gappy = ONE.fold(None, [one for day, one in enumerate(full) if day % 3])
    flat = ONE.fold(None, [(time_ns, 100.0) for time_ns, _ in full])
    short = ONE.fold(None, full[:50])
    for memory, said in (
        (gappy, "days miss a price; import them"),
        (flat, "prices that never move"),
        (short, "no fit was due since 1d prices of BTC are known; one is every 91 days"),
        (None, "nothing of 1d prices of BTC is known"),
    ):
        if memory is not None:
            assert ONE.value(memory, memory.known_ns[-1]) is None
        now_ns = NOW_NS if memory is None else memory.known_ns[-1]
        assert said in ONE.lacking("BTC", memory, now_ns)


@pytest.mark.parametrize("missing", [30, 31])
def test_a_tenth_of_the_days_may_miss_a_price(missing: int) -> None:
    """Of three hundred returns thirty; one more is told with how many there are."""
    whole = rows()[:301]
    memory = WindowMemory(*map(tuple, zip(*whole[missing:], strict=True)))
    assert len(returns_of(memory.known_ns, memory.figures)) == 300 - missing
    if missing == 30:
        assert 0.0 <= ONE.fitted(memory)[0] <= 1.0
    else:
        with pytest.raises(EstimateError, match=r"^31 of 300 days miss a price; import them$"):
            ONE.fitted(memory)


def looked(states: dict[str, float]) -> Features:
    """A market of these shares, and whatever else the framework asks for."""
    from tests.hedge.test_regime import looks

    (known,) = looks((430,))
    now_ns, coin = known.time_ns, known.coins["BTC"]
    hidden = {
        one: FitMemory((now_ns,), (1.0,), (states[one.state],), now_ns, "")
        for one in hidden_states()
    }
    memories = {**coin.memories, **hidden}
    return Features(known.time_ns, {"BTC": CoinFeatures(coin.index_usd, coin.index_ns, memories)})


def test_the_policy_takes_its_shares_from_the_states() -> None:
    """And bands and conviction from the framework; without a fit the regime is unknown."""
    known = looked({"bull run": 0.2, "range": 0.7, "bearish": 0.1})
    assessment = POLICY.look(known, "BTC")
    shares = {one.condition.name: one.membership for one in assessment.conditions}
    assert shares == {"bull run": 0.2, "range": 0.7, "bearish": 0.1, "recovery": 0.0}
    ratio = sum((one.membership or 0.0) * (one.ratio or 0.0) for one in assessment.conditions)
    assert assessment.ratio == pytest.approx(ratio)
    answer, _ = POLICY.step(None, PolicyInput(known.time_ns, known, BOOK))
    assert answer.ratio == assessment.ratio
    assert answer.reasons[0].startswith("BTC: a consolidation, bound to a range (70 % range)")
    blind = Features(known.time_ns)
    answer, _ = POLICY.step(None, PolicyInput(known.time_ns, blind, BOOK))
    assert answer.ratio is None
    assert "no hidden states: nothing of 1d prices of BTC is known" in answer.reasons[0]
    assert len(POLICY.needs("BTC", ["BTC"])["BTC"]) == 3 + len(POLICY.of("BTC").figures)


def test_a_mandate_asks_for_it(tmp_path: Path) -> None:
    """By name; another is refused, and a framework without its conditions too."""
    (hedge,) = parse_mandate(a_mandate('policy = "regime"\nmodel = "hmm"')).hedges
    assert isinstance(hedge.policy, RegimePolicy)
    assert hedge.policy.model == "hmm"
    with pytest.raises(MandateError, match='model = "hnn": must be one of "framework", "hmm"'):
        parse_mandate(a_mandate('policy = "regime"\nmodel = "hnn"'))
    text = OWN.read_text(encoding="utf-8").replace('name = "range"', 'name = "sideways"')
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    file = tmp_path / "mandate.toml"
    own = 'policy = "regime"\nmodel = "hmm"\nframework = "mine.toml"'
    file.write_text(a_mandate(own), encoding="utf-8")
    with pytest.raises(MandateError, match="has a state 'range', and the framework no condition"):
        load_mandate(file)


def test_shares_stay_over_a_missing_day() -> None:
    """The return of two days is no daily one: nothing is read of it, where one day is."""
    feature, fit = HiddenState("range"), (0.5, 1.0, 2.0)
    for steps in (2, 3, 30):
        assert feature.followed(fit, 100.0, 150.0, steps) is fit
