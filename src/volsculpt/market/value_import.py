"""A table of figures that are no prices as series: what each is called, of what, in which unit."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from volsculpt.contracts.catalog import load_catalog
from volsculpt.errors import HistoryError
from volsculpt.market.columns import plain
from volsculpt.market.filenames import Named, filename_hints, settled, stem_of
from volsculpt.market.import_options import ImportOptions
from volsculpt.market.instruments import COINS, Instrument, read_instrument
from volsculpt.market.labels import Label, SeriesKind
from volsculpt.market.made import BuiltSeries
from volsculpt.market.says import InstrumentRows, facts_of, parts_of, with_facts
from volsculpt.market.tables import FileTable
from volsculpt.market.times import parse_interval
from volsculpt.market.unclear import OneStamp, Unclear
from volsculpt.market.value_rows import WantedValues, made_values
from volsculpt.market.value_signs import ValueSign, signs_of

UNIT_UNKNOWN = "unit unknown"
OWN = "own"  # who publishes what the user brings
AGGREGATE = "aggregate"  # of several venues
# What the store knows of a series: the length of its bars, the hours its newest rate was for, how
# far apart its values are.
StoredRhythm = Callable[[Label, SeriesKind], float | None]
FoundValues = tuple[WantedValues, BuiltSeries]


def values_in(
    table: FileTable, options: ImportOptions, now_ns: int | None, stored: StoredRhythm | None = None
) -> list[FoundValues]:
    """Every series of values in a table; none where it holds prices, rates, or nothing known.

    Raises HistoryError naming the table; Unclear where a figure is known and what it is of is not.

    Args: table: of a file; options: what the user says of it; now_ns: the time of the import, ns
    UTC; stored: what the store knows.
    """
    found = []
    for sign in signs_of(table, options):
        for part, place in _parts(table, sign, options):
            label = label_of(sign, part.hints, options, table, place)
            interval_ns = parse_interval(options.interval) if options.interval else None
            length_ns = interval_ns or part.hints.interval_ns
            stored_ns = None if stored is None else stored(label, "values")
            wanted = WantedValues(sign, label, length_ns, options, place, stored_ns)
            found.append((wanted, _made(part, wanted, now_ns)))
    return found


def _made(part: InstrumentRows, wanted: WantedValues, now_ns: int | None) -> BuiltSeries:
    """The series of one part; errors begin with where it is."""
    try:
        return made_values(part.frame, wanted, now_ns)
    except (OneStamp, Unclear, HistoryError) as error:
        text = str(error)
        problem = text if text.startswith(wanted.place) else f"{wanted.place}: {text}"
        raise type(error)(problem) from None


def _parts(
    table: FileTable, sign: ValueSign, options: ImportOptions
) -> Iterator[tuple[InstrumentRows, str]]:
    """The rows of each contract that a column of symbols names, or all of them; and the place."""
    hints, place = _hints(table, options), table.place
    if sign.row is None or sign.row.of is None:
        yield InstrumentRows(table.frame, hints), place
        return
    facts = facts_of(table.frame, {sign.column})
    hints = with_facts(hints, table.frame, facts, place)
    for part in parts_of(table.frame, facts, hints, options.symbol, place):
        yield part, place if part.symbol is None else f"{place}: {part.symbol}"


def _hints(table: FileTable, options: ImportOptions) -> Named:
    """What the file's name says, and the user over it."""
    hints = filename_hints(table.path)
    if options.symbol is None:
        return replace(hints, venue=options.venue or hints.venue)
    named = read_instrument(options.symbol, options.venue, None) if "/" in options.symbol else None
    instrument = named or Instrument(options.symbol)
    return replace(
        hints, venue=options.venue or hints.venue, instrument=instrument, market=instrument.market
    )


def label_of(
    sign: ValueSign, hints: Named, options: ImportOptions, table: FileTable, place: str
) -> Label:
    """The label of a series of values; Unclear names what must be given.

    Args: sign: the figure; hints: what the file and the user say of its instrument; options: what
    the user says; table: with its file; place: where it is, for errors.
    """
    row, venue = sign.row, hints.venue
    name = sign.name
    if row is None or row.of is None or ":" in name:
        usual = OWN if row is None else row.publisher
        publisher = options.venue or usual or venue or OWN
    else:
        name = f"{_subject(row.of, hints, table, place)}:{name}"
        publisher = venue or row.publisher or AGGREGATE
    unit = options.unit or options.quote or _unit(sign, hints)
    if unit is None:
        raise Unclear(f"{place}: the unit of {name} cannot be told; say it: --unit percent")
    return Label(publisher, name, "value", unit, options.source or place)


def _subject(of: str, hints: Named, table: FileTable, place: str) -> str:
    """The coin or the contract that a figure is of: "BTC", "bybit:BTC/USDT:USDT"."""
    instrument = settled(hints, "value")
    listed = {contract.base for contract in load_catalog().contracts()}
    tokens = [word.upper() for word in re.split(r"[^A-Za-z0-9]+", stem_of(table.path))]
    coins = list(dict.fromkeys(coin for coin in map(_coin, tokens) if coin in listed))
    if instrument is not None and instrument.symbol not in (None, instrument.base):
        if of == "contract" and hints.venue is None:
            raise Unclear(
                f"{place}: by whom {instrument.symbol} is listed cannot be told; say it, for "
                f"example --venue bybit"
            )
        return f"{hints.venue}:{instrument.symbol}" if of == "contract" else instrument.base
    if instrument is not None:
        return instrument.base
    if len(coins) == 1:
        return coins[0]
    raise Unclear(
        f"{place}: of which {of} it is cannot be told; say it, for example --venue bybit --symbol "
        f"BTC/USDT:USDT, or --symbol BTC for all of a coin"
    )


def _coin(token: str) -> str:
    """A word of a file's name as a coin: XBT and BTCDVOL are BTC."""
    bare = token.removesuffix("DVOL")
    return COINS.get(bare, bare)


def _unit(sign: ValueSign, hints: Named) -> str | None:
    """The unit by the table of figures: of all of it, of a column, of a venue's contracts."""
    row = sign.row
    if row is None:
        return None
    column = plain(sign.column)
    own = row.unit or row.columns.get(column)
    if own is None and column in row.columns:
        instrument = settled(hints, "value")
        market = None if instrument is None else instrument.market
        own = row.market_units.get(f"{hints.venue} {market}")
    return own or UNIT_UNKNOWN
