"""An evaluation as people and programs read it; `rows.evaluation_build` makes one."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from volsculpt.report.document import Page
from volsculpt.report.result import ChartedResult, Table, tables_of
from volsculpt.report.rows.evaluation import EvaluationRows

if TYPE_CHECKING:
    from volsculpt.report.charts.chart import Chart


@dataclass(frozen=True, slots=True)
class EvaluationReport(EvaluationRows, ChartedResult):
    """Mandates walked through history: what of it is evidence, and what may be luck."""

    WHAT: ClassVar[str] = "evaluation"
    MAIN: ClassVar[str] = "work"

    def page(self) -> Page:
        """Side by side, each mandate, each other, forecasts, tries; at the end one sentence."""
        from volsculpt.report.pages.evaluation import content

        return content(self)

    def charts(self) -> "list[Chart]":
        """What 1 US dollar became, and how far it stood below its highest."""
        from volsculpt.report.charts.evaluation import evaluation_charts

        return evaluation_charts(self)

    def place_of(self, chart: "Chart", page: Page) -> int:
        """After what stands side by side."""
        return 1

    def tables(self) -> dict[str, Table]:
        """work (the default), figures, gains, parts, pairs, forecasts, deflated, evidence …"""
        return tables_of(EvaluationRows, self.as_dict())
