"""What a plan comes to, in half a line."""

from collections.abc import Sequence

from volsculpt.report.document import Grid, Line
from volsculpt.report.rows.plan import DecisionRow, PlanRows
from volsculpt.text import UNKNOWN, counted, percent

MOST_COINS = 3


def short_verdict(plan: PlanRows, items: Sequence[Line | Grid]) -> str:
    """What is hedged of each coin and is to be, and in how many steps; danger in front.

    items: what there is to do. Worked: "BTC 35.12 % -> 80 %, ETH 24.36 % hedged; 4 steps to take".
    """
    steps = sum(isinstance(one, Line) and one.kind == "action" for one in items)
    coins = [_coin(row) for row in plan.decision[:MOST_COINS]]
    more = len(plan.decision) - MOST_COINS
    if more > 0:
        coins.append(f"{more} more")
    do = f"{counted(steps, 'step')} to take" if steps else "nothing to do"
    alarm = "margin in danger: " if plan.dangers else ""
    return alarm + "; ".join(filter(None, (", ".join(coins), do)))


def _coin(row: DecisionRow) -> str:
    """A coin, what is hedged of it, and what is to be where that is something else."""
    held = UNKNOWN if row.held_ratio is None else _share(row.held_ratio)
    target = _share(row.target_ratio)
    return (
        f"{row.underlying} {held} {row.share_words}"
        if held == target
        else f"{row.underlying} {held} -> {target}"
    )


def _share(ratio: float) -> str:
    return percent(round(ratio, 4) + 0.0)
