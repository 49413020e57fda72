"""Cash and decisions that a report lists are what the kernel wrote down."""

from collections import defaultdict

import pytest

from tests.factories import account, fixed, linear, vault
from tests.simulate.test_told_by_the_kernel import Kernel, ran_in, still
from tests.simulate.worlds import mixed_world, random_ratios, steady
from volsculpt.book.holdings import Book, Sweep
from volsculpt.contracts.spec import Fees
from volsculpt.decide.step import Setup
from volsculpt.hedge.answer import Band
from volsculpt.report.rows.backtest_events import events_of
from volsculpt.simulate.event_list import valued_events
from volsculpt.simulate.recorded import tallies
from volsculpt.units import HOUR_NS

SWEEPS = (Sweep("vault", "USD", "coinm", 0.001), Sweep("vault", None, None, 0.0005))


@pytest.mark.parametrize("sweeps", [(), SWEEPS], ids=["kept", "swept"])
@pytest.mark.parametrize(("seed", "move"), [(1, 0.02), (3, 0.12)])
def test_cash_adds_up_to_the_tallies(
    kernel: Kernel, seed: int, move: float, sweeps: tuple[Sweep, ...]
) -> None:
    """By reason, in US dollars: funding, what a liquidation takes, what carrying funding on costs.

    Rows and their totals say the same.
    """
    world = mixed_world(200, seed, move, sweeps=sweeps)
    ran = ran_in(world, random_ratios(200, 2, 1, seed), kernel)
    found, tally = events_of(valued_events(ran)), tallies(ran)
    usd = defaultdict[str, float](float)
    for one in found.cash:
        usd[one.reason] += one.usd
    assert usd["funding"] == pytest.approx(tally.funding[-1], rel=1e-9)
    assert usd["insurance"] == pytest.approx(tally.liquidation[-1], abs=1e-6)
    moved = sum(one.cost_usd for one in found.transfers)
    assert usd["sweep"] + moved == pytest.approx(tally.transfers[-1], rel=1e-9)
    assert (usd["sweep"] != 0.0) == (sweeps != ())
    totals = defaultdict[str, float](float)
    for row in found.cash_totals:
        totals[row.reason] += row.usd
    for reason, whole in usd.items():
        assert totals[reason] == pytest.approx(whole, rel=1e-9), reason
    assert sum(row.times for row in found.cash_totals) == len(found.cash)


def test_a_decision_is_told_with_the_band_it_stood_in(kernel: Kernel) -> None:
    """A third is held and two are wanted: the one decision that changes anything is outside."""
    coin = linear("BTC", fees=Fees(taker=0.0))
    book = Book((vault(BTC=3.0), account("one", {"USDT": 900_000.0})))
    band = Band(0.01, 0.0, 0.01, 0.0)
    setup = Setup(book, (fixed("BTC", 1 / 3, band=band),), ((("one", coin, False),),))
    ratios = steady(6, (1 / 3,))
    ratios[3:] = 2 / 3
    said = events_of(
        valued_events(ran_in(still(setup, {"BTC": 60_000.0}), ratios, kernel))
    ).decisions
    assert [(one.underlying, one.in_band) for one in said] == [("BTC", False)] * 2
    assert said[1].held_ratio == pytest.approx(1 / 3)
    assert (said[1].target_ratio, said[1].time_ns) == (2 / 3, 4 * HOUR_NS)
