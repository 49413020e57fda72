"""What a table says of itself beside its figures: symbol, exchange, category, delivery, bar.

A column that contradicts what is asked for, or the file's name, is an error. Several symbols are
parts of their own, of which one can be chosen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from volsculpt.errors import HistoryError
from volsculpt.market.clocks import read_times
from volsculpt.market.columns import plain
from volsculpt.market.filenames import CONTINUOUS, Named
from volsculpt.market.instruments import VENUES, Instrument, InstrumentKind, read_instrument
from volsculpt.market.times import parse_interval
from volsculpt.market.unclear import Unclear
from volsculpt.units import MINUTE_NS

FACTS: Mapping[str, list[str]] = {
    "symbol": (
        "symbol instrument instrumentname instid instrumentid pair market ticker tic s coin asset "
        "contract product productid currencypair"
    ).split(),
    "venue": "exchange venue exch exchangename".split(),
    "category": "category insttype instrumenttype markettype contracttype".split(),
    "expiry": "expiry expiration expirydate deliverydate deliverytime expirationdate".split(),
    "interval": "interval timeframe tf resolution i".split(),
    "confirm": (
        "confirm isclosed closed complete completed isfinal final finished isfinished isfinalbar x"
    ).split(),
}
CATEGORIES: dict[str, InstrumentKind] = {
    "spot": "spot",
    "linear": "linear",
    "um": "linear",
    "usdt-m": "linear",
    "inverse": "inverse",
    "cm": "inverse",
    "coin-m": "inverse",
}
_OPEN = ("0", "false", "no", "f", "n")
_SHOWN = 5  # symbols that a message names


@dataclass(frozen=True, slots=True)
class InstrumentRows:
    """The rows of one instrument, and what is known of it."""

    frame: pl.DataFrame
    hints: Named
    symbol: str | None = None


def facts_of(frame: pl.DataFrame, taken: set[str]) -> dict[str, str]:
    """Fact -> its column, of columns that no figure is read from."""
    by_plain = {plain(name): name for name in reversed(frame.columns) if name not in taken}
    found = {}
    for fact, names in FACTS.items():
        column = next((by_plain[name] for name in names if name in by_plain), None)
        if column is not None:
            found[fact] = column
    return found


def with_facts(hints: Named, frame: pl.DataFrame, facts: Mapping[str, str], place: str) -> Named:
    """What the name says, and what columns say that are the same in every row.

    Args: frame: the table; facts: what a column tells -> its name; place: where the table is, for
    errors.
    """
    venue = only_text(frame, facts.get("venue"))
    named = (
        None if venue is None else next((v for v in VENUES if venue.lower().startswith(v)), None)
    )
    if named is not None and hints.venue is not None and named != hints.venue:
        raise HistoryError(
            f"{place}: its column {facts['venue']!r} says {venue}, but {hints.venue} is given or "
            f"told by its name"
        )
    category = (only_text(frame, facts.get("category")) or "").lower()
    market = CATEGORIES.get(category)
    if market is not None and hints.market is not None and market != hints.market:
        raise HistoryError(
            f"{place}: its column {facts['category']!r} says {category}, but {hints.market} is "
            f"given or told by its name"
        )
    interval = _interval(only_text(frame, facts.get("interval")))
    if None not in (interval, hints.interval_ns) and interval != hints.interval_ns:
        raise HistoryError(
            f"{place}: its column {facts['interval']!r} says bars of another length than is given "
            f"or told by its name"
        )
    return replace(
        hints,
        venue=hints.venue or named,
        market=hints.market or market,
        interval_ns=hints.interval_ns or interval,
        continuous=hints.continuous or CONTINUOUS.fullmatch(category) is not None,
    )


def parts_of(
    frame: pl.DataFrame, facts: Mapping[str, str], hints: Named, symbol: str | None, place: str
) -> list[InstrumentRows]:
    """A part for each instrument that the column of symbols names.

    Raises HistoryError when it contradicts what was chosen, or the file's name.

    Args: frame: the table; facts: what a column tells -> its name; symbol: the symbol the user
    chose, None = all; place: where the table is, for errors.
    """
    column = facts.get("symbol")
    if column is None or frame[column].dtype != pl.String:
        return [InstrumentRows(frame, _checked_name(hints, place, symbol))]
    keys = [column, *([facts["expiry"]] if "expiry" in facts else [])]
    groups = frame.partition_by(keys, maintain_order=True)
    read = [(one, str(one[column][0]), _read(one, facts, hints)) for one in groups]
    chosen = [
        part for part in read if symbol is None or _is_chosen(part[1], part[2], hints, symbol)
    ]
    _refuse_contradiction(read, chosen, hints, symbol, column, place)
    return [_part(one, name, found, hints, place, symbol) for one, name, found in chosen]


def _read(frame: pl.DataFrame, facts: Mapping[str, str], hints: Named) -> Instrument | None:
    """The instrument of the first row, with the delivery that stands beside it."""
    name = str(frame[facts["symbol"]][0])
    found = read_instrument(name, hints.venue, hints.market)
    if found is None or "expiry" not in facts or found.day is not None:
        return found
    day = read_times(frame[facts["expiry"]].head(1), "").ns[0]
    if day is None:
        return found
    text = pl.Series([day]).cast(pl.Datetime("ns")).dt.strftime("%y%m%d")[0]
    if found.market is None:
        found = replace(found, market="inverse" if found.quote == "USD" else "linear")
    return replace(found, day=text)


def _is_chosen(name: str, found: Instrument | None, hints: Named, symbol: str) -> bool:
    """Whether a symbol of the file is the one that the user names."""
    if name == symbol:
        return True
    if found is None or hints.instrument is None:
        return False
    return found.against(hints.instrument) is None


def _refuse_contradiction(
    read: list[tuple[pl.DataFrame, str, Instrument | None]],
    chosen: list[tuple[pl.DataFrame, str, Instrument | None]],
    hints: Named,
    symbol: str | None,
    column: str,
    place: str,
) -> None:
    """HistoryError where the column of symbols is of something else."""
    names = list(dict.fromkeys(name for _, name, _ in read))
    shown = ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
    if symbol is not None and not chosen:
        quote = None if hints.instrument is None else hints.instrument.quote
        what = symbol if quote is None or "/" in symbol else f"{symbol} in {quote}"
        raise HistoryError(f"{place}: its column {column!r} says {shown}, but {what} is asked for")
    if symbol is not None or hints.instrument is None:
        return
    wrong = next(
        (
            name
            for _, name, found in read
            if found is not None and _apart(found, hints) not in (None, "day")
        ),
        None,
    )
    if wrong is not None:
        raise HistoryError(
            f"{place}: its column {column!r} says {wrong}, but its name says "
            f"{hints.symbol or hints.instrument.base}; rename it, or say --symbol"
        )


def _apart(found: Instrument, hints: Named) -> str | None:
    """What of a symbol contradicts the file's name."""
    return None if hints.instrument is None else found.against(hints.instrument)


