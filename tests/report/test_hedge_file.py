"""How effective a hedge was, from what decisions saw: worked figures, and laws."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.report.pages.hedge_file import hedge_file_page
from volsculpt.report.rows.hedge_file import (
    HedgeFile,
    _CoinInputs,
    quarter_of,
    quarters_of,
    share_of_risk,
)
from volsculpt.units import DAY_NS, moment_ns

returns = st.lists(st.floats(-0.2, 0.2), min_size=3, max_size=40).map(np.array)


def seen(
    prices: list[float], held: float, marks: list[float] | None = None, coins: float = -1.0
) -> list[_CoinInputs]:
    """A decision a day from 2024-01-01 on, with one contract beside the coin."""
    start = moment_ns("2024-01-01")
    return [
        _CoinInputs(start + n * DAY_NS, usd, 0.5, held, {"k": mark}, {"k": coins})
        for n, (usd, mark) in enumerate(zip(prices, marks or prices, strict=True))
    ]


def wave(days: int) -> list[float]:
    """Prices that go up and down."""
    return [60_000.0 * (1.0 + 0.1 * math.sin(n)) for n in range(days)]


def test_a_contract_that_moves_with_its_coin_takes_all_of_what_it_hedges() -> None:
    """Effective in full; of all that is owned half a hedge takes 1 - 0.5², and none takes none."""
    (row,) = quarters_of("BTC", seen(wave(60), 0.5))
    assert row.effectiveness.share == pytest.approx(1.0)
    assert row.risk_taken.share == pytest.approx(0.75)
    assert (row.decisions, row.days, row.target, row.held) == (60, 59, 0.5, 0.5)
    (none,) = quarters_of("BTC", seen(wave(60), 0.0, coins=0.0))
    assert (none.effectiveness.share, none.risk_taken.share) == (None, 0.0)


def test_what_contracts_of_other_coins_did_is_not_known() -> None:
    """A ratio is held and no contract on the coin: no share is told, least of all none."""
    (row,) = quarters_of("BTC", seen(wave(60), 0.5, coins=0.0))
    assert (row.effectiveness.share, row.risk_taken.share, row.held) == (None, None, 0.5)


def test_a_contract_that_stands_still_takes_nothing() -> None:
    """Whatever its size."""
    (row,) = quarters_of("BTC", seen(wave(60), 0.5, [100.0] * 60))
    assert row.effectiveness.share == pytest.approx(0.0)


def test_quarters_part_days_and_short_ones_have_no_range() -> None:
    """Of 100 days 91 are in the first quarter; 9 days tell a share, and no range of it."""
    first, second = quarters_of("BTC", seen(wave(100), 0.5))
    assert (first.quarter, first.days, second.quarter, second.days) == ("2024-Q1", 90, "2024-Q2", 9)
    assert first.effectiveness.range.low is not None
    assert second.effectiveness.share is not None
    assert second.effectiveness.range.low is None
    assert quarter_of(moment_ns("2024-12-31T23:59:59Z")) == "2024-Q4"


def test_a_day_without_a_decision_is_left_out() -> None:
    """A return over two days is none of one."""
    days = seen(wave(60), 0.5)
    (row,) = quarters_of("BTC", [*days[:20], *days[22:]])
    assert row.days == 56
    (alone,) = quarters_of("BTC", days[:1])
    assert (alone.days, alone.effectiveness.share) == (0, None)


@given(returns, st.floats(-1.0, 1.0))
def test_no_share_is_above_all(coin: np.ndarray, part: float) -> None:
    """What a hedge takes is at most all risk, and scaling both changes nothing."""
    share = share_of_risk(coin, coin * part).share
    if share is not None:
        assert share <= 1.0
        assert share == pytest.approx(1.0 - part**2, abs=1e-6)


def test_its_title_tells_the_year() -> None:
    """Or that it is of all that is written."""
    titles = [
        hedge_file_page(HedgeFile("/x/a.ledger", year, 9, "ab", [], [])).title
        for year in (2024, None)
    ]
    assert titles == ["Hedge file of a.ledger, 2024", "Hedge file of a.ledger, all of it"]
