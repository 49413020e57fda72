"""The charts of a backtest in one picture, drawn by matplotlib: the same as in the browser."""

import textwrap
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from volsculpt.errors import MissingExtra
from volsculpt.report.charts.books import charts
from volsculpt.report.charts.chart import (
    BLUE,
    INK,
    VERMILION,
    Chart,
    Look,
    Panel,
    Trace,
    edges,
)
from volsculpt.report.charts.downsample import kept_places
from volsculpt.report.charts.plotly_charts import LARGEST, SMALLEST
from volsculpt.report.rows.backtest import BacktestRows
from volsculpt.report.stats.arrays import Floats, Ints
from volsculpt.watch.numbers import signed_usd, trimmed, usd

WIDTH_INCHES = 10.0
HEAD_INCHES, ONE_INCHES, PANEL_INCHES = 0.9, 2.6, 1.75  # title, a lone panel, one of several
DOTS_PER_INCH = 110
READING_LETTERS = 165  # on a line
MARKERS = {"up": "^", "down": "v", "cross": "X"}
STYLES: dict[Look, str] = {"solid": "-", "dash": "--", "dot": ":"}


def write_png(report: BacktestRows, path: Path) -> None:
    """Draw every chart into one file. Raises MissingExtra where matplotlib is not installed."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtra(
            "a PNG needs matplotlib: pip install 'volsculpt[png]', or ask for an .html file"
        ) from None
    drawn = charts(report)
    heights = [height(chart) for chart in drawn]
    size = (WIDTH_INCHES, sum(heights))
    figure = Figure(figsize=size, dpi=DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    places = figure.subfigures(len(drawn), squeeze=False, height_ratios=heights)[:, 0]
    for place, chart in zip(places, drawn, strict=True):
        draw(place, chart)
    with warnings.catch_warnings():  # a name in letters that the font lacks is drawn as boxes
        warnings.filterwarnings("ignore", message="Glyph .* missing", category=UserWarning)
        figure.savefig(path, format="png")


def height(chart: Chart) -> float:
    """Inches of a chart."""
    panels = len(chart.panels)
    return HEAD_INCHES + (ONE_INCHES if panels == 1 else PANEL_INCHES * panels)


def draw(place: Any, chart: Chart) -> None:  # noqa: ANN401
    """One chart on a part of the figure: title, how to read it, panels, legend."""
    reading = textwrap.fill(chart.reading, READING_LETTERS)
    place.suptitle(_safe(chart.title), x=0.01, ha="left", fontsize=12, fontweight="bold")
    place.supxlabel(_safe(reading), x=0.01, ha="left", fontsize=8, color=INK)
    rows = place.subplots(len(chart.panels), squeeze=False, sharex=True)[:, 0]
    for axes, panel in zip(rows, chart.panels, strict=True):
        draw_panel(axes, panel)
    if chart.key != "attribution":
        _draw_legend(place, rows)


def draw_panel(axes: Any, panel: Panel) -> None:  # noqa: ANN401
    """One panel on matplotlib axes."""
    axes.grid(alpha=0.25)
    axes.spines[["right", "top"]].set_visible(False)
    axes.tick_params(labelsize=8)
    if panel.title:
        axes.set_title(_safe(panel.title), loc="left", fontsize=9)
    if panel.traces[0].kind == "bar":
        _draw_bars(axes, panel.traces[0])
        return
    for trace in panel.traces:
        _draw_trace(axes, trace)
    axes.margins(x=0.01)
    axes.set_ylabel(_safe(panel.axis), fontsize=8)
    axes.yaxis.set_major_formatter(_formatter(panel))
    if panel.span is not None:
        axes.set_ylim(*panel.span)
    if panel.ticks:
        axes.set_yticks([at for at, _ in panel.ticks], [words for _, words in panel.ticks])
    _date_axis(axes)


def _date_axis(axes: Any) -> None:  # noqa: ANN401
    from matplotlib import dates as written

    library: Any = written  # matplotlib types its figures, not its dates
    locator = library.AutoDateLocator()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(library.ConciseDateFormatter(locator))


def _draw_legend(place: Any, rows: Sequence[Any]) -> None:  # noqa: ANN401
    """Each name once, beside the title."""
    found: dict[str, Any] = {}
    for axes in rows:
        for handle, name in zip(*axes.get_legend_handles_labels(), strict=True):
            found.setdefault(name, handle)
    place.legend(
        list(found.values()),
        list(found),
        loc="upper right",
        fontsize=8,
        frameon=False,
        ncols=min(4, len(found)),
        handlelength=2.6,
    )


def _draw_trace(axes: Any, trace: Trace) -> None:  # noqa: ANN401
    name = _safe(trace.name)
    if trace.kind == "line":
        kept = kept_places(trace.y)
        look = {"color": trace.color, "lw": 0.8 * trace.width, "ls": STYLES[trace.look]}
        axes.plot(dates(trace.x_ns[kept]), trace.y[kept], label=name, **look)
    elif trace.kind == "band":
        places, low, top = edges(trace)
        look = {"color": trace.color, "alpha": 0.25, "lw": 0}
        axes.fill_between(dates(trace.x_ns[places]), low, top, label=name, **look)
    else:
        look = {"color": trace.color, "marker": MARKERS[trace.kind], "zorder": 3}
        area = mark_area(trace)
        axes.scatter(
            dates(trace.x_ns), trace.y, area, label=name, alpha=0.85, ec="white", lw=0.4, **look
        )


def mark_area(trace: Trace) -> Floats | float:
    """Points squared of the marks, as matplotlib measures them."""
    pixels = LARGEST if trace.sizes is None else SMALLEST + (LARGEST - SMALLEST) * trace.sizes
    return (0.6 * pixels) ** 2


def _draw_bars(axes: Any, trace: Trace) -> None:  # noqa: ANN401
    """Lying bars, the first on top, each with its figure."""
    amounts = trace.y.tolist()
    colors = [BLUE if one > 0.0 else VERMILION for one in amounts]
    bars = axes.barh(trace.labels, amounts, color=colors)
    axes.bar_label(bars, [signed_usd(one) for one in amounts], padding=3, fontsize=8)
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.set_xlabel("USD", fontsize=8)
    axes.xaxis.set_major_formatter(_formatter(Panel("", "USD", "USD", [])))


def _formatter(panel: Panel) -> Any:  # noqa: ANN401
    """How figures of a unit are written beside the axis."""
    from matplotlib.ticker import FuncFormatter

    words: dict[str, Callable[[float], str]] = {
        "USD": usd,
        "coin": lambda figure: trimmed(figure, 6),
        "percent": lambda figure: f"{trimmed(100.0 * figure, 1)} %",
        "x": lambda figure: f"{trimmed(figure, 1)}x",
    }
    return FuncFormatter(lambda figure, _: words[panel.unit](figure))


def dates(stamps_ns: Ints) -> Any:  # noqa: ANN401
    """Stamps as matplotlib reads dates."""
    return stamps_ns.astype("datetime64[ns]")


def _safe(text: str) -> str:
    """Dollar signs are money here, not formulas."""
    return text.replace("$", r"\$")
