"""A ledger as a table: events or postings, in CSV or Parquet."""

import csv
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

from volsculpt.errors import LedgerError
from volsculpt.ledger.ledger import Ledger
from volsculpt.units import iso_exact

TableName = Literal["postings", "events"]
HEADS: dict[TableName, tuple[str, ...]] = {
    "events": ("seq", "time", "time_ns", "kind", "version", "hash", "body"),
    "postings": ("seq", "time", "time_ns", "kind", "line", "account", "commodity", "amount"),
}


def table_rows(ledger: Ledger, table: TableName) -> Iterator[tuple[Any, ...]]:
    """Rows under `HEADS`: every event with its body, or every posting with its event's time."""
    if table == "events":
        for seq, time_ns, kind, version, body, made in ledger.store.rows(1, ()):
            yield seq, iso_exact(time_ns), time_ns, kind, version, made, body
        return
    last = ledger.store.last_seq()  # what is written from here on is left out
    rows = ledger.store.rows(1, ())
    at = next(rows, None)
    for posting in ledger.store.postings(1):
        if posting.seq > last:
            return
        while at is not None and at.seq < posting.seq:
            at = next(rows, None)
        if at is None or at.seq != posting.seq:
            raise LedgerError(
                f"{ledger.name}: event {posting.seq} is missing, its postings are there; run "
                f"`volsculpt ledger verify`"
            )
        yield posting.seq, iso_exact(at.time_ns), at.time_ns, at.kind, *posting[1:]


def export_csv(ledger: Ledger, table: TableName, out: Path) -> int:
    """Write a table as CSV; how many rows. LedgerError: the file cannot be written."""
    return write_rows(HEADS[table], table_rows(ledger, table), out)


def write_rows(head: Sequence[str], rows: Iterable[Sequence[Any]], out: Path) -> int:
    """Write rows under a head as CSV; how many. LedgerError: the file cannot be written."""
    count = 0
    with replacing(out) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


def export_parquet(ledger: Ledger, table: TableName, out: Path) -> int:
    """Write a table as Parquet; how many rows. LedgerError: the file cannot be written."""
    import polars as pl

    kinds: dict[str, Any] = {
        "seq": pl.Int64,
        "time_ns": pl.Int64,
        "version": pl.Int64,
        "line": pl.Int64,
        "amount": pl.Float64,
    }
    schema = {head: kinds.get(head, pl.String) for head in HEADS[table]}
    frame = pl.DataFrame(list(table_rows(ledger, table)), schema=schema, orient="row")
    stamps = pl.col("time_ns").cast(pl.Datetime("ns", "UTC")).alias("time")
    with replacing(out) as part:
        frame.with_columns(stamps).write_parquet(part)
    return frame.height


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """A file beside `out` to write to, which takes its place once it is whole."""
    part = out.with_name(f"{out.name}.part")
    try:
        yield part
        os.replace(part, out)
    except OSError as error:
        raise LedgerError(
            f"{out}: cannot be written: {error.strerror or error}; name another file"
        ) from None
    finally:
        with suppress(OSError):  # of a folder that takes no file there is none to take away
            part.unlink(missing_ok=True)


Exporter = Callable[[Ledger, TableName, Path], int]
EXPORTERS: dict[str, Exporter] = {"csv": export_csv, "parquet": export_parquet}
