"""A whole history as tables for polars and pandas."""

import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import volsculpt as vs
from tests.market.made import BTC, FUNDING, MARK, at, floats
from volsculpt.market.history import history_of
from volsculpt.market.labels import Label
from volsculpt.market.series import Bars, FundingRates, Prices, Values
from volsculpt.market.store import save
from volsculpt.units import HOUR_NS

FEAR = Label("alternative", "fear_greed", "value", "points", "made by hand")
HISTORY = history_of(
    [
        Bars(
            MARK,
            HOUR_NS,
            at([0, 1]),
            floats([1, 2]),
            floats([3, 3]),
            floats([1, 2]),
            floats([2, 3]),
        ),
        Prices(BTC, at([0, 1]), floats([10.0, 11.0])),
        FundingRates(FUNDING, at([8]), floats([0.0001]), floats([8.0])),
        Values(FEAR, at([0]), at([5]), floats([40.0])),
    ]
)


def test_prices_stand_a_row_a_stamp_and_series() -> None:
    """Bars keep their columns; a plain price is a close, and what it lacks is null, never 0."""
    frame = HISTORY.to_polars()
    assert frame["name"].to_list() == ["BTC", "BTC", "bybit:BTC/USD:BTC", "bybit:BTC/USD:BTC"]
    assert frame["close"].to_list() == [10.0, 11.0, 2.0, 3.0]
    assert frame["high"].to_list() == [None, None, 3.0, 3.0]
    assert frame["volume"].null_count() == 4
    assert frame["time"].dtype == pl.Datetime("ns", "UTC")
    assert frame["time"].to_physical().to_list() == [*at([0, 1]), *at([0, 1])]
    assert frame["role"].to_list() == ["index", "index", "mark", "mark"]


def test_funding_and_values_are_tables_of_their_own() -> None:
    """Rates with the hours they are of, figures with the time they were known."""
    funding, values = HISTORY.to_polars("funding"), HISTORY.to_polars("values")
    assert funding.select("name", "rate", "interval_hours").rows() == [
        ("bybit:BTC/USD:BTC", 0.0001, 8.0)
    ]
    assert values["known"].to_physical().to_list() == list(at([5]))
    assert values.select("name", "value", "quote").rows() == [("fear_greed", 40.0, "points")]


def test_an_empty_table_has_its_columns() -> None:
    """Code that selects columns does not fall over where nothing is stored."""
    empty = history_of([]).to_polars("funding")
    assert empty.columns == HISTORY.to_polars("funding").columns
    assert empty.height == 0


def test_pandas_has_the_same_columns_and_times() -> None:
    """Times in UTC to the nanosecond, what is missing NaN."""
    frame = HISTORY.to_pandas()
    assert list(frame.columns) == HISTORY.to_polars().columns
    assert str(frame["time"].dtype) == "datetime64[ns, UTC]"
    assert frame["time"].astype("int64").tolist() == [*at([0, 1]), *at([0, 1])]
    assert np.isnan(frame["high"][0])
    assert frame["close"].tolist() == [10.0, 11.0, 2.0, 3.0]


def test_what_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another table, or a library that is not installed."""
    with pytest.raises(vs.HistoryError, match="a history has prices, funding, values"):
        HISTORY.to_polars("bars")
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(vs.MissingExtra, match=r"pip install pandas, or ask for to_polars\(\)"):
        HISTORY.to_pandas()


def test_a_store_is_opened_by_days_and_one_name(tmp_path: Path) -> None:
    """The folder as text, one contract without a tuple, ends as days."""
    for one in HISTORY.series:
        save(tmp_path, one, 0)
    given = [
        vs.open_history(tmp_path, ("bybit:BTC/USD:BTC",), (), *at([0, 24]).tolist()),
        vs.open_history(str(tmp_path), "bybit:BTC/USD:BTC", "BTC", "2024-01-01", "2024-01-02"),
        vs.open_history(tmp_path, ["bybit:BTC/USD:BTC"], ["BTC"], "2024-01-01"),
    ]
    assert [one.to_polars().height for one in given] == [4, 4, 4]
    with pytest.raises(vs.HistoryError, match="from_ns: 'x' is no time"):
        vs.open_history(tmp_path, "bybit:BTC/USD:BTC", from_ns="x")
