"""The figure as a picture, drawn by matplotlib: the same series as in the browser."""

import warnings
from pathlib import Path
from typing import Any

from volsculpt.errors import MissingExtra
from volsculpt.report.charts.plan import MOST_LABELS, Series, label_right
from volsculpt.report.charts.plan_plotly import DANGER, HEDGED, INK, UNHEDGED
from volsculpt.watch.numbers import price, usd

SIZE_INCHES = (9.0, 5.4)
DOTS_PER_INCH = 150


def write_png(series: Series, path: Path) -> None:
    """Draw the series into a file. Raises MissingExtra where matplotlib is not installed."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtra(
            "a PNG needs matplotlib: pip install 'volsculpt[png]', or ask for an .html file"
        ) from None
    figure = Figure(figsize=SIZE_INCHES, dpi=DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    draw(figure.add_subplot(), series)
    with warnings.catch_warnings():  # a name in letters that the font lacks is drawn as boxes
        warnings.filterwarnings("ignore", message="Glyph .* missing", category=UserWarning)
        figure.savefig(path, format="png")


def draw(axes: Any, series: Series) -> None:  # noqa: ANN401
    """Lines, today's point, marks and axes on matplotlib axes."""
    from matplotlib.ticker import FuncFormatter

    axes.plot(series.move_pct, series.hedged_usd, color=HEDGED, lw=2.5, label="hedged")
    axes.plot(series.move_pct, series.unhedged_usd, color=UNHEDGED, lw=2, ls="--", label="unhedged")
    axes.plot([0.0], [series.today_usd], "o", color=INK, ms=8, mec="white", label="today", zorder=5)
    axes.axvline(0.0, color=INK, lw=0.6)
    _draw_marks(axes, series)
    axes.set_title(series.title.replace("$", r"\$"), loc="left", fontsize=11, pad=12)
    axes.set_xlim(*series.span)
    axes.set_xlabel("move of all coins, %")
    axes.set_ylabel("wealth, USD")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda move, _: f"{move:+g} %" if move else "0 %"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda wealth, _: usd(wealth)))
    axes.grid(alpha=0.25)
    axes.spines[["right"]].set_visible(False)
    axes.legend(loc="lower right", framealpha=0.9, edgecolor="none", ncols=3)
    if series.price:
        _draw_price_axis(axes, series)


def _draw_marks(axes: Any, series: Series) -> None:  # noqa: ANN401
    """A dotted line and a label where a group is liquidated."""
    low, high = series.span
    for mark in series.marks:
        axes.axvline(mark.move_pct, ymax=mark.top, color=DANGER, lw=1.2, ls=":")
    for mark in series.marks[:MOST_LABELS]:
        right = label_right(mark, low, high)
        axes.annotate(
            mark.label.replace("$", r"\$"),
            (mark.move_pct, mark.top),
            xycoords=("data", "axes fraction"),
            xytext=(4 if right else -4, 0),
            textcoords="offset points",
            ha="left" if right else "right",
            va="top",
            color=DANGER,
            fontsize=9,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1},
        )


def _draw_price_axis(axes: Any, series: Series) -> None:  # noqa: ANN401
    """The price of the only hedged coin, over the plot."""
    from matplotlib.ticker import FuncFormatter

    now = series.price or 1.0
    top = axes.secondary_xaxis(
        "top",
        functions=(lambda move: now * (1.0 + move / 100.0), lambda at: (at / now - 1.0) * 100.0),
    )
    top.set_xlabel(f"{series.coin} price, USD".replace("$", r"\$"))
    top.xaxis.set_major_formatter(FuncFormatter(lambda at, _: price(at)))
