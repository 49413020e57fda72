"""The figure for browsers: wealth against the move of all coins, as a plotly specification.

`specification` is plain data, so that a page needs no plotly at run time but its script.
"""

from typing import TYPE_CHECKING, Any

from volsculpt.report.charts.plan import MOST_LABELS, Mark, Series, label_right
from volsculpt.watch.numbers import usd

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HEDGED, UNHEDGED, DANGER, INK, RULE = "#2a78d6", "#c77700", "#c0392b", "#52606d", "#8a94a0"
HOVER = "%{customdata}<extra></extra>"


def plotly_figure(series: Series) -> "Figure":
    """The figure as a plotly Figure."""
    from plotly.graph_objects import Figure

    return Figure(specification(series))


def specification(series: Series) -> dict[str, Any]:
    """Traces and layout, as plotly reads them."""
    return {"data": traces(series), "layout": layout(series)}


def traces(series: Series) -> list[dict[str, Any]]:
    """The two lines, today's point, and an unseen line that carries the price axis."""
    drawn = [
        _line(series, "hedged", series.hedged_usd, HEDGED, "solid"),
        _line(series, "unhedged", series.unhedged_usd, UNHEDGED, "dash"),
        {
            "type": "scatter",
            "name": "today",
            "mode": "markers",
            "x": [0.0],
            "y": [series.today_usd],
            "marker": {"size": 11, "color": INK, "line": {"width": 2, "color": "white"}},
            "customdata": [f"today: {usd(series.today_usd)} USD"],
            "hovertemplate": HOVER,
        },
    ]
    return [*drawn, _price_carrier(series)] if series.price else drawn


def _line(series: Series, name: str, wealth: list[float], color: str, dash: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": name,
        "mode": "lines",
        "x": series.move_pct,
        "y": wealth,
        "line": {"color": color, "width": 3, "dash": dash},
        "customdata": [f"{name}: {usd(one)} USD" for one in wealth],
        "hovertemplate": HOVER,
    }


def _price_carrier(series: Series) -> dict[str, Any]:
    """Plotly shows an axis only when a trace stands on it."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [series.price],
        "y": [series.today_usd],
        "xaxis": "x2",
        "marker": {"opacity": 0},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def layout(series: Series) -> dict[str, Any]:
    """Axes, legend, marks; transparent, so that the page's colours show through."""
    low, high = series.span
    made: dict[str, Any] = {
        "title": {"text": ""},
        "xaxis": {
            "title": {"text": "move of all coins, %"},
            "range": [low, high],
            "ticksuffix": " %",
            "zeroline": True,
            "zerolinecolor": RULE,
            "hoverformat": "+.1f",
            "gridcolor": "rgba(128,128,128,0.2)",
            "nticks": 8,
        },
        "yaxis": {
            "title": {"text": "wealth, USD"},
            "zerolinecolor": RULE,
            "gridcolor": "rgba(128,128,128,0.2)",
            "automargin": True,
        },
        "hovermode": "x unified",
        "legend": {"orientation": "h", "x": 0, "y": -0.2, "yanchor": "top"},
        "margin": {"l": 60, "r": 16, "t": 56 if series.price else 24, "b": 72},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": INK, "size": 13},
        "shapes": [_rule(mark) for mark in series.marks],
        "annotations": [_label(mark, low, high) for mark in series.marks[:MOST_LABELS]],
    }
    if series.price:
        made["xaxis2"] = _price_axis(series)
    return made


def _price_axis(series: Series) -> dict[str, Any]:
    """The price of the only hedged coin, over the plot."""
    low, high = series.span
    return {
        "title": {"text": f"{series.coin} price, USD", "standoff": 4},
        "range": [series.price_at(low), series.price_at(high)],
        "overlaying": "x",
        "side": "top",
        "showgrid": False,
        "zeroline": False,
        "nticks": 7,
        "tickangle": 0,
    }


def _rule(mark: Mark) -> dict[str, Any]:
    """A vertical line where a group is closed."""
    return {
        "type": "line",
        "x0": mark.move_pct,
        "x1": mark.move_pct,
        "yref": "paper",
        "y0": 0,
        "y1": mark.top,
        "line": {"color": DANGER, "width": 1.5, "dash": "dot"},
    }


def _label(mark: Mark, low: float, high: float) -> dict[str, Any]:
    """The words beside the line, on the side with more room."""
    right = label_right(mark, low, high)
    return {
        "x": mark.move_pct,
        "yref": "paper",
        "y": mark.top,
        "text": mark.label,
        "showarrow": False,
        "xanchor": "left" if right else "right",
        "yanchor": "top",
        "xshift": 4 if right else -4,
        "font": {"color": DANGER, "size": 12},
    }
