"""A page as text for a terminal, at any width from 20 columns; colour only when asked for.

rich wraps and colours; tables are set here. With rich's own a plan's tables take 22 ms, not 2, and
its module 6 ms more to load, of the 300 in which `plan` starts; and they neither cut nor fold.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from volsculpt.report.document import (
    Column,
    Grid,
    Line,
    LineKind,
    Page,
    Section,
    cleaned,
    legend,
    narrower,
    tied,
    widths,
    without,
)
from volsculpt.text import with_code

NARROWEST = 20
TIE = "\ue000"  # stands for a blank that no line is broken at; a page's own text cannot hold it
# kind -> what the first line begins with, and the others
MARKS: dict[LineKind, tuple[str, str]] = {
    "plain": ("", "  "),
    "action": ("", "  "),
    "detail": ("  ", "  "),
    "head": ("", "  "),
    "bullet": ("- ", "  "),
    "legend": ("", "  "),
    "warning": ("! ", "  "),
    "danger": ("! ", "  "),
    "good": ("", ""),
}
STYLES: dict[LineKind, str] = {
    "action": "bold cyan",
    "head": "bold",
    "legend": "dim",
    "warning": "yellow",
    "danger": "bold red",
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
    text = out.getvalue().replace(TIE, " ")
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n") + "\n"


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
    before: Line | Grid | None = None
    for item in section.items:
        if isinstance(item, Grid) and isinstance(before, Grid):
            console.print()
        before = item
        if isinstance(item, Line):
            words = with_code(tied(item.text, TIE), item.code)
            text = Text(words, style=STYLES.get(item.kind, ""))
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

    The forms: whole; without spare columns, or cut or folded, as the grid asks; names on lines of
    their own; a list of figures.
    """
    forms = list(_ever_narrower(grid))
    whole = next((form for form in forms if _width(form) <= console.width), None)
    tables = _cut(grid, console.width) if grid.narrow == "cut" and not whole else []
    lines = _folded(grid, console.width) if grid.narrow == "fold" and not whole else []
    titled = next((f for f in forms if _width(without(f, {0})) <= console.width), None)
    shown = whole or (titled if not tables and not lines else None) or grid
    if whole or tables:
        for place, table in enumerate(tables or [shown]):
            if place:
                console.print()
            _print_heads(console, table)
            _print_rows(console, table, table.rows, widths(table, cell_len))
    elif lines:
        _print_folded(console, grid, lines)
    elif titled:
        _print_titled(console, titled)
    else:
        for row in grid.rows:
            _print_record(console, (column.full_head for column in grid.columns), row)
    if legend(shown):
        _print_wrapped(console, Text(legend(shown), style=STYLES["legend"]), *MARKS["legend"])


def _cut(grid: Grid, width: int) -> list[Grid]:
    """The grid as tables that fit, each with the names of the rows; empty where none can.

    First the columns that stand for themselves, then those that belong to others, a table for
    each head: ranges of all books, side by side under the names of the books.
    """
    heads = dict.fromkeys(column.head for column in grid.columns if column.of)
    tables = _tables(_only(grid, [n for n, one in enumerate(grid.columns) if not one.of]), width)
    for head in heads:
        belong = [n for n, one in enumerate(grid.columns) if one.of and one.head == head]
        part = _only(grid, [0, *belong])
        names = (Column(head, left=True), *(Column(one.of) for one in part.columns[1:]))
        tables += _tables(Grid(names, part.rows, grid.narrow), width)
    return tables if all(_width(one) <= width for one in tables) else []


def _tables(grid: Grid, width: int) -> list[Grid]:
    """The grid as tables of as many columns as fit beside the names of the rows."""
    tables: list[list[int]] = [[0]]
    for n in range(1, len(grid.columns)):
        if len(tables[-1]) > 1 and _width(_only(grid, [*tables[-1], n])) > width:
            tables.append([0])
        tables[-1].append(n)
    return [_only(grid, table) for table in tables]


