"""What rounding leaves of a difference of wealth is not told as money."""

import volsculpt as vs
from volsculpt.market.quotes import time_ns_of
from volsculpt.report.rows.plan_margin import difference

MANDATE = """version = 1
name = "insured"

[[account]]
name = "wallet"
kind = "cold"
balances = { ETH = 0.86595167, BTC = 0.13322333 }

[[account]]
name = "futures"
kind = "margin"
venue = "bybit"
balances = { ETH = 0.43333333, BTC = 0.06666667 }
position = [
  { contract = "ETH/USD:ETH", contracts = -3_900, entry = 3_000 },
  { contract = "BTC/USD:BTC", contracts = -12_000, entry = 60_000 },
]

[[hedge]]
underlying = "ETH"
ratio = 1
[[hedge]]
underlying = "BTC"
ratio = 1
"""


def test_a_book_that_does_not_move_earns_nothing_by_its_futures() -> None:
    """Its wealth hedged and not is one at a move of 0, whatever the order of its sums."""
    time_ns = time_ns_of("2026-12-01T01:00:00Z", "now")
    found = vs.plan(MANDATE, time_ns=time_ns, prices={"ETH": 3_400.0, "BTC": 68_000.0})
    (still,) = (row for row in found.scenarios if row.shock_ratio == 0.0)
    assert still.futures_usd == 0.0
    assert "0.00000" not in found.table()


def test_what_is_more_than_rounding_stays() -> None:
    """A cent of a million dollars, and every figure of a small book."""
    assert difference(15_890.000000000002, 15_890.0) == 0.0
    assert difference(1e6 + 0.01, 1e6) > 0.009
    assert difference(2e-9, 1e-9) == 1e-9
