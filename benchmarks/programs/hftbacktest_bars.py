"""hftbacktest: bars as best bid and ask, a compiled loop with the band, the inverse payoff.

Left out: funding, margin, liquidation on the high.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from hftbacktest import (
    BUY_EVENT,
    DEPTH_EVENT,
    EXCH_EVENT,
    GTC,
    LOCAL_EVENT,
    MARKET,
    SELL_EVENT,
    BacktestAsset,
    HashMapMarketDepthBacktest,
    Recorder,
    event_dtype,
)
from hftbacktest.stats import InverseAssetRecord
from numba import njit

TICK = 0.1
HOUR_NS = 3_600 * 10**9  # written here: where this runs, volsculpt is not installed


@njit
def hedge(hbt, recorder, coins, ratio, trigger, settle):  # noqa: ANN001, ANN201 # compiled
    """Every hour: what is owned in coins, and a market order when out of the band."""
    number = 0
    while hbt.elapse(HOUR_NS) == 0:
        hbt.clear_inactive_orders(0)
        depth = hbt.depth(0)
        price = 0.5 * (depth.best_bid + depth.best_ask)
        now = hbt.state_values(0)
        owned = coins - now.balance - now.position / price - now.fee
        held = -now.position / price / owned
        goal = 0.0
        if held < ratio - trigger:
            goal = ratio - settle
        elif held > ratio + trigger:
            goal = ratio + settle
        if goal > 0.0:
            size = np.floor(goal * owned * price + now.position)
            number += 1
            if size > 0.0:
                hbt.submit_sell_order(0, number, depth.best_bid, size, GTC, MARKET, False)
            else:
                hbt.submit_buy_order(0, number, depth.best_ask, -size, GTC, MARKET, False)
        recorder.record(hbt)


def prepare(market: Mapping[str, Any]) -> np.ndarray:
    """At the open of each bar the old bid and ask go and new ones come."""
    events = np.zeros(4 * len(market["trade"]), event_dtype)
    for row, (kind, sign) in enumerate(((BUY_EVENT, -1.0), (SELL_EVENT, 1.0))):
        price = np.round(market["trade"] * (1.0 + sign * 0.0001) / TICK) * TICK
        for old, rows in ((True, events[row::4]), (False, events[row + 2 :: 4])):
            rows["ev"] = DEPTH_EVENT | EXCH_EVENT | LOCAL_EVENT | kind
            rows["exch_ts"] = rows["local_ts"] = market["time_ns"].astype(np.int64)
            rows["px"] = np.concatenate([price[:1], price[:-1]]) if old else price
            rows["qty"] = 0.0 if old else 1e9
    return events


def simulate(ready: np.ndarray) -> Recorder:
    """The run, recorded at every hour."""
    asset = (
        BacktestAsset()
        .data([ready])
        .inverse_asset(1.0)
        .constant_order_latency(1, 1)
        .risk_adverse_queue_model()
        .no_partial_fill_exchange()
        .trading_value_fee_model(0.0002, 0.00055)
        .tick_size(TICK)
        .lot_size(1.0)
    )
    hbt = HashMapMarketDepthBacktest([asset])
    recorder = Recorder(1, len(ready) // 4)
    hedge(hbt, recorder.recorder, 10.0, 0.5, 0.02, 0.005)
    hbt.close()
    return recorder


def report(ready: np.ndarray) -> Any:  # noqa: ANN401
    """The run and the table of metrics."""
    return statistics(simulate(ready)).summary()


def statistics(recorder: Recorder) -> Any:  # noqa: ANN401
    """Metrics of a run."""
    return InverseAssetRecord(recorder.get(0)).resample("1h").stats(book_size=10.0)


def wealth(ran: Recorder) -> float:
    """US dollars at the end: 10 coins and the profit of the contracts."""
    last = ran.get(0)[-1]
    coins = 10.0 - last["balance"] - last["position"] / last["price"] - last["fee"]
    return float(coins * last["price"])


def page(ready: np.ndarray, path: Path) -> None:
    """Metrics printed, the picture written."""
    found = statistics(simulate(ready))
    print(found.summary())
    found.plot(backend="matplotlib").savefig(path.with_suffix(".png"))
