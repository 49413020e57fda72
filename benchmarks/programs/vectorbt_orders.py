"""vectorbt, Rust engine, `from_orders`: net exposure set back to half of equity once a day.

Left out: the band (an array of orders cannot depend on the position), inverse payoff, funding,
margin, liquidation.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import vectorbt as vbt

Ready = dict[str, Any]


def prepare(market: Mapping[str, Any]) -> Ready:
    """Prices as a table with times, a target share of equity at the first bar of each day."""
    times = pd.to_datetime(market["time_ns"].astype(np.int64))
    size = np.full(len(times), np.nan)
    size[::24] = 0.5
    opens = pd.Series(market["trade"], index=times)
    closes = pd.Series(market["close_mark"], index=times)
    return {"close": closes, "price": opens, "size": size, "init_cash": 10.0 * opens.iloc[0]}


def simulate(ready: Ready) -> vbt.Portfolio:
    """The orders."""
    return vbt.Portfolio.from_orders(
        **ready, size_type="targetpercent", fees=0.00055, slippage=0.0001, freq="1h", engine="rust"
    )


def report(ready: Ready) -> pd.Series:
    """The orders and the table of metrics."""
    return simulate(ready).stats()


def wealth(ran: vbt.Portfolio) -> float:
    """US dollars at the end."""
    return float(ran.final_value())


def page(ready: Ready, path: Path) -> None:
    """Metrics printed, the picture written."""
    ran = simulate(ready)
    print(ran.stats())
    ran.plot().write_html(path)
