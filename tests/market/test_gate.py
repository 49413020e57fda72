"""The gate: what no history may be, and what passes is read-only."""

from dataclasses import replace

import numpy as np
import pytest

from tests.market.made import BTC, FUNDING, START_NS, at, bars, floats, funding, prices
from volsculpt.errors import HistoryError
from volsculpt.market.series import Bars, FundingRates, Prices, Series
from volsculpt.market.times import interval_text, parse_interval
from volsculpt.units import HOUR_NS

GOOD = bars(BTC, [100.0, 101.0, 102.0])


def changed(column: str, row: int, value: float) -> Bars:
    """The good bars with one figure changed."""
    values = np.array(getattr(GOOD, column))
    values[row] = value
    return Bars(**{name: getattr(GOOD, name) for name in Bars.__slots__} | {column: values})


@pytest.mark.parametrize(
    ("column", "row", "value", "message"),
    [
        ("close", 1, float("nan"), r"row 2 \(2024-01-01T01:00:00Z\): close is missing or not fin"),
        ("high", 2, float("inf"), r"row 3 .*: high is missing or not finite \(inf\)"),
        ("low", 0, 0.0, r"row 1 .*: low is 0; it must be positive"),
        ("open", 0, -5.0, r"row 1 .*: open is -5; it must be positive"),
        ("high", 1, 50.0, r"row 2 .*: high 50 is below low 99"),
        ("close", 1, 200.0, r"row 2 .*: close 200 is not between low 99 and high 102.01"),
        ("open", 1, 2.0, r"row 2 .*: open 2 is not between low 99 and high 102.01"),
        ("open_ns", 2, START_NS + HOUR_NS, r"row 3 .*: the stamp is there twice"),
        ("open_ns", 2, START_NS, r"row 3 .*: the time goes back"),
        ("open_ns", 2, START_NS + HOUR_NS * 1.5, r"row 3 .*: opens 30m after .* lasts 1h"),
        ("open_ns", 0, 1_704_067_200_000, r"row 1 \(1970.*\): .*is its unit right"),
    ],
)
def test_an_impossible_bar_is_refused(column: str, row: int, value: float, message: str) -> None:
    """Each message names the series, the row, the time and what is wrong."""
    with pytest.raises(HistoryError, match=f"^BTC index of binance in USD 1h: {message}"):
        changed(column, row, value)


@pytest.mark.parametrize(
    ("rates", "hours", "every", "message"),
    [
        ([0.5, 0.5], [0, 8], 8.0, "row 1 .*: funding of 0.5 .* impossible; .* not percent"),
        ([float("nan"), 0.1], [0, 8], 8.0, "row 1 .*: rate is missing"),
        ([1e-4, 1e-4], [0, 1], 8.0, "row 2 .*: pays for 8 hours but comes 1h after"),
        ([1e-4, 1e-4], [0, 999], 500.0, "row 1 .*: an interval of 500 hours"),
        ([1e-4, 1e-4], [0, 8], 0.0, "row 1 .*: interval_hours is 0; it must be positive"),
    ],
)
def test_impossible_funding_is_refused(
    rates: list[float], hours: list[float], every: float, message: str
) -> None:
    """A rate no venue charges, and hours paid for twice, do not pass."""
    with pytest.raises(HistoryError, match=f"^bybit:BTC/USD:BTC funding: {message}"):
        funding(rates, hours, every)


def test_times_without_a_zone_are_refused() -> None:
    """A time of numpy has no zone, so it is not int64 ns UTC."""
    naive = np.array(["2024-01-01"], dtype="datetime64[ns]")
    with pytest.raises(
        HistoryError, match=r"int64 nanoseconds UTC, not datetime64.*without a zone"
    ):
        Prices(BTC, naive, floats([1.0]))  # type: ignore[arg-type]


def test_an_empty_series_and_a_short_column_are_refused() -> None:
    """Nothing is no history, and a column is as long as its times."""
    with pytest.raises(HistoryError, match="holds no rows"):
        prices(BTC, [], [])
    with pytest.raises(HistoryError, match="price has 1 rows, the times have 2"):
        Prices(BTC, at([0, 1]), floats([1.0]))


def test_gaps_pass() -> None:
    """Missing bars are for the data check to report; the gate lets them through."""
    assert len(bars(BTC, [1.0, 2.0], hours=[0, 5]).stamps) == 2


def all_kinds() -> list[Series]:
    """One series of each kind."""
    return [GOOD, prices(BTC, [1.0, 2.0], [0, 1]), funding([1e-4, 2e-4], [0, 8])]


@pytest.mark.parametrize("series", all_kinds(), ids=lambda one: one.kind)
def test_what_passed_is_read_only(series: Series) -> None:
    """Nobody changes a history after it was checked, nor a part cut from it."""
    part = series.between(START_NS, START_NS + HOUR_NS)
    for one in (series, part):
        columns = [getattr(one, name) for name in type(one).__slots__]
        arrays = [column for column in columns if isinstance(column, np.ndarray)]
        assert arrays
        assert [column.flags.writeable for column in arrays] == [False] * len(arrays)


def test_the_giver_keeps_his_own_array() -> None:
    """A later change of what was handed in does not reach the history."""
    values = floats([1.0, 2.0])
    held = Prices(BTC, at([0, 1]), values)
    values[0] = 5.0
    assert held.price[0] == 1.0


def test_a_part_is_from_inclusive_to_exclusive() -> None:
    """[from, to), and an empty part is an error that says what there is."""
    part = GOOD.between(START_NS + HOUR_NS, START_NS + 2 * HOUR_NS)
    assert list(part.close) == [101.0]
    with pytest.raises(HistoryError, match=r"nothing from 2024-01-02.*it has 2024-01-01T00:00:00Z"):
        GOOD.between(START_NS + 24 * HOUR_NS, START_NS + 25 * HOUR_NS)


def test_missing_stamps_of_funding_are_named() -> None:
    """Counted back in the interval that pays: a change of interval is no gap."""
    steady = funding([1e-4] * 3, [0, 8, 24])
    assert list(steady.missing_ns()) == list(at([16]))
    changed_twice = funding([1e-4] * 5, [0, 8, 10, 12, 20], [8.0, 8.0, 2.0, 2.0, 8.0])
    assert list(changed_twice.missing_ns()) == []


def test_a_bar_is_known_at_its_end() -> None:
    """Stamps are opens; what is known later is said apart."""
    assert list(GOOD.available_ns - GOOD.open_ns) == [HOUR_NS] * 3
    assert GOOD.end_ns == START_NS + 3 * HOUR_NS


def test_synthetic_series_say_so_in_every_message() -> None:
    """Nobody mistakes made-up prices for real ones."""
    label = replace(FUNDING, source="synthetic, seed 7")
    with pytest.raises(HistoryError, match=r"funding \(synthetic, seed 7\): row 1"):
        FundingRates(label, at([0]), floats([9.0]), floats([8.0]))


@pytest.mark.parametrize("text", ["1m", "15m", "1h", "8h", "1d", "30s"])
def test_intervals_are_read_as_they_are_written(text: str) -> None:
    """Writing and reading a length of time are inverse."""
    assert interval_text(parse_interval(text)) == text
    with pytest.raises(HistoryError, match="write it like 15m, 8h or 30d"):
        parse_interval(f"{text}our")
