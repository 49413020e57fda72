"""The charts of a backtest in one picture, drawn by matplotlib: the same as in the browser."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from volsculpt.errors import MissingExtra
from volsculpt.report.arrays import Ints
from volsculpt.report.backtest_rows import BacktestRows
from volsculpt.report.backtest_series import (
    GREEN,
    MOST_TRACES,
    RED,
    Chart,
    Trace,
    Unit,
    charts,
    edges,
)
from volsculpt.report.numbers import signed_usd, trimmed, usd
from volsculpt.report.thinning import kept_places

WIDTH_INCHES, HEIGHT_INCHES = 10.0, 2.9
DOTS_PER_INCH = 110
MOST_LETTERS = 60  # of all names, on one line beside the title
MARKERS = {"up": "^", "down": "v", "cross": "X"}


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
    size = (WIDTH_INCHES, HEIGHT_INCHES * len(drawn))
    figure = Figure(figsize=size, dpi=DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    for axes, chart in zip(figure.subplots(len(drawn), squeeze=False)[:, 0], drawn, strict=True):
        draw(axes, chart)
    with warnings.catch_warnings():  # a name in letters that the font lacks is drawn as boxes
        warnings.filterwarnings("ignore", message="Glyph .* missing", category=UserWarning)
        figure.savefig(path, format="png")


def draw(axes: Any, chart: Chart) -> None:  # noqa: ANN401
    """One chart on matplotlib axes."""
    axes.set_title(_safe(chart.title), loc="left", fontsize=11)
    axes.grid(alpha=0.25)
    axes.spines[["right", "top"]].set_visible(False)
    if chart.key == "attribution":
        _draw_bars(axes, chart.traces[0])
        return
    for trace in chart.traces:
        _draw_trace(axes, trace)
    axes.yaxis.set_major_formatter(_formatter(chart.unit))
    _draw_legend(axes, sum(len(trace.name) for trace in chart.traces))


def _draw_legend(axes: Any, letters: int) -> None:  # noqa: ANN401
    """Names above the plot where they fit on one line beside the title, else inside."""
    if letters <= MOST_LETTERS:
        above = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0.1}
        legend = axes.legend(**above, fontsize=8, frameon=False, ncols=MOST_TRACES)
    else:
        legend = axes.legend(loc="upper left", fontsize=7, framealpha=0.7, ncols=2)
    legend.set_in_layout(False)


def _draw_trace(axes: Any, trace: Trace) -> None:  # noqa: ANN401
    if trace.kind == "line":
        kept = kept_places(trace.y)
        style = "--" if trace.dash else "-"
        x = dates(trace.x_ns[kept])
        axes.plot(x, trace.y[kept], style, color=trace.color, lw=1.3, label=_safe(trace.name))
    elif trace.kind == "band":
        places, low, top = edges(trace)
        x = dates(trace.x_ns[places])
        axes.fill_between(x, low, top, color=trace.color, alpha=0.25, lw=0, label=_safe(trace.name))
    else:
        marker, x = MARKERS[trace.kind], dates(trace.x_ns)
        look = {"color": trace.color, "ms": 5, "ls": "none"}
        axes.plot(x, trace.y, marker, label=_safe(trace.name), zorder=3, **look)


def _draw_bars(axes: Any, trace: Trace) -> None:  # noqa: ANN401
    """Lying bars, the first on top, each with its figure."""
    amounts = trace.y.tolist()
    colors = [GREEN if one > 0.0 else RED for one in amounts]
    bars = axes.barh(trace.labels, amounts, color=colors)
    axes.bar_label(bars, [signed_usd(one) for one in amounts], padding=3, fontsize=8)
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.xaxis.set_major_formatter(_formatter("USD"))


def _formatter(unit: Unit) -> Any:  # noqa: ANN401
    """How figures of a unit are written beside the axis."""
    from matplotlib.ticker import FuncFormatter

    words: dict[str, Callable[[float], str]] = {
        "USD": usd,
        "coin": lambda figure: trimmed(figure, 6),
        "percent": lambda figure: f"{trimmed(100.0 * figure, 1)} %",
        "x": lambda figure: f"{trimmed(figure, 1)}x",
    }
    return FuncFormatter(lambda figure, _: words[unit](figure))


def dates(stamps_ns: Ints) -> Any:  # noqa: ANN401
    """Stamps as matplotlib reads dates."""
    return stamps_ns.astype("datetime64[ns]")


def _safe(text: str) -> str:
    """Dollar signs are money here, not formulas."""
    return text.replace("$", r"\$")
