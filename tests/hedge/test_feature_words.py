"""What features are called, how their figures are told, and which are worth a look."""

import pytest

from volsculpt.hedge.feature import EVER_NS, Feature
from volsculpt.hedge.features.change import Change
from volsculpt.hedge.features.drawdown import PriceDrawdown, PriceRebound
from volsculpt.hedge.features.forward_premium import ForwardPremium
from volsculpt.hedge.features.funding_forecast import FundingForecast
from volsculpt.hedge.features.garch_volatility import GarchVolatility
from volsculpt.hedge.features.har import HarVolatility
from volsculpt.hedge.features.hidden_state import HiddenState
from volsculpt.hedge.features.level import Level
from volsculpt.hedge.features.momentum import Momentum
from volsculpt.hedge.features.pressure import Pressure, VolumePressure
from volsculpt.hedge.features.rank import Rank
from volsculpt.hedge.features.realised_volatility import ESTIMATORS, RealisedVolatility
from volsculpt.hedge.features.trend import Trend
from volsculpt.hedge.features.volatility import Volatility, riskmetrics
from volsculpt.hedge.registry import feature_classes
from volsculpt.market.streams import Stream, stream_of
from volsculpt.units import DAY_NS, HOUR_NS

FUNDING, SERIES = "funding:bybit:BTC/USD:BTC", "series:yield_2y"
WEIGHTS = (0.1, 0.5, 0.0, 0.25)
# each: its words, a figure as it is told, how many days it looks back, and its stream
EVER = EVER_NS // DAY_NS  # what fades is folded from the beginning
TABLE: tuple[tuple[Feature, str, tuple[float, str], int, Stream], ...] = (
    (
        Change(SERIES),
        "series:yield_2y, 60 days",
        (0.8, "+0.8"),
        60 + 20,
        stream_of(SERIES)._replace(every_ns=DAY_NS),
    ),
    (
        Change(FUNDING, 7 * DAY_NS),
        "funding:bybit:BTC/USD:BTC, 7 days",
        (-0.1, "-10 %"),
        7 + 20,
        stream_of(FUNDING)._replace(every_ns=DAY_NS),
    ),
    (PriceDrawdown(), "365 days", (0.3, "30 %"), 365 + 20, Stream("index", "BTC", DAY_NS)),
    (PriceRebound(), "90 days", (0.2, "+20 %"), 90 + 20, Stream("index", "BTC", DAY_NS)),
    (Momentum(), "90 days", (0.1, "+10 %"), 90 + 20, Stream("index", "BTC", DAY_NS)),
    (
        ForwardPremium("bybit:BTC/USD:BTC@quarter"),
        "bybit:BTC/USD:BTC@quarter",
        (0.0185, "+1.85 %"),
        3,
        Stream("forward", "bybit:BTC/USD:BTC@quarter rolled at 7", DAY_NS),
    ),
    (
        FundingForecast("bybit:BTC/USD:BTC"),
        "bybit:BTC/USD:BTC, 90 days ahead",
        (0.1, "10 %"),
        EVER,
        Stream("paid", "bybit:BTC/USD:BTC", DAY_NS),
    ),
    (
        GarchVolatility(),
        "730 days, fitted every 30 days",
        (0.5, "50 %"),
        730 + 30 + 30 + 20,
        Stream("index", "BTC", DAY_NS),
    ),
    (
        HarVolatility(WEIGHTS),
        "weights 0.1, 0.5, 0, 0.25",
        (0.5, "50 %"),
        EVER,
        Stream("bars", "BTC", DAY_NS),
    ),
    (
        HiddenState("bearish"),
        "bearish, 730 days, fitted every 91 days",
        (0.5, "50 %"),
        730 + 91 + 30 + 20,
        Stream("index", "BTC", DAY_NS),
    ),
    (Level(SERIES), "series:yield_2y, newest", (3.5, "3.5"), 10, stream_of(SERIES)),
    (
        Level(FUNDING, 7 * DAY_NS, every_ns=2 * DAY_NS),
        "funding:bybit:BTC/USD:BTC, 7-day mean, every 2 days",
        (0.1, "10 %"),
        EVER,
        stream_of(FUNDING)._replace(every_ns=2 * DAY_NS),
    ),
    (
        Pressure("series:BTC:open_interest"),
        "series:BTC:open_interest, half-life of 30 days",
        (0.5, "+0.5 sd"),
        EVER,
        stream_of("series:BTC:open_interest"),
    ),
    (
        VolumePressure(),
        "half-life of 7 days",
        (-0.714, "-0.71"),
        EVER,
        Stream("bars", "BTC", DAY_NS),
    ),
    (
        Rank(PriceDrawdown()),
        "of drawdown (365 days) in 365 days",
        (0.25, "25 %"),
        365 + 20 + 365 + 1,
        Stream("index", "BTC", DAY_NS),
    ),
    (
        RealisedVolatility(),
        "close, 30 days",
        (0.5, "50 %"),
        30 + 20,
        Stream("bars", "BTC", DAY_NS),
    ),
    (Trend(), "half-life of 30 days", (-1.5, "-1.5 sd"), EVER, Stream("index", "BTC")),
    (
        Volatility(5 * DAY_NS, HOUR_NS),
        "half-life of 5 days, 1h prices",
        (0.5, "50 %"),
        EVER,
        Stream("index", "BTC", HOUR_NS),
    ),
)


