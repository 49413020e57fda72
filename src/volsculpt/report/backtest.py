"""A backtest as people and programs read it; `rows.backtest_build.backtest_report` makes one."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from volsculpt.report.document import Page
from volsculpt.report.result import ChartedResult, Table, as_json, tables_of
from volsculpt.report.rows.backtest import BacktestRows
from volsculpt.report.rows.backtest_events import Events

if TYPE_CHECKING:
    from volsculpt.report.charts.chart import Chart

# The title of a section begins so -> the charts that follow it.
CHART_POSITIONS = {
    "What happened": ("wealth_usd", "wealth_coin", "drawdown"),
    "The deepest falls": ("rolling_volatility", "rolling_sharpe"),
    "Where the change": ("attribution", "costs"),
    "How well": ("ratio", "exposure", "margin", "leverage", "distance"),
    "Events": ("trades",),
}


@dataclass(frozen=True, slots=True)
class BacktestReport(BacktestRows, ChartedResult):
    """A policy on history: what it made, what it risked and cost, against no hedge and a static."""

    WHAT: ClassVar[str] = "backtest"
    MAIN: ClassVar[str] = "series"

    def page(self) -> Page:
        """What happened first, then how sure it is, then why, then what it took."""
        from volsculpt.report.pages.backtest import content
        from volsculpt.report.pages.backtest_verdict import short_verdict

        return replace(content(self), verdict=short_verdict(self))

    def brief(self) -> Page:
        """The same in fifteen lines."""
        from volsculpt.report.pages.backtest_verdict import verdict

        return verdict(self)

    def charts(self) -> "list[Chart]":
        """Wealth, drawdown, costs, the hedge, margin, trades."""
        from volsculpt.report.charts.books import backtest_charts

        return backtest_charts(self)

    def place_of(self, chart: "Chart", page: Page) -> int:
        """After the section that tells of the same; at the end where there is none."""
        starts = tuple(title for title, keys in CHART_POSITIONS.items() if chart.key in keys)
        numbers = [n for n, one in enumerate(page.sections, 1) if one.title.startswith(starts)]
        return numbers[0] if numbers else len(page.sections)

    def tables(self) -> dict[str, Table]:
        """series (the default; a row a step), rolling, books, summary, by_month, orders, flows …"""
        published = self.as_dict()
        series = published["series"]
        rolled = published["rolling"]
        windows = Table({"time": rolled["time_ms"], **rolled["columns"]}, time="time")
        whole = Table({"time": series["time_ms"], **series["columns"]}, time="time")
        events = tables_of(Events, published["events"])
        return {"series": whole, "rolling": windows, **tables_of(BacktestRows, published), **events}

    def to_json(self, series: bool = True, cash: bool = True) -> str:
        """The published object as JSON, on one line with series; ReportError if not finite.

        cash: with a row for each payment of funding and interest.
        """
        return as_json(self.as_dict(series, cash), None if series else 2)
