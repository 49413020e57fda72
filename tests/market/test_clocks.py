"""Times and numbers as texts: what they are, and that every form of one time is the same."""

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volsculpt.errors import HistoryError
from volsculpt.market.cells import begins_with_comma, numbers, unit_of
from volsculpt.market.clocks import read_times, says_utc
from volsculpt.market.unclear import Unclear

MOMENTS = st.datetimes(datetime(1995, 1, 1), datetime(2095, 1, 1))  # noqa: DTZ001 # UTC below
FORMS = (
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%d %H:%M:%S+00:00",
    "%Y-%m-%d %I:%M:%S %p UTC",
    "%d.%m.%Y %H:%M:%S",
    "%Y%m%d %H%M%S",
    "%Y.%m.%d %H:%M:%S",
    "%b %d, %Y %H:%M:%S",
    "%d %B %Y %I:%M:%S %p",
    "%d-%b-%Y %H:%M:%S",
    "%a %b %d %Y %H:%M:%S",
)


def read(*texts: str) -> list[int | None]:
    """The seconds since 1970 of texts."""
    return [None if ns is None else ns // 10**9 for ns in read_times(pl.Series("t", texts), "f").ns]


@settings(max_examples=5)
@given(st.lists(MOMENTS, min_size=20, max_size=40))
def test_every_form_of_a_time_is_the_same_time(moments: list[datetime]) -> None:
    """Whatever order, month, clock or mark of the zone it is written with."""
    seconds = [int(moment.replace(tzinfo=UTC).timestamp()) for moment in moments]
    for form in FORMS:
        assert read(*(moment.strftime(form) for moment in moments)) == seconds


@settings(max_examples=10)
@given(st.datetimes(datetime(2000, 1, 13), datetime(2050, 1, 1)))  # noqa: DTZ001 # days only
def test_which_of_day_and_month_comes_first_is_told_by_all_rows(moment: datetime) -> None:
    """A day after the twelfth anywhere in a column decides for all of it; without one: refused."""
    sure = moment.replace(day=13)
    for form in ("%d/%m/%Y", "%m/%d/%Y"):
        texts = [one.strftime(form) for one in (moment, sure)]
        days = [int(one.replace(tzinfo=UTC).timestamp()) // 86_400 for one in (moment, sure)]
        assert [second // 86_400 for second in read(*texts) if second is not None] == days
    with pytest.raises(Unclear, match="whether the day or the month comes first"):
        read("03/04/2024", "05/06/2024")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2024-02-30",
            "2024-13-01",
            "2024-01-01 24:00",
            "2024-01-01 10:60",
            "2024-01-01 13:00 PM",
        ),
        *(
            "2024-01-01 noon",
            "2024-01-01 x 05:00",
            "2024-01-0105:00",
            "10:00",
            "yesterday",
            "Foo 1 2024",
        ),
    ],
)
def test_what_is_no_time_is_none(text: str) -> None:
    """It is not read as some other time."""
    assert read(text) == [None]


def test_a_time_says_its_zone_or_not() -> None:
    """An offset is taken off; its absence is noted row by row, or the column's name says UTC."""
    found = read_times(pl.Series("t", ["2024-01-01 02:00+02", "2024-01-01T00:00"]), "f")
    assert found.ns[0] == found.ns[1]
    assert found.naive.to_list() == [False, True]
    names = ("Date (UTC)", "gmt_time", "timeUtc", "Date", "outcome", "utcx")
    assert [says_utc(name) for name in names] == [True, True, True, False, False, False]


@settings(max_examples=20)
@given(st.integers(0, 10**9), st.integers(0, 99))
def test_marks_of_both_manners_are_read(whole: int, cents: int) -> None:
    """1,234.50 and 1.234,50 are one number, where the column shows which is meant."""
    english = f"{whole:,}.{cents:02d}"
    other = english.replace(",", "x").replace(".", ",").replace("x", ".")
    for text in (english, other, f" ${english}"):
        frame = pl.DataFrame({"a": [text, text]})
        comma = begins_with_comma(frame, "f")
        assert numbers(frame, "a", "f", comma).to_list() == [whole + cents / 100] * 2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("1.31M", 1.31e6), ("85.4K", 85_400.0), ("2B", 2e9), ("0.0369%", 3.69e-4)),
        *(("-5", -5.0), ("+1e-5", 1e-5), ("null", None), ("NaN", None), ("", None)),
    ],
)
def test_numbers_with_a_size(text: str, value: float | None) -> None:
    """Thousands, millions, percent; words for nothing are nothing."""
    found = numbers(pl.DataFrame({"a": [text]}), "a", "f")[0]
    assert found == (None if value is None else pytest.approx(value))


def test_numbers_that_are_none_are_named() -> None:
    """With their row; a mark that may mean two things, or both, is refused."""
    for cells, message in (
        (["1", "abc"], "row 2: a is 'abc', which is no number"),
        (["1,23,4"], "row 1: a is '1,23,4'"),
        (["1,234"], "may part thousands or begin the fraction"),
    ):
        with pytest.raises(HistoryError, match=message):
            numbers(pl.DataFrame({"a": cells}), "a", "f")
    with pytest.raises(HistoryError, match=r"like 1,234\.5 and like 1\.234,5"):
        begins_with_comma(pl.DataFrame({"a": ["1,234.5"], "b": ["1.234,5"]}), "f")


def test_the_unit_of_a_rate_stands_in_its_name() -> None:
    """Percent and hundredths of it; a rate a year is refused."""
    names = ("fundingRate", "Funding Rate (%)", "rate_pct", "fundingRatePercent", "rate_bps")
    assert [unit_of(name) for name in names] == [1.0, 0.01, 0.01, 0.01, 0.0001]
    with pytest.raises(Unclear, match="a year"):
        unit_of("funding_apr")
