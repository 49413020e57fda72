"""What all results have in common: a page, tables, charts, and the ways to look at them.

Neither polars nor pandas, nor what draws and renders, is loaded before it is asked for.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, ClassVar, Union, get_args, get_origin, get_type_hints

from volsculpt.errors import NO_PANDAS, MissingExtra
from volsculpt.report.document import Page

if TYPE_CHECKING:
    import pandas
    import polars
    from plotly.graph_objects import Figure

    from volsculpt.report.charts.chart import Chart

KINDS = (str, float, int, bool)  # what a column may be declared to hold


@dataclass(frozen=True, slots=True)
class Table:
    """Columns by name, None where a thing does not exist.

    kinds: what a column holds, where that is one of KINDS. time: the column that counts
    milliseconds since 1970 UTC, if there is one.
    """

    columns: Mapping[str, Sequence[Any]]
    kinds: Mapping[str, type] = field(default_factory=dict)
    time: str | None = None


class Result(ABC):
    """A result that shows itself as text, as JSON, in a notebook, and as frames.

    WHAT: what it is, in messages and on pages. MAIN: the table meant by default.
    """

    __slots__ = ()
    WHAT: ClassVar[str]
    MAIN: ClassVar[str]

    @abstractmethod
    def page(self) -> Page:
        """Title, lead, sections."""

    @abstractmethod
    def tables(self) -> dict[str, Table]:
        """Every table by the name that the published object gives it."""

    @abstractmethod
    def as_dict(self) -> dict[str, Any]:
        """The published object."""

    def to_json(self) -> str:
        """The published object as JSON; ValueError if a figure is not finite."""
        return as_json(self.as_dict())

    def table(self, width: int = 80, color: bool = False) -> str:
        """The page as text, no line wider than `width` (at least 20); ANSI colours on request."""
        from volsculpt.report.render.terminal import rendered

        return rendered(self.page(), width, color)

    def to_polars(self, table: str = "") -> "polars.DataFrame":
        """A table as a polars DataFrame; ValueError names those there are."""
        import polars as pl

        found = self._table(table)
        dtypes = {str: pl.String, float: pl.Float64, int: pl.Int64, bool: pl.Boolean}
        columns = {
            name: pl.Series(name, list(values), dtypes.get(found.kinds.get(name, object)))
            for name, values in found.columns.items()
        }
        frame = pl.DataFrame(columns)
        if found.time is None:
            return frame
        return frame.with_columns(pl.col(found.time).cast(pl.Datetime("ms", "UTC")))

    def to_pandas(self, table: str = "") -> "pandas.DataFrame":
        """A table as a pandas DataFrame; ValueError names those there are.

        Raises MissingExtra where pandas is not installed.
        """
        found = self._table(table)
        try:
            import pandas as pd
        except ImportError:
            raise MissingExtra(NO_PANDAS) from None
        frame = pd.DataFrame({name: list(values) for name, values in found.columns.items()})
        if found.time is not None:
            frame[found.time] = pd.to_datetime(frame[found.time], unit="ms", utc=True)
        return frame

    def _table(self, name: str) -> Table:
        found = self.tables()
        if (name or self.MAIN) not in found:
            raise ValueError(f"table = {name!r}: this {self.WHAT} has {', '.join(sorted(found))}")
        return found[name or self.MAIN]

    def _repr_html_(self) -> str:
        """The tables for a notebook; `figure()` draws a chart."""
        from volsculpt.report.render.html import html_fragment

        return html_fragment(self.page(), self.WHAT)


class DrawnResult(Result):
    """A result with charts: a page for browsers, a picture, plotly Figures."""

    __slots__ = ()

    @abstractmethod
    def charts(self) -> "list[Chart]":
        """The charts, in their order."""

    @abstractmethod
    def place_of(self, chart: "Chart", page: Page) -> int:
        """How many sections of the page stand before a chart."""

    def figure(self, chart: str = "") -> "Figure":
        """A chart as a plotly Figure, the first by default; ValueError names those there are."""
        from volsculpt.report.charts.plotly_charts import plotly_figure

        found = {one.key: one for one in self.charts()}
        if chart and chart not in found:
            raise ValueError(f"chart = {chart!r}: this {self.WHAT} has {', '.join(found)}")
        return plotly_figure(found[chart or next(iter(found))])

    def to_html(self, path: str | Path | None = None) -> str:
        """One self-contained page: charts, tables, warnings; also written to `path` if given."""
        from volsculpt.report.render.html import html_page

        page = self.page()
        text = html_page(page, [(self.place_of(c, page), c) for c in self.charts()], self.WHAT)
        if path is not None:
            Path(path).write_text(text, encoding="utf-8")
        return text

    def to_png(self, path: str | Path) -> None:
        """All charts in one picture. Raises MissingExtra without the extra `png`."""
        from volsculpt.report.charts.png import write_png

        write_png(self.charts(), Path(path))


def as_json(published: Mapping[str, Any], indent: int | None = 2) -> str:
    """An object as JSON, on one line without indent; ValueError if a figure is not finite."""
    return json.dumps(published, allow_nan=False, ensure_ascii=False, indent=indent)


def rows_table(kinds: Mapping[str, type], rows: Sequence[Mapping[str, Any]]) -> Table:
    """Rows as columns. kinds: every column, with what it holds (`object` where it is anything)."""
    columns = {name: [row[name] for row in rows] for name in kinds}
    return Table(columns, {name: kind for name, kind in kinds.items() if kind in KINDS})


def tables_of(rows: type, published: Mapping[str, Any]) -> dict[str, Table]:
    """The tables of a published object: each key that `rows` declares as a list of dataclasses."""
    found = {}
    for name, hint in get_type_hints(rows).items():
        row = (get_args(hint) or (None,))[0]
        if get_origin(hint) is list and hasattr(row, "__dataclass_fields__"):
            found[name] = rows_table(kinds_of(row), published[name])
    return found


def kinds_of(row: Any) -> dict[str, type]:  # noqa: ANN401 - a dataclass
    """What each field of a row holds, None aside. Worked: {"price": float, "reasons": object}.

    A row that is published otherwise than by its fields says so in COLUMNS.
    """
    if hasattr(row, "COLUMNS"):
        return dict(row.COLUMNS)
    found = {}
    for name, hint in get_type_hints(row).items():
        held = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
        kinds = [one for one in held if one is not type(None)]
        kind = kinds[0] if len(kinds) == 1 and kinds[0] in KINDS else object
        found[name.rstrip("_")] = kind  # from_: the word is one of Python's own
    if found.pop("time_ns", None) is not None:  # published as text
        return {"time": str, **found}
    return found
