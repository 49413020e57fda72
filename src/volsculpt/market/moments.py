"""When each row of a table is of: the column of its time, and what bars are stamped with.

Of several times the one that needs no assumption is taken. A bar's stamp is its open unless
there is a sure sign of its close: the column's name, a time that ends in :59, an open or close
beside it, a source that is known to do so, or the user's word.
"""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from volsculpt.errors import HistoryError
from volsculpt.market.clocks import TimeColumn, read_times, says_utc, times
from volsculpt.market.columns import CLOCKS, Columns, plain
from volsculpt.market.forms import Form, Stamp
from volsculpt.market.gate import FIRST_NS, LAST_NS, Stamps
from volsculpt.market.instruments import VENUES
from volsculpt.market.series import SeriesKind
from volsculpt.market.unclear import Unclear
from volsculpt.units import HOUR_NS, MINUTE_NS, SECOND_NS

ORDER: dict[SeriesKind, tuple[str, ...]] = {
    "bars": ("open", "plain", "close"),
    "prices": ("open", "plain", "close"),
    "funding": ("paid", "plain", "open", "close"),
    "values": ("open", "plain", "close"),
}
APART_NS = 26 * HOUR_NS  # two times of one row that differ by more contradict each other


@dataclass(slots=True)
class Moments:
    """A stamp a row.

    what: what its column is of. days: whether all are days without a time of day. empty: rows
    without any figure.
    """

    ns: pl.Series
    meaning: str
    column: str
    what: str
    days: bool
    notes: list[str] = field(default_factory=list)
    empty: pl.Series = field(default_factory=pl.Series)


def moments_of(frame: pl.DataFrame, columns: Columns, zone: str | None, place: str) -> Moments:
    """The times of a table, in UTC. Raises HistoryError.

    Args: frame: the table; zone: of times without one, None = not told; place: where the table is,
    for errors.
    """
    frame = _with_clock(frame, columns, place)
    order = [(what, name) for what in ORDER[columns.kind] for name in columns.times.get(what, [])]
    read = [(what, name, _tried(frame[name], place)) for what, name in order]
    there = [(what, name, one) for what, name, one in read if one is not None]
    sure = [one for one in there if _is_sure(one[2], one[1])]
    own = [one for one in sure if one[0] == there[0][0]] if there else []
    open_like = [one for one in sure if one[0] != "close"]
    tried = [(what, name) for what, name, _ in (own or open_like or there)]
    what, name = (tried or order)[0]
    ns, meaning = times(frame[name], zone, place)
    found = Moments(ns, meaning, name, what, bool(there) and _days_of(there, name))
    for _, other, one in there:
        if other != name:
            _compare(found, other, one, place)
    return found


def _with_clock(frame: pl.DataFrame, columns: Columns, place: str) -> pl.DataFrame:
    """A column of days with the column of the time of day beside it put in."""
    plains = columns.times.get("plain", [])
    clocks = [name for name in plains if plain(name) in CLOCKS and _is_clock(frame[name])]
    days = [name for name in plains if name not in clocks and _is_days(frame[name], place)]
    if not clocks:
        return frame
    columns.times["plain"] = [name for name in plains if name not in clocks]
    if not days:
        return frame
    both = frame[days[0]].cast(pl.String) + " " + frame[clocks[0]]
    return frame.with_columns(both.alias(days[0]))


def _is_clock(cells: pl.Series) -> bool:
    """Whether a column holds times of day alone."""
    return cells.dtype == pl.String and bool(
        cells.str.contains(r"^\s*\d{1,2}:\d{2}(:\d{2})?").all()
    )


def _is_days(cells: pl.Series, place: str) -> bool:
    read = _tried(cells, place)
    return read is not None and read.days


def _tried(cells: pl.Series, place: str) -> TimeColumn | None:
    """A column's times, or None where it holds others, or none at all."""
    try:
        read = read_times(cells, place)
    except Unclear:
        raise
    except HistoryError:
        return None
    if read.ns.null_count() == len(read.ns):
        return None
    wrong = (read.ns < FIRST_NS) | (read.ns >= LAST_NS)
    return None if wrong.any() else read


def _is_sure(read: TimeColumn, name: str) -> bool:
    """Whether every row is a time that needs no assumption."""
    return read.ns.null_count() == 0 and (says_utc(name) or not read.naive.any())


def _days_of(there: list[tuple[str, str, TimeColumn]], name: str) -> bool:
    return next((one.days for _, other, one in there if other == name), False)


def _compare(found: Moments, other: str, one: TimeColumn, place: str) -> None:
    """Tell of a time that was not taken; HistoryError where it contradicts the one that was."""
    apart = (one.ns - found.ns).drop_nulls()
    if bool((apart.abs() > APART_NS).any()):
        row = int(((one.ns - found.ns).abs() > APART_NS).fill_null(False).arg_max() or 0)
        raise HistoryError(
            f"{place}: row {row + 1}: its times contradict each other: {found.column} and {other} "
            f"are {abs(int((one.ns - found.ns)[row])) / HOUR_NS:,.1f} hours apart"
        )
    if one.naive.any() and not says_utc(other):
        found.notes.append(f"times are those of {found.column}; {other} has no zone")


def stamped_at(
    found: Moments,
    frame: pl.DataFrame,
    columns: Columns,
    hints: tuple[Stamp | None, Form, str | None],
    place: str,
) -> tuple[Stamp, bool]:
    """(what bars are stamped with, whether that is sure): by the user, a sign, or a usual source.

    Args: frame: the table; hints: the user's word, the form of the file, its venue; place: where
    the table is, for errors.
    """
    stated, form, venue = hints
    if stated is not None:
        return stated, True
    if found.what in ("open", "close"):
        return ("open" if found.what == "open" else "close"), True
    beside = _beside(found, frame, columns, place)
    if beside is not None:
        return beside, True
    if _ends_late(found.ns.to_numpy()):
        return "close", True
    if form.stamp is not None:
        return form.stamp, True
    return "open", found.days or venue in VENUES


def _beside(found: Moments, frame: pl.DataFrame, columns: Columns, place: str) -> Stamp | None:
    """What a column of opens or closes beside the time says of it."""
    for what, same in (("open", "open"), ("close", "close")):
        for name in columns.times.get(what, []):
            read = _tried(frame[name], place)
            if read is None or read.ns.null_count():
                continue
            apart = (read.ns - found.ns).abs()
            near = bool((apart <= SECOND_NS).all())
            far = bool((apart >= MINUTE_NS - 2 * SECOND_NS).all())
            if near:
                return "open" if same == "open" else "close"
            if far:
                return "close" if same == "open" else "open"
    return None


def _ends_late(stamps: Stamps) -> bool:
    """Whether every stamp is the last second of a minute: 23:59:59, 00:59:59.999."""
    return bool((stamps % MINUTE_NS >= MINUTE_NS - SECOND_NS).all())


def rounded_up(stamps: Stamps) -> Stamps:
    """Closes at :59 put on the minute that they end."""
    late = stamps % MINUTE_NS
    return np.where(late >= MINUTE_NS - SECOND_NS, stamps - late + MINUTE_NS, stamps)
