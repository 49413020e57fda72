"""Results as data frames: the published rows, typed, empty tables with their columns."""

import sys
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from tests.report import backtests, plans
from volsculpt.app.cli.published import published
from volsculpt.errors import MissingExtra
from volsculpt.report.desk import LISTS, DeskReport
from volsculpt.units import moment_ns

REPORT = backtests.report_of(backtests.inputs(), draws=0)
SAID: dict[str, Any] = {name: [] for name in LISTS} | {
    "hedges": [
        {
            "underlying": "BTC",
            "held_ratio": None,
            "held_now_ratio": None,
            "target_ratio": 0.5,
            "reasons": ["first"],
        },
        {
            "underlying": "ETH",
            "held_ratio": 0.25,
            "held_now_ratio": 0.3,
            "target_ratio": None,
            "reasons": [],
        },
    ]
}


@pytest.mark.parametrize("plan", [plans.treasury(), plans.many_coins()], ids=["one", "many"])
def test_rows_of_a_plan_are_the_published_ones(plan: plans.Plan) -> None:
    """Each table row by row, names and values, nested ones too; orders where none is named."""
    said = plan.as_dict()
    for name in plan.tables():
        assert plan.to_polars(name).to_dicts() == said[name], name
    assert plan.to_polars().to_dicts() == said["orders"]


def test_an_empty_table_has_its_columns_and_types() -> None:
    """A script that reads a column works on the day on which nothing is to be done."""
    frame, full = plans.empty().to_polars("orders"), plans.treasury().to_polars("orders")
    assert (frame.height, frame.columns) == (0, full.columns)
    assert frame.schema["contracts"] == full.schema["contracts"] == pl.Float64
    assert frame.schema["reduce_only"] == pl.Boolean
    assert plans.empty().to_polars("transfers").columns[-2:] == ["to", "kind"]


def test_an_unknown_table_is_refused() -> None:
    """With the names there are."""
    with pytest.raises(ValueError, match=r"table = 'order': this hedge plan has carry, .*orders"):
        plans.treasury().to_polars("order")


def test_series_of_a_backtest_have_times() -> None:
    """A row a stamp, in UTC, and every column that --json has."""
    frame, series = REPORT.to_polars(), REPORT.as_dict()["series"]
    begin = datetime(1970, 1, 1, tzinfo=UTC)
    stamps = [begin + timedelta(milliseconds=one) for one in series["time_ms"]]
    assert frame["time"].to_list() == stamps
    assert frame.columns == ["time", *series["columns"]]
    for name, values in series["columns"].items():
        assert frame[name].to_list() == values, name


def test_other_tables_of_a_backtest() -> None:
    """Books and metrics, and what happened, by the names of the published object."""
    said = REPORT.as_dict()
    assert REPORT.to_polars("summary").to_dicts() == said["summary"]
    told = [{**row, "time": moment_ns(row["time"])} for row in said["events"]["orders"]]
    frame = REPORT.to_polars("orders")
    assert frame.with_columns(pl.col("time").to_physical()).to_dicts() == told


def test_times_of_rows_are_of_one_type_everywhere() -> None:
    """So that figures of a report join those of a history; an empty table has it too."""
    utc = pl.Datetime("ns", "UTC")
    tables = {name: REPORT.to_polars(name) for name in REPORT.tables()}
    timed = {name for name, frame in tables.items() if "time" in frame.columns}
    assert {"series", "rolling", "orders", "liquidations", "flows"} <= timed
    assert all(tables[name].schema["time"] == utc for name in timed)
    prices = pl.DataFrame({"time": tables["series"]["time"], "price": 1.0})
    assert tables["series"].join(prices, on="time").height == tables["series"].height
    assert tables["orders"].join(prices, on="time").height == tables["orders"].height > 0


def test_a_desk_has_its_lists() -> None:
    """Null where nothing is known; every list with the columns that its schema gives it."""
    report = DeskReport(SAID)
    assert report.to_polars().to_dicts() == SAID["hedges"]
    schema = published("status")
    for name, kinds in LISTS.items():
        items = schema["properties"][name]["items"]
        row = schema["$defs"][items["$ref"].rpartition("/")[2]] if "$ref" in items else items
        assert set(kinds) == set(row["properties"]), name


class Frame(dict[str, list[Any]]):
    """What stands for a frame of pandas here."""


def test_pandas_gets_the_same_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same columns, and times as times, without polars in between."""
    stand_in = SimpleNamespace(DataFrame=Frame, to_datetime=lambda times, unit, utc: (unit, utc))
    monkeypatch.setitem(sys.modules, "pandas", stand_in)
    assert plans.treasury().to_pandas() == plans.treasury().to_polars().to_dict(as_series=False)
    assert REPORT.to_pandas()["time"] == ("ns", True)


def test_without_pandas_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is nobody's duty to install it."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtra, match=r"pip install pandas, or ask for to_polars\(\)"):
        plans.treasury().to_pandas()
