"""What stands beside each stored series: where it comes from and what it spans, as JSON."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from volsculpt.errors import HistoryError
from volsculpt.market.series import ROLES, Bars, Label, Role, Series, SeriesKind
from volsculpt.market.times import interval_text, parse_interval
from volsculpt.parsing import json_of
from volsculpt.units import iso

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """One stored series. from_ns is its first stamp, to_ns the time up to which it knows."""

    path: Path
    kind: SeriesKind
    venue: str
    symbol: str
    role: Role
    quote: str
    interval_ns: int | None
    sources: tuple[str, ...]
    imported_ns: int
    rows: int
    from_ns: int
    to_ns: int
    gaps: int
    missing: int

    @property
    def label(self) -> Label:
        """The label of the series."""
        return Label(self.venue, self.symbol, self.role, self.quote, "; ".join(self.sources))

    @property
    def interval(self) -> str | None:
        """The bar interval as people write it."""
        return None if self.interval_ns is None else interval_text(self.interval_ns)

    @property
    def json_path(self) -> Path:
        """The file beside the table."""
        return self.path.with_suffix(".json")

    def to_json(self) -> str:
        """The text of that file."""
        content = {
            "schema": SCHEMA,
            "kind": self.kind,
            "venue": self.venue,
            "symbol": self.symbol,
            "role": self.role,
            "quote": self.quote,
            "interval": self.interval,
            "sources": list(self.sources),
            "imported_at": iso(self.imported_ns),
            "rows": self.rows,
            "from": iso(self.from_ns),
            "to": iso(self.to_ns),
            "checks": {"gate": "passed", "gaps": self.gaps, "missing": self.missing},
            "ns": {"imported_at": self.imported_ns, "from": self.from_ns, "to": self.to_ns},
        }
        return json.dumps(content, indent=2) + "\n"


def manifest_of(
    path: Path,
    series: Series,
    sources: tuple[str, ...],
    imported_ns: int,
    lacking: tuple[int, int],
) -> Manifest:
    """The manifest of a series that is about to be stored.

    Args: path: of the table; series: whole, merged with what was stored; sources: where it is from;
    imported_ns: when, ns UTC; lacking: (gaps, rows missing).
    """
    return Manifest(
        path,
        series.kind,
        series.label.venue,
        series.label.symbol,
        series.label.role,
        series.label.quote,
        series.interval_ns if isinstance(series, Bars) else None,
        sources,
        imported_ns,
        len(series.stamps),
        int(series.stamps[0]),
        series.end_ns,
        *lacking,
    )


def read_manifest(json_path: Path) -> Manifest:
    """The manifest in a file; HistoryError says how to get a new one when it is broken."""
    try:
        content = json_of(json_path.read_text(encoding="utf-8"))
        if content["schema"] != SCHEMA or content["role"] not in ROLES:
            raise ValueError(f"schema {content['schema']}, role {content['role']}")
        interval = content["interval"]
        return Manifest(
            json_path.with_suffix(".parquet"),
            cast(SeriesKind, content["kind"]),
            content["venue"],
            content["symbol"],
            content["role"],
            content["quote"],
            None if interval is None else parse_interval(interval),
            tuple(content["sources"]),
            content["ns"]["imported_at"],
            content["rows"],
            content["ns"]["from"],
            content["ns"]["to"],
            content["checks"]["gaps"],
            content["checks"]["missing"],
        )
    except FileNotFoundError:
        raise HistoryError(f"{json_path}: no such series is stored") from None
    except (KeyError, TypeError, ValueError, HistoryError) as error:
        raise HistoryError(
            f"{json_path}: not a readable manifest ({error}); delete it and its .parquet and "
            f"import the files again"
        ) from None
