"""The charts of a backtest for browsers, as plotly specifications: plain data, thinned."""

from typing import TYPE_CHECKING, Any

from volsculpt.report.arrays import Floats
from volsculpt.report.backtest_rows import BacktestRows, listed, milliseconds
from volsculpt.report.backtest_series import GREEN, RED, Chart, Trace, charts, edges
from volsculpt.report.figure import RULE
from volsculpt.report.numbers import signed_usd
from volsculpt.report.thinning import kept_places

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

GRID = "rgba(128,128,128,0.2)"
DIGITS = 7  # of a figure drawn: far more than a pixel shows
SYMBOLS = {"up": "triangle-up", "down": "triangle-down", "cross": "x"}
HOVER = {"USD": ",.0f", "coin": ",.6~f", "percent": ".1%", "x": ".2f"}
TICKS = {"USD": "", "coin": ",~r", "percent": ".0%", "x": ""}


def plotly_figure(report: BacktestRows, key: str) -> "Figure":
    """One chart as a plotly Figure; ValueError names the charts there are."""
    from plotly.graph_objects import Figure

    found = {chart.key: chart for chart in charts(report)}
    if key not in found:
        raise ValueError(f"chart = {key!r}: this backtest has {', '.join(found)}")
    drawn = specification(found[key])
    drawn["layout"]["title"] = {"text": found[key].title}
    return Figure({"data": drawn["data"], "layout": drawn["layout"]})


def specification(chart: Chart) -> dict[str, Any]:
    """Key, traces and layout of a chart, as plotly reads them."""
    data = [drawn for trace in chart.traces for drawn in _drawn(chart, trace)]
    return {"key": chart.key, "data": data, "layout": layout(chart)}


def _drawn(chart: Chart, trace: Trace) -> list[dict[str, Any]]:
    if trace.kind == "bar":
        return [_bars(trace)]
    if trace.kind == "band":
        return _band(trace)
    return [_line(chart, trace) if trace.kind == "line" else _marks(chart, trace)]


def _line(chart: Chart, trace: Trace) -> dict[str, Any]:
    """A line of as many points as a screen can show."""
    kept = kept_places(trace.y)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": trace.name,
        "x": milliseconds(trace.x_ns[kept]),
        "y": rounded(trace.y[kept]),
        "line": {"color": trace.color, "width": 1.8, "dash": "dash" if trace.dash else "solid"},
        "hovertemplate": f"{trace.name}: %{{y:{HOVER[chart.unit]}}}<extra></extra>",
    }


def _marks(chart: Chart, trace: Trace) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": trace.name,
        "x": milliseconds(trace.x_ns),
        "y": rounded(trace.y),
        "marker": {
            "symbol": SYMBOLS[trace.kind],
            "color": trace.color,
            "size": 12 if trace.kind == "cross" else 8,
            "line": {"width": 1 if trace.kind == "cross" else 0, "color": trace.color},
        },
        "hovertemplate": f"{trace.name} at %{{y:{HOVER[chart.unit]}}}<extra></extra>",
    }


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
        "marker": {"color": [GREEN if one > 0.0 else RED for one in amounts]},
        "text": [signed_usd(one) for one in amounts],
        "textposition": "auto",
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


def layout(chart: Chart) -> dict[str, Any]:
    """Axes, legend and margins; transparent, so that the page's colours show through."""
    bars = chart.key == "attribution"
    figures = {
        "gridcolor": GRID,
        "zerolinecolor": RULE,
        "automargin": True,
        "tickformat": TICKS[chart.unit],
        "hoverformat": HOVER[chart.unit],
    }
    times = {"type": "date", "gridcolor": GRID, "hoverformat": "%Y-%m-%d %H:%M", "nticks": 9}
    parts = {"automargin": True, "autorange": "reversed", "ticksuffix": " "}
    return {
        "xaxis": figures if bars else times,
        "yaxis": parts if bars else figures,
        "hovermode": "closest" if bars else "x unified",
        "dragmode": "zoom",
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1.02,
            "yanchor": "bottom",
            "traceorder": "normal",
        },
        "margin": {"l": 56, "r": 16, "t": 8 if bars else 30, "b": 32},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": "#52606d", "size": 13},
    }
