"""What a run says of a time in which nobody knew a price."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

import volsculpt as vs
from tests.market.made import BTC, LAST, MARK, START_NS, funding
from tests.simulate.histories import bars_of, wandering
from volsculpt.market.history import History, history_of
from volsculpt.market.series import Bars, PriceSeries
from volsculpt.report.rows.backtest import headline
from volsculpt.units import DAY_NS, HOUR_NS, iso

MANDATE = """
version = 1
name = "mine"
[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 2.0 }
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = { BTC = 1.0 }
[[hedge]]
underlying = "BTC"
ratio = 0.5
"""
DAYS = 50
GAP = (10, 40)  # days without prices: bars that open in it are left out
FROM, TO = (START_NS + day * DAY_NS for day in GAP)


def without(series: Bars, gaps: Iterable[tuple[int, int]]) -> Bars:
    """A series without the bars that open from one day to another."""
    open_ns = series.open_ns
    kept = np.ones(len(open_ns), dtype=bool)
    for first, last in gaps:
        kept &= (open_ns < START_NS + first * DAY_NS) | (open_ns >= START_NS + last * DAY_NS)
    columns = {name: getattr(series, name)[kept] for name in ("open", "high", "low", "close")}
    return replace(series, open_ns=open_ns[kept], **columns)


def market(of_index: Iterable[tuple[int, int]], of_contract: Iterable[tuple[int, int]]) -> History:
    """50 days by the hour, without those of some days. Args: gaps of the coin, of its contract."""
    closes = wandering(24 * DAYS, 7)
    hours = list(range(0, 24 * DAYS + 1, 8))
    found: list[PriceSeries] = [without(bars_of(BTC, closes), of_index)]
    found += [without(bars_of(label, closes), of_contract) for label in (MARK, LAST)]
    return history_of([*found, funding([0.0001] * len(hours), hours)])


def told(history: History, to_day: int = DAYS) -> list[str]:
    """The warnings of gaps of a run that ends with a day."""
    ran = vs.backtest(MANDATE, history, to_ns=START_NS + to_day * DAY_NS, draws=0)
    return [one for one in ran.warnings if one.startswith("price_gap")]


def test_a_gap_of_thirty_days_is_told_and_first() -> None:
    """From the last price to the next one, and what a desk would have done."""
    found = told(market([GAP], [GAP]))
    first, last = iso(FROM), iso(TO + HOUR_NS)  # a bar is known at its end
    assert len(found) == 1
    assert f"no price of BTC or of a contract on it was known from {first} to {last}" in found[0]
    assert "(30 days)" in found[0]
    assert "a desk sends nothing while it knows no price" in found[0]
    assert headline(found) == "THROUGH A GAP IN ITS PRICES: "


@pytest.mark.parametrize(
    ("of_index", "of_contract"),
    [
        ([], []),
        ([GAP], []),  # the coin moves with its contract
        ([], [GAP]),  # and a contract with its coin
        ([(10, 11)], [(10, 11)]),  # a day is no older than what a plan takes
    ],
)
def test_what_is_known_by_another_price_is_no_gap(
    of_index: list[tuple[int, int]], of_contract: list[tuple[int, int]]
) -> None:
    """Or for no longer than a plan with stored prices would take them."""
    assert told(market(of_index, of_contract)) == []


def test_of_several_gaps_the_longest_is_told_and_how_long_the_others_are() -> None:
    """One warning a coin; one at the end of the run ends with it."""
    three = [(5, 8), (10, 20), (30, 32)]
    (found,) = told(market(three, three))
    assert "(10 days), and 2 shorter gaps of 5.08 days in all: the run" in found
    (last,) = told(market([GAP], [GAP]), to_day=30)
    assert f"to {iso(START_NS + 30 * DAY_NS)} (20 days): the run" in last


def test_bars_of_a_week_are_no_gaps() -> None:
    """Prices that are always so far apart; between them nothing is missing."""
    closes = wandering(20, 3)
    weekly = [bars_of(label, closes, 168.0) for label in (BTC, MARK, LAST)]
    hours = list(range(0, 20 * 168 + 1, 8))
    history = history_of([*weekly, funding([0.0001] * len(hours), hours)])
    ran = vs.backtest(MANDATE, history, step_ns="1d", draws=0)
    assert [one for one in ran.warnings if one.startswith("price_gap")] == []
