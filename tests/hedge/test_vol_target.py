"""The policy vol-target as `aim` answers it, and what any policy is told of the market."""

from dataclasses import replace
from typing import Any

import pytest

from tests.factories import account, fixed, inverse, vault
from tests.hedge.a_market import BEGIN_NS, DAYS, a_history, a_mandate
from tests.hedge.test_volatility import zigzag
from volsculpt.book.holdings import Book, Position
from volsculpt.decide.limits import Limits
from volsculpt.decide.step import Decision, Setup, decide
from volsculpt.errors import MandateError, PolicyError
from volsculpt.hedge.aim import Overlays
from volsculpt.hedge.features.volatility import Volatility
from volsculpt.hedge.market_features import Features, features_at
from volsculpt.hedge.max_age import checked_max_age
from volsculpt.hedge.needs import needs_of
from volsculpt.hedge.policies.callable import CallablePolicy
from volsculpt.hedge.policies.vol_target import VolTargetPolicy
from volsculpt.hedge.policy import HedgeSummary, PolicyInput
from volsculpt.hedge.refit import NOTHING_FITTED
from volsculpt.hedge.spec import Hedge, Override, Proxy
from volsculpt.hedge.stored import observed_for
from volsculpt.mandate.load import parse_mandate
from volsculpt.market.quotes import Quotes
from volsculpt.market.streams import Stream
from volsculpt.report.rows.plan_book import decision_rows
from volsculpt.units import DAY_NS, YEAR_NS

PRICES = {"BTC": 60_000.0, "ETH": 3_000.0, "SOL": 150.0}
NOW_NS = 5 * YEAR_NS + 60 * DAY_NS
BOOK = HedgeSummary("BTC", 60_000.0, 1.0, 1.0, 1.0, 0.0, 60_000.0)
SHORT = Position(inverse(), -60_000.0, 60_000.0)


def vol(coin: str = "BTC", target: float = 0.4, days: int = 30, **other: Any) -> Hedge:  # noqa: ANN401
    """A hedge with the policy, for a half-life of some days."""
    return Hedge(coin, VolTargetPolicy(target, days * DAY_NS), base="wealth", **other)


def market(hedges: tuple[Hedge, ...], **sigma: float) -> Features:
    """Features of coins that moved so much, every day for sixty days."""
    observed = {coin: zigzag(moved, [DAY_NS] * 60) for coin, moved in sigma.items()}
    asked = needs_of(hedges)
    return features_at({Stream("index", coin): observed[coin] for coin in asked}, asked, [NOW_NS])[
        0
    ]


def answered(
    hedges: tuple[Hedge, ...],
    features: Features | None,
    limits: Limits | None = None,
    **coins: float,
) -> Decision:
    """The decision on one margin account with BTC, a short of 60,000 in it, and coins cold."""
    held = Book((vault(**(coins or {"BTC": 9.0})), account("coinm", {"BTC": 1.0}, (SHORT,))))
    legs = tuple(
        ((("coinm", inverse(), False),) if one.proxies or one.underlying == "BTC" else ())
        for one in hedges
    )
    setup = Setup(held, hedges, legs, limits=limits or Limits())
    return decide(setup, Quotes(NOW_NS, dict(PRICES)), NOW_NS, features)


@pytest.mark.parametrize(
    ("sigma", "lowest", "ratio"),
    [(0.8, 0.0, 0.5), (0.5, 0.0, 0.2), (0.2, 0.0, 0.0), (0.2, -1.0, -1.0), (0.2, -0.5, -0.5)],
)
def test_the_target_is_clamped(sigma: float, lowest: float, ratio: float) -> None:
    """1 - target/forecast within the limits; more than all of wealth only below 0."""
    hedges = (vol(),)
    found = answered(hedges, market(hedges, BTC=sigma), Limits(min_ratio=lowest)).aims[0]
    assert found.ratio == pytest.approx(ratio, abs=1e-9)
    limited = 1.0 - 0.4 / sigma < lowest - 1e-9
    assert any("the lowest that is allowed" in said for said in found.reasons) is limited


