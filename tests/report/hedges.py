"""Hedges in one line at prices of our own, for the tests of what they say."""

from typing import Any

import volsculpt as vs
from volsculpt.market.quotes import time_ns_of

NOW = time_ns_of("2024-05-20", "now")
PRICES = {"ETH": 3_000.0, "BTC": 60_000.0, "SOL": 150.0}
BYBIT = "bybit:BTC/USD:BTC"
QUARTER = "bybit:BTC/USD:BTC-240628"


def hedged(
    coins: str,
    how: dict[str, Any] | None = None,
    prices: dict[str, float] | None = None,
    funding: dict[str, float] | None = None,
) -> vs.QuickHedge:
    """A hedge at these prices. how: fields of the request."""
    usual = {name: price for name, price in PRICES.items() if name in coins}
    request = vs.HedgeRequest(**(how or {}))
    both = usual | (prices or {})
    return vs.quick_hedge(coins, request=request, prices=both, funding=funding, time_ns=NOW)


def text_of(found: vs.QuickHedge) -> str:
    """What is printed, on one line."""
    return " ".join(found.table().split())
