"""A coin beside a contract: both in dollars, at the same moment, each known at it."""

import numpy as np
import pytest

from volsculpt.market.history import History, history_of
from volsculpt.market.observed import observed
from volsculpt.market.series import Bars, Label
from volsculpt.market.streams import PricePair, pair_of, pair_stream, stream_of
from volsculpt.units import HOUR_NS

BEGIN_NS = 1_600_000_000 * 10**9 // HOUR_NS * HOUR_NS
KEY = "binance:1000SHIB/USDT:USDT"


def bars(label: Label, close: list[float], skip: tuple[int, ...] = ()) -> Bars:
    """Hourly bars whose prices stand at their close."""
    rows = [row for row in range(len(close)) if row not in skip]
    stamps = np.array([BEGIN_NS + row * HOUR_NS for row in rows], dtype=np.int64)
    prices = np.array([close[row] for row in rows])
    return Bars(label, HOUR_NS, stamps, prices, prices, prices, prices, None)


def market() -> History:
    """Two coins and a contract of a thousand of one, in a stablecoin at 0.98."""
    made = "made by hand"
    return history_of(
        [
            bars(
                Label("binance", "SHIB", "index", "USDT", made), [0.01, 0.011, 0.012, 0.013], (2,)
            ),
            bars(Label("binance", "DOGE", "index", "USD", made), [0.1, 0.2, 0.3, 0.4]),
            bars(Label("binance", "USDT", "index", "USD", made), [0.98] * 4),
            bars(
                Label("binance", "1000SHIB/USDT:USDT", "mark", "USDT", made),
                [10.0, 11.5, 12.0, 13.0],
            ),
        ]
    )


def pairs(coin: str, every_ns: int = 0) -> list[tuple[int, PricePair]]:
    """(hours since the beginning, pair), in order of knowing."""
    stream = pair_stream(coin, KEY, every_ns)
    rows = observed(market(), stream, BEGIN_NS, BEGIN_NS + 4 * HOUR_NS)
    return [((known - BEGIN_NS) // HOUR_NS, pair) for known, pair in rows]


def test_both_are_dollars_for_one_coin() -> None:
    """By the stablecoin's own price, of a contract on a thousand too; a missing bar is none."""
    found = pairs("SHIB")
    assert [hour for hour, _ in found] == [1, 2, 4]
    assert found[1][1] == pytest.approx(PricePair(0.011 * 0.98, 0.0115 * 0.98))
    assert [hour for hour, _ in pairs("DOGE")] == [1, 2, 3, 4]
    assert pairs("DOGE")[2][1] == pytest.approx(PricePair(0.3, 0.012 * 0.98))
    assert pairs("BTC") == []


def test_the_last_of_each_stretch_is_known_at_its_end() -> None:
    """Of two hours the second; nothing is known of a stretch that is not over."""
    found = pairs("DOGE", 2 * HOUR_NS)
    assert [(hour, pair.spot_usd) for hour, pair in found] == [(2, 0.2), (4, 0.4)]
    assert [hour for hour, _ in pairs("DOGE", 3 * HOUR_NS)] == [3]


def test_a_pair_has_a_name() -> None:
    """It is read back, and taken apart."""
    stream = pair_stream("DOGE", KEY)
    assert stream_of(stream.text) == stream
    assert pair_of(stream.of) == ("DOGE", KEY)
    assert stream.words == f"prices of DOGE by {KEY}"
