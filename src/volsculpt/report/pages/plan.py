"""A plan as a page: the answer first, then why, then the figures, then what to watch.

The terminal and the browser show the same page.
"""

from volsculpt.contracts.currencies import moves
from volsculpt.report.document import Line, Page, Section
from volsculpt.report.pages.plan_advice import danger, to_do, why
from volsculpt.report.pages.plan_tables import carry, exposure, margin, scenarios
from volsculpt.report.rows.plan import PlanRows
from volsculpt.text import amount, moment, usd


def content(plan: PlanRows) -> Page:
    """The page of a plan; sections without content are left out."""
    sections = [
        danger(plan),
        to_do(plan),
        why(plan),
        exposure(plan),
        margin(plan),
        carry(plan),
        scenarios(plan),
        Section("Warnings", [Line(text, "warning") for text in plan.warnings]),
        Section("Notes", [Line(text, "bullet") for text in plan.notes]),
    ]
    return Page(plan.name, lead(plan), [one for one in sections if one.items])


def lead(plan: PlanRows) -> str:
    """When, and how much it is all worth."""
    worth = f"{moment(plan.as_of)}: wealth {usd(plan.wealth_usd)} USD"
    if plan.numeraire == "USD":
        return worth
    unit = amount(plan.wealth_num, plan.numeraire)
    return f"{worth} = {unit}" if moves(plan.numeraire) else f"{worth} ({unit})"
