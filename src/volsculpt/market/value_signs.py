"""Which figure that is no price a table holds: by the user's word, its columns, its name.

Open interest has candles like a price, so a name that says it goes before the columns, and a
role of prices beside it is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from volsculpt.errors import HistoryError
from volsculpt.market.columns import ANY_PRICE, BARS, CLOSES, PRICES, THEIRS, TIMES, VALUES, plain
from volsculpt.market.filenames import folders_of, stem_of
from volsculpt.market.import_options import ImportOptions
from volsculpt.market.published import PublishedFigure, published
from volsculpt.market.says import FACTS, facts_of, only_text
from volsculpt.market.tables import FileTable
from volsculpt.market.unclear import Unclear

AVAILABLE_COLUMNS = "known knownat publishedat published releasedat releasedate".split()
VINTAGE = "realtimestart"  # from when on FRED gave a value
_TIMES = {name for names in TIMES.values() for name in names}
_OTHERS = {
    *_TIMES,
    *AVAILABLE_COLUMNS,
    VINTAGE,
    "realtimeend",
    "source",
    *(name for names in FACTS.values() for name in names),
}


@dataclass(frozen=True, slots=True)
class ValueSign:
    """A figure of a table. name: as it is called, without coin or contract, or the user's word.

    row: what the table of figures knows of it. column: that holds it.
    """

    name: str
    row: PublishedFigure | None
    column: str


def signs_of(table: FileTable, options: ImportOptions) -> list[ValueSign]:
    """Every figure that is no price; none where the table is of prices, rates or nothing known.

    Raises Unclear where it is one and its column cannot be told, HistoryError where a role of
    prices is given with a file whose name says that it holds none.
    """
    names, place = table.frame.columns, table.place
    by_plain = {plain(name): name for name in reversed(names)}
    has_time = "time" in options.columns or any(name in by_plain for name in _TIMES)
    if options.name is not None:
        row = published().get(options.name.rpartition(":")[2])
        return [ValueSign(options.name, row, _column(by_plain, options, row, place))]
    row = _by_name(table)
    if options.role not in (None, "value"):
        if row is not None:
            raise HistoryError(
                f"{place}: by its name it holds {words(row.name)}, not prices or funding; leave "
                f"out --role, or rename it if it holds prices after all"
            )
        return []
    found = _by_columns(by_plain, options) if has_time else []
    if found:
        return found
    if row is not None and has_time:
        return [ValueSign(row.name, row, _column(by_plain, options, row, place))]
    if options.role == "value":
        raise Unclear(
            f"{place}: what its values are called cannot be told; say it, for example --name "
            f"hash_rate --unit EH/s"
        )
    return []


def words(name: str) -> str:
    """A name as people say it: open_interest -> open interest."""
    return name.replace("_", " ")


def _by_name(table: FileTable) -> PublishedFigure | None:
    """The figure that the file's name says, its column of symbols, or the folder it lies in."""
    stem, above = stem_of(table.path).lower(), folders_of(table.path)
    symbol = only_text(table.frame, facts_of(table.frame, set()).get("symbol")) or ""
    for row in published().values():
        in_folder = row.of is not None and any(map(row.files.fullmatch, above))
        if row.files.search(stem) or row.files.search(symbol.lower()) or in_folder:
            return row
    return None


def _by_columns(by_plain: Mapping[str, str], options: ImportOptions) -> list[ValueSign]:
    """The figures whose columns are there, in a table that holds no prices and no rates."""
    prices = {
        *ANY_PRICE,
        *CLOSES,
        *THEIRS["rate"],
        *(n for names in PRICES.values() for n in names),
    }
    if prices & set(by_plain) or {"price", "rate", *BARS} & set(options.columns):
        return []
    found = []
    for row in published().values():
        column = next((by_plain[name] for name in row.columns if name in by_plain), None)
        if column is None and any(name in by_plain for name in row.beside):
            column = next((by_plain[name] for name in VALUES if name in by_plain), None)
        if column is not None:
            found.append(ValueSign(row.name, row, options.columns.get("value", column)))
    return found


def _column(
    by_plain: Mapping[str, str], options: ImportOptions, row: PublishedFigure | None, place: str
) -> str:
    """The column of the figure: named, by its usual names, a close, or the only one.

    Args: by_plain: plain name -> column; options: what the user says; row: of the table of figures;
    place: where the table is, for errors.
    """
    if "value" in options.columns:
        return options.columns["value"]
    own = [] if row is None else list(row.columns)
    usual = [*own, *reversed(VALUES), *CLOSES, *ANY_PRICE]
    traded = row is not None and row.of is not None and {*BARS, "volume"} <= set(by_plain)
    if traded and row is not None and not any(name in by_plain for name in own):
        raise Unclear(
            f"{place}: by its name it holds {words(row.name)}, but it has bars with a volume, as "
            f"prices have; rename it, or name the column of its figure: --columns value=close"
        )
    column = next((by_plain[name] for name in usual if name in by_plain), None)
    if column is not None:
        return column
    left = [column for name, column in by_plain.items() if name not in _OTHERS]
    if len(left) == 1:
        return left[0]
    raise Unclear(
        f"{place}: which of its columns holds the figure cannot be told ({_few(left)}); say it, "
        f"for example --columns value={left[-1] if left else 'figure'}"
    )


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:6]) + (" …" if len(names) > 6 else "") if names else "none is left"
