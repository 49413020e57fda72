"""What a store has of a coin: its streams, and the end of its index."""

from pathlib import Path

import pytest

from volsculpt.errors import HistoryError
from volsculpt.hedge.survey import moment_of, streams_of_coin
from volsculpt.market.labels import Role
from volsculpt.market.manifest import Manifest
from volsculpt.market.streams import Stream
from volsculpt.units import DAY_NS


def has(venue: str, symbol: str, role: Role, to_ns: int = 9) -> Manifest:
    """A stored series."""
    return Manifest(Path(), "bars", venue, symbol, role, "USD", None, ("x",), 0, 1, 0, to_ns, 0, 0)


STORE = (
    has("okx", "BTC", "index", 5),
    has("bybit", "BTC", "index", 7),
    has("bybit", "ETH", "index", 99),
    has("bybit", "BTC/USD:BTC", "mark"),
    has("binance", "BTC/USDT:USDT", "last"),
    has("bybit", "BTC/USD:BTC", "funding"),
    has("bybit", "BTC/USD:BTC-241227", "mark"),
    has("bybit", "ETH/USD:ETH", "mark"),
    has("bybit", "ETH/USD:ETH", "funding"),
    has("alternative.me", "fear_greed", "value"),
    has("deribit", "BTC:dvol", "value"),
    has("deribit", "ETH:dvol", "value"),
)


@pytest.mark.parametrize("coin", ["BTC", "ETH"])
def test_streams_are_of_the_coin_or_of_none(coin: str) -> None:
    """Its index and days of it, its perpetuals alone, its values and those of no coin."""
    own = {
        "BTC": ["binance:BTC/USDT:USDT", "bybit:BTC/USD:BTC"],
        "ETH": ["bybit:ETH/USD:ETH"],
    }[coin]
    found = streams_of_coin(STORE, coin)
    assert found[:2] == [Stream("index", coin), Stream("bars", coin, DAY_NS)]
    of = {
        kind: [one.of for one in found if one.kind == kind]
        for kind in ("funding", "basis", "series")
    }
    assert of["basis"] == own
    assert of["funding"] == [f"bybit:{coin}/USD:{coin}"]
    assert of["series"] == [f"{coin}:dvol", "fear_greed"]
    assert len(found) == len(set(found)) == 2 + sum(map(len, of.values()))


def test_without_a_time_it_is_the_end_of_the_index() -> None:
    """The latest of any venue, or of the one that is named; another coin's does not count."""
    root = Path("store")
    assert moment_of(STORE, root, "BTC", None) == 7
    assert moment_of(STORE, root, "BTC", None, "okx") == 5
    assert moment_of(STORE, root, "BTC", 3) == 3
    for coin, venue in (("SOL", None), ("BTC", "kraken")):
        with pytest.raises(HistoryError, match=f"no prices stored of {coin}"):
            moment_of(STORE, root, coin, 3, venue)
