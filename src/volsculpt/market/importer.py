"""A foreign file as series: what is in it is guessed, shown, and can be overruled.

    guess, series = examine(Path("binance_um_BTCUSDT_mark_1h.csv"))

The guess is complete before anything is stored, so that a person can confirm it.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from volsculpt.contracts.expiries import parse_symbol
from volsculpt.errors import ContractError, HistoryError
from volsculpt.market.columns import Columns, guess_columns
from volsculpt.market.filenames import Named, named, other_instrument, settled, stem_of
from volsculpt.market.forms import Form, form_of, freqtrade_kind
from volsculpt.market.import_options import ImportOptions
from volsculpt.market.instruments import Instrument, read_instrument
from volsculpt.market.made import BuiltSeries, Wanted, made
from volsculpt.market.paid import funding_hours
from volsculpt.market.says import InstrumentRows, facts_of, parts_of, with_facts
from volsculpt.market.series import ROLES, Label, Role, Series, SeriesKind
from volsculpt.market.tables import FileTable, tables_of
from volsculpt.market.times import parse_interval
from volsculpt.market.unclear import OneStamp, Unclear
from volsculpt.market.value_import import StoredRhythm, values_in

__all__ = ["Guess", "ImportOptions", "examine", "examine_all", "funding_hours"]


@dataclass(frozen=True, slots=True)
class Guess:
    """What import takes a file, or one symbol of it, to be. rows: those that are kept."""

    path: Path
    kind: SeriesKind
    label: Label
    interval_ns: int | None
    columns: dict[str, str]
    times: str
    rows: int
    notes: tuple[str, ...]


def examine(path: Path, given: ImportOptions | None = None) -> tuple[Guess, Series]:
    """Read a file of one series through the gate.

    Raises HistoryError naming the file, and what to give where neither the file nor its
    name tells.
    """
    found = examine_all(path, given)
    if len(found) > 1:
        keys = ", ".join(dict.fromkeys(guess.label.key for guess, _ in found))
        raise HistoryError(f"{path.name}: holds {len(found)} series ({keys}); choose by --symbol")
    return found[0]


def examine_all(
    path: Path,
    given: ImportOptions | None = None,
    now_ns: int | None = None,
    stored: StoredRhythm | None = None,
) -> list[tuple[Guess, Series]]:
    """Every series in a file: tables of an archive, symbols of a table.

    Raises HistoryError naming the file; Unclear when it is not understood. Of several tables those
    that are not understood are left out where one is.

    Args: path: the file; given: what the user says of it; now_ns: the time of the import, ns UTC,
    after which no row may end; stored: what the store knows.
    """
    options = given or ImportOptions()
    found: list[tuple[Guess, Series]] = []
    unclear: list[Unclear] = []
    tables = tables_of(path)
    for table in tables:
        try:
            found += _examined(table, options, now_ns, stored)
        except OneStamp:
            raise
        except Unclear as error:
            unclear.append(error)
    if not found:
        if len(tables) > 1:
            raise Unclear(
                f"{path.name}: none of its {len(tables)} files is understood: {unclear[0]}"
            )
        raise unclear[0]
    return found


def _examined(
    table: FileTable, options: ImportOptions, now_ns: int | None, stored: StoredRhythm | None
) -> list[tuple[Guess, Series]]:
    """The series of one table."""
    place, frame = table.place, table.frame
    if frame.height == 0:
        raise HistoryError(f"{place}: holds no rows")
    values = values_in(table, options, now_ns, stored)
    if values:
        return [
            (_guess(table, one.label, built, {"value": one.sign.column}), built.series)
            for one, built in values
        ]
    form = form_of(frame.columns)
    hints = _hints(table.path, options, form)
    columns = _columns(table, options, hints)
    taken = {*columns.names.values(), *(n for names in columns.times.values() for n in names)}
    facts = facts_of(frame, taken)
    hints = with_facts(hints, frame, facts, place)
    found = []
    for part in parts_of(frame, facts, hints, options.symbol, place):
        where = place if part.symbol is None else f"{place}: {part.symbol}"
        label = label_of(columns, part, options, place)
        wanted = Wanted(columns, label, part.hints.interval_ns, form, facts, where, options)
        with_time = _with_stored(wanted, label, columns.kind, stored)
        found.append(_guessed(table, part, with_time, now_ns))
    return found


def _with_stored(
    wanted: Wanted, label: Label, kind: SeriesKind, stored: StoredRhythm | None
) -> Wanted:
    """The same, with what the store knows of the series."""
    return wanted if stored is None else replace(wanted, stored=stored(label, kind))


def _guessed(
    table: FileTable, part: InstrumentRows, wanted: Wanted, now_ns: int | None
) -> tuple[Guess, Series]:
    """The series of one part, and what it was taken for."""
    try:
        result = made(part.frame, wanted, now_ns)
    except (OneStamp, Unclear) as error:
        raise type(error)(_placed(wanted.place, error)) from None
    except HistoryError as error:
        raise HistoryError(_placed(wanted.place, error)) from None
    return _guess(table, wanted.label, result, wanted.columns.names), result.series


def _guess(table: FileTable, label: Label, built: BuiltSeries, names: dict[str, str]) -> Guess:
    """What a table was taken for.

    Args: label: of the series; built: it and its times; names: our name -> the column.
    """
    series = built.series
    return Guess(
        table.path,
        series.kind,
        label,
        built.interval_ns,
        {"time": built.time} | names,
        built.meaning,
        len(series.stamps),
        built.notes,
    )


def _placed(place: str, error: HistoryError) -> str:
    """A message that begins with the file."""
    text = str(error)
    return text if text.startswith(place) else f"{place}: {text}"


def _hints(path: Path, options: ImportOptions, form: Form) -> Named:
    """What is asked for, over what the name says, over what the form of the file means."""
    complete = options.venue and options.symbol and options.role
    hints = Named() if complete else named(path)
    interval = parse_interval(options.interval) if options.interval else hints.interval_ns
    if options.role is not None and options.role not in ROLES:
        raise HistoryError(f"role {options.role!r} is unknown; allowed: {', '.join(ROLES)}")
    role = options.role or hints.role
    market = hints.market or (form.market if hints.instrument is None or not hints.symbol else None)
    instrument = hints.instrument
    if market == "spot" and instrument is not None and instrument.market is None:
        instrument = replace(instrument, market="spot")
    if role is None and market == "spot" and "/" not in (options.symbol or ""):
        role = "index"
    if options.symbol is not None:
        instrument = _given_instrument(options, role)
        market = None if instrument is None else instrument.market
    venue = options.venue or hints.venue or form.venue
    rolled = hints.continuous or _is_rolled(path)
    base = instrument.base if instrument is not None else (options.symbol or "").partition("/")[0]
    day = None if instrument is None else instrument.day
    other = None if options.symbol is None else other_instrument(path, base, day)
    return Named(venue, instrument, role, interval, market, rolled, other)


def _is_rolled(path: Path) -> bool:
    """Whether a name says that one contract follows another, whatever else is given."""
    try:
        return named(path).continuous
    except Unclear:
        return False


def _given_instrument(options: ImportOptions, role: str | None) -> Instrument | None:
    """The instrument that the user names; its quote is that of the prices."""
    text = options.symbol or ""
    if "/" in text:
        found = read_instrument(text, options.venue, None)
        return replace(found, quote=options.quote or found.quote) if found is not None else None
    return Instrument(text, options.quote, "spot" if role == "index" else None)


def _columns(table: FileTable, options: ImportOptions, hints: Named) -> Columns:
    """Which column is which; a rate of freqtrade stands where a candle's open does."""
    there, place = table.frame.columns, table.place
    if freqtrade_kind(stem_of(table.path)) == "funding_rate" and "open" in there:
        return guess_columns(there, {"rate": "open"} | options.columns, place, "funding")
    columns = guess_columns(there, options.columns, place, hints.role)
    if hints.role == "funding" and columns.kind != "funding":
        raise Unclear(f"{place}: by its name it holds funding, but it has no column for a rate")
    return columns


