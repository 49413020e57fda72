"""backtesting.py: a strategy class that keeps net exposure at half of equity with the band.

Left out: inverse payoff, funding, tiered margin, liquidation, whole contracts.
"""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from backtesting import Strategy
from backtesting.lib import FractionalBacktest

warnings.filterwarnings("ignore")


class Hedge(Strategy):
    """Valued at the close, traded at the next open when out of the band."""

    ratio, trigger, settle = 0.5, 0.02, 0.005

    def init(self) -> None:
        """No indicator is needed."""

    def next(self) -> None:
        """One bar."""
        price = self.data.Close[-1]
        held = 1.0 - self.position.size * price / self.equity
        if abs(held - self.ratio) <= self.trigger:
            return
        goal = self.ratio - self.settle if held < self.ratio else self.ratio + self.settle
        size = round((1.0 - goal) * self.equity / price - self.position.size)
        if size > 0:
            self.buy(size=size)
        elif size < 0:
            self.sell(size=-size)


def prepare(market: Mapping[str, Any]) -> FractionalBacktest:
    """Prices as a table with times."""
    opens, closes = market["trade"], market["close_mark"]
    table = pd.DataFrame(
        {
            "Open": opens,
            "High": np.maximum(market["high_mark"], np.maximum(opens, closes)),
            "Low": np.minimum(market["low_mark"], np.minimum(opens, closes)),
            "Close": closes,
            "Volume": 1.0,
        },
        index=pd.to_datetime(market["time_ns"].astype(np.int64)),
    )
    return FractionalBacktest(
        table, Hedge, cash=10.0 * opens[0], commission=0.00055, spread=0.0001, fractional_unit=1e-6
    )


def simulate(ready: FractionalBacktest) -> pd.Series:
    """The run; its metrics cannot be left out."""
    return ready.run()


report = simulate


def wealth(ran: pd.Series) -> float:
    """US dollars at the end."""
    return float(ran["Equity Final [$]"])


def page(ready: FractionalBacktest, path: Path) -> None:
    """Metrics printed, the picture written."""
    print(ready.run())
    ready.plot(filename=str(path), open_browser=False)
