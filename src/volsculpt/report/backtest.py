"""A backtest as people and programs read it; `backtest_build.backtest_report` makes one."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from volsculpt.report.rows.backtest import BacktestRows

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


@dataclass(frozen=True, slots=True)
class BacktestReport(BacktestRows):
    """A policy on history: what it made, what it risked and cost, against no hedge and a static."""

    def table(self, width: int = 80, color: bool = False) -> str:
        """The report as text, no line wider than `width` (at least 20); ANSI colours on request."""
        from volsculpt.report.pages.backtest import content
        from volsculpt.report.render.terminal import rendered

        return rendered(content(self), width, color)

    def figure(self, chart: str = "wealth_usd") -> "Figure":
        """One chart as a plotly Figure; ValueError names the charts there are."""
        from volsculpt.report.charts.plotly_charts import plotly_figure

        return plotly_figure(self, chart)

    def to_html(self, path: str | Path | None = None) -> str:
        """One self-contained page: charts, tables, warnings; also written to `path` if given."""
        from volsculpt.report.render.backtest_html import page

        text = page(self)
        if path is not None:
            Path(path).write_text(text, encoding="utf-8")
        return text

    def to_png(self, path: str | Path) -> None:
        """All charts in one picture. Raises MissingExtra without the extra `png`."""
        from volsculpt.report.charts.png import write_png

        write_png(self, Path(path))

    def to_json(self, series: bool = True) -> str:
        """The published object as JSON, on one line with series; ValueError if it is not finite."""
        indent = None if series else 2
        return json.dumps(self.as_dict(series), allow_nan=False, ensure_ascii=False, indent=indent)

    def _repr_html_(self) -> str:
        """The tables for a notebook; `figure()` draws a chart."""
        from volsculpt.report.render.backtest_html import fragment

        return fragment(self)
