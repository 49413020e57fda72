"""The dangers of a plan: what they need at once, and what is not told until they are over."""

from volsculpt.book.group import is_breached
from volsculpt.report.document import Line, Section, capped_lines
from volsculpt.report.rows.plan import PlanRows
from volsculpt.report.rows.plan_steps import rescues
from volsculpt.text import amount
from volsculpt.watch.coins import rounded_up
from volsculpt.watch.danger import closing_words

UNTIL_SAFE = "not told while margin is in danger: end that first, then plan again"


def danger(plan: PlanRows) -> Section:
    """Margin groups and loans near their end, with the remedy; nothing stands above it."""
    near = [(row.level, row.text) for row in plan.dangers]
    near += [(row.level, row.text) for row in plan.loans if row.level is not None]
    critical = any(level == "critical" for level, _ in near)
    lines = capped_lines([text for _, text in near], "danger", "margin groups and loans")
    return Section("Danger" if critical else "Watch your margin", lines)


def rescue_lines(plan: PlanRows) -> list[Line]:
    """What a danger needs at once and nothing of the plan brings, and what to do instead."""
    found = []
    for row in rescues(plan.dangers):
        instead = closing_words(row)
        either = f", OR {instead}" if instead else ""
        more = amount(rounded_up(row.add_coin), row.currency)
        found.append(Line(f"ADD {more} to {row.account}{either}, as told above", "action"))
    return found


def until_safe(plan: PlanRows) -> Section | None:
    """In place of what comes next, where what ends a danger makes another book; None: it is told.

    A margin group past its end is closed at once, whatever comes next.
    """
    late = plan.then.margin if plan.then is not None else plan.margin
    ended = [row for row in late if row.stage == "after" and row.maintenance_coin > 0.0]
    past = any(is_breached(row.equity_coin, row.maintenance_coin) for row in ended)
    if rescues(plan.dangers) or past:
        return Section("What comes next", [Line(UNTIL_SAFE, "bullet")])
    return None
