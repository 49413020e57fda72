"""How charts look in a browser: plotly's template of all of them, and the layout of each."""

from html import escape
from typing import Any

import numpy as np

from volsculpt.report.charts.chart import (
    DANGER,
    MOST_LABELS,
    Across,
    Chart,
    Panel,
    Rule,
    Shade,
    label_right,
)

Json = dict[str, Any]

SOFT_INK, ZERO, FAINT = "#52606d", "#8a94a0", "rgba(128,128,128,0.2)"
CLEAR = "rgba(0,0,0,0)"
SMALL = {"size": 12}
AXIS = {"gridcolor": FAINT, "zerolinecolor": ZERO, "title": {"font": SMALL, "standoff": 6}}
# What all charts share; transparent, so that the colours of the page show through.
TEMPLATE: Json = {
    "layout": {
        "hovermode": "x unified",
        "dragmode": "zoom",
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "font": {"color": SOFT_INK, "size": 13},
        "margin": {"l": 60, "r": 16, "t": 44, "b": 32},
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1.0,
            "yref": "container",
            "yanchor": "top",
            "traceorder": "normal",
        },
        "xaxis": {**AXIS, "nticks": 9, "hoverformat": "%Y-%m-%d %H:%M UTC"},
        "yaxis": {**AXIS, "nticks": 6, "automargin": True},
        "annotationdefaults": {"showarrow": False, "font": SMALL},
        "shapedefaults": {"line": {"width": 0}},
    }
}
TICKS = {"USD": "", "coin": ",~r", "percent": "~%", "x": "~r", "number": "~r", "price": ",~r"}
PANEL_PIXELS, HEAD_PIXELS = 190, 110  # of a figure in a notebook
GAP_PIXELS, WIDE_GAP = 34, 50  # between panels, for their titles; with dates below each


def ends(row: int) -> str:
    """What the axes of a panel end with: plotly counts "", "2", "3"."""
    return "" if row == 0 else str(row + 1)


def hover_format(panel: Panel) -> str:
    """How a figure of a panel is written beside the pointer, in d3's notation."""
    there = [np.abs(one.y[np.isfinite(one.y)]) for one in panel.traces]
    most = max((float(one.max()) for one in there if one.size), default=0.0)
    usd = ",.0f" if most >= 1_000.0 else ",.2f"
    return {
        "USD": usd,
        "coin": ",.6~f",
        "percent": ".4~%",
        "x": ".2f",
        "number": ".2f",
        "price": ",~r",
    }[panel.unit]


def layout(chart: Chart) -> Json:
    """Axes, titles, rules and shades; what all charts share is in `TEMPLATE`."""
    named = {trace.name for trace in chart.traces if trace.in_legend}
    named |= {shade.name for panel in chart.panels for shade in panel.shades}
    lone = len(chart.panels) == 1 and bool(named)
    made: Json = {"showlegend": not chart.is_bars and (len(named) > 1 or lone)}
    if chart.is_bars:
        return made | {"hovermode": "closest", "margin": {"t": 8}} | _bar_axes(chart)
    rows = list(enumerate(chart.panels))
    span = chart.across.span if chart.across is not None else (0.0, 1.0)
    return (
        made
        | _axes(chart)
        | {
            "annotations": [
                *(_title(panel, row) for row, panel in rows if panel.title),
                *(_label(rule, span, row) for row, p in rows for rule in p.rules[:MOST_LABELS]),
            ],
            "shapes": [
                *(one for row, p in rows for shade in p.shades for one in _spans(shade, row)),
                *(_rule(rule, row) for row, panel in rows for rule in panel.rules),
            ],
        }
    )


def _bar_axes(chart: Chart) -> Json:
    """Figures along, parts up; room for the figure behind the longest bar."""
    amounts = chart.traces[0].y
    low, high = min(0.0, float(amounts.min())), max(0.0, float(amounts.max()))
    room = 0.28 * (high - low)
    across = {
        "title": {"text": "USD"},
        "automargin": True,
        "range": [low - room if low < 0.0 else 0.0, high + room if high > 0.0 else 0.0],
    }
    return {"xaxis": across, "yaxis": {"autorange": "reversed", "ticksuffix": " ", "nticks": 0}}