def test_reasons_say_the_forecast_and_what_stays() -> None:
    """A reader sees both volatilities and the share of wealth left exposed."""
    hedges = (vol(),)
    said = answered(hedges, market(hedges, BTC=0.8)).aims[0].reasons
    assert said == (
        "BTC is forecast to move 80 % a year and 40 % is wanted: 50 % of wealth stays exposed",
    )


def test_what_is_traded_leaves_the_wanted_delta() -> None:
    """Ten coins, wealth 600,000, forecast 80 %: 300,000 USD stay exposed after the orders."""
    hedges = (vol(),)
    done = answered(hedges, market(hedges, BTC=0.8))
    after = SHORT.contracts + sum(done.answer.trade)
    assert after == pytest.approx(-300_000.0, abs=1.0)


def test_without_history_what_is_held_is_kept() -> None:
    """No trade, the held ratio as target, and a reason with the fix."""
    for features in (None, Features(NOW_NS)):
        done = answered((vol(),), features)
        assert done.aims[0].ratio is None
        assert not any(done.answer.trade)
        row = decision_rows(done)[0]
        assert row.policy == "vol-target"
        assert row.target_ratio == row.held_ratio == pytest.approx(0.1)
        assert "plan with --at TIME and --data FOLDER" in row.reasons[0]


def test_without_history_the_owners_fallback_holds() -> None:
    """Where one is given, with its reason."""
    hedge = replace(vol(), policy=VolTargetPolicy(0.4, fallback_ratio=0.4))
    done = answered((hedge,), None)
    assert done.aims[0].ratio == 0.4
    assert any(one == "your fallback_ratio is 40 %" for one in done.aims[0].reasons)


@pytest.mark.parametrize(("forecast", "holds"), [("ewma", 30), ("har", 10)])
def test_a_price_older_than_the_owner_allows_is_none(forecast: str, holds: int) -> None:
    """From the same prices: at three days the forecast stands, later it does not."""
    policy = VolTargetPolicy(0.4, forecast=forecast, fallback_ratio=0.4, max_age_ns=3 * DAY_NS)
    free = replace(policy, max_age_ns=None)
    needs = needs_of((Hedge("BTC", policy),))
    last = BEGIN_NS + DAYS * DAY_NS
    times = [last + 3 * DAY_NS, last + 4 * DAY_NS, last + (holds + 2) * DAY_NS]
    found = []
    for features in features_at(observed_for(a_history(), needs, times), needs, times):
        given = PolicyInput(features.time_ns, features, BOOK)
        found.append(tuple(one.step(None, given)[0].ratio for one in (policy, free)))
    assert found[0][0] == found[0][1] != 0.4
    assert (found[1][0], found[1][1]) == (0.4, found[0][1])
    assert found[2] == (0.4, 0.4)
    with pytest.raises(PolicyError, match=f"longer than the forecast {forecast} holds"):
        checked_max_age(31 * DAY_NS, policy.feature, f"the forecast {forecast}")
    garch = VolTargetPolicy(0.4, forecast="garch").feature
    assert garch.holds_ns == 10 * DAY_NS
    assert garch.newest_ns(NOTHING_FITTED._replace(known_ns=(1, 5))) == 5


def test_an_override_needs_no_forecast() -> None:
    """By hand goes before a policy that has no answer."""
    setup_hedges = (vol(),)
    done = answered(setup_hedges, None)
    override = Override(0.8, NOW_NS + 1)
    setup = Setup(
        done.setup.book, setup_hedges, done.setup.legs, overlays=Overlays(overrides=(override,))
    )
    assert decide(setup, Quotes(NOW_NS, dict(PRICES)), NOW_NS).aims[0].ratio == 0.8


