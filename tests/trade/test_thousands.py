"""Coins that venues quote by the thousand: a desk hedges them as a backtest does."""

from dataclasses import replace

import numpy as np
import pytest

from tests.factories import linear
from tests.report import plans
from tests.trade.desks import small
from tests.trade.test_desk_parity import COSTS, in_backtest, on_the_desk
from tests.trade.told import check_same, told_by_kernel, told_by_ledger, until
from volsculpt.contracts.expiries import coin_of
from volsculpt.hedge.survey import concerns
from volsculpt.ledger.events import Filled, QuoteObserved
from volsculpt.mandate.history import open_market
from volsculpt.mandate.made_up import made_up_market
from volsculpt.market.align import align
from volsculpt.market.asof import TimeGrid
from volsculpt.market.walk import settled_late
from volsculpt.report.charts.books import base_of
from volsculpt.report.rows.plan_book import last_on_coins
from volsculpt.trade.control.replay import replayed
from volsculpt.trade.paper.opening import paper_market
from volsculpt.units import DAY_NS, HOUR_NS

COINS = {"SHIB": 2e9, "PEPE": 5e9, "BTC": 1.0}
USED = {"SHIB": "1000SHIB", "PEPE": "1000PEPE", "BTC": "BTC"}
HEDGE = """
[[hedge]]
underlying = "{coin}"
policy = "fixed"
ratio = 0.6
band = {{ trigger = 0.004, settle = 0.0 }}
use = [{{ account = "um", contract = "{listed}/USDT:USDT" }}]
"""
TEXT = """
version = 1
name = "thousands"
[[account]]
name = "vault"
kind = "cold"
balances = { SHIB = 2_000_000_000, PEPE = 5_000_000_000, BTC = 1.0 }
[[account]]
name = "um"
kind = "margin"
venue = "binance"
balances = { USDT = 200_000 }
[send]
slippage = 0.2
[guard]
max_orders_per_hour = 1000
max_daily_usd = 1e9
""" + "".join(HEDGE.format(coin=coin, listed=listed) for coin, listed in USED.items())


def test_a_desk_sells_what_a_backtest_sells() -> None:
    """Event by event, for two days; every coin is hedged, and quotes are told by coin."""
    mandate = small(TEXT)
    history, _ = made_up_market(mandate, (None, None))
    begin = int(history.index["SHIB"].stamps[0]) + 30 * DAY_NS
    span = (begin, begin + 2 * DAY_NS, HOUR_NS)
    aligned, told, _ = open_market(mandate, history, None, span)
    ran = in_backtest(mandate, aligned, told, COSTS)
    held, _, ledger = on_the_desk(mandate, paper_market(mandate, history, None, span), COSTS)
    assert np.array_equal(ran.held.contracts[1 : len(held), : held.shape[1]], held[1:])
    end = int(ran.stamp_ns[len(held) - 1])
    check_same(until(told_by_kernel(ran), end), until(told_by_ledger(ledger), end))
    fills = [one.event for one in ledger.entries(kinds=("fill",))]
    assert {coin_of(one.contract) for one in fills if isinstance(one, Filled)} == set(COINS)
    for entry in ledger.entries(kinds=("quote",)):
        assert isinstance(entry.event, QuoteObserved)
        assert set(entry.event.index_usd) == {*COINS, "USDT"}
    again = replayed(ledger, mandate)
    assert again.same == len(again.decisions) > 0


@pytest.mark.parametrize(
    ("key", "coin"),
    [
        ("binance:1000SHIB/USDT:USDT", "SHIB"),
        ("bybit:SHIB1000/USDT:USDT", "SHIB"),
        ("kraken:kBONK/USD:USD", "BONK"),
        ("bybit:BTC/USD:BTC-240628", "BTC"),
        ("binance:1INCH/USDT:USDT", "1INCH"),
    ],
)
def test_a_key_names_its_coin(key: str, coin: str) -> None:
    """The coin, not the text of its symbol, wherever one is asked for."""
    symbol = key.partition(":")[2]
    assert coin_of(key) == base_of(key) == coin
    assert concerns(f"{key}:open_interest", coin)
    orders = [plans.order(contract=symbol), plans.order(contract=f"{coin}/USD:{coin}")]
    assert last_on_coins(orders) == {1}


def test_late_delivery_is_at_the_price_of_a_thousand() -> None:
    """What expires inside the last step is settled at a thousand coins' price."""
    mandate = small(TEXT)
    history, _ = made_up_market(mandate, (None, None))
    begin = int(history.index["SHIB"].stamps[0]) + 30 * DAY_NS
    key = "binance:1000SHIB/USDT:USDT"
    aligned = align(history.only([key]), TimeGrid(begin, begin + DAY_NS, HOUR_NS))
    end = int(aligned.stamp_ns[-1])
    leg = replace(
        linear(symbol="1000SHIB/USDT:USDT", base="SHIB"),
        venue="binance",
        base_count=1000.0,
        expiry_ns=end - HOUR_NS // 2,
    )
    _, delivery = settled_late(aligned, [leg], ["SHIB", "USDT"])
    shib, usdt = (aligned.index.value[-1, aligned.currencies.index(n)] for n in ("SHIB", "USDT"))
    assert delivery[0] == pytest.approx(shib / usdt * 1000.0)
