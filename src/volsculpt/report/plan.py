"""The plan as people and programs read it: rows with the published names.

Units are in the names; `_coin` is coins of the row's currency, `_usd` US dollars. None is
printed as null: a thing that does not exist, never a zero.

    result = volsculpt.plan("treasury.toml", prices={"BTC": 60_000})
    print(result.table())
    result.to_html("plan.html")
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from volsculpt.report.document import Page
from volsculpt.report.result import ChartedResult, Table, tables_of
from volsculpt.report.rows.plan import PlanRows

if TYPE_CHECKING:
    from volsculpt.report.charts.chart import Chart

CHART_AFTER = 2  # sections before the chart: what to do, and why


@dataclass(frozen=True, slots=True)
class Plan(PlanRows, ChartedResult):
    """A hedge to the contract: what is held, what to do and why, what it risks and costs."""

    WHAT: ClassVar[str] = "hedge plan"
    MAIN: ClassVar[str] = "orders"

    def page(self) -> Page:
        """The answer first, then why, then the figures, then what to watch."""
        from volsculpt.report.pages.plan import content

        return content(self)

    def charts(self) -> "list[Chart]":
        """Wealth against the move of all coins, hedged and not."""
        from volsculpt.report.charts.plan import plan_chart

        return [plan_chart(self)]

    def place_of(self, chart: "Chart", page: Page) -> int:
        """After what to do and why."""
        return CHART_AFTER + bool(self.dangers)

    def tables(self) -> dict[str, Table]:
        """orders (the default), decision, exposure, margin, carry, scenarios, transfers …"""
        return tables_of(PlanRows, self.as_dict())
