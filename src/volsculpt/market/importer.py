"""A foreign file as a series: what is in it is guessed, shown, and can be overruled.

    guess, series = examine(Path("binance_um_BTCUSDT_mark_1h.csv"))

The guess is complete before anything is stored, so that a person can confirm it.
"""

import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from volsculpt.contracts.expiries import parse_symbol
from volsculpt.errors import ContractError, HistoryError
from volsculpt.market.columns import Columns, guess_columns, numbers, times
from volsculpt.market.filenames import Named, named
from volsculpt.market.frames import series_of
from volsculpt.market.gate import Floats, Stamps, checked_stamps
from volsculpt.market.series import ROLES, Kind, Label, Series
from volsculpt.market.times import HOUR_NS, MINUTE_NS, SECOND_NS, interval_text, parse_interval

BINANCE_KLINES = (
    "open_time open high low close volume close_time quote_volume count "
    "taker_buy_volume taker_buy_quote_volume ignore"
).split()
LATE_NS = 5 * SECOND_NS  # venues stamp funding some milliseconds after the minute
HOURS = (1.0, 2.0, 4.0, 6.0, 8.0, 12.0, 24.0)


@dataclass(frozen=True, slots=True)
class Given:
    """What the user says of a file; None is guessed. columns: our name -> the file's."""

    venue: str | None = None
    symbol: str | None = None
    role: str | None = None
    quote: str | None = None
    interval: str | None = None
    zone: str | None = None
    source: str | None = None
    columns: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Guess:
    """What import takes a file to be."""

    path: Path
    kind: Kind
    label: Label
    interval_ns: int | None
    columns: dict[str, str]
    times: str
    rows: int
    notes: tuple[str, ...]


def examine(path: Path, given: Given | None = None) -> tuple[Guess, Series]:
    """Read a CSV or Parquet file (also .gz, or .zip of one CSV) through the gate.

    Raises HistoryError naming the file, and what to give where neither the file nor its
    name tells.
    """
    asked, place = given or Given(), path.name
    frame = read_table(path)
    if frame.height == 0:
        raise HistoryError(f"{place}: holds no rows")
    columns = guess_columns(frame.columns, asked.columns, place)
    hints = _hints(path, asked)
    label = label_of(columns, hints, asked, place)
    stamps, meaning = times(frame[columns.names["time"]], asked.zone, place)
    notes: list[str] = []
    if frame.height > 1 and stamps.is_sorted(descending=True):
        frame, stamps = frame.reverse(), stamps.reverse()
        notes.append("the newest row came first; turned round")
    stamp_ns = stamps.to_numpy()
    try:
        series, interval_ns = _made(frame, columns, stamp_ns, label, hints, notes)
    except HistoryError as error:
        raise HistoryError(f"{place}: {error}") from None
    guess = Guess(
        path,
        columns.kind,
        label,
        interval_ns,
        columns.names,
        meaning,
        frame.height,
        tuple(notes),
    )
    return guess, series


def read_table(path: Path) -> pl.DataFrame:
    """The table in a file; HistoryError when there is none."""
    name = path.name.lower()
    try:
        if name.endswith((".parquet", ".pq")):
            return pl.read_parquet(path)
        if name.endswith((".csv", ".csv.gz", ".txt", ".zip")):
            return _csv(_unzipped(path) if name.endswith(".zip") else path.read_bytes(), path.name)
    except FileNotFoundError:
        raise HistoryError(f"{path}: no such file") from None
    except (pl.exceptions.PolarsError, OSError, zipfile.BadZipFile, UnicodeDecodeError) as error:
        raise HistoryError(f"{path.name}: cannot be read: {error}") from None
    raise HistoryError(f"{path.name}: give a .csv, .csv.gz, .zip or .parquet file")


def _unzipped(path: Path) -> bytes:
    """The one CSV of an archive."""
    with zipfile.ZipFile(path) as archive:
        inside = [name for name in archive.namelist() if name.lower().endswith(".csv")]
        if len(inside) != 1:
            raise HistoryError(f"{path.name}: holds {len(inside)} CSV files; one is expected")
        return archive.read(inside[0])


