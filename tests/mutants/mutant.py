"""A change of a file of the package, and which changes there are: all of a file, or random ones."""

import ast
import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.changes import Change, changes
from tests.mutants.equivalent import FILLED, SINGLE
from tests.mutants.probes import Place, probe_lines

FOLDERS = ("contracts", "book", "decide", "exchange", "simulate")
PACKAGE = "src/volsculpt/"
MACHINERY = ("compiled.py", "parts.py", "registries.py", "warm.py")  # plain tests see little of it
BARE = ("break", "continue", "return 0", "return 1")  # they say nothing of their place


@dataclass(frozen=True)
class Mutant:
    """A change of a file of the package."""

    file: str
    change: Change

    @property
    def place(self) -> str:
        """File and line."""
        return f"{self.file.removeprefix(PACKAGE)}:{self.change.line}"

    @property
    def folder(self) -> str:
        """The folder of the package that it is in."""
        return self.file.split("/")[2]

    @property
    def module(self) -> str:
        """What Python calls its file."""
        return self.file.removeprefix("src/").removesuffix(".py").replace("/", ".")

    @property
    def is_machinery(self) -> bool:
        """Whether it is of how to compile, which only compiled tests see."""
        return Path(self.file).name in MACHINERY

    @property
    def shown(self) -> str:
        """What becomes what, on one line, without the words around it that stay."""
        old, new = (one.split() for one in (self.change.old, self.change.new))
        start = alike(old, new)
        end = alike(old[start:][::-1], new[start:][::-1])
        kept = [" ".join(one[start : len(one) - end]) for one in (old, new)]
        return " -> ".join(map(short, kept))


@dataclass(frozen=True)
class Found:
    """What became of a mutant.

    killer: the test that failed, "" where none did. asked, left_out: how many tests were asked, and
    how many more reach the line that the limit of time left out.
    """

    mutant: Mutant
    killer: str
    seconds: float
    asked: int = 0
    left_out: int = 0

    @property
    def told(self) -> str:
        """Its lines of the table."""
        fate = self.killer or f"SURVIVED {self.asked} tests"
        if self.left_out and not self.killer:
            fate += f", {self.left_out} more that reach it left out for want of time"
        one = self.mutant
        return f"{one.place}: {one.shown}\n    {self.seconds:.0f} s  {fate}"


def alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words at the start are the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (left, right) in pairs if left != right), min(len(one), len(other)))


def short(text: str, most: int = 44) -> str:
    """The start of a text."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def mutants_of(path: Path, file: str) -> Iterator[Mutant]:
    """All changes of a file, but those that nobody could see."""
    source = path.read_bytes()
    lines = source.decode().splitlines()
    filled = [function for name, function in FILLED if name == path.name]
    for change in changes(source, filled):
        mutant = Mutant(file, change)
        line = named(lines, change.line)
        if not any((name, line, mutant.shown) in SINGLE for name in names_of(path)):
            yield mutant


def names_of(path: Path) -> tuple[str, str]:
    """How lists name a file: alone, or with its folder where another has the same name."""
    return path.name, f"{path.parent.name}/{path.name}"


def named(lines: Sequence[str], number: int) -> str:
    """A line as lists name it: a bare `continue` or `return 1` with the line before it."""
    line = lines[number - 1].strip()
    return f"{lines[number - 2].strip()} {line}" if line in BARE else line


def by_line(root: Path, files: Collection[str]) -> dict[tuple[str, int], list[Mutant]]:
    """The changes of files, under file and line."""
    lines: dict[tuple[str, int], list[Mutant]] = {}
    for file in files:
        for mutant in mutants_of(root / file, file):
            lines.setdefault((file, mutant.change.line), []).append(mutant)
    return lines


def files_of(root: Path, folders: Sequence[str], machinery: bool = True) -> list[str]:
    """The files of folders of the package, and of the folders in them.

    Args: root: of the tree; folders: under the package: hedge/estimators; machinery: whether those
    of how to compile are among them.
    """
    return [
        str(path.relative_to(root))
        for folder in folders
        for path in sorted((root / PACKAGE / folder).rglob("*.py"))
        if machinery or path.name not in MACHINERY
    ]


def sample(root: Path, files: Sequence[str], count: int, seed: int) -> list[Mutant]:
    """Random lines that can be changed, all where there are no more, each with one of its changes.

    Args: root: of the tree; files: that lines are drawn from; count: how many; seed: of what is
    drawn.
    """
    lines, dice = by_line(root, files), random.Random(seed)
    drawn = dice.sample(sorted(lines), min(count, len(lines)))
    return [dice.choice(lines[line]) for line in drawn]


def of_files(root: Path, named_files: Sequence[str], seed: int, every: bool) -> list[Mutant]:
    """The changes of files: one of each line, drawn, or every one. FILE:37,40 is of these lines.

    Args: root: of the tree; named_files: as the command line says them; seed: of what is drawn;
    every: whether none is left out.
    """
    dice, found = random.Random(seed), list[Mutant]()
    for one in named_files:
        file, _, numbers = one.partition(":")
        wanted = {int(number) for number in numbers.split(",") if number}
        for (_, line), mutants in sorted(by_line(root, [file]).items()):
            if not wanted or line in wanted:
                found += mutants if every else [dice.choice(mutants)]
    return found


def places(root: Path, mutants: Sequence[Mutant]) -> set[Place]:
    """The statements in functions that are changed."""
    lines = {
        file: probe_lines(ast.parse((root / file).read_bytes()))
        for file in {one.file for one in mutants}
    }
    return {(one.file, lines[one.file].get(one.change.line, 0)) for one in mutants}
