"""What all results have in common: a page, charts, and the ways to look at them."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from volsculpt.report.document import Page

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from volsculpt.report.charts.chart import Chart


class Result(ABC):
    """A result that shows itself as text, page, picture or plotly Figure."""

    __slots__ = ()
    WHAT: ClassVar[str]  # what kind of page it is

    @abstractmethod
    def page(self) -> Page:
        """Title, lead, sections."""

    @abstractmethod
    def charts(self) -> "list[Chart]":
        """The charts, in their order."""

    @abstractmethod
    def place_of(self, chart: "Chart", page: Page) -> int:
        """How many sections of the page stand before a chart."""

    def table(self, width: int = 80, color: bool = False) -> str:
        """The page as text, no line wider than `width` (at least 20); ANSI colours on request."""
        from volsculpt.report.render.terminal import rendered

        return rendered(self.page(), width, color)

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

    def _repr_html_(self) -> str:
        """The tables for a notebook; `figure()` draws a chart."""
        from volsculpt.report.render.html import html_fragment

        return html_fragment(self.page(), self.WHAT)
