"""Times as files write them, as int64 ns UTC.

Numbers count from 1970 in the unit that each one's size tells. Texts are a date, then a time of
day, then an offset, each in one of the forms below; those without an offset are in UTC only
where the column's name, or the user, says so.
"""

import re
from typing import NamedTuple

import polars as pl

from volsculpt.errors import HistoryError
from volsculpt.market.gate import FIRST_NS, LAST_NS
from volsculpt.market.unclear import Unclear
from volsculpt.units import DAY_NS, MINUTE_NS, SECOND_NS

UTC = ("UTC", "GMT", "Z")
# Nanoseconds in one unit of a number that counts from 1970.
UNITS = (("s", 10**9), ("ms", 10**6), ("us", 10**3), ("ns", 1))
_MONTHS = {
    name: number
    for number, names in enumerate(
        "jan january|feb february|mar march|apr april|may|jun june|jul july|aug august|"
        "sep sept september|oct october|nov november|dec december".split("|"),
        1,
    )
    for name in names.split()
}
_ZONE = r"\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)$"
_AHEAD = re.compile(r"(?:utc|gmt)\s*[+-]\s*0*[1-9]", re.IGNORECASE)  # "Time (UTC+8)"
_NUMBER, _WORD, _YEAR = r"(\d{1,2})", r"([a-z]{3,9})\.?", r"(\d{4}|\d{2})"
_END = r"(?:\D|$)"
# (order of the parts, their form); what is in two forms at once is decided by all rows.
DATES = (
    ("ymd", rf"^(\d{{4}})[-/.]{_NUMBER}[-/.]{_NUMBER}"),
    ("ymd", r"^((?:19|20)\d{2})(\d{2})(\d{2})" + _END),
    ("dmy", rf"^{_NUMBER}\.{_NUMBER}\.(\d{{4}})"),
    ("mdy", rf"^{_NUMBER}[-/]{_NUMBER}[-/]{_YEAR}" + _END),
    ("dmy", rf"^{_NUMBER}[-/]{_NUMBER}[-/]{_YEAR}" + _END),
    ("mdy", rf"^{_WORD} {_NUMBER} (\d{{4}})"),
    ("dmy", rf"^{_NUMBER}[- ]{_WORD}[- ]{_YEAR}" + _END),
)
_EITHER = (3, 4)  # the forms that one text may have both of
_CLOCK = r"[ ;](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(am|pm)?$"
_CLOCKS = (
    (r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.? ", ""),
    (r"^(\d{4}-\d{2}-\d{2})[ t](\d{2})$", "$1 $2:00"),
    (r"(\d)t(\d)", "$1 $2"),
    (r" (\d{1,2})[- ]?(am|pm)$", " $1:00 $2"),
    (r"[ ;](\d{2})(\d{2})(\d{2})$", " $1:$2:$3"),
)


class TimeColumn(NamedTuple):
    """A column of times.

    ns: int64, null where a cell is none. naive: the rows that say no zone. meaning: what they
    are, in words. days: whether all are days without a time of day.
    """

    ns: pl.Series
    naive: pl.Series
    meaning: str
    days: bool


def times(cells: pl.Series, zone: str | None, place: str) -> tuple[pl.Series, str]:
    """(int64 ns UTC, what they were) of a column of times. Raises HistoryError."""
    if cells.null_count() > 0:
        row = int(cells.is_null().arg_max() or 0)
        raise HistoryError(f"{place}: row {row + 1}: the time is missing")
    read = read_times(cells, place)
    if read.ns.null_count() > 0:
        row = _odd_row(cells, read.ns)
        named = re.search(r"\d\s*\(?([A-Za-z]{2,5})\)?$", str(cells[row]))
        raise HistoryError(
            f"{place}: row {row + 1}: {cells[row]!r} is no time; write it like 2024-05-20T00:00:00Z"
            + (f", its zone as an offset: {named[1]} is a name of many" if named else "")
        )
    if read.naive.any():
        row = int(read.naive.arg_max() or 0)
        _refuse_naive(cells, row, zone, place)
    return read.ns, read.meaning


def _odd_row(cells: pl.Series, read: pl.Series) -> int:
    """The row to name of a column that is no column of times: one unlike the most of them."""
    numbers = cells.cast(pl.String).str.contains(r"^\s*\d+(\.\d*)?\s*$")
    odd = ~numbers if 2 * int(numbers.sum()) > len(cells) else read.is_null()
    return int(odd.arg_max() or 0)


def read_times(cells: pl.Series, place: str) -> TimeColumn:
    """What a column holds, whether it is sure or not. Raises HistoryError for no times at all."""
    kind = cells.dtype
    none = pl.repeat(False, len(cells), dtype=pl.Boolean, eager=True)
    if kind == pl.String and cells.str.contains(r"^\s*\d+(\.\d*)?([eE]\+?\d+)?\s*$").all():
        if not _are_days(cells):
            return TimeColumn(*_from_texts(cells), days=False)
    elif kind.is_numeric() and not _are_days(cells):
        found, meaning = _from_epoch(cells)
        return TimeColumn(found, none, meaning, days=False)
    if kind.is_integer() or kind == pl.String:
        return _from_text(cells.cast(pl.String), place)
    if kind == pl.Date:
        moments = cells.cast(pl.Datetime("ns"))
    elif isinstance(kind, pl.Datetime):
        moments = cells
    else:
        raise HistoryError(f"{place}: column {cells.name!r} ({kind}) holds no times")
    naive = getattr(moments.dtype, "time_zone", None) is None
    if naive:
        moments = moments.dt.replace_time_zone("UTC")
    ns = moments.dt.convert_time_zone("UTC").dt.cast_time_unit("ns").to_physical()
    marks = pl.repeat(naive, len(cells), dtype=pl.Boolean, eager=True)
    return TimeColumn(ns, marks, "datetime", days=kind == pl.Date)


def says_utc(name: str) -> bool:
    """Whether a column's name says that its times are in UTC: "Date (UTC)", "Gmt time"."""
    words = re.split(r"[^a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower())
    return bool({"utc", "gmt"} & set(words)) and _AHEAD.search(name) is None


def _are_days(cells: pl.Series) -> bool:
    """Whether every cell is a day written as one number: 20191017."""
    texts = cells.cast(pl.String).str.strip_chars()
    if not texts.str.contains(r"^(19|20)\d{6}$").all():
        return False
    return texts.str.to_date("%Y%m%d", strict=False).null_count() == 0


def _from_texts(cells: pl.Series) -> tuple[pl.Series, pl.Series, str]:
    """Numbers written as text; whole ones keep every digit."""
    texts = cells.str.strip_chars()
    whole = texts.str.replace(r"\.0*$", "").cast(pl.Int64, strict=False)
    values = whole if whole.null_count() == 0 else texts.cast(pl.Float64)
    found, meaning = _from_epoch(values)
    return found, pl.repeat(False, len(cells), dtype=pl.Boolean, eager=True), meaning


def _from_epoch(cells: pl.Series) -> tuple[pl.Series, str]:
    """Counts from 1970 as nanoseconds, each row in its own unit."""
    size = cells.cast(pl.Float64)
    found = pl.Series([None], dtype=pl.Int64).extend_constant(None, len(cells) - 1)
    used: list[tuple[int, str]] = []
    for unit, scale in UNITS:
        fits = (size >= FIRST_NS / scale) & (size < LAST_NS / scale)
        if fits.any():
            used.append((int(fits.sum()), unit))
            found = pl.select(
                pl.when(fits).then(_scaled(cells, scale)).otherwise(found)
            ).to_series()
    rest = found.is_null()
    if rest.any():  # out of every year that is meant: the gate says so, in the largest unit
        scale = 10**9 if float(size.abs().max() or 0.0) < 1e11 else 1  # type: ignore[arg-type]
        found = pl.select(pl.when(rest).then(_scaled(cells, scale)).otherwise(found)).to_series()
    words = " and ".join(f"of {unit}" for _, unit in used) or "of s"
    if len(used) > 1:
        words = " and ".join(f"of {unit} in {count} rows" for count, unit in used)
    return found.rename(cells.name), f"number {words}"


def _scaled(cells: pl.Series, scale: int) -> pl.Series:
    """Numbers in a unit as whole nanoseconds; null where that is too many."""
    if cells.dtype.is_float():
        return (cells * float(scale)).round().cast(pl.Int64, strict=False)
    most = (2**63 - 1) // scale
    small = cells.cast(pl.Int64)
    return pl.select(pl.when(small.abs() <= most).then(small).otherwise(None)).to_series() * scale


def _from_text(cells: pl.Series, place: str) -> TimeColumn:
    """Dates and times of day in the forms above."""
    text = cells.str.strip_chars().str.to_uppercase()
    clocked = text.str.contains(r"\d{1,2}:\d{2}|\dT\d{2}|\d ?-?[AP]M")
    zones = text.str.extract(_ZONE, 1)
    zoned = zones.is_not_null() & (clocked | zones.is_in(UTC))
    bare = pl.select(pl.when(zoned).then(text.str.replace(_ZONE, "")).otherwise(text)).to_series()
    bare = bare.str.to_lowercase().str.replace_all(r",(\D|$)", " $1").str.replace_all(r"\s+", " ")
    for form, put in _CLOCKS:
        bare = bare.str.replace(form, put)
    bare = bare.str.strip_chars()
    days, order = _days(bare, place)
    clock = _clock(bare)
    ns = days * DAY_NS + clock.fill_null(0) - _offsets(zones, zoned)
    timeless = bare.str.contains(_whole("$"))
    whole = timeless | (bare.str.contains(_whole(_CLOCK)) & clock.is_not_null())
    ns = pl.select(pl.when(whole).then(ns).otherwise(None)).to_series()
    meaning = "text" if order is None else f"text, the {order} first"
    return TimeColumn(ns.rename(cells.name), ~zoned, meaning, days=bool(timeless.all()))


def _whole(rest: str) -> str:
    """The forms of a date with nothing behind them but `rest`."""
    return "|".join(f"(?:{form.removesuffix(_END)}{rest})" for _, form in DATES)


def _days(bare: pl.Series, place: str) -> tuple[pl.Series, str | None]:
    """(days since 1970, and where it was a question which of day and month came first)."""
    found = [_date(bare, order, form) for order, form in DATES]
    first, second = (found[k] for k in _EITHER)
    order = None
    if first.is_not_null().any() or second.is_not_null().any():
        gone = (first.null_count(), second.null_count())
        if gone[0] == gone[1] and not (first == second).fill_null(True).all():
            row = int((first != second).fill_null(False).arg_max() or 0)
            raise Unclear(
                f"{place}: row {row + 1}: whether the day or the month comes first in "
                f"{bare[row]!r} cannot be told; write it like 2024-05-20"
            )
        found[_EITHER[0] if gone[1] < gone[0] else _EITHER[1]] = pl.Series(
            [None], dtype=pl.Int64
        ).extend_constant(None, len(bare) - 1)
        order = "day" if gone[1] < gone[0] else "month"
    return pl.select(pl.coalesce([pl.lit(one) for one in found])).to_series(), order


def _date(bare: pl.Series, order: str, form: str) -> pl.Series:
    """Days since 1970 of the texts that are in one form; null of the others."""
    parts = bare.str.extract_groups(form).struct.unnest()
    by_letter = {letter: parts.to_series(place) for place, letter in enumerate(order)}
    year, month, day = by_letter["y"], by_letter["m"], by_letter["d"]
    names = month.replace_strict(_MONTHS, default=None, return_dtype=pl.Int64).cast(pl.String)
    month = pl.select(pl.coalesce(pl.lit(names), pl.lit(month))).to_series().str.zfill(2)
    year = pl.select(
        pl.when(year.str.len_chars() == 2).then(pl.lit("20") + year).otherwise(year)
    ).to_series()
    text = year + "-" + month + "-" + day.str.zfill(2)
    return text.str.to_date("%Y-%m-%d", strict=False).cast(pl.Int64)


def _clock(bare: pl.Series) -> pl.Series:
    """Nanoseconds since midnight; null where there is no time of day."""
    parts = bare.str.extract_groups(_CLOCK).struct.unnest()
    hour, minute, second = (parts.to_series(k).cast(pl.Int64) for k in range(3))
    fraction = parts.to_series(3).str.pad_end(9, "0").cast(pl.Int64).fill_null(0)
    half = parts.to_series(4)
    late = pl.select(
        pl.when(half.is_null())
        .then(hour)
        .when(half == "pm")
        .then(hour % 12 + 12)
        .otherwise(hour % 12)
    ).to_series()
    seconds = late * 3600 + minute * 60 + second.fill_null(0)
    allowed = (hour <= 23) & (minute <= 59) & (second.fill_null(0) <= 59)
    allowed &= half.is_null() | ((hour >= 1) & (hour <= 12))
    ns = seconds * SECOND_NS + fraction
    return pl.select(pl.when(allowed).then(ns).otherwise(None)).to_series()


def _offsets(zones: pl.Series, zoned: pl.Series) -> pl.Series:
    """Nanoseconds that a clock is ahead of UTC."""
    parts = zones.str.extract_groups(r"^([+-])(\d{2}):?(\d{2})?$").struct.unnest()
    minutes = parts.to_series(1).cast(pl.Int64) * 60 + parts.to_series(2).cast(pl.Int64).fill_null(
        0
    )
    signed = pl.select(pl.when(parts.to_series(0) == "-").then(-minutes).otherwise(minutes))
    kept = pl.select(pl.when(zoned).then(signed.to_series()).otherwise(None)).to_series()
    return kept.fill_null(0) * MINUTE_NS


def _refuse_naive(cells: pl.Series, row: int, zone: str | None, place: str) -> None:
    """An error for a time without a zone, unless its column or the user says that it is UTC."""
    if _AHEAD.search(cells.name):
        raise HistoryError(
            f"{place}: the times of its column {cells.name!r} are not in UTC; convert them to UTC"
        )
    if zone is None and not says_utc(cells.name):
        raise Unclear(
            f"{place}: row {row + 1}: the time {cells[row]} has no zone; if the file is in UTC, "
            f"say --zone UTC"
        )
    if zone is not None and zone.upper() not in UTC:
        raise HistoryError(f"{place}: zone {zone!r} is not supported; convert the times to UTC")
