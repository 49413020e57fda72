"""Rows of a table as a series through the gate: what is left out or moved is told."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from volsculpt.contracts.expiries import parse_symbol, yymmdd
from volsculpt.errors import HistoryError
from volsculpt.market.cells import begins_with_comma, is_nothing, numbers, unit_of
from volsculpt.market.clocks import read_times
from volsculpt.market.columns import BARS, Columns, plain
from volsculpt.market.forms import Form
from volsculpt.market.frames import series_of
from volsculpt.market.gate import Flags, Floats, Stamps, checked_stamps
from volsculpt.market.import_options import ImportOptions
from volsculpt.market.intervals import bar_interval, close_interval
from volsculpt.market.moments import Moments, moments_of, rounded_up, stamped_at
from volsculpt.market.paid import (
    HOURS_IN_NAMES,
    Paid,
    of_rows,
    on_the_minute,
    settled,
    usual_hours,
)
from volsculpt.market.says import unfinished
from volsculpt.market.series import Label, Series
from volsculpt.market.unclear import Unclear
from volsculpt.units import DAY_NS, HOUR_NS

# Venues whose bars open with the close before, so that it may lie outside of low and high.
OPENS_WITH_LAST_CLOSE = ("bitmex",)
ABSOLUTE = {"kraken": "fundingrate"}  # a rate in dollars or coins a contract, under a usual name


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the rows are to become. stored: what the store knows of the series' rhythm."""

    columns: Columns
    label: Label
    interval_ns: int | None
    form: Form
    facts: dict[str, str]
    place: str
    options: ImportOptions
    stored: float | None = None


class BuiltSeries(NamedTuple):
    """The series, the length of its bars, the column of its times and what they were."""

    series: Series
    interval_ns: int | None
    time: str
    meaning: str
    notes: tuple[str, ...]


def made(frame: pl.DataFrame, wanted: Wanted, now_ns: int | None) -> BuiltSeries:
    """A series of the rows that are finished. Raises HistoryError for what the gate refuses."""
    notes: list[str] = []
    found = moments_of(frame, wanted.columns, wanted.options.zone, wanted.place)
    notes += found.notes
    found.empty = _empty(frame, wanted, notes)
    frame = once(turned(frame, found, notes), found, notes)
    build = {"funding": _funding, "bars": _bars, "prices": _prices}[wanted.columns.kind]
    series, interval_ns = build(frame, found, wanted, now_ns, notes)
    _refuse_after_delivery(series)
    return BuiltSeries(series, interval_ns, found.column, found.meaning, tuple(notes))


def _empty(frame: pl.DataFrame, wanted: Wanted, notes: list[str]) -> pl.Series:
    """The rows without any figure; refused unless the user asks to leave them out."""
    names = [n for ours, n in wanted.columns.names.items() if ours != "interval_hours"]
    empty = pl.select(
        pl.all_horizontal([pl.lit(is_nothing(frame[name])) for name in names])
    ).to_series()
    if not empty.any():
        return empty
    count, row = int(empty.sum()), int(empty.arg_max() or 0)
    if not wanted.options.skip_empty:
        raise HistoryError(
            f"row {row + 1}: holds no figure ({counted(count, 'row')} without any); to leave "
            f"such rows out as gaps, give --skip-empty"
        )
    if count == frame.height:
        raise HistoryError("none of its rows holds a figure")
    notes.append(f"{counted(count, 'row')} without any figure left out: gaps")
    return empty


def counted(number: int, name: str) -> str:
    """A number of things: 1 row, 2 rows."""
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def turned(frame: pl.DataFrame, found: Moments, notes: list[str]) -> pl.DataFrame:
    """The oldest row first."""
    if frame.height > 1 and found.ns.is_sorted(descending=True) and not found.ns.is_sorted():
        notes.append("the newest row came first; turned round")
        found.ns, found.empty = found.ns.reverse(), found.empty.reverse()
        return frame.reverse()
    return frame


def once(frame: pl.DataFrame, found: Moments, notes: list[str]) -> pl.DataFrame:
    """Each row once: the very same row again says nothing; another one of its time is refused."""
    again = (found.ns.diff() == 0).fill_null(False)
    if not again.any():
        return frame
    again &= frame.is_duplicated()
    if not again.any():
        return frame
    notes.append(f"{counted(int(again.sum()), 'row')} there twice, word for word; taken once")
    found.ns, found.empty = found.ns.filter(~again), found.empty.filter(~again)
    return frame.filter(~again)


def _figures(frame: pl.DataFrame, wanted: Wanted, ours: tuple[str, ...]) -> dict[str, Floats]:
    """Columns as numbers, nothing as NaN."""
    nan = float("nan")
    there = [name for name in ours if name in wanted.columns.names]
    used = frame.select(list(dict.fromkeys(wanted.columns.names[name] for name in there)))
    comma = begins_with_comma(used, wanted.place)
    return {
        name: numbers(used, wanted.columns.names[name], wanted.place, comma)
        .fill_null(nan)
        .to_numpy()
        for name in there
    }


