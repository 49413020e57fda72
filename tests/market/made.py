"""Small histories for the tests of the market."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from volsculpt.market.series import Bars, FundingRates, Label, Prices
from volsculpt.units import HOUR_NS

START_NS = 1_704_067_200 * 10**9  # 2024-01-01
BTC = Label("binance", "BTC", "index", "USD", "made by hand")
USDT = Label("binance", "USDT", "index", "USD", "made by hand")
MARK = Label("bybit", "BTC/USD:BTC", "mark", "USD", "made by hand")
LAST = Label("bybit", "BTC/USD:BTC", "last", "USD", "made by hand")
LINEAR = Label("bybit", "BTC/USDT:USDT", "mark", "USDT", "made by hand")
FUNDING = Label("bybit", "BTC/USD:BTC", "funding", "USD", "made by hand")


def at(hours: Sequence[float]) -> npt.NDArray[np.int64]:
    """Stamps so many hours after the start."""
    return np.array([START_NS + round(hour * HOUR_NS) for hour in hours], dtype=np.int64)


def floats(values: Sequence[float]) -> npt.NDArray[np.float64]:
    """A column."""
    return np.array(values, dtype=np.float64)


def bars(
    label: Label, closes: Sequence[float], hours: Sequence[float] | None = None, every: float = 1.0
) -> Bars:
    """Bars that open at the close before and reach one per cent over and under both."""
    close = floats(closes)
    opens = np.concatenate([close[:1], close[:-1]])
    high, low = np.maximum(opens, close) * 1.01, np.minimum(opens, close) * 0.99
    stamps = at([k * every for k in range(len(closes))] if hours is None else hours)
    return Bars(label, round(every * HOUR_NS), stamps, opens, high, low, close)


def prices(label: Label, values: Sequence[float], hours: Sequence[float]) -> Prices:
    """Plain prices."""
    return Prices(label, at(hours), floats(values))


def funding(
    rates: Sequence[float], hours: Sequence[float], every: Sequence[float] | float = 8.0
) -> FundingRates:
    """Funding of the inverse contract."""
    spans = every if isinstance(every, Sequence) else [every] * len(rates)
    return FundingRates(FUNDING, at(hours), floats(rates), floats(spans))


def same(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> bool:
    """Whether two columns hold the same, nothing counting as equal to nothing."""
    return bool(np.array_equal(one, other, equal_nan=one.dtype.kind == "f"))
