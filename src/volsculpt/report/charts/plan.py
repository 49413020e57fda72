"""The chart of a plan: wealth against the move of all coins, hedged and not."""

from volsculpt.report.charts.chart import (
    BLUE,
    INK,
    MOST_LABELS,
    OCHRE,
    Across,
    Chart,
    Panel,
    Rule,
    Trace,
    short,
)
from volsculpt.report.document import clean
from volsculpt.report.rows.plan import PlanRows
from volsculpt.report.stats.returns import floats
from volsculpt.text import signed_percent

LABEL_STEP = 0.075
USUAL_SPAN = (-50.0, 100.0)
READING = "Wealth in USD after a move of all coins together; the dot is today."


def plan_chart(plan: PlanRows) -> Chart:
    """Two lines, today's point, and where groups are closed.

    From the curve of a plan, or from its scenarios where it has no curve.
    """
    curve = plan.curve
    shocks, hedged, unhedged = curve.shock_ratio, curve.hedged_usd, curve.unhedged_usd
    if not shocks:
        rows = sorted(plan.scenarios, key=lambda row: row.shock_ratio)
        shocks = [row.shock_ratio for row in rows]
        hedged = [row.hedged_usd for row in rows]
        unhedged = [row.unhedged_usd for row in rows]
    moves = floats([100.0 * shock for shock in shocks])
    span = (float(moves[0]), float(moves[-1])) if moves.size else USUAL_SPAN
    traces = [
        Trace("hedged", "line", BLUE, moves, floats(hedged), width=3.0),
        Trace("unhedged", "line", OCHRE, moves, floats(unhedged), look="dash", width=2.5),
        Trace("today", "dot", INK, floats([0.0]), floats([plan.wealth_usd])),
    ]
    panel = Panel("", "USD", "wealth, USD", traces, rules=rules_of(curve.liquidations))
    name, price = plan.only_coin or ("", None)
    across = Across("move of all coins, %", span, clean(name), price)
    title = f"{clean(plan.name)}: wealth if all coins move together"
    return Chart("plan", title, READING, [panel], across, inches=4.5)


def rules_of(liquidations: list[tuple[float, str]]) -> tuple[Rule, ...]:
    """Where groups are closed, from left to right, each label one row below the one before it.

    So that no line crosses a label beside it.
    """
    return tuple(
        Rule(
            100.0 * move,
            f"{short(name)} liquidated at {signed_percent(round(move, 3))}",
            0.99 - LABEL_STEP * min(row, MOST_LABELS),
        )
        for row, (move, name) in enumerate(sorted(liquidations))
    )
