"""A page as text for a terminal, at any width from 20 columns; colour only when asked for."""

import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from volsculpt.report.blocks import (
    Grid,
    Kind,
    Line,
    Page,
    Section,
    cleaned,
    legend,
    narrower,
    without,
)

NARROWEST = 20
MARKS: dict[Kind, tuple[str, str]] = {  # kind -> what the first line begins with, and the others
    "plain": ("", ""),
    "action": ("", "  "),
    "detail": ("  ", "  "),
    "head": ("", "  "),
    "bullet": ("- ", "  "),
    "legend": ("", ""),
    "warning": ("! ", "  "),
    "good": ("", ""),
}
STYLES: dict[Kind, str] = {
    "action": "bold cyan",
    "head": "bold",
    "legend": "dim",
    "warning": "yellow",
    "good": "green",
}


def rendered(page: Page, width: int = 80, color: bool = False) -> str:
    """The page as text, no line wider than `width` cells (at least 20)."""
    if width < NARROWEST:
        raise ValueError(f"width = {width}: a page needs at least {NARROWEST} columns")
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        legacy_windows=False,
        force_jupyter=False,
        markup=False,
        emoji=False,
        highlight=False,
    )
    _print_page(console, cleaned(page))
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n")).strip("\n") + "\n"


def _print_page(console: Console, page: Page) -> None:
    head = Text(page.title, style="bold")
    head.append(f", {page.lead}" if page.lead else "", style="not bold")
    _print_wrapped(console, head, "", "")
    for section in page.sections:
        console.print()
        _print_section(console, section)


def _print_section(console: Console, section: Section) -> None:
    if section.title:
        _print_wrapped(console, Text(section.title.upper(), style="bold blue"), "", "")
    for item in section.items:
        if isinstance(item, Line):
            text = Text(item.text, style=STYLES.get(item.kind, ""))
            _print_wrapped(console, text, *MARKS[item.kind])
        else:
            _print_grid(console, item)


def _print_wrapped(console: Console, text: Text, first: str, rest: str) -> None:
    """Print text wrapped, words longer than a line broken, with a hanging indent."""
    room = console.width - max(len(first), len(rest))
    for number, line in enumerate(text.wrap(console, room, overflow="fold")):
        indent = Text(rest if number else first, style=text.style)
        console.print(indent + line, soft_wrap=True)


def _print_grid(console: Console, grid: Grid) -> None:
    """Print a grid in the first form that fits, and the legend of what it shows.

    The forms: whole; without spare columns; names on lines of their own; a list of figures.
    """
    forms = list(_ever_narrower(grid))
    whole = next((form for form in forms if _width(form) <= console.width), None)
    titled = next((f for f in forms if _width(without(f, {0})) <= console.width), None)
    shown = whole or titled or grid
    if whole:
        console.print(_table(whole, whole.rows, heads=True))
    elif titled:
        _print_titled(console, titled)
    else:
        for row in grid.rows:
            _print_record(console, (column.head for column in grid.columns), row)
    if legend(shown):
        _print_wrapped(console, Text(legend(shown), style=STYLES["legend"]), "", "")


def _ever_narrower(grid: Grid | None) -> Iterator[Grid]:
    """The grid, then it without its most spare columns, and so on."""
    while grid is not None:
        yield grid
        grid = narrower(grid)


def _print_titled(console: Console, grid: Grid) -> None:
    """Print a grid with the name of each row on a line of its own above it."""
    bare = without(grid, {0})
    for number, (name, rows) in enumerate(groupby(grid.rows, key=lambda row: row[0])):
        if number == 0:
            console.print(_table(bare, [], heads=True))
        _print_wrapped(console, Text(name, style="bold"), "", "  ")
        console.print(_table(bare, [row[1:] for row in rows], heads=False))


def _widths(grid: Grid) -> list[int]:
    """The widest cell of each column, its head included."""
    heads = tuple(column.head for column in grid.columns)
    return [max(map(cell_len, cells)) for cells in zip(heads, *grid.rows, strict=True)]


def _width(grid: Grid) -> int:
    """The width of a grid as a table, with two blanks between columns."""
    return sum(_widths(grid)) + 2 * (len(grid.columns) - 1)


def _table(grid: Grid, rows: Sequence[tuple[str, ...]], heads: bool) -> Table:
    """Some rows of a grid, in columns as wide as all of its rows need."""
    table = Table(
        box=SIMPLE_HEAD,
        show_header=heads,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="bold",
    )
    for column, width in zip(grid.columns, _widths(grid), strict=True):
        side: Literal["left", "right"] = "left" if column.left else "right"
        table.add_column(Text(column.head), justify=side, width=width, no_wrap=True)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _print_record(console: Console, heads: Iterable[str], row: tuple[str, ...]) -> None:
    """One row of a grid as lines `head: cell` under its first cell."""
    pairs = list(zip(heads, row, strict=True))
    _print_wrapped(console, Text(pairs[0][1], style="bold"), "", "  ")
    for head, cell in pairs[1:]:
        if cell:
            _print_wrapped(console, Text(f"{head}: {cell}"), "  ", "    ")
