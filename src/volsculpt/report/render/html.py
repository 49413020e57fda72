"""A page for browsers: one file that loads nothing, and a fragment for notebooks.

Templates escape every text; what they take as it is are our own files, and data as JSON. Charts
are drawn by plotly's script, which is inside the file: its basic bundle, a quarter of the whole.
"""

import base64
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from volsculpt.report.charts.chart import (
    IN_UNIT,
    MOST_LABELS,
    MOST_POINTS,
    Chart,
    Panel,
    Trace,
    names_of,
)
from volsculpt.report.charts.plotly_charts import specification
from volsculpt.report.charts.plotly_layout import TEMPLATE, Json, ends
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
from volsculpt.text import three_digits

OWN = files("volsculpt.report.render")
FIGURES_ON_PAGE = 22_000  # points and marks of a page, so that it stays under 1.5 MB
FEWEST_POINTS = 170  # of a line, however many there are
PHONE_LETTERS = 40  # a grid that needs more becomes a list on a phone

PAIR_LETTERS = 50  # of a grid whose ranges stand below their figures
LONGEST_NAME = 14  # of a row on a phone: longer ones take more lines
HALF_LETTERS = 22  # a head and its cell that need more have a line of a list for themselves
URGENT = ("action", "danger", "warning")

ChartsBySection = Sequence[tuple[int, Chart]]  # how many sections stand before a chart


@dataclass(frozen=True, slots=True)
class PagePart:
    """What stands under a title of a page: a section or a chart.

    name: its address, told by the contents. is_far: whether a phone shows its title alone until it
    is asked for.
    """

    name: str
    title: str
    style: str
    section: Section | None = None
    chart: Chart | None = None
    is_far: bool = False


def html_page(page: Page, charts: ChartsBySection, what: str) -> str:
    """A whole page, self-contained. what: the kind of page, behind its title."""
    return (
        _templates()
        .get_template("page.html")
        .render(
            _context(page, charts, what),
            whole=True,
            folding=_asset("assets/page.js"),
            plotly=_asset("vendor/plotly-basic.min.js"),
            data=_data([chart for _, chart in charts]) if charts else "",
            script=_asset("assets/charts.js"),
        )
    )


def html_fragment(page: Page, what: str) -> str:
    """The tables of a page with their style, to stand inside another page."""
    return _templates().get_template("fragment.html").render(_context(page, (), what), whole=False)


def _context(page: Page, charts: ChartsBySection, what: str) -> dict[str, object]:
    shown = cleaned(page)
    return {
        "page": shown,
        "parts": parts_of(shown, charts),
        "what": what,
        "style": _asset("assets/page.css"),
    }


def parts_of(page: Page, charts: ChartsBySection) -> list[PagePart]:
    """Sections and charts in their order; far is what follows the first picture, or the first part.

    What must be done or is wrong is never far.
    """
    after: dict[int, list[Chart]] = defaultdict(list)
    for place, chart in charts:
        after[min(place, len(page.sections))].append(chart)
    parts = [_picture(chart) for chart in after[0]]
    for place, section in enumerate(page.sections, 1):
        parts += [_section_part(section, place), *map(_picture, after[place])]
    near = next((place for place, one in enumerate(parts) if one.chart), 0)
    return [replace(one, is_far=n > near and not _is_urgent(one)) for n, one in enumerate(parts)]


def _picture(chart: Chart) -> PagePart:
    return PagePart(chart.key, chart.title, f"chart{shape(chart)}", chart=chart)


def _section_part(section: Section, place: int) -> PagePart:
    """A section, at an address of plain letters that is its own."""
    words = "-".join(re.findall("[a-z0-9]+", section.title.lower()))
    return PagePart(f"{place}-{words}".strip("-"), section.title, words, section=section)


def _is_urgent(part: PagePart) -> bool:
    items = part.section.items if part.section else ()
    return any(isinstance(one, Line) and one.kind in URGENT for one in items)


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
        "own": own,
        "runs": runs,
        "size": size,
        "styles": styles,
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


