"""vectorbt, order function compiled by numba: net exposure kept at half of equity with the band.

Left out: inverse payoff, funding, margin, liquidation, whole contracts.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import vectorbt as vbt
from numba import njit
from vectorbt.portfolio import nb

Ready = dict[str, Any]


@njit
def order(c, opens, ratio, trigger, settle):  # noqa: ANN001, ANN201 # compiled: types are inferred
    """Valued at the close before, traded at the open when out of the band."""
    held = 1.0 - c.position_now * c.val_price_now / c.value_now
    goal = ratio
    if held < ratio - trigger:
        goal = ratio - settle
    elif held > ratio + trigger:
        goal = ratio + settle
    else:
        return nb.order_nothing_nb()
    size = (1.0 - goal) * c.value_now / c.val_price_now - c.position_now
    return nb.order_nb(size=size, price=opens[c.i], fees=0.00055, slippage=0.0001)


def prepare(market: Mapping[str, Any]) -> Ready:
    """Prices as a table with times."""
    times = pd.to_datetime(market["time_ns"].astype(np.int64))
    return {"closes": pd.Series(market["close_mark"], index=times), "opens": market["trade"]}


def simulate(ready: Ready) -> vbt.Portfolio:
    """The orders."""
    return vbt.Portfolio.from_order_func(
        ready["closes"],
        order,
        ready["opens"],
        0.5,
        0.02,
        0.005,
        init_cash=10.0 * ready["opens"][0],
        freq="1h",
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