@pytest.mark.parametrize(
    ("feature", "words", "told", "days", "stream"), TABLE, ids=lambda one: getattr(one, "NAME", "")
)
def test_what_it_says_of_itself(
    feature: Feature, words: str, told: tuple[float, str], days: int, stream: Stream
) -> None:
    """Its parameters in words, a figure as people read it, how far it looks back, and at what."""
    assert feature.words() == words
    assert feature.figure_words(told[0]) == told[1]
    assert feature.look_back_ns == days * DAY_NS
    assert feature.stream("BTC") == stream


def test_none_is_left_out_of_the_table() -> None:
    """But those that stand beside the policy that reads them."""
    there = {one.NAME for one, *_ in TABLE}
    beside = {"min-variance-ratio", "liquidation-ratio"}
    assert {*feature_classes()} - there <= beside | {
        one for one in feature_classes() if one.startswith("liquidation")
    }


def test_what_is_worth_a_look() -> None:
    """Of the streams that a coin has; states of a model, which take long, are not."""
    streams = [
        Stream("index", "BTC"),
        stream_of(FUNDING),
        stream_of("basis:bybit:BTC/USD:BTC"),
        stream_of("series:BTC:open_interest"),
        stream_of("series:BTC:volume"),
        stream_of("series:fear_greed"),
    ]
    days = [DAY_NS * one for one in (7, 30, 90, 365)]
    wanted: dict[type[Feature], list[Feature]] = {
        Change: [Change(one.text) for one in streams[3:]],
        Level: [
            *(Level(one.text, days[0]) for one in streams[1:3]),
            *(Level(one.text) for one in streams[3:]),
        ],
        PriceDrawdown: [PriceDrawdown()],
        PriceRebound: [PriceRebound(), PriceRebound(days[3])],
        Momentum: [Momentum(one) for one in days[1:]],
        Pressure: [Pressure(one.text) for one in streams[3:5]],
        VolumePressure: [VolumePressure()],
        RealisedVolatility: [RealisedVolatility(one) for one in ESTIMATORS],
        Trend: [Trend(one, DAY_NS) for one in days[:3]],
        HarVolatility: [HarVolatility()],
        GarchVolatility: [GarchVolatility()],
        HiddenState: [],
        Rank: [],
    }
    for kind, features in wanted.items():
        assert list(kind.usual(streams)) == features
        assert list(kind.usual([])) == [one for one in features if not hasattr(one, "of")]


def test_figures_of_funding_and_basis_are_shares() -> None:
    """All other streams have a unit of their own; pressure and trend are in deviations."""
    for of, is_ratio in ((FUNDING, True), ("basis:bybit:BTC/USD:BTC", True), (SERIES, False)):
        assert Level(of).is_ratio is Change(of).is_ratio is is_ratio
    others = (VolumePressure(), Pressure(SERIES), Trend())
    assert not any(one.is_ratio for one in others)
    assert all(one.is_ratio for one in (Volatility(), HarVolatility(), Rank(Momentum())))


def test_a_mean_is_named_by_its_half_life() -> None:
    """Of what is the newest figure there is none."""
    assert Level(SERIES, 7 * DAY_NS).mean_words() == "7-day mean"
    assert Level(SERIES).mean_words() == Momentum().mean_words() == ""
    assert HarVolatility().words() == "fitted to all days before"
    assert HarVolatility().look_back_ns == EVER_NS


def test_a_decay_a_day_is_a_half_life() -> None:
    """Worked: 0.94 halves in 11.2 days, 0.97 in 22.8, of daily prices."""
    for decay, days in ((0.94, 11.2), (0.97, 22.8), (0.5, 1.0)):
        one = riskmetrics(decay)
        assert one.half_life_ns / DAY_NS == pytest.approx(days, abs=0.05)
        assert one.every_ns == DAY_NS
