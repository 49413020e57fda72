"""A history of a program's own frames: the same readers and the same gate as files.

    history = history_from(OwnSeries(spot, "BTC"), OwnSeries(marks, "bybit:BTC/USD:BTC"))

Columns are found by their names, times and numbers are read as in files (`market/made.py`); what a
frame does not tell stands in its `OwnSeries`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

import polars as pl

from volsculpt.contracts.expiries import parse_symbol
from volsculpt.errors import HistoryError
from volsculpt.market.clocks import UTC
from volsculpt.market.columns import Columns, guess_columns
from volsculpt.market.forms import Form, Stamp
from volsculpt.market.history import History, history_of
from volsculpt.market.import_options import ImportOptions
from volsculpt.market.made import Wanted, made
from volsculpt.market.series import Label, Role, Series
from volsculpt.market.times import interval_text
from volsculpt.units import LengthLike, length_ns

ROLES: tuple[Role, ...] = ("index", "mark", "last", "funding")
FORM = Form(frozenset())  # of no maker
EXAMPLE = 'vs.OwnSeries(frame, "bybit:BTC/USD:BTC")'


@dataclass(frozen=True, slots=True, eq=False)
class OwnSeries:
    """A frame, and what it is of.

    frame: of polars or pandas, or a dict of columns: a time (datetimes with a zone, numbers since
    1970, or text with its zone), then open, high, low, close, or a price, or a rate of funding.
    name: a coin ("BTC"), of which it is the price, or a contract, "venue:symbol". role: "index",
    "mark", "last" or "funding"; None: index of a coin, of a contract mark and funding, as many as
    it has columns of. quote: the currency of prices, None: USD, or that of the symbol.
    interval: of bars ("1h"), stamp: "open" or "close", what they are stamped with; zone: "UTC" of
    times without one. columns: our name -> the frame's. percent: rates are in percent. venue,
    source: who listed the price of a coin, and where it is from.
    """

    frame: Any
    name: str
    role: Role | None = None
    quote: str | None = None
    interval: LengthLike | None = None
    stamp: Stamp | None = None
    zone: str | None = None
    columns: Mapping[str, str] | None = None
    percent: bool = False
    venue: str = "own"
    source: str = "own frame"

    def __post_init__(self) -> None:
        name: object = self.name
        if not isinstance(name, str) or not name:
            raise HistoryError(f"name: {name!r:.60} is neither a coin nor a contract; {WRITE}")
        for where in ("quote", "venue", "source"):
            value: object = getattr(self, where)
            if not isinstance(value, str) and (where != "quote" or value is not None):
                raise HistoryError(f"{where}: {value!r:.60} is no text; write its name")
        if not (self.columns is None or _are_texts(self.columns)):
            raise HistoryError(
                f"columns: {self.columns!r:.60} is no dict of our names to those of the frame; "
                f'write columns={{"time": "when", "price": "px"}}'
            )
        if type(self.percent).__name__ not in ("bool", "bool_"):
            raise HistoryError(f"percent: {self.percent!r:.60} is neither True nor False")
        _one_of(self.role, ROLES, "role")
        _one_of(self.stamp, get_args(Stamp), "stamp")
        _one_of(self.zone, UTC, "zone")

    @property
    def place(self) -> str:
        """What messages call it."""
        return f"frame of {self.name}" if self.role is None else f"frame of {self.name} {self.role}"


WRITE = f"write {EXAMPLE}"


def _are_texts(given: object) -> bool:
    """Whether it is a dict of texts."""
    return isinstance(given, Mapping) and all(isinstance(x, str) for x in [*given, *given.values()])


def _one_of(given: object, allowed: tuple[str, ...], where: str) -> None:
    """Raise HistoryError for what is none of a few words. Args: where: the argument's name."""
    if given is not None and not (isinstance(given, str) and given in allowed):
        raise HistoryError(f"{where}: {given!r:.60} is unknown; allowed: {', '.join(allowed)}")


def history_from(*series: OwnSeries) -> History:
    """A history of frames of your own, checked as files are.

    Times rise, are UTC and strictly one a row; prices are finite and above 0, a bar's open and
    close lie between its low and its high. Raises HistoryError naming the frame, the column and the
    row (the first is 1); ContractError for a name that no contract has. `notes` of the history say
    what was assumed.
    """
    if not series:
        raise HistoryError(f"no frame is given; {WRITE}")
    found, notes = list[Series](), list[str]()
    for one in series:
        if not isinstance(one, OwnSeries):
            raise HistoryError(f"{type(one).__name__} is no series of a name; {WRITE}")
        for made_of, warnings in _series_of(one):
            found.append(made_of)
            notes += [f"{made_of.name}: {_in_python(note)}" for note in warnings]
    return history_of(found, tuple(notes))


def _series_of(one: OwnSeries) -> list[tuple[Series, tuple[str, ...]]]:
    """The series of one frame through the gate, and what is to be said of each."""
    try:
        frame = frame_given(one.frame)
        return [_built(part, frame) for part in _parts(one, frame)]
    except HistoryError as error:
        text = _in_python(str(error))
        raise HistoryError(text if text.startswith(one.place) else f"{one.place}: {text}") from None


def _parts(one: OwnSeries, frame: pl.DataFrame) -> list[OwnSeries]:
    """A series of each role: of a contract's frame with prices and rates both are read."""
    if ":" not in one.name or one.role is not None:
        return [one]
    roles: tuple[Role, ...] = ("mark", "funding")
    there = [role for role in roles if _has(one, frame, role)]
    return [replace(one, role=role) for role in there] if len(there) > 1 else [one]


