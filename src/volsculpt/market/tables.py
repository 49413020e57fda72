"""The tables in a file: CSV, JSON, Parquet, feather, and zips of them.

Texts stay texts: what a cell means is decided where its column is known. Above the head may
stand lines of free text; columns may be parted by comma, semicolon, tab or bar.
"""

import csv
import gzip
import io
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import polars as pl

from volsculpt.errors import HistoryError
from volsculpt.market.cells import refuse_unsure_points
from volsculpt.market.clocks import read_times
from volsculpt.market.columns import guess_columns
from volsculpt.market.json_rows import table_of_json
from volsculpt.market.layouts import is_headless, laid_out, stacked
from volsculpt.market.unclear import Unclear

TEXTS = (".csv", ".txt", ".tsv")
JSONS = (".json", ".jsonl", ".ndjson")
TYPED = (".parquet", ".pq", ".feather", ".arrow", ".ipc")
_DELIMITERS = ",;\t|"
_LOOKED_AT = 200  # lines that tell the form of a text
_LEFT_OUT = ("__macosx", ".ds_store")


@dataclass(frozen=True, slots=True)
class FileTable:
    """A table; path: the file, or the zip and the name inside, by which it is read and called.

    above: free text above its head.
    """

    path: Path
    frame: pl.DataFrame
    headless: bool = False
    above: str = ""

    @property
    def place(self) -> str:
        """How messages call it."""
        return self.path.name


def tables_of(path: Path) -> list[FileTable]:
    """Every table in a file; of a zip with several those that are tables.

    Raises Unclear when it is none, HistoryError when it cannot be read.
    """
    try:
        if path.name.lower().endswith(".zip"):
            return _zipped(path)
        return [_table(path, path.read_bytes())]
    except FileNotFoundError:
        raise HistoryError(f"{path}: no such file") from None
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile):
        raise Unclear(
            f"{path.name}: cannot be unpacked: it ends too soon or is damaged; fetch it again"
        ) from None
    except (OSError, RuntimeError) as error:
        raise Unclear(f"{path.name}: cannot be read: {type(error).__name__}") from None


def _zipped(path: Path) -> list[FileTable]:
    """The tables of an archive; one alone is called by the archive's own name."""
    with zipfile.ZipFile(path) as archive:
        inside = [name for name in archive.namelist() if _is_table(name)]
        if not inside:
            raise Unclear(f"{path.name}: holds no CSV, JSON or Parquet file")
        if len(inside) == 1:
            return [_table(path, archive.read(inside[0]), inside[0])]
        found, refused = list[FileTable](), list[Unclear]()
        for name in sorted(inside):
            try:
                found.append(_table(path / name, archive.read(name)))
            except Unclear as error:
                refused.append(error)
        if not found:
            raise refused[0]
        return found


def _is_table(name: str) -> bool:
    """Whether a name inside an archive is that of a table."""
    lower = name.lower()
    hidden = any(word in lower for word in _LEFT_OUT)
    return not hidden and PurePosixPath(lower.removesuffix(".gz")).suffix in (
        *TEXTS,
        *JSONS,
        *TYPED,
    )


def _table(path: Path, raw: bytes, inside: str | None = None) -> FileTable:
    """A file's content as a table, by the ending of its name (inside an archive: of that name)."""
    name = (inside or path.name).lower()
    if name.endswith(".gz"):
        raw, name = gzip.decompress(raw), name.removesuffix(".gz")
    ending = PurePosixPath(name).suffix
    if ending in TYPED:
        return FileTable(path, _typed(raw, ending, path.name))
    if ending in JSONS:
        return FileTable(
            path, _with_close_named(table_of_json(_decoded(raw, path.name), path.name))
        )
    if ending in TEXTS:
        return _from_csv(path, _decoded(raw, path.name))
    raise Unclear(
        f"{path.name}: is no table by its name; give a .csv, .tsv, .json, .parquet or .feather "
        f"file, or a .zip or .gz of one"
    )


def _typed(raw: bytes, ending: str, place: str) -> pl.DataFrame:
    """Parquet or feather."""
    read = pl.read_parquet if ending in (".parquet", ".pq") else pl.read_ipc
    try:
        return read(io.BytesIO(raw))
    except (pl.exceptions.PolarsError, OSError):
        what = "Parquet" if ending in (".parquet", ".pq") else "feather"
        raise Unclear(f"{place}: cannot be read: it is no {what} file") from None


