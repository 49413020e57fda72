"""Rates that ran and rates that were paid, and what is warned of wherever rates are used."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.market.examined import examine
from tests.market.foreign import HOUR, MS, written
from tests.market.made import BTC, MARK, START_NS, at, bars, floats, funding
from volsculpt.errors import HistoryError
from volsculpt.market.align import align
from volsculpt.market.asof import TimeGrid
from volsculpt.market.doubts import funding_doubts
from volsculpt.market.history import history_of
from volsculpt.market.importer import ImportOptions
from volsculpt.market.paid import of_rows, settled, usual_hours
from volsculpt.market.quality import check_series
from volsculpt.market.series import FundingRates
from volsculpt.market.unclear import OneStamp, Unclear
from volsculpt.units import HOUR_NS

EIGHT = (8.0, True)
PAID = ImportOptions(venue="bybit", symbol="BTC/USD:BTC", role="funding")


def running(hours: list[float], every: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Stamps, and the payment that each row names: the next multiple of so many hours."""
    due = [(hour // every + 1) * every for hour in hours]
    return at(hours), at(due)


@given(st.sampled_from([1, 2, 4, 8]), st.integers(1, 4), st.integers(3, 12), st.integers(0, 40))
def test_each_payment_is_kept_once(every: int, rows: int, count: int, start: int) -> None:
    """However many rows run before it: at its stamp, for the hours since the one before."""
    hours = [start * every + k / rows for k in range(every * rows * count)]
    found = settled(*running(hours, every), None, EIGHT)
    assert list(found.stamps) == list(at([(start + k + 1) * every for k in range(count)]))
    assert list(found.hours) == [float(every)] * count
    assert list(found.rows) == [(k + 1) * every * rows - 1 for k in range(count)]


def test_a_payment_without_a_row_near_it_is_left_out() -> None:
    """Hours of rows are missing before 16:00; the payment to come is not known either."""
    hours = [h for h in range(30) if not 10 <= h < 16]
    found = settled(*running(list(map(float, hours))), START_NS + 29 * HOUR_NS, EIGHT)
    assert list(found.stamps) == list(at([8, 24]))
    assert list(found.hours) == [8.0, 8.0]
    assert "2 payments left out" in found.notes[1]


def test_payments_that_cannot_be_are_refused() -> None:
    """One that lies before its row, one before that of a row above, none that is over."""
    stamps, due = running([0.0, 1.0, 2.0])
    with pytest.raises(HistoryError, match="row 1: its next payment lies before its own time"):
        settled(stamps, due - 9 * HOUR_NS, None, EIGHT)
    back = np.array([due[0], due[0] - HOUR_NS, due[0]])
    with pytest.raises(HistoryError, match="row 2: its next payment comes before that of a row"):
        settled(stamps, back, None, EIGHT)
    with pytest.raises(Unclear, match="none of the moments at which one was paid"):
        settled(stamps, due, START_NS, EIGHT)


@given(st.sampled_from([1.0, 8.0]), st.integers(2, 50), st.sampled_from([0.25, 0.5, 1.0, 2.0, 3.0]))
def test_rows_closer_than_payments_are_refused(usual: float, count: int, times: float) -> None:
    """Whatever the hours between payments: rows at them pass, rows between them never."""
    stamps = at([k * usual * times for k in range(count)])
    if times < 1.0:
        with pytest.raises(HistoryError, match=r"row 2: .* these are running rates"):
            of_rows(stamps, None, (usual, True), "bybit")
        return
    hours, _ = of_rows(stamps, None, (usual, True), "bybit")
    assert list(hours) == [usual * times] * count


def test_hours_are_never_taken_from_rows_alone() -> None:
    """A word of the user is taken; where nobody knows, it is asked for; a gap changes nothing."""
    stamps = at([0, 8, 16, 32, 40])
    assert list(of_rows(stamps, 4.0, None, "somebody")[0]) == [4.0] * 5
    with pytest.raises(Unclear, match="the distance of rows does not tell"):
        of_rows(stamps, None, None, "somebody")
    with pytest.raises(OneStamp):
        of_rows(stamps[:1], None, None, "somebody")
    assert list(of_rows(stamps, None, EIGHT, "bybit")[0]) == [8.0] * 5


def test_how_often_venues_charge() -> None:
    """By the catalog's own entry, else as the venue usually does, else nobody knows."""
    assert usual_hours("kraken", "BTC/USD:USD") == (1.0, True)
    assert usual_hours("binance", "NEW/USDT:USDT") == (8.0, False)
    assert usual_hours("hyperliquid", "BTC/USD:USD") == (1.0, False)
    assert usual_hours("somebody", "BTC/USD:BTC") is None


def test_hourly_snapshots_are_booked_once_a_payment(tmp_path: Path) -> None:
    """The last rate before each of 0, 8 and 16 h; without that column they are refused."""
    text = "timestamp,symbol,markPrice,fundingRate{}\n" + "".join(
        f"{MS + k * HOUR},BTCUSD,50000,{1e-6 * k:.6f}{{}}\n".format(
            f",{MS + (k // 8 + 1) * 8 * HOUR}"
        )
        for k in range(48)
    )
    path = written(tmp_path, "snap.csv", text.format(",nextFundingTime"))
    guess, series = examine(path, PAID)
    assert isinstance(series, FundingRates)
    assert list(series.stamp_ns) == list(at([8, 16, 24, 32, 40, 48]))
    assert list(series.rate) == pytest.approx([7e-6, 15e-6, 23e-6, 31e-6, 39e-6, 47e-6])
    assert guess.notes[0] == "48 running rates; the last before each payment is kept: 6"
    bare = "".join(f"{MS + k * HOUR},0.0001\n" for k in range(48))
    with pytest.raises(HistoryError, match="bybit charges every 8 hours: these are running rates"):
        examine(written(tmp_path, "bare.csv", f"timestamp,fundingRate\n{bare}"), PAID)


@pytest.mark.parametrize(
    ("rate", "every", "codes"),
    [
        (0.0001, 8.0, []),
        (0.01, 8.0, ["percent"]),
        (0.0003, 1.0, ["funding_interval"]),
        (0.00125, 1.0, ["percent", "funding_interval"]),
        (0.01, 24.0, ["percent", "funding_interval"]),
    ],
)
def test_doubts_are_told_wherever_rates_are_used(
    rate: float, every: float, codes: list[str]
) -> None:
    """Percent by their size for their hours, and hours that the catalog does not know."""
    series = funding([rate] * 4, [every * k for k in range(4)], every)
    assert [line.split(":")[0] for line in funding_doubts(series)] == codes
    history = history_of([bars(BTC, [100.0] * 4), bars(MARK, [100.0] * 4), series])
    warned = align(history, TimeGrid(START_NS + HOUR_NS, START_NS + 3 * HOUR_NS, HOUR_NS)).warnings
    assert [line for line in warned if line in funding_doubts(series)] == funding_doubts(series)
    found = {one.check for one in check_series(series).findings}
    assert ("percent" in found) == ("percent" in codes)


def test_a_part_in_percent_is_doubted_too() -> None:
    """A third of the rates a hundred times as large is no storm."""
    rates = floats([0.0001] * 8 + [0.01] * 4)
    told = funding_doubts(funding(list(rates), [8.0 * k for k in range(12)]))
    assert "33% of the rates are over 0.30%" in told[0]
