"""The charts of a backtest for browsers, as plotly specifications: plain data, thinned."""

import math
from html import escape
from typing import TYPE_CHECKING, Any

from volsculpt.report.charts.books import charts
from volsculpt.report.charts.chart import BLUE, VERMILION, Chart, Panel, Trace, edges
from volsculpt.report.charts.downsample import kept_places
from volsculpt.report.charts.plan_plotly import RULE
from volsculpt.report.rows.backtest import BacktestRows, listed, milliseconds
from volsculpt.report.stats.arrays import Floats
from volsculpt.watch.numbers import percent, signed_usd

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

AXIS_FONT = {"size": 12}
GRID = "rgba(128,128,128,0.2)"
DIGITS = 7  # of a figure drawn: far more than a pixel shows
SYMBOLS = {"up": "triangle-up", "down": "triangle-down", "cross": "x"}
HOVER = {"USD": ",.0f", "coin": ",.6~f", "percent": ".1%", "x": ".2f"}
TICKS = {"USD": "", "coin": ",~r", "percent": ".0%", "x": ""}
SMALLEST, LARGEST = 6.0, 15.0  # pixels of a mark
PANEL_PIXELS, HEAD_PIXELS = 190, 110  # of a figure in a notebook
GAP_PIXELS = 34  # between panels, where their titles stand


def plotly_figure(report: BacktestRows, key: str) -> "Figure":
    """One chart as a plotly Figure; ValueError names the charts there are."""
    from plotly.graph_objects import Figure

    found = {chart.key: chart for chart in charts(report)}
    if key not in found:
        raise ValueError(f"chart = {key!r}: this backtest has {', '.join(found)}")
    chart = found[key]
    drawn = specification(chart)
    drawn["layout"]["title"] = {"text": chart.title, "x": 0.01}
    drawn["layout"]["margin"]["t"] = 84
    drawn["layout"]["height"] = HEAD_PIXELS + PANEL_PIXELS * max(2, len(chart.panels))
    return Figure({"data": drawn["data"], "layout": drawn["layout"]})


def specification(chart: Chart) -> dict[str, Any]:
    """Key, traces and layout of a chart, as plotly reads them."""
    data: list[dict[str, Any]] = []
    named: set[str] = set()
    for row, panel in enumerate(chart.panels):
        for trace in panel.traces:
            drawn = _drawn(panel, trace)
            ends = _ends(row)
            shared = {"xaxis": f"x{ends}", "yaxis": f"y{ends}", "legendgroup": trace.name}
            data += [one | shared | _in_legend(one, trace.name in named) for one in drawn]
            named.add(trace.name)
    return {"key": chart.key, "data": data, "layout": layout(chart)}


def _in_legend(drawn: dict[str, Any], is_known: bool) -> dict[str, Any]:
    """A name stands in the legend once, however many panels show it."""
    return {"showlegend": False} if is_known else {"showlegend": drawn.get("showlegend", True)}


def _ends(row: int) -> str:
    """What the axes of a panel end with: plotly counts "", "2", "3"."""
    return "" if row == 0 else str(row + 1)


def _drawn(panel: Panel, trace: Trace) -> list[dict[str, Any]]:
    if trace.kind == "bar":
        return [_bars(trace)]
    if trace.kind == "band":
        return _band(trace)
    return [_line(panel, trace) if trace.kind == "line" else _marks(panel, trace)]


def _line(panel: Panel, trace: Trace) -> dict[str, Any]:
    """A line of as many points as a screen can show."""
    kept = kept_places(trace.y)
    made = {
        "type": "scatter",
        "mode": "lines",
        "name": trace.name,
        "x": milliseconds(trace.x_ns[kept]),
        "y": rounded(trace.y[kept]),
        "line": {"color": trace.color, "width": trace.width, "dash": trace.look},
        "hovertemplate": f"{trace.name}: %{{y:{HOVER[panel.unit]}}}<extra></extra>",
    }
    if trace.true is not None:
        made["customdata"] = [far_words(one) for one in trace.true[kept].tolist()]
        made["hovertemplate"] = f"{trace.name}: %{{customdata}}<extra></extra>"
    return made


def far_words(distance_ratio: float) -> str:
    """A distance in words. Worked: 0.25 -> "25 %", NaN -> "never"."""
    return percent(round(distance_ratio, 4)) if math.isfinite(distance_ratio) else "never"


def _marks(panel: Panel, trace: Trace) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": trace.name,
        "x": milliseconds(trace.x_ns),
        "y": rounded(trace.y),
        "marker": {
            "symbol": SYMBOLS[trace.kind],
            "color": trace.color,
            "size": mark_pixels(trace),
            "opacity": 0.85,
            "line": {"width": 0.6, "color": "#ffffff"},
        },
        "hovertemplate": f"{trace.name} at %{{y:{HOVER[panel.unit]}}}<extra></extra>",
    }


def mark_pixels(trace: Trace) -> list[float] | float:
    """Sizes of marks, by the size of what they stand for; one size where there is none."""
    if trace.sizes is None:
        return LARGEST
    return [round(one, 1) for one in (SMALLEST + (LARGEST - SMALLEST) * trace.sizes).tolist()]


