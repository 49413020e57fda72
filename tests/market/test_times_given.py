"""Moments and lengths of time as people and programs give them."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest

from volsculpt.errors import HistoryError, PriceError
from volsculpt.market.quotes import time_ns_of
from volsculpt.market.times import run_span
from volsculpt.units import HOUR_NS, iso_exact, length_ns, moment_ns

DAY = 1_609_459_200 * 10**9  # 2021-01-01


@pytest.mark.parametrize(
    "moment",
    [
        DAY,
        np.int64(DAY),
        "2021-01-01",
        "2021-01-01T00:00:00Z",
        "2021-01-01T01:00:00+01:00",
        "2021-01-01 00:00:00 UTC",
        date(2021, 1, 1),
        datetime(2021, 1, 1, tzinfo=UTC),
        datetime(2021, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_a_moment_is_the_same_however_it_is_given(moment: Any) -> None:  # noqa: ANN401
    """Nanoseconds, text, days and times with a zone name one moment."""
    assert moment_ns(moment) == DAY
    assert type(moment_ns(moment)) is int


def test_microseconds_are_exact() -> None:
    """No stamp goes through a float."""
    late = datetime(2099, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    assert iso_exact(moment_ns(late)) == "2099-12-31T23:59:59.999999000Z"


@pytest.mark.parametrize(
    ("moment", "message"),
    [
        (datetime(2021, 1, 1), "has no zone"),  # noqa: DTZ001
        ("2021-01-01T08:00", "is no time; write a day, 2021-01-01"),
        ("yesterday", "is no time; write a day"),
        ("1960-01-01", "is no time"),
        (datetime(1960, 1, 1, tzinfo=UTC), "is no time; give"),
        (date(2300, 1, 1), "is no time; give"),
        (1.6e18, "is no time; give"),
        (True, "is no time; give"),
        (None, "is no time; give"),
        (-1, "is no time; give"),
        (10**30, "is no time; give"),
        ([DAY], "is no time; give"),
    ],
)
def test_what_is_no_moment_is_refused(moment: Any, message: str) -> None:  # noqa: ANN401
    """The message names what was given and what to give, and the argument."""
    with pytest.raises(PriceError) as refused:
        time_ns_of(moment, "at")
    assert str(refused.value).startswith("at: ")
    assert message in str(refused.value)


@pytest.mark.parametrize(
    "length", [8 * HOUR_NS, np.int64(8 * HOUR_NS), "8h", " 8 H ", timedelta(hours=8)]
)
def test_a_length_is_the_same_however_it_is_given(length: Any) -> None:  # noqa: ANN401
    """Nanoseconds, text and a timedelta are one length."""
    assert length_ns(length) == 8 * HOUR_NS


def test_days_and_weeks_may_be_words() -> None:
    """A hedge lasts thirty days."""
    assert length_ns("30 days") == length_ns("30d")
    assert length_ns("1 week") == length_ns("7 days") == length_ns("1w")


@pytest.mark.parametrize("length", [0, -1, "0h", "h", "8", "", 1.5, True, timedelta(0), None])
def test_what_is_no_length_is_refused(length: Any) -> None:  # noqa: ANN401
    """A length is above 0 and has a unit; the message names the argument."""
    with pytest.raises(ValueError, match="is no length of time; write it like 15m, 8h or 30d"):
        length_ns(length)
    if length is not None:
        with pytest.raises(HistoryError, match=r"^step_ns: .* is no length of time"):
            run_span(None, None, length)


def test_a_span_is_read_end_by_end() -> None:
    """Open ends stay open; an end that is none is named, and one before the beginning."""
    assert run_span("2021-01-01", None) == (DAY, None, None)
    assert run_span(DAY, date(2021, 1, 2), "8h") == (DAY, DAY + 24 * HOUR_NS, 8 * HOUR_NS)
    with pytest.raises(HistoryError, match=r"^from_ns: 'x' is no time"):
        run_span("x", None)
    with pytest.raises(HistoryError, match=r"^to_ns: 1\.5 is no time"):
        run_span(None, 1.5)  # type: ignore[arg-type]
    with pytest.raises(HistoryError, match="to_ns: 2021-01-01T00:00:00Z is not after from_ns"):
        run_span("2021-01-01", "2021-01-01")