def _has(one: OwnSeries, frame: pl.DataFrame, role: Role) -> bool:
    """Whether a frame has the columns of a role."""
    try:
        guess_columns(frame.columns, one.columns or {}, one.place, role)
    except HistoryError:
        return False
    return True


def _built(one: OwnSeries, frame: pl.DataFrame) -> tuple[Series, tuple[str, ...]]:
    """A series of one role, and what is to be said of it."""
    role = one.role if ":" in one.name else one.role or "index"
    columns = guess_columns(frame.columns, one.columns or {}, one.place, role)
    interval = _interval_ns(one)
    options = ImportOptions(
        zone=one.zone,
        interval=None if interval is None else interval_text(interval),
        columns=dict(one.columns or {}),
        stamp=one.stamp,
        percent=one.percent,
        skip_empty=columns.kind == "funding",  # between two stamps of funding there is none
    )
    label = _label(one, columns)
    built = made(frame, Wanted(columns, label, interval, FORM, {}, one.place, options), None)
    return built.series, built.notes


def _interval_ns(one: OwnSeries) -> int | None:
    """The length of bars that is given, ns."""
    try:
        return None if one.interval is None else length_ns(one.interval)
    except ValueError as error:
        raise HistoryError(f"interval: {error}") from None


def _label(one: OwnSeries, columns: Columns) -> Label:
    """What a series is of."""
    venue, colon, symbol = one.name.partition(":")
    if not colon:
        if one.role not in (None, "index"):
            raise HistoryError(
                f"{one.role} is of a contract, and {one.name!r} is a coin; name the contract, like "
                f'"bybit:BTC/USD:BTC"'
            )
        return Label(one.venue, one.name, "index", one.quote or "USD", one.source)
    parts = parse_symbol(symbol)
    role = "funding" if columns.kind == "funding" else one.role or columns.role or "mark"
    if role == "index":
        raise HistoryError(
            f'an index is of a coin, not of {one.name}; name the coin: "{parts.base}"'
        )
    return Label(venue, symbol, role, one.quote or parts.quote, one.source)


# What files are told by options is told here by arguments of the same names.
_PAIRS = re.compile(r"--columns (\S+=[^\s;,]+(?:,\S+=[^\s;,]+)*)")
_OPTION = re.compile(r"--(role|stamp|zone|interval) ([\w/+]+)")


def _in_python(text: str) -> str:
    """Advice for the command line as advice for Python: --stamp close is stamp="close"."""

    def pairs(found: re.Match[str]) -> str:
        """Columns as a dict."""
        named = (part.partition("=") for part in found[1].split(","))
        return "columns={" + ", ".join(f'"{ours}": "{theirs}"' for ours, _, theirs in named) + "}"

    text = _OPTION.sub(r'\1="\2"', _PAIRS.sub(pairs, text))
    text = re.sub(
        r", or of a figure that is no price how it is called: --name \S+ --unit \S+", "", text
    )
    return text.replace("give --skip-empty", "drop them from the frame").replace("the file", "it")


# --- frames of other libraries ---------------------------------------------------------


def frame_given(given: object) -> pl.DataFrame:
    """A frame of polars, of pandas, or a dict of columns, as one of polars.

    Raises HistoryError naming the column that cannot be read.
    """
    if isinstance(given, pl.LazyFrame):
        given = given.collect()
    if isinstance(given, pl.DataFrame):
        frame = given
    elif isinstance(given, Mapping):
        frame = _framed({str(name): _column(str(name), cells) for name, cells in given.items()})
    elif hasattr(given, "reset_index") and hasattr(given, "columns"):
        frame = _of_pandas(given)
    else:
        raise HistoryError(
            f"{type(given).__name__} is no frame; give one of polars or pandas, or a dict of "
            f'columns: {{"time": [...], "price": [...]}}'
        )
    if frame.height == 0:
        raise HistoryError("holds no rows")
    return frame


def _framed(columns: dict[str, pl.Series]) -> pl.DataFrame:
    """Columns side by side; HistoryError where one is longer than another."""
    lengths = {name: len(one) for name, one in columns.items()}
    if len(set(lengths.values())) > 1:
        counted = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise HistoryError(f"its columns are not of one length: {counted} rows")
    return pl.DataFrame(list(columns.values()))


def _column(name: str, cells: Any) -> pl.Series:  # noqa: ANN401
    """A column of a dict; HistoryError where its cells are of several kinds."""
    try:
        return pl.Series(name, cells)
    except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
        why = str(error).split("\n")[0]
        raise HistoryError(
            f"column {name} cannot be read: {why}; make all its cells of one kind"
        ) from None


def _of_pandas(given: Any) -> pl.DataFrame:  # noqa: ANN401
    """A frame of pandas; an index of times is a column."""
    if getattr(given.index, "dtype", None) is not None and str(given.index.dtype) != "int64":
        given = given.reset_index(names=given.index.name or "time")
    columns = {}
    for label in given.columns:
        cells, name = given[label], str(label)
        zone = getattr(cells.dtype, "tz", None)
        if zone is not None:
            plain = cells.dt.tz_convert("UTC").dt.tz_localize(None)
            stamps = pl.Series(name, plain.to_numpy().astype("datetime64[ns]"))
            columns[name] = stamps.dt.replace_time_zone("UTC")
        elif cells.dtype.kind in "fiubM":
            columns[name] = _column(name, cells.to_numpy())
        else:
            columns[name] = _column(name, [None if one != one else one for one in cells.tolist()])
    return _framed(columns)
