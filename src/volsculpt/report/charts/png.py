"""Charts as one picture, by matplotlib: the same as in the browser."""

import textwrap
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from volsculpt.errors import MissingExtra
from volsculpt.report.charts.chart import (
    BLUE,
    DANGER,
    IN_UNIT,
    INK,
    MOST_LABELS,
    MOST_POINTS,
    VERMILION,
    Across,
    Chart,
    LineStyle,
    Panel,
    Rule,
    Trace,
    downsample,
    downsampled_band,
    label_right,
    mark_pixels,
)
from volsculpt.report.stats.returns import Floats, Ints
from volsculpt.text import price, signed_usd, usd

Axes = Any  # matplotlib is an extra: its types may be absent

WIDTH_INCHES = 10.0
HEAD_INCHES, ONE_INCHES, PANEL_INCHES = 0.9, 2.6, 1.75  # title, a lone panel, one of several
DOTS_PER_INCH, DOTS_OF_ONE = 110, 150  # of several charts, of one alone
READING_LETTERS = 165  # on a line
MARKERS = {"up": "^", "down": "v", "cross": "X", "dot": "o"}
STYLES: dict[LineStyle, str] = {"solid": "-", "dash": "--", "dot": ":"}


def write_png(charts: Sequence[Chart], path: Path) -> None:
    """Draw charts below each other into one file.

    Raises MissingExtra where matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtra(
            "a PNG needs matplotlib: pip install 'volsculpt[png]', or ask for an .html file"
        ) from None
    heights = [height(chart) for chart in charts]
    size, dots = (WIDTH_INCHES, sum(heights)), DOTS_PER_INCH if len(charts) > 1 else DOTS_OF_ONE
    figure = Figure(figsize=size, dpi=dots, layout="constrained")
    FigureCanvasAgg(figure)
    frames = figure.subfigures(len(charts), squeeze=False, height_ratios=heights)[:, 0]
    for place, chart in zip(frames, charts, strict=True):
        draw(place, chart)
    with warnings.catch_warnings():  # a name in letters that the font lacks is drawn as boxes
        warnings.filterwarnings("ignore", message="Glyph .* missing", category=UserWarning)
        figure.savefig(path, format="png")


def height(chart: Chart) -> float:
    """Inches of a chart."""
    panels = len(chart.panels)
    usual = ONE_INCHES if panels == 1 else PANEL_INCHES
    return HEAD_INCHES + panels * (chart.inches or usual)


def draw(place: Any, chart: Chart) -> None:  # noqa: ANN401
    """One chart on a part of the figure: title, how to read it, panels, legend."""
    place.suptitle(_safe(chart.title), x=0.01, ha="left", fontsize=12, fontweight="bold")
    if chart.reading:
        reading = textwrap.fill(chart.reading, READING_LETTERS)
        place.supxlabel(_safe(reading), x=0.01, ha="left", fontsize=8, color=INK)
    rows = place.subplots(len(chart.panels), squeeze=False, sharex=chart.together)[:, 0]
    for axes, panel in zip(rows, chart.panels, strict=True):
        _draw_panel(axes, chart, panel)
    if not chart.is_bars:
        _draw_legend(place, rows)


def _draw_panel(axes: Axes, chart: Chart, panel: Panel) -> None:
    """One panel on matplotlib axes."""
    axes.grid(alpha=0.25)
    axes.spines[["right", "top"]].set_visible(False)
    axes.tick_params(labelsize=8)
    if panel.title:
        axes.set_title(_safe(panel.title), loc="left", fontsize=9)
    if chart.is_bars:
        _draw_bars(axes, panel.traces[0])
        return
    for shade in panel.shades:
        for n, (start, end) in enumerate(shade.spans):
            name = {} if n else {"label": _safe(shade.name)}
            axes.axvspan(_date(start), _date(end), color=shade.color, alpha=0.3, lw=0, **name)
    for trace in panel.traces:
        _draw_trace(axes, chart, trace)
    axes.set_ylabel(_safe(panel.axis), fontsize=8)
    _figure_axis(axes, panel)
    if chart.across is None:
        axes.margins(x=0.01)
        _date_axis(axes)
    else:
        _move_axis(axes, chart.across)
        for rule in panel.rules:
            axes.axvline(rule.at, ymax=rule.top, color=DANGER, lw=1.2, ls=":")
        for rule in panel.rules[:MOST_LABELS]:
            _draw_label(axes, rule, chart.across)


def _figure_axis(axes: Axes, panel: Panel) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    if panel.log:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda figure, _: IN_UNIT[panel.unit](figure)))
    if panel.span is not None:
        axes.set_ylim(*panel.span)
    if panel.ticks:
        axes.set_yticks([at for at, _ in panel.ticks], [words for _, words in panel.ticks])


def _date_axis(axes: Axes) -> None:
    from matplotlib import dates

    library: Any = dates  # matplotlib types its figures, not its dates
    locator = library.AutoDateLocator()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(library.ConciseDateFormatter(locator))


def _move_axis(axes: Axes, across: Across) -> None:
    """Moves in percent along, and the price of the only coin over the plot."""
    from matplotlib.ticker import FuncFormatter

    axes.set_xlim(*across.span)
    axes.axvline(0.0, color=INK, lw=0.6)
    axes.set_xlabel(across.title, fontsize=8)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda move, _: f"{move:+g} %" if move else "0 %"))
    if across.price:
        now = across.price
        back = (across.price_at, lambda at: (at / now - 1.0) * 100.0)
        top = axes.secondary_xaxis("top", functions=back)
        top.set_xlabel(_safe(f"{across.coin} price, USD"), fontsize=8)
        top.xaxis.set_major_formatter(FuncFormatter(lambda at, _: price(at)))
        top.tick_params(labelsize=8)


def _draw_label(axes: Axes, rule: Rule, across: Across) -> None:
    """The words of a rule, on the side with more room."""
    right = label_right(rule, across.span)
    axes.annotate(
        _safe(rule.words),
        (rule.at, rule.top),
        xycoords=("data", "axes fraction"),
        xytext=(4 if right else -4, 0),
        textcoords="offset points",
        ha="left" if right else "right",
        va="top",
        color=DANGER,
        fontsize=9,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1},
    )


def _draw_legend(place: Any, rows: Sequence[Axes]) -> None:  # noqa: ANN401
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
        ncols=min(4, max(1, len(found))),
        handlelength=2.6,
    )


def _draw_trace(axes: Axes, chart: Chart, trace: Trace) -> None:
    along = (lambda x: x) if chart.across is not None else _dates
    name = {"label": _safe(trace.name)} if trace.in_legend else {}
    if trace.kind == "line":
        kept = downsample(trace.y)
        look = {"color": trace.color, "lw": 0.8 * trace.width, "ls": STYLES[trace.look]}
        axes.plot(along(trace.x[kept]), trace.y[kept], **name, **look)
    elif trace.kind == "band":
        rows, low, top = downsampled_band(trace, MOST_POINTS)
        look = {"color": trace.color, "alpha": 0.25, "lw": 0}
        axes.fill_between(along(trace.x[rows]), low, top, **name, **look)
    else:
        look = {"color": trace.color, "marker": MARKERS[trace.kind], "zorder": 3}
        alpha = 1.0 if trace.kind == "dot" else 0.85
        area = (0.6 * mark_pixels(trace)) ** 2  # points squared
        axes.scatter(along(trace.x), trace.y, area, alpha=alpha, ec="white", lw=0.4, **name, **look)


def _draw_bars(axes: Axes, trace: Trace) -> None:
    """Lying bars, the first on top, each with its figure."""
    from matplotlib.ticker import FuncFormatter

    amounts = trace.y.tolist()
    colors = [BLUE if one > 0.0 else VERMILION for one in amounts]
    bars = axes.barh([_safe(one) for one in trace.labels], amounts, color=colors)
    axes.bar_label(bars, [signed_usd(one) for one in amounts], padding=3, fontsize=8)
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.set_xlabel("USD", fontsize=8)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda figure, _: usd(figure)))


def _dates(stamps_ns: Ints | Floats) -> Any:  # noqa: ANN401
    """Stamps as matplotlib reads dates."""
    return stamps_ns.astype("datetime64[ns]")


def _date(time_ns: int) -> Any:  # noqa: ANN401
    import numpy as np

    return np.datetime64(time_ns, "ns")


def _safe(text: str) -> str:
    """Dollar signs are money here, not formulas."""
    return text.replace("$", r"\$")
