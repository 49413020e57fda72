"""What a chart is made of: panels under each other, traces in each. Two renderers read it.

Colours are those that colour-blind readers tell apart (Okabe and Ito, "Color Universal Design",
2008), and no two lines of a panel differ by colour alone where their widths or dashes can differ.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import numpy as np

from volsculpt.report.document import clean
from volsculpt.report.stats.returns import Floats, Ints
from volsculpt.text import percent, price, trimmed, usd

AxisUnit = Literal["USD", "coin", "percent", "x", "number", "price"]
TraceKind = Literal["line", "band", "up", "down", "cross", "dot", "bar"]
LineStyle = Literal["solid", "dash", "dot"]
Item = TypeVar("Item")

BLUE, VERMILION, GREEN, PURPLE = "#0072b2", "#d55e00", "#009e73", "#a3528f"
OCHRE, SKY, GREY, INK, DANGER = "#a67c00", "#4aa8e0", "#7d8996", "#1c2733", "#c0392b"
PALETTE = (BLUE, VERMILION, GREEN, PURPLE, OCHRE, SKY)
IN_UNIT: dict[AxisUnit, Callable[[float], str]] = {
    "USD": usd,
    "coin": lambda figure: trimmed(figure, 6),
    "percent": percent,
    "x": lambda figure: f"{trimmed(figure, 1)}x",
    "number": lambda figure: trimmed(figure, 2),
    "price": price,
}
MOST_TRACES = len(PALETTE)  # lines of one panel that can be told apart
MOST_PANELS = 6
LOOKS: tuple[LineStyle, ...] = ("solid", "solid", "solid", "dash", "dash", "dash")
NEVER_AT = 1.12  # of the highest figure: where a line says never
LONGEST_NAME = 24
MOST_LABELS = 6  # of rules; a page lists them all
SMALLEST, LARGEST, DOT = 6.0, 15.0, 9.0  # pixels of a mark
MOST_POINTS = 1_200  # of a line
LEFT_PART = 0.66  # of the width: further right, a label stands left of its rule


@dataclass(frozen=True, slots=True)
class Trace:
    """One thing on a panel. y in the panel's unit, NaN a gap; `top` of a band; `labels` of bars.

    x: ns UTC, or what the chart's `across` says. width: of a line, in pixels. sizes: of marks, from
    0 to 1. true: the figures behind y where y is cut off, NaN for never. in_legend: False for what
    the panel's title names.
    """

    name: str
    kind: TraceKind
    color: str
    x: Ints | Floats
    y: Floats
    top: Floats | None = None
    labels: tuple[str, ...] = ()
    look: LineStyle = "solid"
    width: float = 1.6
    sizes: Floats | None = None
    true: Floats | None = None
    in_legend: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """A vertical line with words. top: its height and that of its label, 1 = the whole panel."""

    at: float
    words: str
    top: float


@dataclass(frozen=True, slots=True)
class Shade:
    """Spans of time (ns UTC) behind the lines, under one name and colour."""

    name: str
    color: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """One pair of axes. title: empty where the chart's own says it; axis: the unit in words.

    span: the figures that are seen, where not all are; ticks: places on the axis and their words;
    log: whether the axis is logarithmic; is_level: whether a reader may choose that, since the
    figures grow by factors.
    """

    title: str
    unit: AxisUnit
    axis: str
    traces: list[Trace]
    span: tuple[float, float] | None = None
    ticks: tuple[tuple[float, str], ...] = ()
    log: bool = False
    rules: tuple[Rule, ...] = ()
    shades: tuple[Shade, ...] = ()
    is_level: bool = False


@dataclass(frozen=True, slots=True)
class Across:
    """What stands along a chart that is not of time: moves of prices, in percent.

    coin, price: the only coin that moves and its price at 0 %, for a second axis over the plot.
    """

    title: str
    span: tuple[float, float]
    coin: str = ""
    price: float | None = None

    def price_at(self, move_pct: float) -> float:
        """Price after a move. Worked: 60,000, +10 % -> 66,000."""
        return (self.price or 0.0) * (1.0 + move_pct / 100.0)


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart. key: its published name; reading: how to read it, and what it leaves out.

    across: None where time is along. inches: height of a panel in a picture, None as usual.
    together: whether all panels show the same span of time.
    """

    key: str
    title: str
    reading: str
    panels: list[Panel]
    across: Across | None = None
    inches: float | None = None
    together: bool = True

    @property
    def traces(self) -> list[Trace]:
        """The traces of all panels."""
        return [trace for panel in self.panels for trace in panel.traces]

    @property
    def rules(self) -> list[Rule]:
        """The vertical lines of all panels."""
        return [rule for panel in self.panels for rule in panel.rules]

    @property
    def is_bars(self) -> bool:
        """Whether it is lying bars, figures along."""
        return any(trace.kind == "bar" for trace in self.traces)


