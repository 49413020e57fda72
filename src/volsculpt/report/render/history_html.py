"""The page of a data check: the tables and the picture, one file that loads nothing."""

import json
from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any

from volsculpt.report.charts.history import LOOKS, Panel
from volsculpt.report.charts.plan_plotly import HEDGED, INK
from volsculpt.report.document import Page, cleaned
from volsculpt.report.render.html import ASSETS, head_html, plotly_script, section_html

PANEL_PIXELS, GAP = 260, 0.3  # height of a panel; share of it that is left free above it


def history_page(page: Page, panels: Sequence[Panel]) -> str:
    """The whole page, self-contained: the picture after the summary."""
    shown = cleaned(page)
    parts = [section_html(section) for section in shown.sections]
    height = PANEL_PIXELS * len(panels) + 80
    parts.insert(
        1,
        f'<section class="figure"><h2>Where</h2>\n<div id="figure" role="img" '
        f'aria-label="{escape(shown.title)}" style="height:{height}px"></div>\n</section>',
    )
    style, script = (_asset(name) for name in ("page.css", "figure.js"))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(shown.title)}</title>\n<style>{style}</style>\n"
        f'</head>\n<body class="volsculpt">\n{head_html(shown)}\n' + "\n".join(parts) + "\n"
        f"<script>{plotly_script()}</script>\n"
        f'<script id="volsculpt-figure" type="application/json">{_data(panels)}</script>\n'
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


def specification(panels: Sequence[Panel]) -> dict[str, Any]:
    """Traces and layout, as plotly reads them."""
    told: set[str] = set()
    traces: list[dict[str, Any]] = []
    made: dict[str, Any] = {
        "hovermode": "x unified",
        "legend": {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom"},
        "margin": {"l": 70, "r": 16, "t": 70, "b": 40},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": INK, "size": 13},
        "shapes": [],
        "annotations": [],
    }
    for row, panel in enumerate(panels):
        traces += _traces(panel, row, told)
        made |= _axes(panel, row, len(panels))
        made["shapes"] += _spans(panel, row)
        made["annotations"].append(_title(panel, row))
    return {"data": traces, "layout": made}


def _name(axis: str, row: int) -> str:
    """Plotly's name of an axis: x, x2, x3."""
    return f"{axis}{row + 1}" if row else axis


def _traces(panel: Panel, row: int, told: set[str]) -> list[dict[str, Any]]:
    """The line, the points, and an unseen trace for each kind of span in the legend."""
    axes = {"type": "scatter", "xaxis": _name("x", row), "yaxis": _name("y", row)}
    found = [
        axes
        | {
            "name": panel.title,
            "mode": "lines",
            "x": [_text(one) for one in panel.times],
            "y": panel.values,
            "line": {"color": HEDGED, "width": 1.3},
            "showlegend": False,
        }
    ]
    for check, (times, values) in panel.points.items():
        words, color = LOOKS[check]
        marks = {"x": [_text(one) for one in times], "y": values, "marker": {"color": color}}
        found.append(axes | marks | _key(words, told) | {"mode": "markers"})
    for check in panel.spans:
        words, color = LOOKS[check]
        square = {"color": color, "symbol": "square", "size": 12, "opacity": 0.4}
        found.append(
            axes
            | {"x": [None], "y": [None], "marker": square, "mode": "markers"}
            | _key(words, told)
        )
    return found


def _key(words: str, told: set[str]) -> dict[str, Any]:
    """The entry in the legend, once for all panels."""
    first = words not in told
    told.add(words)
    return {"name": words, "legendgroup": words, "showlegend": first}


def _axes(panel: Panel, row: int, rows: int) -> dict[str, Any]:
    """The two axes of a panel, panels below each other."""
    top = 1.0 - row / rows
    ends = f"{row + 1}" if row else ""
    grid = {"gridcolor": "rgba(128,128,128,0.2)"}
    across = {"anchor": _name("y", row), "type": "date"}
    up = {
        "anchor": _name("x", row),
        "domain": [top - (1.0 - GAP) / rows, top],
        "title": {"text": panel.unit},
        "type": "log" if panel.log else "linear",
        "automargin": True,
    }
    return {f"xaxis{ends}": grid | across, f"yaxis{ends}": grid | up}


def _spans(panel: Panel, row: int) -> list[dict[str, Any]]:
    """A rectangle for each span."""
    return [
        {
            "type": "rect",
            "xref": _name("x", row),
            "yref": f"{_name('y', row)} domain",
            "x0": _text(start),
            "x1": _text(end),
            "y0": 0,
            "y1": 1,
            "fillcolor": LOOKS[check][1],
            "opacity": 0.3,
            "line": {"width": 0},
        }
        for check, spans in panel.spans.items()
        for start, end in spans
    ]


def _title(panel: Panel, row: int) -> dict[str, Any]:
    """The name of the series, over its panel."""
    return {
        "text": escape(panel.title),
        "xref": f"{_name('x', row)} domain",
        "yref": f"{_name('y', row)} domain",
        "x": 0,
        "y": 1,
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 12},
    }


def _text(time: datetime) -> str:
    """A time as plotly reads it, in UTC."""
    return time.strftime("%Y-%m-%d %H:%M:%S")


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _data(panels: Sequence[Panel]) -> str:
    """The figure's data as JSON that cannot end its script element."""
    text = json.dumps(specification(panels), allow_nan=False)
    return text.replace("<", "\\u003c").replace("&", "\\u0026")
