"""Charts for browsers, as plotly specifications: plain data, downsampled."""

import math
from html import escape
from typing import TYPE_CHECKING

from volsculpt.report.charts.chart import (
    BLUE,
    MOST_POINTS,
    VERMILION,
    Across,
    Chart,
    Panel,
    Shade,
    Trace,
    downsample,
    downsampled_band,
    mark_pixels,
)
from volsculpt.report.charts.plotly_layout import (
    HEAD_PIXELS,
    PANEL_PIXELS,
    TEMPLATE,
    Json,
    ends,
    hover_format,
    layout,
)
from volsculpt.report.stats.returns import Floats, Ints
from volsculpt.text import percent, signed_usd

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

SYMBOLS = {"up": "triangle-up", "down": "triangle-down", "cross": "x", "dot": "circle"}


def plotly_figure(chart: Chart) -> "Figure":
    """One chart as a plotly Figure, for notebooks."""
    from plotly.graph_objects import Figure

    made = specification(chart)
    pixels = HEAD_PIXELS + PANEL_PIXELS * max(2, len(chart.panels))
    titled = {
        "title": {"text": chart.title, "x": 0.01, "y": 1.0 - 10 / pixels, "yanchor": "top"},
        "legend": {"y": 1.0 - 40 / pixels},  # below the title
        "margin": {"t": 120 if chart.across and chart.across.price else 84},
        "height": pixels,
        "template": TEMPLATE,
    }
    return Figure({"data": made["data"], "layout": made["layout"] | titled})


def specification(chart: Chart, most: int = MOST_POINTS) -> Json:
    """Key, traces and layout of a chart, as plotly reads them; at most some points a line."""
    data: list[Json] = []
    named: set[str] = set()
    for row, panel in enumerate(chart.panels):
        on = {"xaxis": f"x{ends(row)}", "yaxis": f"y{ends(row)}"}
        for trace in panel.traces:
            made = _traces(chart, panel, trace, most)
            data += [one | on | _in_legend(one, trace.name, named) for one in made]
            named.add(trace.name)
        for shade in panel.shades:
            data.append(_shade_key(shade) | on | _in_legend({}, shade.name, named))
            named.add(shade.name)
    if chart.across is not None and chart.across.price:
        data.append(_price_carrier(chart.across))
    return {"key": chart.key, "data": data, "layout": layout(chart)}


def _in_legend(made: Json, name: str, named: set[str]) -> Json:
    """A name stands in the legend once, however many panels show it."""
    shown = name not in named and made.get("showlegend", True)
    return {"legendgroup": name, "showlegend": shown}


# --- traces ---------------------------------------------------------------------------


def _traces(chart: Chart, panel: Panel, trace: Trace, most: int) -> list[Json]:
    if trace.kind == "bar":
        return [_bars(trace)]
    if trace.kind == "band":
        return _band(chart, trace, most)
    made = _line(chart, trace, most) if trace.kind == "line" else _marks(chart, trace)
    return [made | {"hovertemplate": _hover(panel, trace)}]


def _scatter(mode: str, name: str) -> Json:
    """What lines and marks begin with."""
    return {"type": "scatter", "mode": mode, "name": escape(name)}


def _line(chart: Chart, trace: Trace, most: int) -> Json:
    """A line of as many points as a screen can show."""
    kept = downsample(trace.y, most)
    made = _scatter("lines", trace.name) | {
        "x": _along(chart, trace.x[kept]),
        "y": trace.y[kept],
        "line": {"color": trace.color, "width": trace.width, "dash": trace.look},
        "showlegend": trace.in_legend,
    }
    if trace.true is not None:
        made["customdata"] = [far_words(one) for one in trace.true[kept].tolist()]
    return made


def _along(chart: Chart, x: Floats | Ints) -> Floats | Ints:
    """Places along a chart: milliseconds since 1970, or what the chart has instead of time."""
    return x // 1_000_000 if chart.across is None else x


def far_words(distance_ratio: float) -> str:
    """A distance in words. Worked: 0.25 -> "25 %", NaN -> "never"."""
    return percent(round(distance_ratio, 4)) if math.isfinite(distance_ratio) else "never"


def _hover(panel: Panel, trace: Trace) -> str:
    if trace.true is not None:
        return f"{escape(trace.name)}: %{{customdata}}<extra></extra>"
    what = escape(trace.name) if trace.in_legend else panel.axis.partition(",")[0]
    return f"{what}: %{{y:{hover_format(panel)}}}<extra></extra>"


def _marks(chart: Chart, trace: Trace) -> Json:
    """Marks, all of them."""
    edge = {"width": 2 if trace.kind == "dot" else 0.6, "color": "#ffffff"}
    return _scatter("markers", trace.name) | {
        "x": _along(chart, trace.x),
        "y": trace.y,
        "marker": {
            "symbol": SYMBOLS[trace.kind],
            "color": trace.color,
            "size": _rounded(mark_pixels(trace)),
            "opacity": 1.0 if trace.kind == "dot" else 0.85,
            "line": edge,
        },
    }


def _rounded(pixels: Floats | float) -> list[float] | float:
    return pixels if isinstance(pixels, float) else [round(one, 1) for one in pixels.tolist()]


def _band(chart: Chart, trace: Trace, most: int) -> list[Json]:
    """The lower edge unseen, and the upper one with the room between filled; gaps closed."""
    rows, low, top = downsampled_band(trace, most)
    shared = _scatter("lines", trace.name) | {
        "x": _along(chart, trace.x[rows]),
        "line": {"width": 0},
        "hoverinfo": "skip",
    }
    filled = {"fill": "tonexty", "fillcolor": faint(trace.color)}
    return [shared | {"y": low, "showlegend": False}, shared | {"y": top} | filled]


def _bars(trace: Trace) -> Json:
    """Lying bars, the first on top, each with its figure."""
    amounts = trace.y.tolist()
    return {
        "type": "bar",
        "orientation": "h",
        "x": trace.y,
        "y": list(trace.labels),
        "marker": {"color": [BLUE if one > 0.0 else VERMILION for one in amounts]},
        "text": [signed_usd(one) for one in amounts],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{y}: %{text} USD<extra></extra>",
        "showlegend": False,
    }


def _shade_key(shade: Shade) -> Json:
    """An unseen trace: shapes have no entry in a legend."""
    marker = {"color": shade.color, "symbol": "square", "size": 12, "opacity": 0.4}
    return _scatter("markers", shade.name) | {"marker": marker, "x": [None], "y": [None]}


def _price_carrier(across: Across) -> Json:
    """Plotly shows an axis only when a trace stands on it."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [across.price],
        "y": [None],
        "xaxis": "x2",
        "yaxis": "y",
        "hoverinfo": "skip",
        "showlegend": False,
    }


def faint(color: str) -> str:
    """A colour to see through. Worked: "#ff0000" -> "rgba(255,0,0,0.25)"."""
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.25)"
