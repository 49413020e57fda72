"""What a report is made of, whether it is printed or shown in a browser.

A page is a title and sections; a section is lines and grids. Text is plain: nothing in it is
markup; the back-ends (`terminal`, `html`) clean it with `cleaned` and escape it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

from volsculpt.text import sentence_and_code, with_moments

LineKind = Literal[
    "plain", "action", "detail", "head", "bullet", "legend", "warning", "danger", "good"
]
Narrow = Literal["shed", "cut", "fold"]
AnyRow = TypeVar("AnyRow")

# The blank between a figure and its unit, or a date and its hour, where no line must be broken.
UNIT_BLANK = re.compile(r"(?<=[0-9]) (?=%|[A-Z]{3,5}\b|(?:day|hour|year)s?\b|[0-9]{2}:[0-9]{2}\b)")


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, wrapped to the width there is. Details and bullets stand below a head.

    code: what programs know a warning by; shown small behind it.
    """

    text: str
    kind: LineKind = "plain"
    code: str = ""


def warned(warnings: Iterable[str]) -> list["Line | Grid"]:
    """Warnings as lines: the sentence first, the code that each began with behind it."""
    lines = (sentence_and_code(one) for one in warnings)
    return [Line(sentence, "warning", code) for sentence, code in lines]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a grid. The first to be left out where it is narrow has the highest `spare`.

    meaning: half a sentence for the legend, empty where the head says it all.
    of: the column before it that it belongs to, by its head: a range stays beside its figure.
    """

    head: str
    meaning: str = ""
    left: bool = False
    spare: int = 0
    of: str = ""

    @property
    def full_head(self) -> str:
        """The head where the column stands alone. Worked: "range" of "hedged", "hedged range"."""
        return f"{self.of} {self.head}".strip()


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of cells under columns; the first cell names the row.

    narrow: what becomes of it where it is too wide: "shed" leaves spare columns out, "cut" makes
    several tables of it, "fold" gives each row several lines.
    heat: how strong the colour of each cell of each row is, from -1 (lost) to 1, None without;
    empty where no cell has one. Terminals show none.
    """

    columns: tuple[Column, ...]
    rows: Sequence[tuple[str, ...]]
    narrow: Narrow = "shed"
    heat: Sequence[tuple[float | None, ...]] = ()


Cells = Sequence[tuple[Column, Callable[[AnyRow], str]]]


def grid_of(rows: Iterable[AnyRow], cells: Cells[AnyRow], narrow: Narrow = "shed") -> Grid:
    """Rows as a grid. cells: each column, and how its cell of a row is worded."""
    columns = tuple(column for column, _ in cells)
    return Grid(columns, [tuple(words(row) for _, words in cells) for row in rows], narrow)


MOST_SHOWN = 50  # rows of one kind on a page; what --json prints has all


def capped(
    things: Sequence[AnyRow],
    lines_of: Callable[[AnyRow], Iterable[Line | Grid]],
    what: str,
    most: int = MOST_SHOWN,
) -> list[Line | Grid]:
    """The lines of the first things, then how many there are beside.

    Worked: of 60 orders the lines of 50, then "and 10 more orders; --json prints all".

    Args: things: all there are; lines_of: what stands of one of them; what: they are, plural;
    most: of them.
    """
    lines = [line for thing in things[:most] for line in lines_of(thing)]
    return lines + _beside(len(things), what, most)


def capped_lines(texts: Sequence[str], kind: LineKind, what: str) -> list[Line | Grid]:
    """A line a text, as `capped`."""
    return capped(texts, lambda text: [Line(text, kind)], what)


def capped_grid(grid: Grid, what: str) -> list[Line | Grid]:
    """A grid of its first rows, then how many there are beside; as `capped`."""
    rows = Grid(grid.columns, grid.rows[:MOST_SHOWN], grid.narrow)
    return [rows, *_beside(len(grid.rows), what, MOST_SHOWN)]


def _beside(count: int, what: str, most: int) -> list[Line | Grid]:
    more = count - most
    return [Line(f"and {more:,} more {what}; --json prints all")] if more > 0 else []


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page under a title."""

    title: str
    items: Sequence[Line | Grid]


@dataclass(frozen=True, slots=True)
class Page:
    """A whole report; `lead` follows the title on its line.

    verdict: the answer in half a line, which a browser keeps in sight.
    """

    title: str
    lead: str
    sections: list[Section] = field(default_factory=list)
    verdict: str = ""


def cleaned(page: Page) -> Page:
    """The page with every text on one line and free of control characters."""
    sections = [
        Section(clean(one.title), [_cleaned_item(item) for item in one.items])
        for one in page.sections
    ]
    return Page(clean(page.title), clean(page.lead), sections, clean(page.verdict))


def _cleaned_item(item: Line | Grid) -> Line | Grid:
    if isinstance(item, Line):
        return replace(item, text=clean(item.text))
    columns = tuple(replace(one, head=clean(one.head)) for one in item.columns)
    return replace(item, columns=columns, rows=[tuple(map(clean, row)) for row in item.rows])


def tied(text: str, blank: str = "\N{NO-BREAK SPACE}") -> str:
    """Text whose figures keep their units on their line: `blank` stands between the two."""
    return UNIT_BLANK.sub(blank, text)


def clean(text: str) -> str:
    """Text on one line, its times as people read them, without control characters.

    So a name cannot move the cursor.
    """
    return with_moments(" ".join("".join(c if c.isprintable() else " " for c in text).split()))


def without(grid: Grid, columns: set[int]) -> Grid:
    """The grid with some columns left out."""
    kept = [n for n in range(len(grid.columns)) if n not in columns]
    return Grid(
        tuple(grid.columns[n] for n in kept),
        [tuple(row[n] for n in kept) for row in grid.rows],
        grid.narrow,
        [tuple(row[n] for n in kept) for row in grid.heat],
    )


def narrower(grid: Grid) -> Grid | None:
    """The grid without its most spare columns; None when every column is needed."""
    most = max((column.spare for column in grid.columns), default=0)
    if most == 0:
        return None
    return without(grid, {n for n, column in enumerate(grid.columns) if column.spare == most})


def widths(grid: Grid, width: Callable[[str], int] = len) -> list[int]:
    """The widest cell of each column, its head included: in letters, or as `width` says."""
    heads = tuple(column.head for column in grid.columns)
    return [max(map(width, cells)) for cells in zip(heads, *grid.rows, strict=True)]


def legend(grid: Grid) -> str:
    """One line that explains the columns that need it; empty when none does."""
    explained = [f"{column.head}: {column.meaning}" for column in grid.columns if column.meaning]
    return "; ".join(explained) + "." if explained else ""
