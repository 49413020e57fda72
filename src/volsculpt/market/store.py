"""History on disk: Parquet, a folder per venue and contract, a manifest beside each series.

    ROOT/bybit/BTC-USD_BTC/mark_1h.parquet      bars; funding.parquet, last_prices.parquet
    ROOT/index/BTC/binance-USDT_1h.parquet      spot, by coin, venue and quote
    ROOT/values/yield_10y/fred.parquet          figures that are no prices, by name and publisher

A file is written beside its place and moved there whole. Storing a series again merges it;
rows that contradict what is there are refused unless told to replace; `merging.py` does both.
"""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from volsculpt.errors import HistoryError
from volsculpt.market.frames import UTC_NS, frame_of, series_from
from volsculpt.market.gate import Stamps
from volsculpt.market.manifest import Manifest, manifest_of, read_manifest
from volsculpt.market.merging import merged_with
from volsculpt.market.quality import lacking
from volsculpt.market.series import Bars, Label, Series, SeriesKind
from volsculpt.market.times import interval_text
from volsculpt.units import iso

Span = tuple[int | None, int | None]
EVER: Span = (None, None)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
_SYMBOL = re.compile(r"[A-Za-z0-9]+/[A-Za-z0-9]+:[A-Za-z0-9]+(-\d{6})?")
# fear_greed; BTC:dvol, of a coin; bybit:BTC/USDT:USDT:open_interest, of a contract.
_VALUE = re.compile(rf"(?:(?:[a-z0-9]+:{_SYMBOL.pattern}|[A-Z0-9]+):)?[a-z][a-z0-9_]*")
_FOLDERS = ("index", "values")  # no venue is called so


@dataclass(frozen=True, slots=True)
class Saved:
    """What storing a series did: rows that are new, and rows that replaced others."""

    manifest: Manifest
    added: int
    replaced: int
    notes: tuple[str, ...] = ()


def series_path(root: Path, label: Label, kind: SeriesKind, interval_ns: int | None) -> Path:
    """Where a series is stored; HistoryError for a name that cannot be a folder.

    Args: root: folder of the store; kind: which of the four; interval_ns: of bars, ns.
    """
    if kind == "values":
        return _values_path(root, label)
    if kind == "bars":
        tail = f"_{interval_text(interval_ns or 0)}"
    else:
        tail = "_prices" if kind == "prices" else ""
    is_index = label.role == "index"
    named = (label.venue, label.quote, label.symbol) if is_index else (label.venue, label.quote)
    wrong = [name for name in named if not _NAME.fullmatch(name)]
    if wrong or label.venue in _FOLDERS:
        raise HistoryError(f"{label.text}: {[*wrong, label.venue][0]!r} cannot name a folder")
    if is_index:
        return root / "index" / label.symbol / f"{label.venue}-{label.quote}{tail}.parquet"
    if not _SYMBOL.fullmatch(label.symbol):
        raise HistoryError(
            f"{label.text}: {label.symbol!r} is not in unified notation; write BTC/USD:BTC"
        )
    folder = label.symbol.replace("/", "-").replace(":", "_")
    return root / label.venue / folder / f"{label.role}{tail}.parquet"


def _values_path(root: Path, label: Label) -> Path:
    """Where values are stored; HistoryError for a name in another form."""
    if not _VALUE.fullmatch(label.symbol):
        raise HistoryError(
            f"{label.text}: {label.symbol!r} cannot name values; write small letters, digits and "
            f"underscores, before them the coin or the contract if it is of one: fear_greed, "
            f"BTC:dvol, bybit:BTC/USDT:USDT:open_interest"
        )
    if not _NAME.fullmatch(label.venue):
        raise HistoryError(f"{label.text}: {label.venue!r} cannot name a file")
    of, _, name = label.symbol.rpartition(":")
    venue, _, symbol = of.rpartition(":") if "/" not in of else of.partition(":")
    parts = [venue, symbol.replace("/", "-").replace(":", "_"), name]
    return root / "values" / ".".join(part for part in parts if part) / f"{label.venue}.parquet"


