"""Rows of a table as values through the gate, each with the time from which it was known."""

from typing import NamedTuple

import numpy as np
import polars as pl

from volsculpt.errors import HistoryError
from volsculpt.market.cells import begins_with_comma, is_nothing, numbers
from volsculpt.market.clocks import read_times
from volsculpt.market.columns import TIMES, Columns, plain
from volsculpt.market.gate import Stamps, checked_stamps
from volsculpt.market.import_options import ImportOptions
from volsculpt.market.intervals import close_interval
from volsculpt.market.labels import Label
from volsculpt.market.made import BuiltSeries, counted, once, turned
from volsculpt.market.moments import Moments, moments_of
from volsculpt.market.published import UNKNOWN_LAG, Lag, available_after, parse_lag
from volsculpt.market.unclear import Unclear
from volsculpt.market.value_signs import AVAILABLE_COLUMNS, VINTAGE, ValueSign
from volsculpt.market.values import Values
from volsculpt.units import DAY_NS

MISSING = (".", "nd", "n/a", "-")  # how FRED, the Federal Reserve and spreadsheets write no figure


class WantedValues(NamedTuple):
    """What rows are to become. interval_ns: of their bars, by the file's name or the user, ns.

    stored_ns: how far apart the stored values are, or those of other files, ns.
    """

    sign: ValueSign
    label: Label
    interval_ns: int | None
    options: ImportOptions
    place: str
    stored_ns: float | None = None

    @property
    def lag(self) -> Lag:
        """After how long a value is known: the user's word, the table, else ten days."""
        if self.options.lag is not None:
            return parse_lag(self.options.lag)
        return parse_lag(UNKNOWN_LAG) if self.sign.row is None else self.sign.row.lag


def made_values(frame: pl.DataFrame, wanted: WantedValues, now_ns: int | None) -> BuiltSeries:
    """Values of the rows that are known by `now_ns`. Raises HistoryError; Unclear for none."""
    notes: list[str] = []
    columns = _columns(frame, wanted)
    zone = wanted.options.zone or _zone_of_days(frame, columns, wanted.place)
    found = moments_of(frame, columns, zone, wanted.place)
    notes += found.notes
    frame, column = _with_nothing(frame, wanted.sign.column), wanted.sign.column
    found.empty = pl.Series(is_nothing(frame[column]))
    frame = once(turned(frame, found, notes), found, notes)
    frame = _filled(frame, found, notes)
    comma = begins_with_comma(frame.select(column), wanted.place)
    value = numbers(frame, column, wanted.place, comma).to_numpy()
    stamps = found.ns.to_numpy()
    published = _published(frame, wanted.place)
    if published is None:
        checked_stamps(wanted.label.text, stamps)
        available_ns = available_after(stamps, wanted.lag, _bar(stamps, wanted))
        notes.append(_lag_words(wanted))
    else:
        rows, available_ns = _first_releases(stamps, published)
        notes += _revised_words(len(stamps) - len(rows))
        stamps, value = stamps[rows], value[rows]
    stamps, available_ns, value = _past((stamps, available_ns, value), now_ns, notes)
    series = Values(wanted.label, stamps, available_ns, value)
    return BuiltSeries(series, None, found.column, found.meaning, tuple(notes))


def _columns(frame: pl.DataFrame, wanted: WantedValues) -> Columns:
    """The columns of the figure and of its time."""
    names, given = frame.columns, wanted.options.columns
    wrong = [name for name in given.values() if name not in names]
    if wrong or set(given) - {"time", "value"}:
        what = f"no column {wrong[0]!r}" if wrong else "values have the columns time and value only"
        raise HistoryError(f"{wanted.place}: {what}; its columns are {', '.join(names)}")
    if "time" in given:
        return Columns("values", {"value": wanted.sign.column}, {"plain": [given["time"]]})
    by_plain = {plain(name): name for name in reversed(names)}
    times = {
        what: [by_plain[name] for name in usual if name in by_plain]
        for what, usual in TIMES.items()
        if what != "next"
    }
    return Columns("values", {"value": wanted.sign.column}, times)


