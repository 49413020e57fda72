"""A joint proposal as people and programs read it; `rows.joint_build` makes one."""

from dataclasses import dataclass
from typing import ClassVar

from volsculpt.report.document import Page
from volsculpt.report.result import Result, Table, tables_of
from volsculpt.report.rows.joint import JointRows


@dataclass(frozen=True, slots=True)
class JointReport(JointRows, Result):
    """Ratios and betas for all hedges of a mandate at once, beside what it says today."""

    WHAT: ClassVar[str] = "joint proposal"
    MAIN: ClassVar[str] = "ratios"

    def page(self) -> Page:
        """Ratios, betas, contracts, limits, ways; the lines to paste; one sentence."""
        from volsculpt.report.pages.joint import joint_page

        return joint_page(self)

    def tables(self) -> dict[str, Table]:
        """ratios (the default), betas, pools, limits, ways, orders."""
        return tables_of(JointRows, self.as_dict())