def _axes(chart: Chart) -> Json:
    """A pair of axes a panel; where they move together, dates are written below the last alone."""
    made: Json = {}
    last = len(chart.panels) - 1
    shares = domains(last + 1, GAP_PIXELS if chart.together else WIDE_GAP)
    for row, (panel, domain) in enumerate(zip(chart.panels, shares, strict=True)):
        made[f"xaxis{ends(row)}"] = {
            "anchor": f"y{ends(row)}",
            "showticklabels": row == last or not chart.together,
            **({"matches": "x"} if row and chart.together else {}),
            **({"type": "date"} if chart.across is None else _moves(chart.across)),
        }
        made[f"yaxis{ends(row)}"] = _figure_axis(panel, domain) | {"anchor": f"x{ends(row)}"}
    if chart.across is not None and chart.across.price:
        made["xaxis2"] = _price_axis(chart.across)
        made["margin"] = {"t": 92, "b": 48}
    elif chart.across is not None:
        made["margin"] = {"b": 48}
    return made


def _moves(across: Across) -> Json:
    """Moves of prices, in percent."""
    return {
        "title": {"text": across.title},
        "range": list(across.span),
        "ticksuffix": " %",
        "hoverformat": "+.1f",
        "zeroline": True,
    }


def _price_axis(across: Across) -> Json:
    """The price of the only hedged coin, over the plot."""
    return {
        "title": {"text": f"{across.coin} price, USD", "standoff": 4},
        "range": [across.price_at(move) for move in across.span],
        "overlaying": "x",
        "side": "top",
        "showgrid": False,
        "zeroline": False,
        "tickmode": "auto",  # at round prices, not where the moves have theirs
        "nticks": 7,
        "tickangle": 0,
        "tickformat": ",~r",
    }


def domains(panels: int, gap_pixels: int = GAP_PIXELS) -> list[tuple[float, float]]:
    """Shares of the height, from the top down, with a gap above each. Worked: 1 -> [(0.0, 1.0)]."""
    gap = 0.0 if panels == 1 else gap_pixels / (panels * PANEL_PIXELS)
    height = (1.0 - gap * (panels - 1)) / panels
    tops = [1.0 - row * (height + gap) for row in range(panels)]
    return [(round(max(0.0, top - height), 4), round(top, 4)) for top in tops]


def _figure_axis(panel: Panel, domain: tuple[float, float]) -> Json:
    made: Json = {
        "domain": list(domain),
        "title": {"text": panel.axis},
        "tickformat": TICKS[panel.unit],
        "hoverformat": hover_format(panel),
    }
    if panel.log:
        made |= {"type": "log", "dtick": "D2"}  # marks at 1, 2 and 5
    if panel.span is not None:
        made["range"] = list(panel.span)
    if panel.ticks:
        made |= {"tickvals": [at for at, _ in panel.ticks], "ticktext": [w for _, w in panel.ticks]}
    return made


def _on(row: int, along: str = "") -> Json:
    """Where on a panel: its height as a share, and along as its axis counts, or as a share too."""
    return {"xref": f"x{ends(row)}{along}", "yref": f"y{ends(row)} domain"}


def _title(panel: Panel, row: int) -> Json:
    """The name of a panel, over it."""
    return {
        "name": "title",
        "text": f"<b>{escape(panel.title)}</b>",
        **_on(row, " domain"),
        "x": 0,
        "y": 1,
        "xanchor": "left",
        "yanchor": "bottom",
    }


def _rule(rule: Rule, row: int) -> Json:
    """A vertical line."""
    return {
        "name": "rule",
        "type": "line",
        **_on(row),
        "x0": rule.at,
        "x1": rule.at,
        "y0": 0,
        "y1": rule.top,
        "line": {"color": DANGER, "width": 1.5, "dash": "dot"},
    }


def _label(rule: Rule, span: tuple[float, float], row: int) -> Json:
    """The words beside a rule, on the side with more room."""
    right = label_right(rule, span)
    return {
        "name": "rule",
        "text": escape(rule.words),
        **_on(row),
        "x": rule.at,
        "y": rule.top,
        "xanchor": "left" if right else "right",
        "yanchor": "top",
        "xshift": 4 if right else -4,
        "font": {"color": DANGER, "size": 12},
    }


def _spans(shade: Shade, row: int) -> list[Json]:
    """A rectangle for each span of time."""
    return [
        {
            "name": "shade",
            "type": "rect",
            **_on(row),
            "x0": start // 1_000_000,
            "x1": end // 1_000_000,
            "y0": 0,
            "y1": 1,
            "fillcolor": shade.color,
            "opacity": 0.3,
        }
        for start, end in shade.spans
    ]
