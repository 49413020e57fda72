"""Contracts and an index of different rhythm, with holes: which moves with which."""

import numpy as np
import pytest
from hypothesis import given

from tests.market.made import BTC, LINEAR, MARK, START_NS, USDT, bars, same
from tests.market.test_look_ahead import CLOCKS, HOURS, histories
from volsculpt.market.align import Aligned, align
from volsculpt.market.asof import TimeGrid
from volsculpt.market.history import History, history_of
from volsculpt.market.marks import CARRIED, OWN
from volsculpt.market.series import Series
from volsculpt.units import HOUR_NS

SLOW = bars(MARK, [101.0, 101.0, 121.2], every=8.0)  # known at 8, 16 and 24 h


def aligned(*series: Series, step: int = 1) -> Aligned:
    """A day and a bit of them."""
    hours = 26 // step * step
    return align(history_of(series), TimeGrid(START_NS, START_NS + hours * HOUR_NS, step * HOUR_NS))


def test_an_index_that_stops_between_the_bars_of_a_contract_moves_with_it() -> None:
    """Spot 100 at 16 h, 110 at 18 h, then silent; a mark 1 % over it, 121.2 at 24 h: 120."""
    spot = bars(BTC, [100.0] * 16 + [105.0, 110.0])
    for step in (1, 2, 8):
        got = aligned(spot, SLOW, step=step)
        assert got.index.value[24 // step, 0] == pytest.approx(120.0)
        assert got.index.source[24 // step, 0] == CARRIED
        assert got.mark.value[24 // step, 0] == 121.2
    fine = aligned(spot, SLOW)
    assert fine.index.value[18:24, 0].tolist() == [110.0] * 6  # nobody knows better
    assert fine.mark.value[18:24, 0].tolist() == pytest.approx([111.1] * 6)


@pytest.mark.parametrize("slow_first", [True, False])
def test_a_stale_index_moves_with_the_freshest_contract_and_slow_ones_with_it(
    slow_first: bool,
) -> None:
    """Silent from 18 h; hourly contract 2 % over it; the eight-hour one is 1 % over it."""
    spot = bars(BTC, [100.0] * 18)
    quick = [102.0] * 18 + [102.0 * (1.0 + k / 100.0) for k in range(1, 9)]
    both = [SLOW, bars(LINEAR, quick)]
    keys = ("bybit:BTC/USD:BTC", "bybit:BTC/USDT:USDT")[:: 1 if slow_first else -1]
    series = (spot, bars(USDT, [1.0] * 26), *both)
    clock = TimeGrid(START_NS, START_NS + 26 * HOUR_NS, HOUR_NS)
    got = align(history_of(series), clock, contracts=keys)
    slow = keys.index("bybit:BTC/USD:BTC")
    assert got.index.value[19:, 0] == pytest.approx([100.0 + k for k in range(1, 9)])
    assert got.mark.value[19:24, slow] == pytest.approx([1.01 * (100.0 + k) for k in range(1, 6)])
    assert got.mark.value[24, slow] == 121.2
    assert got.mark.source[19:27, slow].tolist() == [CARRIED] * 5 + [OWN] + [CARRIED] * 2


def test_an_index_of_long_bars_gives_a_basis_once_a_bar() -> None:
    """Spot every 8 h, the contract every hour and then silent: 1 % over it, not 5 %."""
    spot = bars(BTC, [100.0, 100.0, 120.0], every=8.0)
    got = aligned(spot, bars(MARK, [101.0] * 16 + [105.0] * 3))
    assert got.mark.value[24, 0] == pytest.approx(1.01 * 120.0)
    assert got.index.value[17:20, 0] == pytest.approx([100.0 * 105.0 / 101.0] * 3)


@given(histories(), CLOCKS)
def test_the_step_of_a_clock_changes_no_figure_at_its_stamps(
    history: History, clock: TimeGrid
) -> None:
    """Index and marks, their sources and ages: what they are at a stamp of any clock."""
    fine = align(history, TimeGrid(START_NS, START_NS + HOURS * HOUR_NS, HOUR_NS))
    coarse = align(history, clock)
    rows = np.searchsorted(fine.stamp_ns, coarse.stamp_ns)
    for table in ("index", "mark"):
        for part in ("value", "source", "age_ns"):
            one, other = getattr(getattr(fine, table), part), getattr(getattr(coarse, table), part)
            assert same(one[rows], other), (table, part)