def _only(grid: Grid, kept: Sequence[int]) -> Grid:
    return without(grid, set(range(len(grid.columns))) - set(kept))


def _folded(grid: Grid, width: int) -> list[Grid]:
    """The columns by the line of a row they stand on; empty where one is too wide.

    All lines but the first are indented by two.
    """
    lines: list[list[int]] = [[]]
    for n in range(len(grid.columns)):
        room = width - (2 if len(lines) > 1 else 0)
        if lines[-1] and _width(_only(grid, [*lines[-1], n])) > room:
            lines.append([n])
        else:
            lines[-1].append(n)
    made = [_only(grid, line) for line in lines]
    fits = all(_width(one) <= width - (2 if row else 0) for row, one in enumerate(made))
    return made if fits else []


def _print_folded(console: Console, grid: Grid, lines: list[Grid]) -> None:
    """Print a grid whose rows take several lines."""
    indents = ["" if row == 0 else "  " for row in range(len(lines))]
    for indent, line in zip(indents, lines, strict=True):
        console.print(Text(indent + _heads(line), style="bold"), soft_wrap=True)
    whole = [_width(line) + len(indent) for indent, line in zip(indents, lines, strict=True)]
    console.print(Text("─" * max(whole)), soft_wrap=True)
    sizes = [widths(line, cell_len) for line in lines]
    for place in range(len(grid.rows)):
        for indent, line, wide in zip(indents, lines, sizes, strict=True):
            console.print(Text(indent + _row(line, line.rows[place], wide)), soft_wrap=True)


def _ever_narrower(grid: Grid | None) -> Iterator[Grid]:
    """The grid, then it without its most spare columns, and so on."""
    while grid is not None:
        yield grid
        grid = narrower(grid)


def _print_titled(console: Console, grid: Grid) -> None:
    """Print a grid with the name of each row on a line of its own above it."""
    bare = without(grid, {0})
    sizes = widths(bare, cell_len)
    _print_heads(console, bare)
    for name, rows in groupby(grid.rows, key=lambda row: row[0]):
        _print_wrapped(console, Text(name, style="bold"), "", "  ")
        _print_rows(console, bare, [row[1:] for row in rows], sizes)


def _width(grid: Grid) -> int:
    """The width of a grid as a table, with two blanks between columns."""
    return sum(widths(grid, cell_len)) + 2 * (len(grid.columns) - 1)


def _print_rows(
    console: Console, grid: Grid, rows: Sequence[tuple[str, ...]], sizes: list[int]
) -> None:
    """Some rows of a grid, in columns as wide as all of its rows need.

    Args: sizes: of its columns, cells.
    """
    for row in rows:
        console.print(Text(_row(grid, row, sizes)), soft_wrap=True)


def _print_heads(console: Console, grid: Grid) -> None:
    """The heads of the columns, and a rule below them."""
    console.print(Text(_heads(grid), style="bold"), soft_wrap=True)
    console.print(Text("─" * _width(grid)), soft_wrap=True)


def _heads(grid: Grid) -> str:
    return _row(grid, tuple(column.head for column in grid.columns), widths(grid, cell_len))


def _row(grid: Grid, row: tuple[str, ...], sizes: list[int]) -> str:
    cells = zip(row, sizes, grid.columns, strict=True)
    return "  ".join(_padded(cell, size, column.left) for cell, size, column in cells)


def _padded(cell: str, size: int, left: bool) -> str:
    blanks = " " * (size - cell_len(cell))
    return cell + blanks if left else blanks + cell


def _print_record(console: Console, heads: Iterable[str], row: tuple[str, ...]) -> None:
    """One row of a grid as lines `head: cell` under its first cell."""
    pairs = list(zip(heads, row, strict=True))
    _print_wrapped(console, Text(pairs[0][1], style="bold"), "", "  ")
    for head, cell in pairs[1:]:
        if cell:
            _print_wrapped(console, Text(f"{head}: {cell}"), "  ", "    ")
