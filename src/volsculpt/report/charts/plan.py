"""What the figure draws, worked out once for both back-ends: moves in percent, wealth in USD."""

from dataclasses import dataclass

from volsculpt.report.document import clean
from volsculpt.report.pages.plan_tables import single_coin
from volsculpt.report.rows.plan import PlanRows
from volsculpt.watch.numbers import signed_percent

LONGEST_NAME = 24
MOST_LABELS = 6
LABEL_STEP = 0.075
LEFT_PART = 0.66  # of the width: further right, a label stands left of its line


@dataclass(frozen=True, slots=True)
class Mark:
    """A margin group closed by its exchange at this move.

    top: height of its label and of its line, 1 = the top of the plot; lower for each further
    one to the right, so that no line crosses a label beside it.
    """

    move_pct: float
    label: str
    top: float


@dataclass(frozen=True, slots=True)
class Series:
    """Two lines, today's point, and where groups are liquidated.

    coin, price: the only hedged coin and its price, for a second axis; None when there are more.
    """

    title: str
    move_pct: list[float]
    hedged_usd: list[float]
    unhedged_usd: list[float]
    today_usd: float
    marks: list[Mark]
    coin: str | None
    price: float | None

    @property
    def span(self) -> tuple[float, float]:
        """The first and last move drawn, in percent."""
        return (self.move_pct[0], self.move_pct[-1]) if self.move_pct else (-50.0, 100.0)

    def price_at(self, move_pct: float) -> float:
        """Price of the only hedged coin after a move."""
        return (self.price or 0.0) * (1.0 + move_pct / 100.0)


def series_of(plan: PlanRows) -> Series:
    """The series of a plan: its curve, or its scenarios where it has no curve."""
    curve = plan.curve
    shocks, hedged, unhedged = curve.shock_ratio, curve.hedged_usd, curve.unhedged_usd
    if not shocks:
        rows = sorted(plan.scenarios, key=lambda row: row.shock_ratio)
        shocks = [row.shock_ratio for row in rows]
        hedged = [row.hedged_usd for row in rows]
        unhedged = [row.unhedged_usd for row in rows]
    coin = single_coin(plan)
    return Series(
        title=f"{clean(plan.name)}: wealth if all coins move together",
        move_pct=[100.0 * shock for shock in shocks],
        hedged_usd=list(hedged),
        unhedged_usd=list(unhedged),
        today_usd=plan.wealth_usd,
        marks=marks_of(curve.liquidations),
        coin=clean(coin[0]) if coin else None,
        price=coin[1] if coin else None,
    )


def marks_of(liquidations: list[tuple[float, str]]) -> list[Mark]:
    """Marks from left to right, each label one row below the one before it."""
    return [
        Mark(
            100.0 * move,
            f"{short(name)} liquidated at {signed_percent(round(move, 3))}",
            0.99 - LABEL_STEP * min(row, MOST_LABELS),
        )
        for row, (move, name) in enumerate(sorted(liquidations))
    ]


def label_right(mark: Mark, low: float, high: float) -> bool:
    """Whether the words of a mark stand to the right of its line, so that they fit."""
    return mark.move_pct < low + LEFT_PART * (high - low)


def short(name: str) -> str:
    """A name cut to fit a label. Worked: 30 letters become 23 and a dot line."""
    text = clean(name)
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…"