def label_of(columns: Columns, part: InstrumentRows, options: ImportOptions, place: str) -> Label:
    """The label of the series; HistoryError names everything that must be given.

    Args: place: where the table is, for errors.
    """
    hints = part.hints
    role: Role | None = "funding" if columns.kind == "funding" else hints.role or columns.role
    instrument = settled(hints, role)
    # Coinalyze sends funding and open interest as candles t, o, h, l, c too, without a volume.
    bare = columns.names.get("open") == "o" and "volume" not in columns.names
    if role is None and not bare and instrument is not None and instrument.symbol is not None:
        role = "index" if instrument.market == "spot" else "last"
    symbol = _symbol(instrument, role, options, place)
    quote = options.quote or (None if instrument is None else instrument.quote)
    parts = {"venue": hints.venue, "symbol": symbol, "role": role, "quote": quote}
    unknown = [name for name, value in parts.items() if not value]
    if unknown or role is None or symbol is None or hints.venue is None or quote is None:
        raise Unclear(
            f"{place}: its {', '.join(unknown)} cannot be told from its name; give them, for "
            f"example --venue bybit --symbol BTC/USD:BTC (for an index the coin: BTC) --role mark "
            f"--quote USD"
        )
    return Label(hints.venue, symbol, role, quote, options.source or place)


def _symbol(
    instrument: Instrument | None, role: Role | None, options: ImportOptions, place: str
) -> str | None:
    """The symbol that a series of this role is stored under."""
    if instrument is None:
        return None if options.symbol is None else options.symbol
    if role == "index":
        return instrument.base
    if options.symbol is not None and "/" not in options.symbol and instrument.symbol is None:
        try:
            return parse_symbol(options.symbol).pair
        except ContractError as error:
            raise HistoryError(f"{place}: {error}") from None
    return instrument.symbol
