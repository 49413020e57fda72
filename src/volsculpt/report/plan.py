"""The plan as people and programs read it: rows with the published names.

Units are in the names; `_coin` is coins of the row's currency, `_usd` US dollars. None is
printed as null: a thing that does not exist, never a zero.

    result = volsculpt.plan("treasury.toml", prices={"BTC": 60_000})
    print(result.table())
    result.to_html("plan.html")
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from volsculpt.report.rows.plan import (
    SCHEMA,
    CarryRow,
    Curve,
    DecisionRow,
    ExposureRow,
    Liquidation,
    MarginRow,
    OrderRow,
    PlanRows,
    ScenarioRow,
)

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = [
    "SCHEMA",
    "CarryRow",
    "Curve",
    "DecisionRow",
    "ExposureRow",
    "Liquidation",
    "MarginRow",
    "OrderRow",
    "Plan",
    "ScenarioRow",
]


@dataclass(frozen=True, slots=True)
class Plan(PlanRows):
    """A hedge to the contract: what is held, what to do and why, what it risks and costs."""

    def table(self, width: int = 80, color: bool = False) -> str:
        """The plan as text, no line wider than `width` (at least 20); ANSI colours on request."""
        from volsculpt.report.pages.plan import content
        from volsculpt.report.render.terminal import rendered

        return rendered(content(self), width, color)

    def figure(self) -> "Figure":
        """Wealth against the move of all coins, hedged and not: a plotly Figure."""
        from volsculpt.report.charts.plan import series_of
        from volsculpt.report.charts.plan_plotly import plotly_figure

        return plotly_figure(series_of(self))

    def to_html(self, path: str | Path | None = None) -> str:
        """One self-contained page: figure, tables, warnings; also written to `path` if given."""
        from volsculpt.report.render.html import page

        text = page(self)
        if path is not None:
            Path(path).write_text(text, encoding="utf-8")
        return text

    def to_png(self, path: str | Path) -> None:
        """The figure as a picture. Raises MissingExtra without the extra `png`."""
        from volsculpt.report.charts.plan import series_of
        from volsculpt.report.charts.plan_png import write_png

        write_png(series_of(self), Path(path))

    def to_json(self) -> str:
        """The published object as JSON; ValueError if a figure is not finite."""
        return json.dumps(self.as_dict(), allow_nan=False, ensure_ascii=False, indent=2)

    def _repr_html_(self) -> str:
        """The tables for a notebook; `figure()` draws the figure."""
        from volsculpt.report.render.html import fragment

        return fragment(self)
