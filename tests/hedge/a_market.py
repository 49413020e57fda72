"""A made-up market with everything that features are fed, and the features worth a look in it."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from volsculpt.hedge.feature import Feature
from volsculpt.hedge.features.forward_premium import ForwardPremium
from volsculpt.hedge.features.garch_volatility import GarchVolatility
from volsculpt.hedge.features.hidden_state import HiddenState
from volsculpt.hedge.features.rank import Rank
from volsculpt.hedge.policies.liquidation_aware import LiquidationRatio
from volsculpt.hedge.policies.min_variance import MinVarianceRatio
from volsculpt.hedge.registry import feature_classes
from volsculpt.market.history import History, history_of
from volsculpt.market.series import Bars, FundingRates, Label, Values
from volsculpt.market.store import save
from volsculpt.market.streams import Stream, forward_stream, pair_stream
from volsculpt.units import DAY_NS, HOUR_NS

BEGIN_NS = 1_577_836_800 * 10**9  # 2020-01-01
DAYS = 480
KEY, ELSEWHERE = "bybit:BTC/USD:BTC", "binance:BTC/USDT:USDT"
INDEX = Label("binance", "BTC", "index", "USDT", "made by hand")
USDT = Label("binance", "USDT", "index", "USD", "made by hand")
MARK = Label("bybit", "BTC/USD:BTC", "mark", "USD", "made by hand")
FORWARD = Label("binance", "BTC/USD:BTC-210625", "mark", "USD", "made by hand")
RULE = "binance:BTC/USD:BTC@quarter"
FUNDING = Label("bybit", "BTC/USD:BTC", "funding", "USD", "made by hand")
FEAR = Label("alternative.me", "fear_greed", "value", "index", "made by hand")
YIELD = Label("fred", "yield_2y", "value", "percent", "made by hand")
OPEN = Label("bybit", "BTC:open_interest", "value", "USD", "made by hand")
PAID_ELSEWHERE = Label("binance", "BTC/USDT:USDT", "funding", "USDT", "made by hand")
LAGS = {FEAR: 0, YIELD: 2 * DAY_NS, OPEN: HOUR_NS}
FITTED = (  # with windows that the made-up market fills
    MinVarianceRatio(KEY, window_ns=90 * DAY_NS, refit_ns=60 * DAY_NS),
    LiquidationRatio(KEY, window_ns=240 * DAY_NS, refit_ns=200 * DAY_NS),
    GarchVolatility(window_ns=300 * DAY_NS, refit_ns=150 * DAY_NS),
    MinVarianceRatio(KEY, own=False, window_ns=90 * DAY_NS, estimator="ewma"),
    HiddenState("bearish", window_ns=300 * DAY_NS),
)
STREAMS = (
    Stream("index", "BTC"),
    Stream("bars", "BTC", DAY_NS),
    Stream("funding", KEY),
    Stream("funding", ELSEWHERE),
    Stream("basis", KEY),
    Stream("paid", KEY),
    forward_stream(RULE, 7.0),
    pair_stream("BTC", KEY),
    *(Stream("series", label.symbol) for label in LAGS),
)


@cache
def a_history(seed: int = 1) -> History:
    """Hourly prices in a stablecoin that is not quite a dollar, a contract, funding, values."""
    dice, rows = np.random.default_rng(seed), DAYS * 24
    path = 40_000.0 * np.exp(np.cumsum(dice.standard_normal(rows) * 0.006))
    peg = 1.0 + 0.002 * np.sin(np.arange(rows) / 100.0)
    premium = 1.0 + 0.001 * dice.standard_normal(rows)
    rates = dice.standard_normal(rows // 8) * 1e-4
    stamps = BEGIN_NS + np.arange(1, rows // 8 + 1) * 8 * HOUR_NS
    return history_of(
        [
            hourly(INDEX, path, dice.uniform(1.0, 9.0, rows)),
            hourly(USDT, peg),
            hourly(MARK, path * peg * premium),
            hourly(FORWARD, path * peg * premium * 1.02),
            FundingRates(FUNDING, stamps, rates, np.full(rows // 8, 8.0)),
            FundingRates(PAID_ELSEWHERE, stamps, rates * 2.0 + 1e-5, np.full(rows // 8, 8.0)),
            *(daily(label, dice) for label in LAGS),
        ]
    )


def a_store(folder: Path, stored_ns: int) -> Path:
    """A store of the market, in a folder. stored_ns: when it is stored, ns UTC."""
    for one in a_history().series:
        save(folder, one, stored_ns)
    return folder


def daily(label: Label, dice: np.random.Generator) -> Values:
    """A figure a day, known after its lag; one in ten is three days late, with those behind it."""
    stamps = BEGIN_NS + np.arange(DAYS) * DAY_NS
    late = np.where(dice.random(DAYS) < 0.1, 3 * DAY_NS, 0)
    known = np.maximum.accumulate(stamps + LAGS[label] + late)
    return Values(label, stamps, known, 50.0 * np.exp(np.cumsum(dice.standard_normal(DAYS) * 0.05)))


def hourly(
    label: Label,
    close: npt.NDArray[np.float64],
    volume: npt.NDArray[np.float64] | None = None,
) -> Bars:
    """Hourly bars that open at the close before."""
    opens = np.append(close[:1], close[:-1])
    high, low = np.maximum(opens, close) * 1.002, np.minimum(opens, close) * 0.997
    stamps = BEGIN_NS + np.arange(len(close)) * HOUR_NS
    return Bars(label, HOUR_NS, stamps, opens, high, low, close, volume)


def changed_after(history: History, time_ns: int, factor: float) -> History:
    """The same with another future: every figure that was not known at a time is another."""
    marks = factor * factor  # of the coin and of the stablecoin, each by the factor
    marked = {key: marks * (1.01 if "-" in key else 1.0) for key in history.mark}
    return replace(
        history,
        index={name: later(one, time_ns, factor) for name, one in history.index.items()},
        mark={key: later(one, time_ns, marked[key]) for key, one in history.mark.items()},
        funding={key: other_rates(one, time_ns) for key, one in history.funding.items()},
        values={name: later_values(one, time_ns, factor) for name, one in history.values.items()},
    )


def later(bars: object, time_ns: int, factor: float) -> Bars:
    """Bars that were not over at a time, with prices and volume of their own."""
    assert isinstance(bars, Bars)
    late = np.where(bars.available_ns > time_ns, factor, 1.0)
    opened = np.where(bars.open_ns > time_ns, factor, 1.0)
    opens, close = bars.open * opened, bars.close * late
    high = np.maximum(np.maximum(opens, close), bars.high * late)
    low = np.minimum(np.minimum(opens, close), bars.low * late)
    volume = None if bars.volume is None else bars.volume * late
    return replace(bars, open=opens, high=high, low=low, close=close, volume=volume)


def other_rates(rates: FundingRates, time_ns: int) -> FundingRates:
    """Rates that were not paid at a time, others."""
    late = rates.stamp_ns > time_ns
    return replace(rates, rate=np.where(late, rates.rate * -0.5 + 1e-4, rates.rate))


def later_values(values: Values, time_ns: int, factor: float) -> Values:
    """Values that were not known at a time: others, and known a day later than they were."""
    late = values.available_ns > time_ns
    known = np.where(late, values.available_ns + DAY_NS, values.available_ns)
    return replace(
        values, available_ns=known, value=np.where(late, values.value * factor, values.value)
    )


def all_features() -> list[Feature]:
    """Every kind of feature there is, with the parameters worth a look, and its rank."""
    kinds = [one for one in feature_classes().values() if one not in map(type, FITTED)]
    found = [one for kind in kinds for one in kind.usual(STREAMS)]
    return [*found, *(Rank(one, 90 * DAY_NS) for one in found), *FITTED, ForwardPremium(RULE)]


def a_mandate(hedge: str) -> str:
    """A mandate of its coin by its contract. hedge: the keys of the ratio, lines of TOML."""
    return f"""version = 1
[[account]]
name = "vault"
kind = "cold"
balances = {{ BTC = 2.5 }}
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = {{ BTC = 1.5 }}
[[hedge]]
underlying = "BTC"
{hedge}
use = [{{ account = "coinm", contract = "BTC/USD:BTC" }}]
"""
