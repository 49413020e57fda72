"""A run covers the time it was asked for, or says in its first line why not."""

from pathlib import Path

import numpy as np
import pytest

import volsculpt as vs
from tests.market.made import BTC, LAST, START_NS
from tests.simulate.histories import bars_of, wandering
from tests.simulate.stores import (
    FULL,
    HEDGE,
    MARGIN,
    SHORT,
    VAULT,
    funded,
    parts,
    perpetual,
    run,
    stored,
    written,
)
from tests.simulate.test_whole_backtests import POSTED, quarterly
from volsculpt.report.backtest import BacktestReport
from volsculpt.units import DAY_NS, HOUR_NS

pytestmark = pytest.mark.usefixtures("kernel")
ROLLING = (
    POSTED
    + FULL
    + 'use = [{ account = "bybit", contract = "BTC/USD:BTC@quarter", roll_days = 7 }]\n'
)
FLAT = np.full(8 * 24, 50_000.0)
OWNED = (
    MARGIN.format("BTC = 1.0")
    + SHORT.format(-50_000, 50_000)
    + HEDGE.format("BTC", 1.0)
    + 'base = "coins"\ncoins = 1.0\nband = { trigger = 9.0, settle = 0.0 }\n'
)


def asked(
    store: Path, text: str, first: float, last: float, step: int, more: bool = False
) -> BacktestReport:
    """A mandate through a store from one day after the start to another, in steps of hours."""
    return vs.backtest(
        written(store, text),
        data=store,
        from_ns=START_NS + round(first * DAY_NS),
        to_ns=START_NS + round(last * DAY_NS),
        step_ns=step * HOUR_NS,
        costs=vs.Costs(half_spread=0.0),
        draws=0,
        from_first=more,
    )


@pytest.mark.parametrize(
    ("first", "last", "step", "stamps"),
    [(1, 4, 8, 9), (1, 4, 1, 9), (1, 4, 24, 9), (1 + 1 / 24, 4 + 1 / 24, 24, 9), (1, 2, 24, 3)],
)
def test_every_stamp_of_a_run_is_paid_once(
    tmp_path: Path, first: float, last: float, step: int, stamps: int
) -> None:
    """50,000 short at 0.01 %: 5 USD a stamp in [from, to), however long the steps are."""
    report = asked(perpetual(tmp_path, FLAT, 0.0001), OWNED, first, last, step)
    assert parts(report)["funding"] == pytest.approx(5.0 * stamps, rel=1e-9)
    change = report.inputs.hedged_usd[-1] - report.inputs.hedged_usd[0]
    assert change == pytest.approx(sum(parts(report).values()), rel=1e-9)
    assert report.inputs.static_usd is not None
    assert report.inputs.static_usd[-1] == pytest.approx(
        report.inputs.hedged_usd[-1], rel=1e-6
    )  # a fee of one trade


def test_a_flow_of_the_last_day_comes(tmp_path: Path) -> None:
    """Dated inside the last daily step it is booked at the end; at the very end it is not."""
    store = perpetual(tmp_path, FLAT, 0.0001)
    bank = '[[account]]\nname = "bank"\nkind = "spot"\n'
    flow = '[[flow]]\naccount = "bank"\ncurrency = "USD"\namount = 100.0\nat = {}\n'
    inside, after = "2024-01-04T15:00:00Z", "2024-01-05T00:00:00Z"
    text = OWNED + bank + flow.format(inside) + flow.format(after)
    report = asked(store, text, 1, 4, 24)
    assert [(one.time, one.amount_usd) for one in report.events.flows] == [(after, 100.0)]
    assert parts(report)["flows"] == 100.0
    assert report.inputs.hedged_usd[-1] - report.inputs.unhedged_usd[-1] == pytest.approx(45.0)


def test_a_contract_that_expires_in_the_last_step_is_delivered(tmp_path: Path) -> None:
    """At 8 h of the last daily step: settled at the end of the run, nothing is held after it."""
    held = SHORT.format(-20_000, 60_000).replace("USD:BTC", "USD:BTC-240329")
    text = MARGIN.format("BTC = 1.0") + held + HEDGE.format("BTC", 0.5)
    text += "band = { trigger = 9.0, settle = 0.0 }\n"
    text += 'use = [{ account = "bybit", contract = "BTC/USD:BTC@quarter", roll_days = 0 }]\n'
    report = asked(quarterly(tmp_path), text, 80, 89, 24)
    (done,) = report.events.orders
    assert (done.reason, done.time, done.contracts) == (
        "delivered",
        "2024-03-30T00:00:00Z",
        20_000.0,
    )
    assert report.inputs.legs[0].contracts[-1] == 0.0
    assert report.inputs.legs[0].contracts[-2] == -20_000.0
    change = report.inputs.hedged_usd[-1] - report.inputs.hedged_usd[0]
    assert sum(parts(report).values()) == pytest.approx(change, rel=1e-9)


