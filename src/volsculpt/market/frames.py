"""Series as tables of polars, and back. The table's time is a datetime in UTC."""

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from volsculpt.errors import HistoryError
from volsculpt.market.gate import Stamps
from volsculpt.market.series import (
    Bars,
    FundingRates,
    Label,
    Prices,
    Series,
    SeriesKind,
    Values,
)

UTC_NS = pl.Datetime("ns", "UTC")
COLUMNS: dict[SeriesKind, tuple[str, ...]] = {
    "bars": ("open", "high", "low", "close"),
    "prices": ("price",),
    "funding": ("rate", "interval_hours"),
    "values": ("value",),
}
AVAILABLE = "known"  # the column of values beside `time`: from when each was known


def columns_of(series: Series) -> dict[str, npt.NDArray[np.float64]]:
    """The figures of a series by name, its times left out."""
    found = {name: getattr(series, name) for name in COLUMNS[series.kind]}
    if isinstance(series, Bars) and series.volume is not None:
        found["volume"] = series.volume
    return found


def series_of(
    kind: SeriesKind,
    label: Label,
    interval_ns: int | None,
    stamps: Stamps,
    columns: dict[str, npt.NDArray[Any]],
) -> Series:
    """A series from its parts, through the gate.

    Args: kind: which of the four; interval_ns: of bars, ns; stamps: ns UTC; columns: figures by
    name, as long as the stamps, of values also `known`, ns UTC.
    """
    if kind == "values":
        return Values(label, stamps, columns[AVAILABLE], columns["value"])
    if kind == "funding":
        return FundingRates(label, stamps, columns["rate"], columns["interval_hours"])
    if kind == "prices":
        return Prices(label, stamps, columns["price"])
    if interval_ns is None:
        raise HistoryError(f"{label.text}: bars need an interval")
    return Bars(
        label,
        interval_ns,
        stamps,
        columns["open"],
        columns["high"],
        columns["low"],
        columns["close"],
        columns.get("volume"),
    )


def frame_of(series: Series) -> pl.DataFrame:
    """The series as a table, its stamps in the column `time`, of values also `known`."""
    times = [pl.Series("time", series.stamps).cast(UTC_NS)]
    if isinstance(series, Values):
        times.append(pl.Series(AVAILABLE, series.available_ns).cast(UTC_NS))
    return pl.DataFrame([*times, *(pl.Series(n, v) for n, v in columns_of(series).items())])


def series_from(
    frame: pl.DataFrame, kind: SeriesKind, label: Label, interval_ns: int | None
) -> Series:
    """A table as a series, through the gate; HistoryError when a column is missing.

    Args: frame: time and the columns of its kind; kind: which of the four; interval_ns: of bars,
    ns.
    """
    times = ("time", AVAILABLE) if kind == "values" else ("time",)
    lacking = [name for name in (*times, *COLUMNS[kind]) if name not in frame.columns]
    if lacking:
        raise HistoryError(f"{label.text}: the table lacks {', '.join(lacking)}")
    columns = {
        name: (frame[name].to_physical() if name in times else frame[name]).to_numpy()
        for name in frame.columns
    }
    return series_of(kind, label, interval_ns, columns.pop("time"), columns)
