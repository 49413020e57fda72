"""What all results have in common: a page, tables, charts, and the ways to look at them.

Neither polars nor pandas, nor what draws and renders, is loaded before it is asked for.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, ClassVar, Union, get_args, get_origin, get_type_hints

from volsculpt.errors import NO_PANDAS, MissingExtra, ReportError, VolsculptError
from volsculpt.report.document import Page
from volsculpt.units import moment_ns

if TYPE_CHECKING:
    import pandas
    import polars
    from plotly.graph_objects import Figure

    from volsculpt.report.charts.chart import Chart

KINDS = (str, float, int, bool, datetime)  # what a column may be declared to hold


@dataclass(frozen=True, slots=True)
class Table:
    """Columns by name, None where a thing does not exist.

    kinds: what a column holds, where that is one of KINDS; a datetime is published as text. time:
    the column that counts milliseconds since 1970 UTC, if there is one. In frames the time of a row
    is one type, of nanoseconds in UTC, as in those of a history.
    """

    columns: Mapping[str, Sequence[Any]]
    kinds: Mapping[str, type] = field(default_factory=dict)
    time: str | None = None

    def stamps(self) -> dict[str, list[int | None]]:
        """Columns of times in ns UTC."""
        found: dict[str, list[int | None]] = {
            name: [None if one is None else moment_ns(one) for one in self.columns[name]]
            for name, kind in self.kinds.items()
            if kind is datetime
        }
        if self.time is not None:
            found[self.time] = [one * 10**6 for one in self.columns[self.time]]
        return found


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
        """The published object as JSON; ReportError if a figure is not finite."""
        return as_json(self.as_dict())

    def table(self, width: int = 80, color: bool = False) -> str:
        """The page as text, no line wider than `width` (at least 20); ANSI colours on request."""
        from volsculpt.report.render.terminal import rendered

        return rendered(self.page(), width, color)

    def to_html(self, path: str | Path | None = None) -> str:
        """One self-contained page; also written to `path` if given."""
        from volsculpt.report.render.html import html_page

        text = html_page(self.page(), [], self.WHAT)
        write_page(text, path)
        return text

    def to_polars(self, table: str = "") -> "polars.DataFrame":
        """A table as a polars DataFrame; ReportError names those there are."""
        import polars as pl

        found = self._table(table)
        dtypes = {str: pl.String, float: pl.Float64, int: pl.Int64, bool: pl.Boolean}
        times = found.stamps()
        columns = {
            name: pl.Series(name, times[name], pl.Int64).cast(pl.Datetime("ns", "UTC"))
            if name in times
            else pl.Series(name, list(values), dtypes.get(found.kinds.get(name, object)))
            for name, values in found.columns.items()
        }
        return pl.DataFrame(columns)

    def to_pandas(self, table: str = "") -> "pandas.DataFrame":
        """A table as a pandas DataFrame; ReportError names those there are.

        Raises MissingExtra where pandas is not installed.
        """
        found = self._table(table)
        try:
            import pandas as pd
        except ImportError:
            raise MissingExtra(NO_PANDAS) from None
        frame = pd.DataFrame({name: list(values) for name, values in found.columns.items()})
        for name, times in found.stamps().items():
            frame[name] = pd.to_datetime(times, unit="ns", utc=True)
        return frame

    def _table(self, name: str) -> Table:
        found = self.tables()
        if (name or self.MAIN) not in found:
            raise ReportError(f"table = {name!r}: this {self.WHAT} has {', '.join(sorted(found))}")
        return found[name or self.MAIN]

    def _repr_html_(self) -> str:
        """The tables for a notebook; `figure()` draws a chart."""
        from volsculpt.report.render.html import html_fragment

        return html_fragment(self.page(), self.WHAT)


class ChartedResult(Result):
    """A result with charts: a page for browsers, a picture, plotly Figures."""

    __slots__ = ()

    @abstractmethod
    def charts(self) -> "list[Chart]":
        """The charts, in their order."""

    @abstractmethod
    def place_of(self, chart: "Chart", page: Page) -> int:
        """How many sections of the page stand before a chart."""

    def figure(self, chart: str = "") -> "Figure":
        """A chart as a plotly Figure, the first by default; ReportError names those there are."""
        from volsculpt.report.charts.plotly_charts import plotly_figure

        found = {one.key: one for one in self.charts()}
        if not found:
            raise ReportError(f"this {self.WHAT} has no chart: there is nothing to draw")
        if chart and chart not in found:
            raise ReportError(f"chart = {chart!r}: this {self.WHAT} has {', '.join(found)}")
        return plotly_figure(found[chart or next(iter(found))])

    def to_html(self, path: str | Path | None = None) -> str:
        """One self-contained page: charts, tables, warnings; also written to `path` if given."""
        from volsculpt.report.render.html import html_page

        page = self.page()
        text = html_page(page, [(self.place_of(c, page), c) for c in self.charts()], self.WHAT)
        write_page(text, path)
        return text

    def to_png(self, path: str | Path) -> None:
        """All charts in one picture. Raises MissingExtra without the extra `png`."""
        from volsculpt.report.charts.png import write_png

        charts = self.charts()
        if not charts:
            raise ReportError(f"this {self.WHAT} has no chart: there is nothing to draw")
        with writing(path) as file:
            write_png(charts, file)


def as_json(published: Mapping[str, Any], indent: int | None = 2) -> str:
    """An object as JSON, on one line without indent; ReportError if a figure is not finite."""
    try:
        return json.dumps(published, allow_nan=False, ensure_ascii=False, indent=indent)
    except ValueError as error:
        raise ReportError(f"no JSON can be made of a figure that is not finite: {error}") from None


@contextmanager
def writing(path: str | Path) -> Iterator[Path]:
    """Where a page or picture is written; ReportError where it cannot be."""
    try:
        yield Path(path)
    except (OSError, TypeError, ValueError) as error:
        if isinstance(error, VolsculptError):
            raise
        why = getattr(error, "strerror", None) or str(error)
        raise ReportError(
            f"{path!s:.200}: cannot be written: {why}; name a file in a folder that is there"
        ) from error


def write_page(text: str, path: str | Path | None) -> None:
    """Write the text of a page, where a file is named. Raises ReportError where it cannot be."""
    if path is not None:
        with writing(path) as file:
            file.write_text(text, encoding="utf-8")


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
    """What each field of a row holds, None aside. Worked: {"price": float, "reasons": object}."""
    found = {}
    for name, hint in get_type_hints(row).items():
        held = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
        kinds = [one for one in held if one is not type(None)]
        kind = kinds[0] if len(kinds) == 1 and kinds[0] in KINDS else object
        found[name.rstrip("_")] = kind  # from_: the word is one of Python's own
    if found.pop("time_ns", None) is not None:  # published as text
        return {"time": datetime, **found}
    return found