def _bars(
    frame: pl.DataFrame, found: Moments, wanted: Wanted, now_ns: int | None, notes: list[str]
) -> tuple[Series, int | None]:
    """Bars stamped with their opens."""
    label = wanted.label
    stamps = found.ns.to_numpy()
    checked_stamps(label.text, stamps)  # before an interval is read from them
    hints = (wanted.options.stamp, wanted.form, label.venue)
    at, sure = stamped_at(found, frame, wanted.columns, hints, wanted.place)
    if at == "close":
        stamps = rounded_up(stamps)
    is_stated = wanted.options.interval is not None
    interval_ns = bar_interval(stamps, wanted.interval_ns, _whole(wanted.stored), is_stated)
    if at == "close":
        stamps = stamps - interval_ns
        notes.append("stamped with their close; put on their open")
    elif not sure:
        notes.append("stamps are taken for the opens of bars; if they are closes: --stamp close")
    figures = _figures(frame, wanted, (*BARS, "volume"))
    ends = stamps + interval_ns
    stamps, figures = _kept(_done(frame, found, wanted, ends, now_ns), stamps, figures, notes)
    if label.venue in OPENS_WITH_LAST_CLOSE:
        _open_inside(figures, notes)
    return series_of("bars", label, interval_ns, stamps, figures), interval_ns


def _whole(stored: float | None) -> int | None:
    return None if stored is None else int(stored)


def _open_inside(figures: dict[str, Floats], notes: list[str]) -> None:
    """Opens that are the close before, moved to the nearest price of their own bar."""
    inside = np.clip(figures["open"], figures["low"], figures["high"])
    moved = inside != figures["open"]
    if moved.any():
        notes.append(
            f"{int(moved.sum())} opens are the close before and outside of the bar: put on its "
            f"low or high"
        )
        figures["open"] = inside


def _done(
    frame: pl.DataFrame, found: Moments, wanted: Wanted, ends: Stamps, now_ns: int | None
) -> tuple[Flags, Flags]:
    """(rows with figures, of them those that are finished: the venue says so, and it is past)."""
    there = ~found.empty.to_numpy()
    over = ~unfinished(frame, wanted.facts).to_numpy()
    if now_ns is not None:
        over &= ends <= now_ns
    return there, over


def _kept(
    rows: tuple[Flags, Flags], stamps: Stamps, figures: dict[str, Floats], notes: list[str]
) -> tuple[Stamps, dict[str, Floats]]:
    """The rows with figures that are finished; the unfinished are counted."""
    there, over = rows
    kept = there & over
    if kept.all():
        return stamps, figures
    if not kept.any():
        raise Unclear("none of its rows is finished at the time of import")
    out = int((there & ~over).sum())
    if out:
        notes.append(f"{counted(out, 'unfinished row')} left out; a later import adds what is done")
    return stamps[kept], {name: values[kept] for name, values in figures.items()}


def _prices(
    frame: pl.DataFrame, found: Moments, wanted: Wanted, now_ns: int | None, notes: list[str]
) -> tuple[Series, int | None]:
    """Prices at the time at which each was known: one that closes a bar, at its end."""
    label = wanted.label
    stamps = found.ns.to_numpy()
    checked_stamps(label.text, stamps)
    if wanted.columns.is_close or found.days:  # a price of a day is none of its midnight
        stamps = _close_stamps(stamps, frame, found, wanted, notes)
    figures = _figures(frame, wanted, ("price",))
    stamps, figures = _kept(_done(frame, found, wanted, stamps, now_ns), stamps, figures, notes)
    return series_of("prices", label, None, stamps, figures), None


def _close_stamps(
    stamps: Stamps, frame: pl.DataFrame, found: Moments, wanted: Wanted, notes: list[str]
) -> Stamps:
    """The ends of bars of which only the close is there."""
    hints = (wanted.options.stamp, wanted.form, wanted.label.venue)
    at, sure = stamped_at(found, frame, wanted.columns, hints, wanted.place)
    if not sure:
        raise Unclear(
            f"column {wanted.columns.names['price']!r} closes bars, and whether {found.column!r} "
            f"is their open or their close cannot be told; say --stamp open or --stamp close"
        )
    if at == "close":
        return rounded_up(stamps)
    stated_ns = DAY_NS if found.days and wanted.interval_ns is None else wanted.interval_ns
    interval_ns = close_interval(stamps, stated_ns)
    notes.append("each price closes a bar stamped with its open; known, and stored, at its end")
    return stamps + interval_ns


