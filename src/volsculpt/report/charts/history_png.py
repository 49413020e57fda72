"""The picture of a data check, drawn by matplotlib."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from volsculpt.errors import MissingExtra
from volsculpt.report.charts.history import LOOKS, Panel, checks_of
from volsculpt.report.charts.plan_plotly import HEDGED
from volsculpt.report.charts.plan_png import DOTS_PER_INCH
from volsculpt.watch.numbers import price

WIDTH_INCHES, PANEL_INCHES, HEAD_INCHES = 9.0, 2.6, 1.0


def write_history_png(panels: Sequence[Panel], path: Path) -> None:
    """Draw the panels below each other. Raises MissingExtra where matplotlib is not installed."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtra(
            "a PNG needs matplotlib: pip install 'volsculpt[png]', or ask for an .html file"
        ) from None
    height = HEAD_INCHES + PANEL_INCHES * len(panels)
    figure = Figure(figsize=(WIDTH_INCHES, height), dpi=DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    for axes, panel in zip(figure.subplots(len(panels), squeeze=False)[:, 0], panels, strict=True):
        draw(axes, panel)
    handles = keys(panels)
    if handles:
        figure.legend(handles=handles, loc="outside upper left", ncols=5, frameon=False, fontsize=9)
    figure.savefig(path, format="png")


def draw(axes: Any, panel: Panel) -> None:  # noqa: ANN401
    """The line of one series and what was found on it."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    values = [math.nan if value is None else value for value in panel.values]
    axes.plot(panel.times, values, color=HEDGED, lw=1.1, zorder=3)
    for check, spans in panel.spans.items():
        for start, end in spans:
            axes.axvspan(start, end, color=LOOKS[check][1], alpha=0.3, lw=0)
    for check, (times, at) in panel.points.items():
        axes.plot(times, at, "o", color=LOOKS[check][1], ms=5, mec="white", zorder=4)
    if panel.log:
        axes.set_yscale("log")
        axes.yaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: price(value)))
    axes.set_title(panel.title.replace("$", r"\$"), loc="left", fontsize=10)
    axes.set_ylabel(panel.unit.replace("$", r"\$"), fontsize=9)
    axes.tick_params(labelsize=9)
    axes.margins(x=0.01)
    axes.grid(alpha=0.25)
    axes.spines[["right", "top"]].set_visible(False)


def keys(panels: Sequence[Panel]) -> list[Any]:
    """What stands in the legend: a patch for a span, a dot for a point."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    dots = {check for panel in panels for check in panel.points}
    return [
        Line2D([], [], ls="", marker="o", color=LOOKS[check][1], label=LOOKS[check][0])
        if check in dots
        else Patch(color=LOOKS[check][1], alpha=0.3, label=LOOKS[check][0])
        for check in checks_of(panels)
    ]
