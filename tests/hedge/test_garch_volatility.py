"""GARCH with Student tails: the library's parameters and variances, followed day by day."""

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hedge.a_market import BEGIN_NS, DAYS, a_history, a_mandate
from volsculpt.errors import EstimateError, MandateError
from volsculpt.hedge.estimators.garch import garch_fit, garch_fold
from volsculpt.hedge.features.garch_volatility import GarchVolatility, garch_step
from volsculpt.hedge.features.har import HarVolatility
from volsculpt.hedge.market_features import Features, features_at
from volsculpt.hedge.policies.vol_target import VolTargetPolicy
from volsculpt.hedge.policy import HedgeSummary, PolicyInput
from volsculpt.hedge.stored import observed_for
from volsculpt.hedge.window import WindowMemory
from volsculpt.mandate.load import parse_mandate
from volsculpt.market.streams import Stream
from volsculpt.units import DAY_NS

GARCH = GarchVolatility(window_ns=400 * DAY_NS, refit_ns=50 * DAY_NS)
BOOK = HedgeSummary("BTC", 60_000.0, 1.0, 1.0, 1.0, 0.0, 60_000.0)
Rows = list[tuple[int, float]]


@cache
def clustered(days: int = 520, seed: int = 4) -> tuple[tuple[int, float], ...]:
    """A price a day whose variance comes in clusters, with Student tails of 5 degrees."""
    dice = np.random.default_rng(seed)
    variance, price, rows = 1.0, 100.0, []
    for day in range(days):
        shock = math.sqrt(variance * 3.0 / 5.0) * dice.standard_t(5)
        variance = 0.05 + 0.1 * shock * shock + 0.85 * variance
        price *= math.exp(0.03 * shock)
        rows.append(((1000 + day) * DAY_NS, price))
    return tuple(rows)


def known(rows: Rows, now_ns: int, feature: GarchVolatility = GARCH) -> Features:
    """What is known of daily prices."""
    fed = {Stream("index", "BTC", DAY_NS): rows}
    return features_at(fed, {"BTC": (feature,)}, [now_ns])[0]


def test_worked_step() -> None:
    """Those of the docstring."""
    assert garch_step(1.0, 2.0, 0.1, 0.1, 0.8) == pytest.approx(1.3)
    assert garch_step(1.0, 2.0, 0.1, 0.1, 0.8, steps=2) == pytest.approx(1.1)


@given(st.floats(0.01, 5.0), st.floats(0.0, 0.3), st.floats(0.0, 0.7), st.integers(1, 20))
def test_in_its_mean_it_stays(variance: float, alpha: float, beta: float, steps: int) -> None:
    """A surprise as large as expected leaves the variance where it is, over one day or many."""
    omega = variance * (1.0 - alpha - beta)
    surprise = math.sqrt(variance * steps)
    after = garch_step(variance, surprise, omega, alpha, beta, steps)
    assert after == pytest.approx(variance, rel=1e-9)


@given(st.integers(1, 10), st.floats(-0.2, 0.2))
def test_the_mean_of_missing_days_is_no_surprise(steps: int, mean: float) -> None:
    """A price that came as far as its mean says, over days that are not known: only time passed."""
    fit = (0.6, 1.2, mean, 0.1, 0.1, 0.8, 5.0, 0.03)
    seen = 100.0 * math.exp(0.03 * steps * mean)
    after = GARCH.followed(fit, 100.0, seen, steps)
    assert after[1] == pytest.approx(garch_step(1.2, 0.0, 0.1, 0.1, 0.8, steps))
    assert after[0] == pytest.approx(0.03 * math.sqrt(365.0 * after[1]))


def test_it_is_the_librarys_fit_followed_day_by_day() -> None:
    """At every day after the fit: the parameters of `arch` on the window, run on to that day."""
    rows = list(clustered())
    memory = known(rows, rows[-1][0]).memory("BTC", GARCH)
    fit_day = memory.fitted_ns // DAY_NS - 1000
    assert memory.fitted_ns % (50 * DAY_NS) == 0
    prices = np.array([price for _, price in rows])
    returns = np.diff(np.log(prices[fit_day - 400 : fit_day + 1]))
    found = garch_fit(returns, "garch", "t")
    assert 3.0 < found.freedom < 12.0
    for later in (0, 1, 20):
        on = np.diff(np.log(prices[fit_day - 400 : fit_day + 1 + later]))
        expected = garch_fold(on, found)[1][-1] * math.sqrt(365.0)
        now_ns = memory.fitted_ns + later * DAY_NS
        value = known(rows[: fit_day + later + 1], now_ns).value("BTC", GARCH)
        assert value == pytest.approx(expected, rel=1e-9)


def test_the_librarys_own_forecast() -> None:
    """`arch` forecasts the same next variance from its own fit."""
    from arch import arch_model

    prices = np.array([price for _, price in clustered()])[:401]
    returns = np.diff(np.log(prices))
    scale = float(returns.std())
    options = {"mean": "Constant", "vol": "GARCH", "p": 1, "q": 1, "dist": "t", "rescale": False}
    theirs = arch_model(returns / scale, **options).fit(disp="off", show_warning=False)
    variance = float(theirs.forecast(horizon=1, reindex=False).variance.to_numpy()[-1, 0])
    ours = garch_fold(returns, garch_fit(returns, "garch", "t"))[1][-1]
    assert ours == pytest.approx(math.sqrt(variance) * scale, rel=1e-6)