def _zone_of_days(frame: pl.DataFrame, columns: Columns, place: str) -> str | None:
    """UTC where the times are days; where one begins does not matter beside its lag."""
    for name in (name for names in columns.times.values() for name in names):
        try:
            read = read_times(frame[name], place)
        except HistoryError:
            continue
        midnights = bool((read.ns.drop_nulls() % DAY_NS == 0).all())
        if read.days or (bool(read.naive.all()) and midnights):
            return "UTC"
    return None


def _with_nothing(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """The table with cells that stand for no figure empty."""
    cells = frame[column]
    if cells.dtype != pl.String:
        return frame
    words = cells.str.strip_chars().str.to_lowercase()
    empty = pl.select(pl.when(words.is_in(MISSING)).then(None).otherwise(cells)).to_series()
    return frame.with_columns(empty.alias(column))


def _filled(frame: pl.DataFrame, found: Moments, notes: list[str]) -> pl.DataFrame:
    """The rows with a figure; those without are days on which there was none."""
    there = ~found.empty
    if not there.any():
        raise HistoryError("none of its rows holds a figure")
    if not there.all():
        left = counted(int((~there).sum()), "row")
        notes.append(f"{left} without a figure left out")
    found.ns = found.ns.filter(there)
    return frame.filter(there)


def _published(frame: pl.DataFrame, place: str) -> Stamps | None:
    """When each row was published, where a column says so; a day is known when it is over."""
    there = [name for name in frame.columns if plain(name) in (*AVAILABLE_COLUMNS, VINTAGE)]
    # A download of FRED bears its own day in every row: it tells when nobody read it first.
    columns = [name for name in there if plain(name) != VINTAGE or frame[name].n_unique() > 1]
    if not columns:
        return None
    name = columns[0]
    read = read_times(frame[name], place)
    if read.ns.null_count():
        row = int(read.ns.is_null().arg_max() or 0)
        raise HistoryError(f"row {row + 1}: when it was known is missing in column {name!r}")
    if read.naive.any() and not read.days:
        raise Unclear(f"the times of column {name!r} have no zone; write them with an offset")
    available_ns: Stamps = read.ns.to_numpy() + (DAY_NS if read.days else 0)
    return available_ns


def _first_releases(stamps: Stamps, available: Stamps) -> tuple[Stamps, Stamps]:
    """(the row of each stamp that was known first, when it was)."""
    order = np.lexsort((available, stamps))
    firsts = np.concatenate([[True], np.diff(stamps[order]) != 0])
    rows: Stamps = order[firsts]
    return rows, available[rows]


def _revised_words(revised: int) -> list[str]:
    """What is told of rows that revise others."""
    words = "when each was known is read from the file"
    left = f"; {counted(revised, 'row')} revised later left out" if revised else ""
    return [words + left]


def _bar(stamps: Stamps, wanted: WantedValues) -> int | None:
    """The length of its bars, where the lag counts them: never less than they are apart."""
    if not wanted.lag.bars:
        return None
    bar_ns = wanted.interval_ns or int(wanted.stored_ns or 0) or None
    if bar_ns is not None and len(stamps) == 1:
        return bar_ns
    return max(bar_ns or 0, close_interval(stamps, None))


def _lag_words(wanted: WantedValues) -> str:
    """The unit, and after how long its values are known and how that is told."""
    lag, unit = wanted.lag.text, wanted.label.quote
    if wanted.options.lag is None and wanted.sign.row is None:
        return (
            f"in {unit}; {wanted.sign.name} stands in no table of lags: taken to be known {lag} "
            f"after the time it is of; --lag says otherwise"
        )
    words = "known at its stamp" if lag in ("none", "0") else f"known after {lag}"
    return f"{unit if unit.startswith('unit') else f'in {unit}'}; {words}"


def _past(
    columns: tuple[Stamps, Stamps, "np.ndarray[tuple[int], np.dtype[np.float64]]"],
    now_ns: int | None,
    notes: list[str],
) -> tuple[Stamps, Stamps, "np.ndarray[tuple[int], np.dtype[np.float64]]"]:
    """(stamps, known, value) of what is known by now; the rest may not be final and is counted."""
    stamps, available_ns, value = columns
    over = available_ns <= (available_ns[-1] if now_ns is None else now_ns)
    if not over.any():
        raise Unclear("none of its values is known at the time of import")
    if not over.all():
        left = counted(int((~over).sum()), "value")
        notes.append(f"{left} not known yet left out; a later import adds them")
    return stamps[over], available_ns[over], value[over]
