"""Which column of a foreign table is which, and what its times mean."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from volsculpt.errors import HistoryError
from volsculpt.market.series import Kind

# Our name -> theirs in order of preference, without case, blanks and signs.
THEIRS: Mapping[str, list[str]] = {
    "time": (
        "timestamp time opentime fundingtime calctime fundingratetimestamp settletime "
        "candlebegintime starttime start bartime datetime date ts unix unixtimestamp t"
    ).split(),
    "open": "open openprice o".split(),
    "high": "high highprice max h".split(),
    "low": "low lowprice min l".split(),
    "close": "close closeprice c".split(),
    "volume": "volume vol volumebase basevolume volumecontracts v".split(),
    "rate": "fundingrate lastfundingrate realizedrate realisedrate rate interest1h".split(),
    "interval_hours": "intervalhours fundingintervalhours fundinginterval".split(),
    "price": "price lastprice markprice indexprice close closeprice".split(),
}
NEEDED: Mapping[Kind, list[str]] = {
    "funding": ["time", "rate"],
    "bars": ["time", "open", "high", "low", "close"],
    "prices": ["time", "price"],
}
OPTIONAL: Mapping[Kind, list[str]] = {
    "funding": ["interval_hours"],
    "bars": ["volume"],
    "prices": [],
}
# Seconds in one unit of a number that counts from 1970, by the number's size.
_EPOCHS = ((10**11, "s", 10**9), (10**14, "ms", 10**6), (10**17, "us", 10**3), (10**20, "ns", 1))
_OFFSET = r"(Z|[+-]\d{2}:?\d{2})$"
UTC = ("UTC", "GMT", "Z")


@dataclass(frozen=True, slots=True)
class Columns:
    """The kind of table, and our name -> its column."""

    kind: Kind
    names: dict[str, str]


def plain(name: str) -> str:
    """A column's name without case, blanks and signs: "Funding Rate" -> "fundingrate"."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def guess_columns(there: list[str], given: Mapping[str, str], place: str) -> Columns:
    """The kind that the columns make up: funding, bars, or plain prices.

    `given` (our name -> theirs) goes before any guess. Raises HistoryError that lists the
    columns when they make up none.
    """
    wrong = [name for name in given.values() if name not in there]
    if wrong or set(given) - set(THEIRS):
        what = f"no column {wrong[0]!r}" if wrong else f"unknown names {set(given) - set(THEIRS)}"
        raise HistoryError(f"{place}: {what}; its columns are {', '.join(there)}")
    by_plain = {plain(name): name for name in reversed(there)}
    found = {
        ours: next((by_plain[name] for name in theirs if name in by_plain), None)
        for ours, theirs in THEIRS.items()
    } | dict(given)
    for kind, needed in NEEDED.items():
        if all(found[ours] is not None for ours in needed):
            names = {ours: found[ours] for ours in [*needed, *OPTIONAL[kind]]}
            return Columns(kind, {ours: name for ours, name in names.items() if name is not None})
    raise HistoryError(
        f"{place}: its columns ({', '.join(there)}) are neither bars (time, open, high, low, "
        f"close) nor funding (time, rate) nor prices (time, price); say which is which, for "
        f"example --columns time=when,price=px"
    )


def numbers(frame: pl.DataFrame, column: str, place: str) -> pl.Series:
    """A column as float64; HistoryError names the first cell that is none."""
    cells = frame[column]
    try:
        return cells.cast(pl.Float64)
    except pl.exceptions.PolarsError:
        cast = cells.cast(pl.Float64, strict=False)
        row = int((cast.is_null() & cells.is_not_null()).arg_max() or 0)
        raise HistoryError(
            f"{place}: row {row + 1}: {column} is {cells[row]!r}, which is no number"
        ) from None


def times(cells: pl.Series, zone: str | None, place: str) -> tuple[pl.Series, str]:
    """(int64 ns UTC, what they were) of a column of times.

    Numbers count from 1970 in the unit that their size tells. Texts and datetimes need an
    offset; those without are refused unless `zone` says UTC. Raises HistoryError.
    """
    if cells.null_count() > 0:
        row = int(cells.is_null().arg_max() or 0)
        raise HistoryError(f"{place}: row {row + 1}: the time is missing")
    kind = cells.dtype
    if kind == pl.String and cells.str.contains(r"^\d+(\.0*)?$").all():
        cells = cells.cast(pl.Float64).cast(pl.Int64)
        kind = cells.dtype
    if kind.is_numeric():
        return _from_epoch(cells, place)
    if kind == pl.String:
        return _from_text(cells, zone, place), "text"
    if kind == pl.Date:
        cells = cells.cast(pl.Datetime("ns"))
    elif not isinstance(kind, pl.Datetime):
        raise HistoryError(f"{place}: column {cells.name!r} ({kind}) holds no times")
    if isinstance(cells.dtype, pl.Datetime) and cells.dtype.time_zone is None:
        _refuse_naive(cells[0], zone, place)
        cells = cells.dt.replace_time_zone("UTC")
    return cells.dt.convert_time_zone("UTC").dt.cast_time_unit("ns").to_physical(), "datetime"


def _from_epoch(cells: pl.Series, place: str) -> tuple[pl.Series, str]:
    """Counts from 1970 as nanoseconds."""
    largest = float(cells.cast(pl.Float64).abs().max() or 0.0)  # type: ignore[arg-type]
    for limit, unit, scale in _EPOCHS:
        if largest < limit:
            if cells.dtype.is_float():
                return (cells * float(scale)).round().cast(pl.Int64), f"number of {unit}"
            return cells.cast(pl.Int64) * scale, f"number of {unit}"
    raise HistoryError(f"{place}: {largest:.0f} is no time in s, ms, us or ns since 1970")


def _from_text(cells: pl.Series, zone: str | None, place: str) -> pl.Series:
    """ISO times as nanoseconds."""
    text = cells.str.strip_chars().str.replace(r" ?(UTC|GMT)$", "Z")
    naive = ~(text.str.contains(_OFFSET) & text.str.contains("[T ]"))
    if naive.any():
        row = int(naive.arg_max() or 0)
        _refuse_naive(cells[row], zone, f"{place}: row {row + 1}")
        text = pl.select(pl.when(naive).then(text + "Z").otherwise(text)).to_series()
    text = text.str.replace(r"^(\d{4}-\d{2}-\d{2})(Z|\+|$)", "${1}T00:00:00${2}")
    text = text.str.replace(r"^(\S+) ", "${1}T").str.replace(
        r"T(\d{2}:\d{2})(Z|[+-])", "T${1}:00${2}"
    )
    text = text.str.replace("Z$", "+00:00")
    read = text.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", time_unit="ns", strict=False)
    if read.null_count() > 0:
        row = int(read.is_null().arg_max() or 0)
        raise HistoryError(
            f"{place}: row {row + 1}: {cells[row]!r} is no time; write it like 2024-05-20T00:00:00Z"
        )
    return read.dt.convert_time_zone("UTC").to_physical()


def _refuse_naive(example: object, zone: str | None, place: str) -> None:
    """HistoryError for a time without a zone, unless the user says that it is UTC."""
    if zone is None:
        raise HistoryError(
            f"{place}: the time {example} has no zone; if the file is in UTC, say --zone UTC"
        )
    if zone.upper() not in UTC:
        raise HistoryError(f"{place}: zone {zone!r} is not supported; convert the times to UTC")