def _part(
    frame: pl.DataFrame,
    name: str,
    found: Instrument | None,
    hints: Named,
    place: str,
    symbol: str | None,
) -> InstrumentRows:
    """One instrument, the column's word completed by the name's and the user's."""
    if found is None and symbol is None:
        raise Unclear(
            f"{place}: its symbol {name!r} is not understood; say what it is with --symbol"
        )
    other = hints.instrument
    if found is None:
        return InstrumentRows(frame, replace(hints, instrument=other), name)
    if other is not None and (symbol is not None or found.day == other.day):
        keep = other if other.quote is not None or found.quote is None else found
        market = other.market or found.market
        merged = replace(
            keep,
            quote=other.quote or found.quote,
            market=market,
            settle=other.settle or found.settle,
        )
        return InstrumentRows(frame, replace(hints, instrument=merged, continuous=False), name)
    if hints.continuous and found.day is None:
        raise Unclear(_continuous_words(place))
    if found.market is None and hints.market is not None:
        found = replace(found, market=hints.market)
    market = hints.market or found.market
    return InstrumentRows(
        frame, replace(hints, instrument=found, market=market, continuous=False), name
    )


def _checked_name(hints: Named, place: str, symbol: str | None) -> Named:
    """What is said without a column of symbols; what the name contradicts is refused."""
    if hints.other is not None:
        raise HistoryError(
            f"{place}: its name says {hints.other}, but {symbol} is asked for; correct "
            f"--symbol, or rename the file if it holds {symbol} after all"
        )
    dated = hints.instrument is not None and hints.instrument.day is not None
    if hints.continuous and not (symbol is not None and dated):
        raise Unclear(_continuous_words(place))
    return hints


def _continuous_words(place: str) -> str:
    """Why one contract after another is not stored."""
    return (
        f"{place}: holds one dated contract after another, and does not say which each row is of; "
        f"it is not the perpetual. Give a file a contract, or one with a column of their symbols"
    )


def unfinished(frame: pl.DataFrame, facts: Mapping[str, str]) -> pl.Series:
    """The rows of which the venue itself says that they are not complete."""
    column = facts.get("confirm")
    if column is None:
        return pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
    return frame[column].cast(pl.String).str.to_lowercase().is_in(_OPEN)


def only_text(frame: pl.DataFrame, column: str | None) -> str | None:
    """The one text that stands in every row of a column."""
    if column is None or frame[column].dtype != pl.String or frame[column].n_unique() != 1:
        return None
    return str(frame[column][0])


def _interval(text: str | None) -> int | None:
    """A length of a bar: "1h", or minutes."""
    if text is None:
        return None
    if text.isdigit():
        return int(text) * MINUTE_NS
    try:
        return parse_interval(text)
    except HistoryError:
        return None
