"""A page for browsers: one file that loads nothing, and a fragment for notebooks.

Templates escape every text; what they take as it is are our own files, and data as JSON. Charts
are drawn by plotly's script, which is inside the file: its basic bundle, a quarter of the whole.
"""

import base64
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from volsculpt.report.charts.chart import MOST_LABELS, MOST_POINTS, Chart, names_of
from volsculpt.report.charts.plotly_charts import specification
from volsculpt.report.charts.plotly_layout import TEMPLATE, Json
from volsculpt.report.document import (
    Column,
    Grid,
    Line,
    Page,
    Section,
    cleaned,
    legend,
    tied,
    widths,
    without,
)

OWN = files("volsculpt.report.render")
FIGURES_ON_PAGE = 24_000  # points and marks of a page, so that it stays under 1.5 MB
FEWEST_POINTS = 200  # of a line, however many there are
PHONE_LETTERS = 40  # a grid that needs more becomes a list on a phone

ChartsBySection = Sequence[tuple[int, Chart]]  # how many sections stand before a chart


def html_page(page: Page, charts: ChartsBySection, what: str) -> str:
    """A whole page, self-contained. what: the kind of page, behind its title."""
    return (
        _templates()
        .get_template("page.html")
        .render(
            _context(page, charts, what),
            plotly=_asset("vendor/plotly-basic.min.js"),
            data=_data([chart for _, chart in charts]),
            script=_asset("assets/charts.js"),
        )
    )


def html_fragment(page: Page, what: str) -> str:
    """The tables of a page with their style, to stand inside another page."""
    return _templates().get_template("fragment.html").render(_context(page, (), what))


def _context(page: Page, charts: ChartsBySection, what: str) -> dict[str, object]:
    after: dict[int, list[Chart]] = defaultdict(list)
    for place, chart in charts:
        after[min(place, len(page.sections))].append(chart)
    return {
        "page": cleaned(page),
        "charts": after,
        "what": what,
        "style": _asset("assets/page.css"),
    }


@cache
def _templates() -> Environment:
    found = Environment(
        loader=PackageLoader("volsculpt.report.render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.globals["most_labels"] = MOST_LABELS
    found.filters |= {
        "in_words": in_words,
        "legend": legend,
        "runs": runs,
        "shape": shape,
        "side": side,
        "size": size,
        "tied": tied,
    }
    return found


def runs(section: Section) -> Iterator[tuple[str, list[Line | Grid]]]:
    """Neighbours of one kind together: bullets become one list."""
    for kind, items in groupby(section.items, key=_kind):
        yield kind, list(items)


def _kind(item: Line | Grid) -> str:
    return "grid" if isinstance(item, Grid) else item.kind


def side(column: Column) -> str:
    """The style of a column's cells."""
    return ("left" if column.left else "right") + (" spare" if column.spare else "")


def size(grid: Grid) -> str:
    """Whether a grid stays a table on a phone."""
    spare = {n for n, column in enumerate(grid.columns) if column.spare}
    return "few" if sum(widths(without(grid, spare))) <= PHONE_LETTERS else "many"


def shape(chart: Chart) -> str:
    """The style that says how high a chart is."""
    if chart.is_bars:
        return " bars"
    if chart.across is not None:
        return " moves"
    return " tall" if chart.inches else " many" if len(chart.panels) > 1 else ""


def in_words(chart: Chart) -> str:
    """A chart for those who cannot see it."""
    return f"{chart.title}: {', '.join(names_of(chart))}. {chart.reading}".strip()


@cache
def _asset(name: str) -> Markup:
    """A file that stands beside this one, to be taken as it is."""
    return Markup((OWN / name).read_text(encoding="utf-8"))


def _data(charts: list[Chart]) -> Markup:
    """The charts' data as JSON that cannot end its script element."""
    text = json.dumps(packed(charts), allow_nan=False, separators=(",", ":"))
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(safe)


def packed(charts: list[Chart]) -> Json:
    """The template and all charts as JSON may hold them, small: what `charts.js` reads."""
    most = points_each(charts)
    made = [specification(chart, most) for chart in charts]
    for one in made:
        for trace in one["data"]:
            trace |= {axis: _packed(trace[axis]) for axis in "xy"}
    return {"template": TEMPLATE, "charts": made}


def _packed(figures: Any) -> Any:  # noqa: ANN401
    """Floats as plotly reads them in base64, seven digits; times as steps of their common unit.

    Worked: 1000, 4000, 10000 ms -> {"from": 1000, "unit": 3000, "steps": [0, 1, 2]}.
    """
    if not isinstance(figures, np.ndarray):
        return figures
    if figures.dtype.kind == "f":
        raw = figures.astype("<f4").tobytes()
        return {"dtype": "f4", "bdata": base64.b64encode(raw).decode("ascii")}
    steps = np.diff(figures, prepend=figures[:1])
    unit = max(int(np.gcd.reduce(steps)), 1) if steps.size else 1
    first = int(figures[0]) if figures.size else 0
    return {"from": first, "unit": unit, "steps": (steps // unit).tolist()}


def points_each(charts: list[Chart]) -> int:
    """Points that each line of a page may have beside all marks. Worked: 60 lines -> 400.

    A band has two edges, each with the places of both; a mark has a size too.
    """
    traces = [one for chart in charts for one in chart.traces]
    lines = sum(4 if one.kind == "band" else 1 for one in traces if one.kind in ("line", "band"))
    marks = sum(2 * one.y.size for one in traces if one.kind not in ("line", "band"))
    each = (FIGURES_ON_PAGE - marks) // max(lines, 1)
    return max(FEWEST_POINTS, min(MOST_POINTS, each))
