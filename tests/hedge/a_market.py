"""A made-up market with everything that features are fed, and the features worth a look in it."""

from dataclasses import replace
from functools import cache

import numpy as np
import numpy.typing as npt

from volsculpt.hedge.feature import Feature
from volsculpt.hedge.features.rank import Rank
from volsculpt.hedge.registry import feature_classes
from volsculpt.market.history import History, history_of
from volsculpt.market.series import Bars, FundingRates, Label
from volsculpt.market.streams import Stream
from volsculpt.units import DAY_NS, HOUR_NS

BEGIN_NS = 1_577_836_800 * 10**9  # 2020-01-01
DAYS = 480
KEY = "bybit:BTC/USD:BTC"
INDEX = Label("binance", "BTC", "index", "USDT", "made by hand")
USDT = Label("binance", "USDT", "index", "USD", "made by hand")
MARK = Label("bybit", "BTC/USD:BTC", "mark", "USD", "made by hand")
FUNDING = Label("bybit", "BTC/USD:BTC", "funding", "USD", "made by hand")
STREAMS = (
    Stream("index", "BTC"),
    Stream("bars", "BTC", DAY_NS),
    Stream("funding", KEY),
    Stream("basis", KEY),
)


@cache
def a_history(seed: int = 1) -> History:
    """Hourly prices in a stablecoin that is not quite a dollar, a contract and its funding."""
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
            FundingRates(FUNDING, stamps, rates, np.full(rows // 8, 8.0)),
        ]
    )


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
    return replace(
        history,
        index={name: later(one, time_ns, factor) for name, one in history.index.items()},
        mark={key: later(one, time_ns, factor * factor) for key, one in history.mark.items()},
        funding={key: other_rates(one, time_ns) for key, one in history.funding.items()},
    )


def later(bars: object, time_ns: int, factor: float) -> Bars:
    """Bars that were not over at a time, with prices and volume of their own."""
    assert isinstance(bars, Bars)
    late = np.where(bars.known_ns > time_ns, factor, 1.0)
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


def all_features() -> list[Feature]:
    """Every kind of feature there is, with the parameters worth a look, and its rank."""
    found = [one for kind in feature_classes().values() for one in kind.usual(STREAMS)]
    return [*found, *(Rank(one, 90 * DAY_NS) for one in found)]