def own(grid: Grid) -> int:
    """How many columns stand for themselves, that of names left out."""
    return sum(not column.of for column in grid.columns) - 1


def styles(grid: Grid) -> list[tuple[str, Markup]]:
    """Of each column the style of its cells, and where it stands if a phone pairs them."""
    found, place = [], 0
    for column, wide in zip(grid.columns, widths(grid), strict=True):
        place += not column.of
        long = " long" if len(column.full_head) + wide > HALF_LETTERS else ""
        words = f"{side(column)}{' of' if column.of else ''}{long}"
        paired = size(grid) == "pairs" and place > 1
        found.append((words, Markup(f' style="--at: {place}"' if paired else "")))
    return found


def size(grid: Grid) -> str:
    """What becomes of a grid on a phone: a table still, one of pairs, or a list."""
    shown = without(grid, {n for n, column in enumerate(grid.columns) if column.spare})
    wide = widths(shown)
    wide[0] = max(min(wide[0], LONGEST_NAME), longest_word(row[0] for row in shown.rows))
    if sum(wide) <= PHONE_LETTERS:
        return "few"
    if not any(column.of for column in shown.columns):
        return "many"
    pairs = list[int]()
    for n, column in enumerate(shown.columns):
        letters = max(len(row[n]) for row in shown.rows) if n else wide[0]
        if column.of:
            pairs[-1] = max(pairs[-1], letters // 2 + 1)
        else:
            pairs.append(1 + max(letters, longest_word([column.head])))
    return "pairs" if sum(pairs) <= PAIR_LETTERS else "many"


def longest_word(texts: Iterable[str]) -> int:
    """Letters of what cannot be put on two lines."""
    return max((len(word) for text in texts for word in text.split()), default=0)


def shape(chart: Chart) -> str:
    """The style that says how high a chart is."""
    if chart.is_bars:
        return " bars"
    if chart.across is not None:
        return " moves"
    return " tall" if chart.inches else " many" if len(chart.panels) > 1 else ""


def in_words(chart: Chart) -> str:
    """A chart for those who cannot see it: what is drawn, and where each line goes."""
    lines = "".join(
        f" {words}."
        for panel in chart.panels
        for trace in panel.traces
        if (words := line_in_words(panel, trace))
    )
    return f"{chart.title}: {', '.join(names_of(chart))}. {chart.reading}{lines}".strip()


def line_in_words(panel: Panel, trace: Trace) -> str:
    """Both ends of a line, its lowest and its highest; "" of other traces and of gaps alone.

    Worked: "hedged, USD: begins at 100, ends at 150; lowest 90, highest 160".
    """
    there = trace.y[np.isfinite(trace.y)]
    if trace.kind != "line" or not there.size:
        return ""
    name = ", ".join(filter(None, (panel.title, trace.name, panel.axis)))
    first, last, least, most = (
        IN_UNIT[panel.unit](three_digits(float(one)))
        for one in (there[0], there[-1], there.min(), there.max())
    )
    return f"{name}: begins at {first}, ends at {last}; lowest {least}, highest {most}"


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
    made = [specification(chart, most) | _moving(chart) for chart in charts]
    for one in made:
        for trace in one["data"]:
            trace |= {axis: _packed(trace[axis]) for axis in "xy"}
    return {"template": TEMPLATE, "charts": made}


def _moving(chart: Chart) -> Json:
    """Whether a chart follows the span of time of all, and which of its axes may be logarithmic."""
    levels = [f"yaxis{ends(row)}" for row, one in enumerate(chart.panels) if can_be_log(one)]
    timed = chart.across is None and chart.together and not chart.is_bars
    return {"timed": timed, "levels": levels}


def can_be_log(panel: Panel) -> bool:
    """Whether growth by the same factor means the same, and every figure has a logarithm."""
    return panel.is_level and all(not np.any(one.y <= 0.0) for one in panel.traces)


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