def _funding(
    frame: pl.DataFrame, found: Moments, wanted: Wanted, now_ns: int | None, notes: list[str]
) -> tuple[Series, int | None]:
    """Rates at the stamps at which they were paid."""
    label = wanted.label
    there = ~found.empty
    frame, found.ns = frame.filter(there), found.ns.filter(there)
    rate = _figures(frame, wanted, ("rate",))["rate"] * _unit(wanted, notes)
    stamps = found.ns.to_numpy()
    following = _following(frame, wanted)
    usual = usual_hours(label.venue, label.symbol)
    if following is not None:
        own, next_ns = following
        checked_stamps(label.text, own)
        paid = settled(own, next_ns, now_ns, usual)
    else:
        checked_stamps(label.text, stamps)
        paid = _all_rows(frame, stamps, wanted, usual, notes)
    notes += paid.notes
    figures = {"rate": rate[paid.rows], "interval_hours": paid.hours}
    over = paid.stamps <= (paid.stamps[-1] if now_ns is None else now_ns)
    stamps, figures = _kept((np.ones_like(over), over), paid.stamps, figures, notes)
    return series_of("funding", label, None, stamps, figures), None


def _unit(wanted: Wanted, notes: list[str]) -> float:
    """What rates are multiplied with to be fractions."""
    column = wanted.columns.names["rate"]
    given = wanted.options.columns.get("rate")
    if given is None and ABSOLUTE.get(wanted.label.venue) == plain(column):
        raise Unclear(
            f"column {column!r} of {wanted.label.venue} is an amount a contract, not a fraction: "
            f"import its relative rate; if it is one: --columns rate={column}"
        )
    unit = 1e-2 if wanted.options.percent else unit_of(column)
    if unit != 1.0:
        notes.append(f"rates are multiplied by {unit:g} to be fractions")
    return unit


def _following(frame: pl.DataFrame, wanted: Wanted) -> tuple[Stamps, Stamps] | None:
    """(the own time of each running rate, that of its payment), where the table has both."""
    columns = wanted.columns.times
    own = [name for what in ("plain", "open") for name in columns.get(what, [])]
    for name in (*columns.get("paid", []), *columns.get("next", [])):
        others = [one for one in own if one != name]
        if not others:
            continue
        later = read_times(frame[name], wanted.place)
        times = Columns("prices", {}, {"plain": others})
        mine = moments_of(frame, times, wanted.options.zone, wanted.place).ns.to_numpy()
        if later.ns.null_count() == 0 and (later.ns.to_numpy() > mine + HOUR_NS // 60).any():
            return mine, later.ns.to_numpy()
    return None


def _all_rows(
    frame: pl.DataFrame,
    stamps: Stamps,
    wanted: Wanted,
    usual: tuple[float, bool] | None,
    notes: list[str],
) -> Paid:
    """Every row as a payment."""
    label = wanted.label
    stamps, moved = on_the_minute(stamps)
    notes += [] if moved is None else [moved]
    rows = np.arange(len(stamps))
    if "interval_hours" in wanted.columns.names:
        return Paid(rows, stamps, hours_of(frame, wanted))
    given = HOURS_IN_NAMES.get(plain(wanted.columns.names["rate"]))
    if wanted.options.interval is not None and wanted.interval_ns is not None:
        given = wanted.interval_ns / HOUR_NS
    if len(stamps) == 1 and given is None:
        given = wanted.stored
    hours, words = of_rows(stamps, given, usual, label.venue)
    return Paid(rows, stamps, hours, words)


def hours_of(frame: pl.DataFrame, wanted: Wanted) -> Floats:
    """Hours of a column: numbers of hours, minutes or ms, "8h", or a time since a midnight."""
    column = wanted.columns.names["interval_hours"]
    cells = frame[column]
    if cells.dtype == pl.String and cells.str.contains(r"^\d{4}-\d\d-\d\dT").all():
        since = read_times(cells, wanted.place).ns.to_numpy() % (366 * DAY_NS)
        start = int(read_times(pl.Series("", [f"{cells[0][:4]}-01-01T00:00:00Z"]), "").ns[0])
        return (read_times(cells, wanted.place).ns.to_numpy() - start) / HOUR_NS + 0.0 * since
    if cells.dtype == pl.String:
        frame = frame.with_columns(cells.str.replace(r"(?i)\s*h(ours?)?$", ""))
    hours: Floats = numbers(frame, column, wanted.place).fill_null(float("nan")).to_numpy()
    for most, scale in ((168.0, 1.0), (10_080.0, 60.0), (604_800.0, 3600.0)):
        if float(np.nanmax(hours)) <= most:
            return hours / scale
    return hours / 3_600_000.0


def _refuse_after_delivery(series: Series) -> None:
    """HistoryError where a dated contract has rows after the day on which it was delivered."""
    label = series.label
    if label.role == "index":
        return
    day = parse_symbol(label.symbol).day
    if day is None:
        return
    digits = yymmdd(day)
    text = f"20{digits[:2]}-{digits[2:4]}-{digits[4:]}"
    over = int(read_times(pl.Series("", [f"{text}T00:00:00Z"]), "").ns[0]) + DAY_NS
    if int(series.stamps[-1]) > over:
        raise HistoryError(
            f"{label.text}: has rows after {text}, the day on which it was delivered; are they "
            f"of the contract that came after it?"
        )
