"""Small stores of made-up prices, and mandates run through them from end to end."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

import volsculpt as vs
from tests.market.made import BTC, FUNDING, LAST, START_NS, at, floats
from tests.simulate.histories import Floats, bars_of
from volsculpt.market.series import FundingRates, Label, Series
from volsculpt.market.store import save
from volsculpt.report.backtest import BacktestReport
from volsculpt.units import DAY_NS, HOUR_NS

HEAD = "version = 1\n"
VAULT = '[[account]]\nname = "vault"\nkind = "cold"\nbalances = {{ {} }}\n'
MARGIN = '[[account]]\nname = "bybit"\nkind = "margin"\nvenue = "bybit"\nbalances = {{ {} }}\n'
SHORT = '[[account.position]]\ncontract = "BTC/USD:BTC"\ncontracts = {}\nentry = {}\n'
HEDGE = '[[hedge]]\nunderlying = "{}"\nratio = {}\n'
FULL = HEDGE.format("BTC", 1.0) + "band = { trigger = 0.0, settle = 0.0 }\n"
STILL = HEDGE.format("BTC", 1.0) + "band = { trigger = 9.0, settle = 0.0 }\n"
FIRST_DAY = 2  # runs begin at the second midnight, with a history before it


def stored(folder: Path, series: Sequence[Series]) -> Path:
    """A store of these series."""
    for one in series:
        save(folder, one, START_NS)
    return folder


def funded(label: Label, hours: int, rate: float) -> FundingRates:
    """The same rate every eight hours, a day beyond the prices."""
    stamps = list(range(0, hours + 25, 8))
    return FundingRates(
        label, at(stamps), floats([rate] * len(stamps)), floats([8.0] * len(stamps))
    )


def perpetual(folder: Path, closes: Floats, rate: float = 0.0, basis: Floats | float = 1.0) -> Path:
    """A store of BTC and its inverse perpetual, hour by hour, the contract at index x basis."""
    series: list[Series] = [bars_of(BTC, closes), bars_of(LAST, closes * basis)]
    return stored(folder, [*series, funded(FUNDING, len(closes), rate)])


def price_at(closes: Floats, hour: int) -> float:
    """What is known at an hour: the close of the bar that ends there."""
    return float(closes[hour - 1])


def written(folder: Path, text: str) -> Path:
    """A mandate file."""
    path = folder / "mandate.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def run(
    store: Path, text: str, days: int, step_hours: int = 1, half_spread: float = 0.0
) -> BacktestReport:
    """A mandate through a store, from the second midnight on."""
    begin = START_NS + FIRST_DAY * DAY_NS
    return vs.backtest(
        written(store, text),
        data=store,
        from_ns=begin,
        to_ns=begin + days * DAY_NS,
        step_ns=step_hours * HOUR_NS,
        costs=vs.Costs(half_spread=half_spread),
        draws=0,
    )


def parts(report: BacktestReport) -> dict[str, float]:
    """US dollars by cause."""
    return {row.part: row.usd for row in report.attribution}


def rising(days: int, start: float, end: float) -> Floats:
    """Hourly closes that rise evenly, after the days before the run at the start."""
    rise = np.exp(np.linspace(np.log(start), np.log(end), days * 24 + 1))
    return np.concatenate([np.full(FIRST_DAY * 24 - 1, start), rise])
