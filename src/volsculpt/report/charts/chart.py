"""What a chart of a backtest is made of: panels under each other, traces in each.

Colours are those that colour-blind readers tell apart (Okabe and Ito, "Color Universal Design",
2008), and no two lines of a panel differ by colour alone where their widths or dashes can differ.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from volsculpt.report.charts.downsample import kept_places
from volsculpt.report.stats.arrays import Floats, Ints

Unit = Literal["USD", "coin", "percent", "x"]
Kind = Literal["line", "band", "up", "down", "cross", "bar"]
Look = Literal["solid", "dash", "dot"]

BLUE, VERMILION, GREEN, PURPLE = "#0072b2", "#d55e00", "#009e73", "#a3528f"
OCHRE, SKY, GREY, INK = "#a67c00", "#4aa8e0", "#7d8996", "#1c2733"
PALETTE = (BLUE, VERMILION, GREEN, PURPLE, OCHRE, SKY)
MOST_TRACES = len(PALETTE)  # lines of one panel that can be told apart
MOST_PANELS = 6
LOOKS: tuple[Look, ...] = ("solid", "solid", "solid", "dash", "dash", "dash")
NEVER_AT = 1.12  # of the highest figure: where a line says never


@dataclass(frozen=True, slots=True)
class Trace:
    """One thing drawn. y in the panel's unit, NaN a gap; `top` of a band; `labels` of bars.

    width: of a line, in pixels. sizes: of marks, from 0 to 1. true: the figures behind y where y
    is cut off, NaN for never.
    """

    name: str
    kind: Kind
    color: str
    x_ns: Ints
    y: Floats
    top: Floats | None = None
    labels: tuple[str, ...] = ()
    look: Look = "solid"
    width: float = 1.6
    sizes: Floats | None = None
    true: Floats | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """One pair of axes. title: empty where the chart's own says it; axis: the unit in words.

    span: the figures that are seen, where not all are; ticks: places on the axis and their words.
    """

    title: str
    unit: Unit
    axis: str
    traces: list[Trace]
    span: tuple[float, float] | None = None
    ticks: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart. key: its published name; reading: how to read it, and what it leaves out."""

    key: str
    title: str
    reading: str
    panels: list[Panel]

    @property
    def traces(self) -> list[Trace]:
        """Everything drawn."""
        return [trace for panel in self.panels for trace in panel.traces]


def with_content(chart: Chart) -> Chart | None:
    """The chart without traces that show nothing; None where nothing is left."""
    panels = []
    for panel in chart.panels:
        traces = [one for one in panel.traces if bool(np.isfinite(one.y).any())]
        if traces:
            kept = (traces, panel.span, panel.ticks)
            panels.append(Panel(panel.title, panel.unit, panel.axis, *kept))
    return Chart(chart.key, chart.title, chart.reading, panels) if panels else None


def edges(trace: Trace) -> tuple[Ints, Floats, Floats]:
    """Places that either edge of a band needs, and both edges there; NaN left out."""
    top = trace.y if trace.top is None else trace.top
    there = np.flatnonzero(np.isfinite(trace.y) & np.isfinite(top))
    kept = np.union1d(kept_places(trace.y[there]), kept_places(top[there]))
    places = there[kept]
    return places, trace.y[places], top[places]


def and_more(count: int, plural: str) -> str:
    """What is left out. Worked: 2, "hedges" -> " 2 more hedges are not drawn."."""
    return f" {count} more {plural} are not drawn." if count > 0 else ""
