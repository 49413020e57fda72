"""A message about what is not there names the few that are nearest."""

import pytest

from volsculpt.market.nearest import few, instead_of, nearest

THERE = [
    "bybit:BTC/USD:BTC",
    "bybit:BTC/USDT:USDT",
    "bybit:ETH/USD:ETH",
    *(f"bybit:BTC/USD:BTC-{year}0628" for year in range(20, 60)),
]


def test_the_same_contract_elsewhere_comes_first() -> None:
    """Then other perpetuals, before forty dated contracts that are spelt more alike."""
    assert nearest("okx:BTC/USD:BTC", THERE)[:2] == THERE[:2]
    assert nearest("okx:BTC/USD:BTC-300628", THERE)[0] == "bybit:BTC/USD:BTC-300628"


def test_a_coin_is_named_too() -> None:
    """What has no venue is compared as it is."""
    assert nearest("ETHX", ["BTC", "ETH", "SOL"])[0] == "ETH"


@pytest.mark.parametrize(
    ("missing", "there", "first"),
    [
        ("btc", ["ADA", "BTC", "DOGE"], "BTC"),
        ("BYBIT:btc/usd:btc", ["bybit:BTC/USD:BTC", "BYBIT:XRP/USD:XRP"], "bybit:BTC/USD:BTC"),
        ("FEAR_GREED", ["BTC:dvol", "fear_greed"], "fear_greed"),
    ],
)
def test_capitals_count_for_nothing(missing: str, there: list[str], first: str) -> None:
    """What is written small is the same name."""
    assert nearest(missing, there)[0] == first


def test_lists_stay_short() -> None:
    """Four names at most, of what is missing and of what is there."""
    told = instead_of(["okx:BTC/USD:BTC", *"abcdef"], THERE)
    assert told.startswith("okx:BTC/USD:BTC, a, b, c and 3 more; nearest of the 43 there are: ")
    assert told.count("bybit:") == 4
    assert few(["a", "b"]) == "a, b"
    assert instead_of(["a"], []) == "a; there is nothing"