def _band(trace: Trace) -> list[dict[str, Any]]:
    """The lower edge unseen, and the upper one with the room between filled; gaps closed."""
    places, low, top = edges(trace)
    shared = {
        "type": "scatter",
        "mode": "lines",
        "name": trace.name,
        "x": milliseconds(trace.x_ns[places]),
        "line": {"width": 0},
        "hoverinfo": "skip",
    }
    filled = {"fill": "tonexty", "fillcolor": faint(trace.color)}
    return [
        shared | {"y": rounded(low), "showlegend": False},
        shared | {"y": rounded(top)} | filled,
    ]


def _bars(trace: Trace) -> dict[str, Any]:
    """Lying bars, the first on top, each with its figure."""
    amounts = trace.y.tolist()
    return {
        "type": "bar",
        "orientation": "h",
        "x": rounded(trace.y),
        "y": list(trace.labels),
        "marker": {"color": [BLUE if one > 0.0 else VERMILION for one in amounts]},
        "text": [signed_usd(one) for one in amounts],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{y}: %{text} USD<extra></extra>",
        "showlegend": False,
    }


def faint(color: str) -> str:
    """A colour to see through. Worked: "#ff0000" -> "rgba(255,0,0,0.25)"."""
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.25)"


def rounded(figures: Floats) -> list[float | None]:
    """Figures with as many digits as can be seen, None for NaN. Worked: 1/3 -> 0.3333333."""
    return [None if one is None else float(f"{one:.{DIGITS}g}") for one in listed(figures)]


# --- layout ---------------------------------------------------------------------------


def layout(chart: Chart) -> dict[str, Any]:
    """Axes, legend and margins; transparent, so that the page's colours show through."""
    bars = chart.key == "attribution"
    named = {trace.name for trace in chart.traces}
    made: dict[str, Any] = {
        "hovermode": "closest" if bars else "x unified",
        "dragmode": "zoom",
        "showlegend": not bars and (len(named) > 1 or len(chart.panels) == 1),
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1.0,
            "yref": "container",
            "yanchor": "top",
            "traceorder": "normal",
        },
        "margin": {"l": 60, "r": 16, "t": 8 if bars else 44, "b": 32},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": "#52606d", "size": 13},
        "annotations": [_title(panel, row) for row, panel in enumerate(chart.panels)],
    }
    return made | (_bar_axes(chart) if bars else _time_axes(chart))


def _bar_axes(chart: Chart) -> dict[str, Any]:
    """Figures along, parts up; room for the figure behind the longest bar."""
    amounts = chart.traces[0].y
    low, high = min(0.0, float(amounts.min())), max(0.0, float(amounts.max()))
    room = 0.28 * (high - low)
    across = {
        "gridcolor": GRID,
        "zerolinecolor": RULE,
        "title": {"text": "USD", "font": AXIS_FONT, "standoff": 4},
        "automargin": True,
        "range": [low - room if low < 0.0 else 0.0, high + room if high > 0.0 else 0.0],
    }
    parts = {"automargin": True, "autorange": "reversed", "ticksuffix": " "}
    return {"xaxis": across, "yaxis": parts}


def _time_axes(chart: Chart) -> dict[str, Any]:
    """A time axis each, moving together; dates are written below the last alone."""
    made: dict[str, Any] = {}
    last = len(chart.panels) - 1
    for row, (panel, domain) in enumerate(zip(chart.panels, domains(last + 1), strict=True)):
        made[f"xaxis{_ends(row)}"] = {
            "type": "date",
            "anchor": f"y{_ends(row)}",
            "gridcolor": GRID,
            "hoverformat": "%Y-%m-%d %H:%M",
            "nticks": 9,
            "showticklabels": row == last,
            **({"matches": "x"} if row else {}),
        }
        made[f"yaxis{_ends(row)}"] = _figure_axis(panel, domain) | {"anchor": f"x{_ends(row)}"}
    return made


def domains(panels: int) -> list[tuple[float, float]]:
    """Shares of the height, from the top down, with a gap above each. Worked: 1 -> [(0.0, 1.0)]."""
    gap = 0.0 if panels == 1 else GAP_PIXELS / (panels * PANEL_PIXELS)
    height = (1.0 - gap * (panels - 1)) / panels
    tops = [1.0 - row * (height + gap) for row in range(panels)]
    return [(round(max(0.0, top - height), 4), round(top, 4)) for top in tops]


def _figure_axis(panel: Panel, domain: tuple[float, float]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "domain": list(domain),
        "title": {"text": panel.axis, "font": AXIS_FONT, "standoff": 6},
        "gridcolor": GRID,
        "zerolinecolor": RULE,
        "automargin": True,
        "nticks": 6,
        "tickformat": TICKS[panel.unit],
        "hoverformat": HOVER[panel.unit],
    }
    if panel.span is not None:
        made["range"] = list(panel.span)
    if panel.ticks:
        made |= {"tickvals": [at for at, _ in panel.ticks], "ticktext": [w for _, w in panel.ticks]}
    return made


def _title(panel: Panel, row: int) -> dict[str, Any]:
    """The name of a panel, over it."""
    return {
        "text": f"<b>{escape(panel.title)}</b>" if panel.title else "",
        "xref": f"x{_ends(row)} domain",
        "yref": f"y{_ends(row)} domain",
        "x": 0,
        "y": 1,
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 12},
    }
