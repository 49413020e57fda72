"""History on disk: Parquet, a folder per venue and contract, a manifest beside each series.

    ROOT/bybit/BTC-USD_BTC/mark_1h.parquet      bars; funding.parquet, last_prices.parquet
    ROOT/index/BTC/binance-USDT_1h.parquet      spot, by coin, venue and quote

A file is written beside its place and moved there whole. Storing a series again merges it;
rows that contradict what is there are refused unless told to replace.
"""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from volsculpt.errors import HistoryError
from volsculpt.market.frames import UTC_NS, columns_of, frame_of, series_from, series_of
from volsculpt.market.manifest import Manifest, manifest_of, read_manifest
from volsculpt.market.quality import lacking
from volsculpt.market.series import Bars, Label, Series, SeriesKind
from volsculpt.market.times import interval_text
from volsculpt.units import iso

Span = tuple[int | None, int | None]
EVER: Span = (None, None)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
_SYMBOL = re.compile(r"[A-Za-z0-9]+/[A-Za-z0-9]+:[A-Za-z0-9]+(-\d{6})?")


@dataclass(frozen=True, slots=True)
class Saved:
    """What storing a series did: rows that are new, and rows that replaced others."""

    manifest: Manifest
    added: int
    replaced: int
    notes: tuple[str, ...] = ()


def series_path(root: Path, label: Label, kind: SeriesKind, interval_ns: int | None) -> Path:
    """Where a series is stored; HistoryError for a name that cannot be a folder.

    Args: root: folder of the store; kind: "bars", "prices" or "funding"; interval_ns: of bars, ns.
    """
    if kind == "bars":
        tail = f"_{interval_text(interval_ns or 0)}"
    else:
        tail = "_prices" if kind == "prices" else ""
    is_index = label.role == "index"
    named = (label.venue, label.quote, label.symbol) if is_index else (label.venue, label.quote)
    wrong = [name for name in named if not _NAME.fullmatch(name)]
    if wrong or label.venue == "index":
        raise HistoryError(f"{label.text}: {(wrong or ['index'])[0]!r} cannot name a folder")
    if is_index:
        return root / "index" / label.symbol / f"{label.venue}-{label.quote}{tail}.parquet"
    if not _SYMBOL.fullmatch(label.symbol):
        raise HistoryError(
            f"{label.text}: {label.symbol!r} is not in unified notation; write BTC/USD:BTC"
        )
    folder = label.symbol.replace("/", "-").replace(":", "_")
    return root / label.venue / folder / f"{label.role}{tail}.parquet"


def save(root: Path, series: Series, imported_ns: int, *, overwrite: bool = False) -> Saved:
    """Store a series, merged with what is there.

    Raises HistoryError when a stored row says something else, unless `overwrite`, when the
    quote differs, or when made-up prices would be mixed with real ones.

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
        merged, added, replaced, notes = _merge(old, series, overwrite)
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


def stored(root: Path) -> list[Manifest]:
    """Every series under a folder, sorted by place; none when there is no such folder."""
    return [read_manifest(path) for path in sorted(root.glob("*/*/*.json"))]


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


def _merge(old: Series, new: Series, overwrite: bool) -> tuple[Series, int, int, tuple[str, ...]]:
    """(both, rows added, rows replaced, notes)."""
    if old.label.quote != new.label.quote:
        raise HistoryError(f"{new.name}: stored in {old.label.quote}, given in {new.label.quote}")
    made_up = [one.label.source.startswith("synthetic") for one in (old, new)]
    if made_up[0] != made_up[1]:
        raise HistoryError(f"{new.name}: synthetic and real prices do not go into one series")
    before, after = columns_of(old), columns_of(new)
    shared = [name for name in after if name in before]
    notes = [f"{n} is not in both and left out" for n in sorted(before.keys() ^ after.keys())]
    _both, at_old, at_new = np.intersect1d(
        old.stamps, new.stamps, assume_unique=True, return_indices=True
    )
    differs = np.zeros(len(at_old), dtype=np.bool_)
    for name in shared:
        differs |= before[name][at_old] != after[name][at_new]
    if differs.any() and not overwrite:
        row = int(np.argmax(differs))
        name = next(n for n in shared if before[n][at_old[row]] != after[n][at_new[row]])
        raise HistoryError(
            f"{new.name}: {int(differs.sum())} of {len(at_old)} rows contradict what is stored; "
            f"the first at {iso(int(old.stamps[at_old[row]]))}: {name} "
            f"{before[name][at_old[row]]:.10g} stored, {after[name][at_new[row]]:.10g} given; "
            f"if the new file is right, import it with overwrite (--overwrite)"
        )
    kept = np.ones(len(old.stamps), dtype=np.bool_)
    kept[at_old] = False
    stamps = np.concatenate([old.stamps[kept], new.stamps])
    order = np.argsort(stamps)
    columns = {n: np.concatenate([before[n][kept], after[n]])[order] for n in shared}
    interval_ns = new.interval_ns if isinstance(new, Bars) else None
    both = series_of(new.kind, new.label, interval_ns, stamps[order], columns)
    return both, len(new.stamps) - len(at_old), int(differs.sum()), tuple(notes)


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
