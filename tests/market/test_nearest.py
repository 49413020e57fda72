"""A message about what is not there names the few that are nearest."""

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


def test_lists_stay_short() -> None:
    """Four names at most, of what is missing and of what is there."""
    told = instead_of(["okx:BTC/USD:BTC", *"abcdef"], THERE)
    assert told.startswith("okx:BTC/USD:BTC, a, b, c and 3 more; nearest of the 43 there are: ")
    assert told.count("bybit:") == 4
    assert few(["a", "b"]) == "a, b"
    assert instead_of(["a"], []) == "a; there is nothing"
