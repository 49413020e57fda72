"""A hedge asked for in one line, as people and programs read it: the short face of a plan.

result = volsculpt.quick_hedge("1.3 ETH 0.2 BTC", prices={"ETH": 3_000, "BTC": 60_000})
print(result.table())
result.plan.table()       # all of it
result.mandate            # the text of the mandate that both are of
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from volsculpt.report.document import Page
from volsculpt.report.plan import Plan
from volsculpt.report.result import Result, Table, tables_of
from volsculpt.report.rows.hedge import HedgeRows


@dataclass(frozen=True, slots=True)
class QuickHedge(Result):
    """What to do, what it costs, when to lift it and what can go wrong; `plan` has the tables."""

    WHAT: ClassVar[str] = "hedge"
    MAIN: ClassVar[str] = "steps"

    rows: HedgeRows
    plan: Plan

    @property
    def mandate(self) -> str:
        """The text of the mandate that was planned."""
        return self.rows.mandate

    def page(self) -> Page:
        """What to do and what it means, on one screen."""
        from volsculpt.report.pages.hedge import content

        return content(self.rows)

    def tables(self) -> dict[str, Table]:
        """steps (the default), funding, ends, moves."""
        return tables_of(HedgeRows, self.as_dict())

    def as_dict(self) -> dict[str, Any]:
        """The published object."""
        return self.rows.as_dict()