def save(root: Path, series: Series, imported_ns: int, *, overwrite: bool = False) -> Saved:
    """Store a series, merged with what is there.

    Raises HistoryError when a stored row says something else, unless `overwrite`, when the
    quote differs, or when made-up prices would be mixed with real ones. Of values the one known
    first is kept, and the notes tell of the others.

    Args: root: folder of the store; series: to be stored; imported_ns: when, ns UTC; overwrite:
    rows that contradict what is stored replace it.
    """
    interval_ns = series.interval_ns if isinstance(series, Bars) else None
    path = series_path(root, series.label, series.kind, interval_ns)
    sources: tuple[str, ...] = (series.label.source,)
    merged, added, replaced = series, len(series.stamps), 0
    notes: tuple[str, ...] = ()
    if path.exists():
        before = read_manifest(path.with_suffix(".json"))
        old = series_from(_table(path), series.kind, before.label, interval_ns)
        merged, added, replaced, notes = merged_with(old, series, overwrite)
        sources = tuple(dict.fromkeys([*before.sources, *sources]))
        merged = _with_source(merged, "; ".join(sources))
    manifest = manifest_of(path, merged, sources, imported_ns, lacking(merged))
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = frame_of(merged)
    _write_whole(path, lambda place: frame.write_parquet(place, compression="lz4"))
    text = manifest.to_json()
    _write_whole(manifest.json_path, lambda place: place.write_text(text, encoding="utf-8"))
    return Saved(manifest, added, replaced, notes)


def load(manifest: Manifest, from_ns: int | None = None, to_ns: int | None = None) -> Series:
    """A stored series, or its rows stamped in [from, to); through the gate again.

    Raises HistoryError when it is broken, or has no row there.
    """
    span = (from_ns, to_ns)
    return _checked(manifest, _table(manifest.path, span), span)


def load_all(
    manifests: Sequence[Manifest], from_ns: int | None = None, to_ns: int | None = None
) -> list[Series]:
    """What `load` gives of each, read at once; those without a row in [from, to) left out.

    Raises HistoryError naming the one that is broken.
    """
    span = (from_ns, to_ns)
    try:
        tables = pl.collect_all([_lazy(one.path, span) for one in manifests])
    except (pl.exceptions.PolarsError, OSError):
        tables = [_table(one.path, span) for one in manifests]
    found = zip(manifests, tables, strict=True)
    return [_checked(one, table, span) for one, table in found if table.height or span == EVER]


def stamps_of(manifest: Manifest, from_ns: int, to_ns: int) -> Stamps:
    """The stamps of a stored series in [from, to), nothing else of it read; ns UTC.

    Raises HistoryError when it is broken.
    """
    try:
        lazy = _lazy(manifest.path, (from_ns, to_ns)).select("time")
        found: Stamps = lazy.collect()["time"].to_physical().to_numpy()
    except (pl.exceptions.PolarsError, OSError):
        found = _table(manifest.path, (from_ns, to_ns))["time"].to_physical().to_numpy()
    return found


def stored(root: Path) -> list[Manifest]:
    """Every series under a folder, sorted by place; none when there is no such folder."""
    found = root.glob("*/*/*.json") if root.is_dir() else ()
    return [read_manifest(path) for path in sorted(found)]


def _checked(manifest: Manifest, table: pl.DataFrame, span: Span) -> Series:
    """The table of a stored series, through the gate; all its rows there where all are asked."""
    if table.height == 0 and span != EVER:
        raise HistoryError(
            f"{manifest.label.text}: nothing is stored from {_end(span[0])} to {_end(span[1])}"
        )
    if table.height != manifest.rows and span == EVER:
        raise HistoryError(
            f"{manifest.path}: has {table.height} rows, its manifest says "
            f"{manifest.rows}; an import was cut short: import the same files again"
        )
    return series_from(table, manifest.kind, manifest.label, manifest.interval_ns)


def _table(path: Path, span: Span = EVER) -> pl.DataFrame:
    """The table of a file; HistoryError when there is none."""
    try:
        return _lazy(path, span).collect()
    except FileNotFoundError:
        raise HistoryError(f"{path}: the table is gone; import the files again") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        raise HistoryError(f"{path}: not a readable Parquet file: {error}") from None


def _lazy(path: Path, span: Span) -> pl.LazyFrame:
    """The rows of a file stamped in a span, not read yet."""
    return _between(pl.scan_parquet(path, glob=False), *span)


def _between(lazy: pl.LazyFrame, from_ns: int | None, to_ns: int | None) -> pl.LazyFrame:
    """The rows stamped in [from, to)."""
    if from_ns is not None:
        lazy = lazy.filter(pl.col("time") >= pl.lit(from_ns).cast(UTC_NS))
    if to_ns is not None:
        lazy = lazy.filter(pl.col("time") < pl.lit(to_ns).cast(UTC_NS))
    return lazy


def _end(time_ns: int | None) -> str:
    return "its end" if time_ns is None else iso(time_ns)


def _with_source(series: Series, source: str) -> Series:
    """The same series, from other sources."""
    return replace(series, label=replace(series.label, source=source))


def _write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write beside the place, then move there: a reader sees the old file or the new one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        write(beside)
        with open(beside, "rb") as written:
            os.fsync(written.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