def test_one_wild_day_moves_student_less_than_normal() -> None:
    """What the tails are for: the same day leaves a smaller share of news in every variance."""
    returns = np.diff(np.log(np.array([price for _, price in clustered()])))[:500].copy()
    before = garch_fit(returns, "garch", "t"), garch_fit(returns, "garch")
    returns[250] = -12.0 * returns.std()
    after = garch_fit(returns, "garch", "t"), garch_fit(returns, "garch")
    moved = [
        abs(late.omega * late.scale**2 / (early.omega * early.scale**2) - 1.0)
        for early, late in zip(before, after, strict=True)
    ]
    assert moved[0] < moved[1]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([((1000 + day) * DAY_NS, 5.0) for day in range(500)], "the price does not move"),
        ([((1000 + day) * DAY_NS, 1.01**day) for day in range(500)], "the price does not move"),
        (
            list(clustered())[:100],
            "days without a gap longer than 10 days are known, 400 days are",
        ),
        ([one for day, one in enumerate(clustered()) if day % 3 == 0], "daily returns, of 250"),
    ],
)
def test_what_cannot_be_fitted_is_told(rows: Rows, said: str) -> None:
    """Constant, rising by the same each day, short, and full of holes."""
    found = known(rows, rows[-1][0])
    assert found.value("BTC", GARCH) is None
    assert said in found.lacking("BTC", GARCH)


def test_returns_are_enough_or_refused() -> None:
    """Two hundred and fifty of days that follow one another; one fewer is told with its number."""
    prices = [price for _, price in clustered()][:252]
    days = tuple(1_000 * DAY_NS + day * DAY_NS for day in range(252))
    memory = WindowMemory(days[:251], tuple(prices[:251]))
    assert GARCH.fitted(memory)[0] > 0.0
    hole = WindowMemory((*days[:250], days[251]), (*prices[:250], prices[251]))
    with pytest.raises(EstimateError, match=r"^garch: 249 daily returns, of 250 needed$"):
        GARCH.fitted(hole)


def test_an_old_price_is_no_forecast() -> None:
    """Though the fit still holds: the variance since is not known."""
    rows = list(clustered())
    found = known(rows, rows[-1][0] + 11 * DAY_NS)
    assert found.value("BTC", GARCH) is None
    assert "is 11 days old, more than 10" in found.lacking("BTC", GARCH)


@pytest.mark.parametrize("name", ["har", "garch"])
def test_vol_target_goes_by_it(name: str) -> None:
    """The ratio is 1 - wanted/forecast, and the forecast is the one that was named."""
    policy = VolTargetPolicy(0.3, forecast=name)
    features = GarchVolatility() if name == "garch" else HarVolatility()
    assert policy.needs("BTC", ["BTC"]) == {"BTC": (features,)}
    now_ns = BEGIN_NS + (DAYS - 1) * DAY_NS
    if name == "garch":
        rows = list(clustered(800))
        now_ns = rows[-1][0]
        found = known(rows, now_ns, GarchVolatility())
    else:
        observed = observed_for(a_history(), policy.needs("BTC", []), [now_ns])
        found = features_at(observed, policy.needs("BTC", []), [now_ns])[0]
    sigma = policy.volatility_forecast("BTC", found)
    assert sigma is not None
    answer, _ = policy.step(None, PolicyInput(now_ns, found, BOOK))
    assert answer.ratio == pytest.approx(1.0 - 0.3 / sigma)
    assert policy.words() == f"hedge so that wealth moves 30 % a year (vol-target, {name})"


def test_an_overdue_fit_is_told() -> None:
    """A hole since the last fit leaves it in force, and the reasons say so."""
    rows, feature = list(clustered(850)), GarchVolatility()
    fit_ns = known(rows[:-40], rows[-41][0], feature).memory("BTC", feature).fitted_ns
    short = [one for one in rows if not fit_ns + 9 * DAY_NS < one[0] < fit_ns + 21 * DAY_NS]
    features = known(short, fit_ns + 32 * DAY_NS, feature)
    answer, _ = VolTargetPolicy(0.3, forecast="garch").step(
        None, PolicyInput(features.time_ns, features, BOOK)
    )
    assert answer.ratio is not None
    assert answer.reasons[1].startswith("the last fit, 32 days old, holds: on ")


def test_a_half_life_counts_for_ewma_alone() -> None:
    """A key that nothing reads is refused with the choice that reads it."""
    text = 'policy = "vol-target"\nvolatility = 0.4\nforecast = "garch"'
    found = parse_mandate(a_mandate(text)).hedges[0].policy
    assert found == VolTargetPolicy(0.4, forecast="garch")
    with pytest.raises(MandateError) as caught:
        parse_mandate(a_mandate(f'{text}\nhalf_life = "10d"'))
    assert any(
        'counts only with forecast = "ewma", not "garch"' in one for one in caught.value.problems
    )
    with pytest.raises(MandateError):
        parse_mandate(a_mandate(text.replace("garch", "magic")))