def _csv(raw: bytes, place: str) -> pl.DataFrame:
    """A CSV with a head, or Binance's klines without one."""
    frame = pl.read_csv(io.BytesIO(raw), infer_schema_length=None)
    if not all(_is_number(name) for name in frame.columns[:2]):
        return frame
    if frame.width != len(BINANCE_KLINES):
        raise HistoryError(f"{place}: the first line holds no names of columns; add them")
    return pl.read_csv(
        io.BytesIO(raw), infer_schema_length=None, has_header=False, new_columns=BINANCE_KLINES
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _hints(path: Path, asked: Given) -> Named:
    """What is asked for, over what the name says."""
    complete = asked.venue and asked.symbol and asked.role
    said = Named() if complete else named(path)
    interval = parse_interval(asked.interval) if asked.interval else said.interval_ns
    if asked.role is not None and asked.role not in ROLES:
        raise HistoryError(f"role {asked.role!r} is unknown; allowed: {', '.join(ROLES)}")
    role = asked.role or said.role
    return Named(asked.venue or said.venue, asked.symbol or said.symbol, role, said.quote, interval)


def label_of(columns: Columns, hints: Named, asked: Given, place: str) -> Label:
    """The label of the series; HistoryError names everything that must be given."""
    role = "funding" if columns.kind == "funding" else hints.role
    if role == "funding" and columns.kind != "funding":
        raise HistoryError(
            f"{place}: by its name it holds funding, but it has no column for a rate"
        )
    quote = asked.quote
    if quote is None and hints.symbol is not None and role != "index":
        try:
            quote = parse_symbol(hints.symbol).quote
        except ContractError as error:
            raise HistoryError(f"{place}: {error}") from None
    symbol = hints.symbol
    if role == "index" and symbol is not None and "/" in symbol:
        parsed = parse_symbol(symbol)
        symbol, quote = parsed.base, quote or parsed.quote
    quote = quote or hints.quote
    parts = {"venue": hints.venue, "symbol": symbol, "role": role, "quote": quote}
    unknown = [name for name, value in parts.items() if not value]
    if unknown or role is None or symbol is None or hints.venue is None or quote is None:
        raise HistoryError(
            f"{place}: its {', '.join(unknown)} cannot be told from its name; give them, for "
            f"example --venue bybit --symbol BTC/USD:BTC (for an index the coin: BTC) --role mark "
            f"--quote USD"
        )
    return Label(hints.venue, symbol, role, quote, asked.source or place)


def _made(
    frame: pl.DataFrame,
    columns: Columns,
    stamps: Stamps,
    label: Label,
    hints: Named,
    notes: list[str],
) -> tuple[Series, int | None]:
    """The series and its bar interval."""
    checked_stamps(label.text, stamps)  # before an interval is read from them
    figures = {
        ours: numbers(frame, theirs, label.text).fill_null(float("nan")).to_numpy()
        for ours, theirs in columns.names.items()
        if ours != "time"
    }
    interval_ns = None
    if columns.kind == "bars":
        interval_ns = bar_interval(stamps, hints.interval_ns)
    elif columns.kind == "funding":
        stamps = _on_the_minute(stamps, notes)
        if "interval_hours" not in figures:
            given = None if hints.interval_ns is None else hints.interval_ns / HOUR_NS
            figures["interval_hours"] = funding_hours(stamps, given)
            notes.append("hours between funding stamps taken from the stamps")
    return series_of(columns.kind, label, interval_ns, stamps, figures), interval_ns


def bar_interval(stamps: Stamps, said_ns: int | None) -> int:
    """The usual distance of bars; HistoryError when the file's name or the user says another."""
    steps = np.diff(stamps)
    steps = steps[steps > 0]
    if len(steps) == 0:
        if said_ns is None:
            raise HistoryError(
                "one bar does not tell its interval; give it, for example --interval 1h"
            )
        return said_ns
    lengths, counts = np.unique(steps, return_counts=True)
    usual = int(lengths[np.argmax(counts)])
    if said_ns is not None and said_ns != usual:
        apart = interval_text(usual)
        raise HistoryError(
            f"bars should be {interval_text(said_ns)} long by name, but they are {apart} apart; "
            f"if that is right, give --interval {apart}"
        )
    return usual


def _on_the_minute(stamps: Stamps, notes: list[str]) -> Stamps:
    """Stamps that come a few seconds after a minute, put on it."""
    late = stamps % MINUTE_NS
    moved = (late > 0) & (late <= LATE_NS)
    if moved.any():
        notes.append(
            f"{int(moved.sum())} stamps up to {late[moved].max() / 1e6:g} ms late put right"
        )
    return np.where(moved, stamps - late, stamps)


def funding_hours(stamps: Stamps, said: float | None) -> Floats:
    """Hours that each stamp pays for, from the distances of stamps.

    A distance counts when it repeats or is shorter than the one before; a longer one that
    does not repeat is a gap, and the shorter neighbour counts.
    """
    if said is not None:
        return np.full(len(stamps), said)
    if len(stamps) < 2:
        raise HistoryError(
            "one stamp does not tell its interval; give it, for example --interval 8h"
        )
    steps = np.rint(np.diff(stamps) / HOUR_NS * 100.0) / 100.0
    before, after = np.append(steps[:1], steps[:-1]), np.append(steps[1:], steps[-1:])
    is_real = ((steps <= before) | (steps == after)) & np.isin(steps, HOURS)
    hours = np.where(is_real, steps, np.minimum(np.minimum(steps, before), after))
    return np.append(hours[:1], hours)