def _decoded(raw: bytes, place: str) -> str:
    """Bytes as text: UTF-8, or UTF-16 where its mark says so."""
    try:
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
        return text.replace("\ufeff", "")  # some mark the beginning of each line
    except UnicodeDecodeError:
        raise Unclear(f"{place}: cannot be read: its text is not UTF-8") from None


def _from_csv(path: Path, text: str) -> FileTable:
    """A text with columns."""
    lines = [line for line in text.splitlines() if line.strip(" \t,;|\r")]
    if not lines:
        raise HistoryError(f"{path.name}: holds no rows")
    delimiter, width = _form(lines[:_LOOKED_AT], path.name)
    split = [_cells(line, delimiter) for line in lines[:_LOOKED_AT]]
    head = next(k for k, cells in enumerate(split) if len(cells) == width)
    lines[head] = lines[head].lstrip("# ")
    names = _cells(lines[head], delimiter)
    if stacked(split[head:]):
        return FileTable(path, _with_ticker(lines[head:], delimiter, path.name))
    headless = is_headless(names, _is_time(names[0]))
    frame = _rows(lines[head:], delimiter, headless, path.name)
    if delimiter == ";":
        refuse_unsure_points(frame, path.name)
    if headless:
        return FileTable(path, laid_out(frame, path.name), headless=True)
    return FileTable(path, _with_close_named(frame), above="\n".join(lines[:head]))


def _form(lines: list[str], place: str) -> tuple[str, int]:
    """(what parts the columns, how many there are): the width that most lines agree on."""
    best = ("", 0, 0)
    for delimiter in _DELIMITERS:
        widths = Counter(len(_cells(line, delimiter)) for line in lines)
        width, count = max(widths.items(), key=lambda one: (one[0] > 1, one[1]))
        if width > 1 and (count, width) > best[1:]:
            best = (delimiter, count, width)
    if not best[0]:
        raise Unclear(f"{place}: has no columns parted by comma, semicolon, tab or bar")
    return best[0], best[2]


def _cells(line: str, delimiter: str) -> list[str]:
    """The cells of one line."""
    return next(csv.reader([line], delimiter=delimiter), [])


def _is_time(text: str) -> bool:
    """Whether a cell is a time in one of the forms that are known."""
    try:
        return read_times(pl.Series("first", [text]), "").ns.null_count() == 0
    except HistoryError:
        return True  # a time of which day and month are in doubt is one


def _rows(lines: list[str], delimiter: str, headless: bool, place: str) -> pl.DataFrame:
    """Lines as a table of texts."""
    try:
        frame = pl.read_csv(
            io.StringIO("\n".join(lines) + "\n"),
            separator=delimiter,
            has_header=not headless,
            infer_schema=False,
        )
    except pl.exceptions.NoDataError:
        raise HistoryError(f"{place}: holds no rows") from None
    except pl.exceptions.PolarsError:
        guess_columns(_cells(lines[0], delimiter), {}, place)  # of no kind of ours: not wrong
        raise HistoryError(_ragged(lines, delimiter, place)) from None
    return frame.rename(lambda name: name.strip().strip("<>"))


def _ragged(lines: list[str], delimiter: str, place: str) -> str:
    """Which line has another number of cells."""
    width = len(_cells(lines[0], delimiter))
    for row, line in enumerate(lines[1:], 1):
        if len(_cells(line, delimiter)) > width:
            there = len(_cells(line, delimiter))
            return f"{place}: row {row} has {there} cells, the first line names {width} columns"
    return f"{place}: its lines make up no table"


def _with_ticker(lines: list[str], delimiter: str, place: str) -> pl.DataFrame:
    """A head of two levels, the second of them the symbol, as one; the first column is the day."""
    names, tickers, _, *rows = lines
    symbols = {cell for cell in _cells(tickers, delimiter)[1:] if cell.strip()}
    if len(symbols) != 1:
        raise Unclear(f"{place}: holds {len(symbols)} symbols side by side; one a file is read")
    _, _, rest = names.partition(delimiter)
    frame = _rows([f"Date{delimiter}{rest}", *rows], delimiter, False, place)
    return frame.with_columns(pl.lit(symbols.pop()).alias("symbol"))


def _with_close_named(frame: pl.DataFrame) -> pl.DataFrame:
    """`T` beside `t` is the close of a bar, not its open."""
    return frame.rename({"T": "close_time"}) if {"t", "T"} <= set(frame.columns) else frame
