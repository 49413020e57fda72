"""Figures of a page's screens that the page works by hand, in tables marked `<!-- worked -->`.

A row is a figure, how it is found, the arithmetic, and what the screen shows; `;` parts several of
a kind. Arithmetic without a digit says why there is none: `given`, `not by hand`. One that ends in
`= RESULT` is of a figure that no screen shows.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.structure.pages import Block, blocks_of
from tests.structure.sessions import CUT
from tests.structure.source_tree import shown

MARKED = "<!-- worked -->"
NUMBER = r"\d[\d,]*(?:\.\d+)?"
WRITTEN = re.compile(rf"[+-]?{NUMBER}(?: %)?")
ALONE = re.compile(rf"(?<![\w.,:/[-])[+-]?({NUMBER})(?![\w:/]|[.,]\d|-\d)")
SIGNS = str.maketrans({"\u00d7": "*", "^": "!", ",": None})
ARITHMETIC = re.compile(r"(?:[\d.+\-*/() ]|root)+")
COLUMNS = 4
SMALL = 10  # numbers up to it are words of the prose: two coins, three steps


@dataclass(frozen=True)
class WorkedRow:
    """One row of a worked table."""

    where: str
    how: str
    arithmetic: str
    shown: str

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Each arithmetic with the figure that it makes; none where the row says why."""
        if not re.search(r"\d", self.arithmetic):
            return []
        made = [part.strip() for part in self.arithmetic.split(";")]
        if "=" in self.arithmetic:
            sides = [part.rpartition("=") for part in made]
            return [(left.strip(), written(right)[0]) for left, _, right in sides]
        return list(zip(made, written(self.shown), strict=True))


@dataclass
class WorkedScreen:
    """A block that is run, and the rows below it, up to the next one."""

    block: Block
    rows: list[WorkedRow] = field(default_factory=list)

    @property
    def printed(self) -> str:
        """What its commands print, as far as the page shows it."""
        return "\n".join(text.removesuffix(f"\n{CUT}") for _, text in self.block.sessions())

    @property
    def typed(self) -> str:
        """Its commands."""
        return "\n".join(command for command, _ in self.block.sessions())


def written(cell: str) -> list[str]:
    """The figures of a cell as they are written, with sign and percent."""
    return [found[0] for part in cell.split(";") if (found := WRITTEN.search(part))]


def values(text: str, pattern: re.Pattern[str] = re.compile(f"({NUMBER})")) -> set[float]:
    """The numbers of a text, whatever their sign or unit."""
    return {float(one.replace(",", "")) for one in pattern.findall(text)}


def result(arithmetic: str) -> float:
    """What a calculator gives: + - x / ^ root( ) and percents."""
    plain = re.sub(r"([\d.]+) ?%", r"(\1/100)", arithmetic.translate(SIGNS)).replace("!", "**")
    if not ARITHMETIC.fullmatch(plain):
        raise ValueError(f"{arithmetic!r} is no arithmetic")
    return float(eval(plain, {"__builtins__": {}, "root": math.sqrt}))


def off(arithmetic: str, figure: str) -> float:
    """How far the arithmetic is from a figure, in units of the last digit that is shown."""
    number = figure.removesuffix(" %").replace(",", "")
    digits = len(number.partition(".")[2])
    scale = 100 if figure.endswith("%") else 1
    return abs(result(arithmetic) * scale - float(number)) * 10**digits


def stands_in(figure: str, printed: str) -> bool:
    """Whether a screen shows a figure just so, sign and percent counted."""
    return bool(re.search(rf"(?<![\d.,]){re.escape(figure)}(?!\d|[.,]\d)", printed))


def not_worked(screen: WorkedScreen) -> set[float]:
    """Figures of a screen that were not typed and stand in no row below it."""
    lines = re.sub(r"^\d+\. ", "", screen.printed, flags=re.MULTILINE)
    told = {value for row in screen.rows for value in values(row.shown)}
    return values(lines, ALONE) - told - values(screen.typed)


def outside(path: Path) -> Iterator[tuple[int, str | Block]]:
    """The lines of a page by their numbers, each block as one."""
    blocks = {block.line: block for block in blocks_of(path)}
    within = {line + n + 1 for line, block in blocks.items() for n in range(len(block.text) + 1)}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if number not in within:
            yield number, blocks.get(number, line)


def screens(path: Path) -> list[WorkedScreen]:
    """The screens of a page, each with the rows below it."""
    found: list[WorkedScreen] = []
    marked = False
    for number, line in outside(path):
        if isinstance(line, Block):
            found += [WorkedScreen(line)] if line.run == "run" else []
        elif not line.startswith("|"):
            marked = line == MARKED
        elif marked:
            found[-1].rows += row_of(line, f"{shown(path)}:{number}")
    return found


def row_of(line: str, where: str) -> Iterator[WorkedRow]:
    """The row that a line of a table is; none for its head."""
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    if len(cells) != COLUMNS:
        raise ValueError(f"{where}: a worked table has {COLUMNS} columns, this row {len(cells)}")
    if cells[3] != "screen" and not set(line) <= set("|-: "):
        yield WorkedRow(where, *cells[1:])


def unknown_in_prose(path: Path, found: Iterable[WorkedScreen]) -> set[float]:
    """Numbers of the prose, links and code left out, that no block and no row of the page shows."""
    known = {value for block in blocks_of(path) for value in values("\n".join(block.text))}
    for screen in found:
        for row in screen.rows:
            known |= values(f"{row.arithmetic} {row.shown}")
    told = [row.how for screen in found for row in screen.rows]
    told += [
        line
        for _, line in outside(path)
        if isinstance(line, str) and not line.startswith(("|", "<!--"))
    ]
    prose = re.sub(r"\]\([^)]*\)|`[^`]*`", "", "\n".join(told))
    return {one for one in values(prose, ALONE) if one > SMALL or one % 1} - known