def with_content(chart: Chart) -> Chart | None:
    """The chart without traces that show nothing; None where nothing is left."""
    panels = []
    for panel in chart.panels:
        traces = [one for one in panel.traces if bool(np.isfinite(one.y).any())]
        if traces:
            panels.append(replace(panel, traces=traces))
    return replace(chart, panels=panels) if panels else None


def downsample(figures: Floats, most: int = MOST_POINTS) -> Ints:
    """Places of the points to keep, increasing: all when there are at most `most`.

    For pictures, never for statistics: a line of 40,000 points on a screen of 1,000 pixels needs
    two a pixel, the lowest and highest. Source: Jugel, Jerzak, Hackenbroich and Markl, "M4: A
    Visualization-Oriented Time Series Data Aggregation", PVLDB 7(10), 2014, 797-808 (first and
    last of a pixel left out).

    Else the lowest and highest of each of most/2 equal stretches, the first and the last point,
    and one NaN of every stretch that has any, so that a gap in a line stays a gap.
    """
    n, stretches = figures.size, most // 2
    if n <= most:
        return np.arange(n)
    width = -(-n // stretches)
    padded = np.full(-(-n // width) * width, np.nan)
    padded[:n] = figures
    table = padded.reshape(-1, width)
    missing = np.isnan(table)
    lowest = np.where(missing, np.inf, table).argmin(axis=1)
    highest = np.where(missing, -np.inf, table).argmax(axis=1)
    gaps = np.flatnonzero(missing.any(axis=1))
    begin = np.arange(table.shape[0]) * width
    found = np.concatenate(
        [begin + lowest, begin + highest, begin[gaps] + missing[gaps].argmax(axis=1), [0, n - 1]]
    )
    return np.unique(found[found < n])


def downsampled_band(trace: Trace, most: int) -> tuple[Ints, Floats, Floats]:
    """Places that either edge of a band needs, and both edges there; NaN left out."""
    top = trace.y if trace.top is None else trace.top
    finite = np.flatnonzero(np.isfinite(trace.y) & np.isfinite(top))
    kept = np.union1d(downsample(trace.y[finite], most), downsample(top[finite], most))
    rows = finite[kept]
    return rows, trace.y[rows], top[rows]


def mark_pixels(trace: Trace) -> Floats | float:
    """Sizes of marks, by the size of what they stand for; one size where there is none."""
    if trace.sizes is None:
        return DOT if trace.kind == "dot" else LARGEST
    return SMALLEST + (LARGEST - SMALLEST) * trace.sizes


def label_right(rule: Rule, span: tuple[float, float]) -> bool:
    """Whether the words of a rule stand to the right of it, so that they fit."""
    return rule.at < span[0] + LEFT_PART * (span[1] - span[0])


def short(name: str) -> str:
    """A name cut to fit a label. Worked: 30 letters become 23 and a dot line."""
    text = clean(name)
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…"


def names_of(chart: Chart) -> list[str]:
    """What is to be seen, each once: for those who cannot see it."""
    found = dict.fromkeys(name for one in chart.traces for name in (one.labels or (one.name,)))
    shades = (shade.name for panel in chart.panels for shade in panel.shades)
    return list(found | dict.fromkeys(shades) | dict.fromkeys(rule.words for rule in chart.rules))


def foremost(items: Sequence[Item], most: int, weights: Sequence[float]) -> list[Item]:
    """The heaviest, at most so many, in their own order. Worked: a, b, c of 1, 3, 2; 2 -> b, c."""
    order = sorted(range(len(items)), key=lambda place: -weights[place])
    return [items[place] for place in sorted(order[:most])]


def and_more(count: int, plural: str) -> str:
    """What is left out. Worked: 2, "hedges" -> " 2 more hedges are not drawn."."""
    return f" {count} more {plural} are not drawn." if count > 0 else ""


def numbered(names: Sequence[str]) -> list[str]:
    """Names cut to fit a legend, numbered where they are the same then. Worked: a, a -> a, a 2."""
    found: list[str] = []
    for name in map(short, names):
        before = sum(one == name or one.startswith(f"{name} ") for one in found)
        found.append(f"{name} {before + 1}" if name in found else name)
    return found
