"""A page for browsers: one file that loads nothing, and a fragment for notebooks.

What stands in it is the page of `content`, escaped; the figure is drawn by plotly's script,
which is inside the file.
"""

import json
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from volsculpt.report.charts.plan import MOST_LABELS, Series, series_of
from volsculpt.report.charts.plan_plotly import specification
from volsculpt.report.document import (
    Grid,
    Kind,
    Line,
    Page,
    Section,
    cleaned,
    legend,
    tied,
    widths,
    without,
)
from volsculpt.report.pages.plan import content
from volsculpt.report.rows.plan import PlanRows

ASSETS = files("volsculpt.report.render") / "assets"
FIGURE_AFTER = 2  # sections before the figure: what to do, and why
PHONE_LETTERS = 40  # a grid that needs more becomes a list on a phone


def page(plan: PlanRows) -> str:
    """The whole page of a plan, self-contained."""
    shown, series = cleaned(content(plan)), series_of(plan)
    parts = [section_html(section) for section in shown.sections]
    after = FIGURE_AFTER + bool(plan.dangers)
    parts.insert(min(after, len(parts)), figure_html(series))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(shown.title)}: hedge plan</title>\n<style>{_asset('page.css')}</style>\n"
        f'</head>\n<body class="volsculpt">\n{head_html(shown)}\n' + "\n".join(parts) + "\n"
        f"<script>{plotly_script()}</script>\n"
        f'<script id="volsculpt-figure" type="application/json">{_data(series)}</script>\n'
        f"<script>{_asset('figure.js')}</script>\n</body>\n</html>\n"
    )


def plotly_script() -> str:
    """plotly's script, read beside its package: importing that takes longer than drawing."""
    found = find_spec("plotly")
    assert found is not None, "plotly is one of the libraries that volsculpt needs"
    assert found.origin is not None
    return (Path(found.origin).parent / "package_data" / "plotly.min.js").read_text("utf-8")


def fragment(plan: PlanRows) -> str:
    """The tables of a plan with their style, to stand inside another page."""
    shown = cleaned(content(plan))
    parts = "\n".join(section_html(section) for section in shown.sections)
    return (
        f"<style>{_asset('page.css')}</style>\n"
        f'<div class="volsculpt">\n{head_html(shown)}\n{parts}\n</div>\n'
    )


def head_html(shown: Page) -> str:
    """The title and what follows it."""
    return (
        f'<header><h1>{escape(shown.title)}</h1><p class="lead">{escape(shown.lead)}</p></header>'
    )


def figure_html(series: Series) -> str:
    """The place of the figure, with words for those who cannot see it."""
    marks = "".join(f"<li>{escape(mark.label)}</li>" for mark in series.marks)
    size = "marks more" if len(series.marks) > MOST_LABELS else "marks"
    note = f'<ul class="{size}">{marks}</ul>' if marks else ""
    return (
        f'<section class="figure"><h2>Wealth, hedged and not</h2>\n'
        f'<div id="figure" role="img" aria-label="{escape(series.title)}"></div>\n'
        f"{note}</section>"
    )


def section_html(section: Section) -> str:
    """A section: its title, then its lines and grids."""
    body = "\n".join(_items_html(section.items))
    place = section.title.lower().replace(" ", "-")
    return f'<section class="{escape(place)}"><h2>{escape(section.title)}</h2>\n{body}\n</section>'


def _items_html(items: Sequence[Line | Grid]) -> list[str]:
    """Lines and grids in order; neighbouring bullets become one list."""
    made: list[str] = []
    for item in items:
        if isinstance(item, Grid):
            made.append(grid_html(item))
        elif item.kind == "bullet" and made and made[-1].endswith("</ul>"):
            made[-1] = made[-1].removesuffix("</ul>") + f"<li>{escape(tied(item.text))}</li></ul>"
        else:
            made.append(_line_html(item))
    return made


def _line_html(line: Line) -> str:
    if line.kind == "bullet":
        return f"<ul><li>{escape(tied(line.text))}</li></ul>"
    tags: dict[Kind, str] = {"head": "h3"}
    tag = tags.get(line.kind, "p")
    return f'<{tag} class="{line.kind}">{escape(tied(line.text))}</{tag}>'


def grid_html(grid: Grid) -> str:
    """A table whose cells know the head of their column, for narrow screens; and its legend."""
    spare = {n for n, column in enumerate(grid.columns) if column.spare}
    size = "few" if sum(widths(without(grid, spare))) <= PHONE_LETTERS else "many"
    sides = [
        ("left" if column.left else "right") + (" spare" if column.spare else "")
        for column in grid.columns
    ]
    heads = "".join(
        f'<th class="{side}" scope="col">{escape(column.head)}</th>'
        for column, side in zip(grid.columns, sides, strict=True)
    )
    rows = "".join(f"<tr>{_cells_html(grid, row, sides)}</tr>\n" for row in grid.rows)
    told = f'<p class="legend">{escape(legend(grid))}</p>' if legend(grid) else ""
    return (
        f'<div class="scroll"><table class="{size}"><thead><tr>{heads}</tr></thead>\n'
        f"<tbody>\n{rows}</tbody></table></div>{told}"
    )


def _cells_html(grid: Grid, row: tuple[str, ...], sides: list[str]) -> str:
    return "".join(
        f'<td class="{side}" data-head="{escape(column.full_head)}">{escape(cell)}</td>'
        for column, side, cell in zip(grid.columns, sides, row, strict=True)
    )


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _data(series: Series) -> str:
    """The figure's data as JSON that cannot end its script element."""
    text = json.dumps(specification(series), allow_nan=False)
    return text.replace("<", "\\u003c").replace("&", "\\u0026")
