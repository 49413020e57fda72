"""When values can be read: business days, holidays, lags, and the table of them."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.errors import HistoryError
from volsculpt.market.business_days import (
    business_days_after,
    days_of,
    holidays,
    next_business_day,
)
from volsculpt.market.published import Lag, available_after, parse_lag, published
from volsculpt.units import DAY_NS, HOUR_NS, iso

EPOCH = date(1970, 1, 1)
DAYS = st.integers(8000, 46000)  # 1991 to 2095


def days(*texts: str) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Days since 1970."""
    return np.array([(date.fromisoformat(text) - EPOCH).days for text in texts], dtype=np.int64)


def text(day: int) -> str:
    """A day as people write it."""
    return str(EPOCH + timedelta(days=int(day)))


def test_the_holidays_of_two_years() -> None:
    """As the Federal Reserve lists them for 2021 and 2024; Saturdays also on the Friday before."""
    listed = {
        2021: "01-01 01-18 02-15 05-31 06-18 06-19 07-04 07-05 09-06 10-11 11-11 11-25 12-24 12-25",
        2024: "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25",
    }
    for year, wanted in listed.items():
        found = [str(day) for day in holidays() if str(day).startswith(f"{year}-")]
        extra = ["2021-12-31"] if year == 2021 else []  # 2022-01-01 was a Saturday
        assert found == [f"{year}-{day}" for day in wanted.split()] + extra
    assert np.datetime64("2020-06-19") not in holidays()


def counted(start: date, count: int) -> date:
    """A business day so many after a day, counted one by one."""
    closed = {str(day) for day in holidays()}
    day = start
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5 and str(day) not in closed
    return day


@given(DAYS, st.integers(1, 12))
def test_business_days_are_counted(day: int, count: int) -> None:
    """As on the fingers, from any day."""
    got = int(business_days_after(np.array([day]), count)[0])
    assert text(got) == str(counted(EPOCH + timedelta(days=day), count))
    (rolled,) = next_business_day(np.array([day])).tolist()
    assert text(rolled) == str(counted(EPOCH + timedelta(days=day - 1), 1))


def test_the_worked_days() -> None:
    """Those of the docstrings."""
    got = business_days_after(days("2024-06-28", "2024-07-03", "2024-06-29"), 2)
    assert [text(day) for day in got] == ["2024-07-02", "2024-07-08", "2024-07-02"]
    assert text(next_business_day(days("2024-05-27"))[0]) == "2024-05-28"
    known = available_after(days("2024-05-20") * DAY_NS, published()["dollar_broad"].lag)
    assert iso(int(known[0])) == "2024-05-29T00:00:00Z"
    known = available_after(days("2024-06-28") * DAY_NS, published()["yield_10y"].lag)
    assert iso(int(known[0])) == "2024-07-02T00:00:00Z"


def test_midnight_elsewhere_is_its_day() -> None:
    """New York's and Berlin's; an evening counts as the next day, later and never early."""
    day = days("2024-01-02")
    for hours in (-2, -1, 0, 5, 11):
        assert (days_of(day * DAY_NS + hours * HOUR_NS) == day).all()
    assert (days_of(day * DAY_NS + 21 * HOUR_NS) == day + 1).all()


LAGS = st.sampled_from(
    "none|36h|8 days|1 day|2 business days|8 days, on business days|1 bar|3 bars".split("|")
)


@given(st.lists(DAYS, min_size=1, max_size=30, unique=True), LAGS)
def test_nothing_is_known_before_its_lag(stamps: list[int], written: str) -> None:
    """Never before the stamp and the lag, never going back; one day alone the same."""
    lag = parse_lag(written)
    at = np.sort(np.array(stamps)) * DAY_NS
    known = available_after(at, lag, DAY_NS)
    least = lag.length_ns + max(lag.business_days, lag.bars) * DAY_NS
    assert (known >= at + least).all()
    assert (np.diff(known) >= 0).all()
    alone = [int(available_after(one, lag, DAY_NS)[0]) for one in np.split(at, len(at))]
    assert known.tolist() == alone
    if lag.business_days or lag.waits:
        assert (known % DAY_NS == 0).all()


def test_what_is_no_lag() -> None:
    """The message shows the forms; bars need a length."""
    for wrong in ("soon", "-1 day", "1.5 days", ""):
        with pytest.raises(HistoryError, match="is no lag; write it like none, 36h"):
            parse_lag(wrong)
    with pytest.raises(HistoryError, match="--interval 1d"):
        available_after(days("2024-01-01") * DAY_NS, Lag("1 bar", bars=1))


@pytest.mark.parametrize(
    ("name", "lag", "unit"),
    [
        ("yield_2y", "2 business days", "percent"),
        ("yield_10y", "2 business days", "percent"),
        ("policy_rate", "2 business days", "percent"),
        ("dollar_broad", "8 days, on business days", "index"),
        ("dollar_index", "1 day", "index"),
        ("equity_volatility", "1 day", "percent"),
        ("fear_greed", "none", "index"),
        ("btc_dominance", "1 bar", "percent"),
        ("dvol", "1 bar", "percent"),
        ("open_interest", "1 bar", None),
    ],
)
def test_the_table(name: str, lag: str, unit: str | None) -> None:
    """What it says of the figures that matter, each with where that is from."""
    row = published()[name]
    assert (row.lag.text, row.unit) == (lag, unit)
    assert len(row.source) > 20


def test_signs_are_of_one_figure() -> None:
    """No column, and no usual file name, is a sign of two."""
    columns = [column for row in published().values() for column in row.columns]
    assert len(columns) == len(set(columns))
    files = {
        "fred_dgs10_1d": "yield_10y",
        "dgs1": "yield_1y",
        "dgs2": "yield_2y",
        "fred_dff_1d": "policy_rate",
        "^vix": "equity_volatility",
        "vix_history": "equity_volatility",
        "ice_dxy_1d": "dollar_index",
        "dx-y.nyb": "dollar_index",
        "us dollar index historical data": "dollar_index",
        "cryptocap_btc.d, 1d": "btc_dominance",
        "btc_dominance_1d": "btc_dominance",
        "crypto fear & greed index": "fear_greed",
        "fear_greed_1d": "fear_greed",
        "deribit_dvol_btc_1d": "dvol",
        "bybit_linear_btcusdt_open_interest_1h": "open_interest",
        "binance_spot_btcusdt_1h": None,
        "btc_daily": None,
        "btc-d1": None,
    }
    for stem, wanted in files.items():
        found = [name for name, row in published().items() if row.files.search(stem)]
        assert found == ([] if wanted is None else [wanted]), stem