@pytest.mark.parametrize("listed", [0, 40, 79])
def test_a_contract_by_rule_needs_a_price_from_its_first_use_on(
    tmp_path: Path, listed: int
) -> None:
    """The next quarter is taken on day 81: a run of 100 days from day 2 is not cut to the rest."""
    report = asked(quarterly(tmp_path, listed), ROLLING, 2, 102, 8)
    assert (report.begins[:10], report.ends[:10]) == ("2024-01-03", "2024-04-12")
    assert not any("moved_start" in line for line in report.warnings)
    new = [one for one in report.events.orders if one.contract.endswith("240628")]
    assert new[0].time.startswith("2024-03-22T08")


def test_a_start_that_cannot_be_met_is_refused_or_moved(tmp_path: Path) -> None:
    """The contract, since when it is known, the flag; or, on request, moved and said first."""
    store = quarterly(tmp_path, 84)
    with pytest.raises(
        vs.VolsculptError, match=r"240628: not known .* --from 2024-03-25T08.*--from-first"
    ):
        asked(store, ROLLING, 2, 102, 8)
    moved = asked(store, ROLLING, 2, 102, 8, more=True)
    assert moved.begins == "2024-03-25T08:00:00Z"
    assert moved.warnings[0].startswith(
        "moved_start: begins at 2024-03-25T08:00:00Z, not 2024-01-03"
    )
    assert "BEGINS LATER THAN ASKED" in moved.table(100).splitlines()[0]


def test_a_perpetual_that_begins_late_is_refused(tmp_path: Path) -> None:
    """The same for one that is used throughout, and for a coin."""
    closes = wandering(20 * 24, 4)
    late = bars_of(LAST, closes).between(START_NS + 5 * DAY_NS, 2**62)
    from tests.market.made import FUNDING

    store = stored(tmp_path, [bars_of(BTC, closes), late, funded(FUNDING, len(closes), 0.0001)])
    text = VAULT.format("BTC = 1.0") + MARGIN.format("BTC = 1.0") + FULL
    with pytest.raises(
        vs.VolsculptError, match=r"bybit:BTC/USD:BTC: not known .*from 2024-01-06T01"
    ):
        run(store, text, 10)
    assert asked(store, text, 6, 10, 1).begins == "2024-01-07T00:00:00Z"


def test_an_end_that_is_no_whole_step_is_told(tmp_path: Path) -> None:
    """Three days and a half in daily steps end after three, and the first line says so."""
    report = asked(perpetual(tmp_path, FLAT, 0.0001), OWNED, 1, 4.5, 24)
    assert report.ends == "2024-01-05T00:00:00Z"
    assert report.warnings[0].startswith(
        "early_end: ends at 2024-01-05T00:00:00Z, not 2024-01-05T12"
    )
    assert "ENDS SOONER THAN ASKED" in report.table(100).splitlines()[0]


def test_a_dated_contract_whose_prices_end_while_it_is_used_is_refused(tmp_path: Path) -> None:
    """Until it is rolled it needs its own prices; a day without them is allowed."""
    store = quarterly(tmp_path)
    series = vs.open_history(store, ("bybit:BTC/USD:BTC-240329",), ("BTC",))
    cut = series.mark["bybit:BTC/USD:BTC-240329"].between(START_NS, START_NS + 60 * DAY_NS)
    other = stored(tmp_path / "other", [*series.index.values(), cut])
    with pytest.raises(
        vs.VolsculptError, match=r"240329 mark .*ends at 2024-03-01.*before 2024-03-2"
    ):
        asked(other, ROLLING, 2, 80, 8)


EMPTY = VAULT.format("BTC = 2.0") + MARGIN.format("BTC = 0.0") + HEDGE.format("BTC", 0.5)


def test_a_hedge_that_never_came_about_is_told_first(tmp_path: Path) -> None:
    """An empty futures account: hedged is unhedged, the first line says so, with the remedy."""
    store = perpetual(tmp_path, wandering(12 * 24, 5), 0.0001)
    report = run(store, EMPTY, 8)
    assert np.array_equal(report.inputs.hedged_usd, report.inputs.unhedged_usd)
    assert report.warnings[0].startswith(
        "never_hedged: BTC was never hedged, though up to 50 % was"
    )
    assert "'bybit' never held margin; put about 0.3334 BTC there" in report.warnings[0]
    assert "NEVER HEDGED" in report.table(100).splitlines()[0]
    helped = run(store, EMPTY + '[[collateral]]\nsource = ["vault"]\n', 8)
    assert not any("never_hedged" in line for line in helped.warnings)
    wanted_none = run(store, EMPTY.replace("ratio = 0.5", "ratio = 0.0"), 8)
    assert not any("never_hedged" in line for line in wanted_none.warnings)