def test_coins_have_their_own_forecasts() -> None:
    """Target and half-life of each hedge, the coin's own volatility, a proxied one's too."""
    hedges = (
        vol("BTC", 0.3, 30),
        vol("ETH", 0.6, 10, proxies=(Proxy("BTC", 1.2),)),
        vol("SOL", 0.6, 20, proxies=(Proxy("BTC", 1.5),)),
    )
    asked = needs_of(hedges)
    days = {"BTC": 30, "ETH": 10, "SOL": 20}
    assert asked == {coin: (Volatility(one * DAY_NS),) for coin, one in days.items()}
    aims = answered(
        hedges, market(hedges, BTC=0.6, ETH=0.8, SOL=1.2), BTC=5.0, ETH=40.0, SOL=90.0
    ).aims
    assert [one.ratio for one in aims] == pytest.approx([0.5, 0.25, 0.5])


def test_fixed_hedges_ask_for_nothing() -> None:
    """No history is read for a mandate whose policies do not look at it."""
    assert needs_of((fixed("BTC", 0.5),)) == {}


def test_a_policy_of_your_own_is_told_of_the_market() -> None:
    """Index and forecast of every hedged coin, None for what is not known.

    A half-life that is not kept is an error that names those that are.
    """
    told: list[Any] = []

    def mine(time_ns: int, features: Features, book: Any, memory: Any) -> tuple[float, Any]:  # noqa: ANN401
        told.append((features.time_ns, features.index_usd("BTC"), features.sigma_forecast("BTC")))
        told.append((features.sigma_forecast("ETH"), features.index_usd("SOL")))
        return 0.5, memory

    hedges = (
        Hedge("BTC", CallablePolicy(mine, None, "mine")),
        vol("ETH", 0.4, 10, proxies=(Proxy("BTC"),)),
    )
    features = market(hedges, BTC=0.7, ETH=0.9)
    answered(hedges, features, BTC=5.0, ETH=40.0)
    last = zigzag(0.7, [DAY_NS] * 60)[-1][1]
    assert told[0] == (NOW_NS, last, pytest.approx(0.7))
    assert told[1] == (pytest.approx(0.9), None)
    assert features.sigma_forecast("ETH", 10 * DAY_NS) == pytest.approx(0.9)
    with pytest.raises(PolicyError, match="with a half-life of 7 days, only half-life of 10"):
        features.sigma_forecast("ETH", 7 * DAY_NS)


def test_a_policy_of_your_own_without_history() -> None:
    """It is told of nothing, never of None."""

    def mine(time_ns: int, features: Features, book: Any, memory: Any) -> tuple[float, Any]:  # noqa: ANN401
        assert features.sigma_forecast("BTC") is None
        return 0.25, memory

    hedges = (Hedge("BTC", CallablePolicy(mine, None, "mine")),)
    assert answered(hedges, None).aims[0].ratio == 0.25


@pytest.mark.parametrize(("forecast", "holds"), [("ewma", 30), ("har", 10), ("garch", 10)])
def test_a_mandate_is_refused_an_age_that_its_forecast_does_not_reach(
    forecast: str, holds: int
) -> None:
    """What a forecast holds by itself is allowed, an hour more is not."""
    keys = f'policy = "vol-target"\nvolatility = 0.4\nforecast = "{forecast}"\naim_max_age = '
    policy = parse_mandate(a_mandate(f'{keys}"{holds}d"')).hedges[0].policy
    assert isinstance(policy, VolTargetPolicy)
    assert policy.max_age_ns == holds * DAY_NS
    said = rf"hedge\]\] 1 \(BTC\): aim_max_age = .* is longer than the forecast {forecast} holds"
    with pytest.raises(MandateError, match=said):
        parse_mandate(a_mandate(f'{keys}"{24 * holds + 1}h"'))


@pytest.mark.parametrize("forecast", ["har", "garch"])
def test_an_age_that_each_day_would_be_past_is_refused(forecast: str) -> None:
    """Whole days alone: half a day would find the newest too old each afternoon; two days hold."""
    feature = VolTargetPolicy(0.4, forecast=forecast).feature
    checked_max_age(2 * DAY_NS, feature, "it")
    with pytest.raises(PolicyError, match="give 2 days or more"):
        checked_max_age(DAY_NS // 2, feature, "it")
    checked_max_age(DAY_NS // 2, VolTargetPolicy(0.4).feature, "it")
