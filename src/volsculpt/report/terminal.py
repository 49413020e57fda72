"""A page as text for a terminal, at any width from 20 columns; colour only when asked for."""

import io
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from volsculpt.report.blocks import Grid, Kind, Line, Page, Section, narrower

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    _print_page(console, page)
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
    """Print a grid as a table, with fewer columns where it is narrow, or as a list."""
    fitting: Grid | None = grid
    while fitting is not None:
        table = _table(fitting)
        if _natural(console, table) <= console.width:
            console.print(table)
            return
        fitting = narrower(fitting)
    for row in grid.rows:
        _print_record(console, (column.head for column in grid.columns), row)


def _natural(console: Console, table: Table) -> int:
    """The width a table has when nothing in it is wrapped."""
    options = console.options.update(width=10_000)
    return Measurement.get(console, options, table).maximum


def _table(grid: Grid) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for column in grid.columns:
        table.add_column(Text(column.head), justify="left" if column.left else "right")
    for row in grid.rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _print_record(console: Console, heads: "Iterable[str]", row: tuple[str, ...]) -> None:
    """One row of a grid as lines `head: cell` under its first cell."""
    pairs = list(zip(heads, row, strict=True))
    _print_wrapped(console, Text(pairs[0][1], style="bold"), "", "  ")
    for head, cell in pairs[1:]:
        if cell:
            _print_wrapped(console, Text(f"{head}: {cell}"), "  ", "    ")
