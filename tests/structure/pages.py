"""What the pages tell a reader to type, and what the program says it understands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from typer.testing import CliRunner

from tests.structure.files_of_project import markdown_files
from tests.structure.source_tree import shown
from volsculpt.app.cli.program import app

FENCE = re.compile(r"^\s*(`{3,}|~{3,})\s*(\w*)")
MARK = re.compile(r'^<!-- (run|not run: .+?|file [\w.-]+)((?: mask="[^"]+")*) -->$')
LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
NAME_IN_HELP = re.compile(r"^(?:│ |  )([a-z][a-z0-9-]*)(?:\s{2,}|\s*│?$)", re.MULTILINE)
OPTION_IN_HELP = re.compile(r"(?<![\w-])--?[A-Za-z][\w-]*")
SHELLS = {"console", "bash", "sh", "shell"}
QUIET = {"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"}

Verb = tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """A fenced block of a page, with the mark in the line before it.

    `<!-- run -->`: its commands succeed, and print what is shown below them, to a line `...`;
    `<!-- run mask="[0-9]+ s" -->`: but for what matches; `<!-- not run: REASON -->`;
    `<!-- file NAME -->`: it is the file of that name for all commands below it. `run` is what
    stands before the masks, or empty.
    """

    path: Path
    line: int
    language: str
    text: tuple[str, ...]
    run: str
    masks: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """`page:line`, to be printed in a failure."""
        return f"{shown(self.path)}:{self.line}"

    @property
    def file(self) -> str:
        """The name of the file that the block is, or empty."""
        return self.run.removeprefix("file ") if self.run.startswith("file ") else ""

    def sessions(self) -> list[tuple[str, str]]:
        """Each command of the block, with what is shown below it."""
        if self.language != "console":
            plain = (line.strip() for line in _joined(self.text))
            return [(line, "") for line in plain if line and not line.startswith("#")]
        found: list[tuple[str, list[str]]] = []
        for line in _joined(self.text):
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif found:
                found[-1][1].append(line)
        return [(command, "\n".join(output)) for command, output in found]


def _joined(lines: tuple[str, ...]) -> Iterator[str]:
    """Lines, each that ends in a backslash joined with the next."""
    whole = ""
    for line in lines:
        start = line.removeprefix("> ").lstrip() if whole else line
        whole += start.removesuffix("\\")
        if not line.endswith("\\"):
            yield whole
            whole = ""


def blocks_of(path: Path) -> list[Block]:
    """Every fenced block of a page."""
    found: list[Block] = []
    opened, start, before = "", 0, ""
    mark: re.Match[str] | None = None
    held: list[str] = []
    language = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        fence = FENCE.match(line)
        if not opened and fence:
            opened, language, start, held = fence[1], fence[2], number, []
            mark = MARK.match(before)
        elif opened and line.strip() == opened:
            run, masks = (mark[1], mark[2]) if mark else ("", "")
            told = tuple(re.findall(r'mask="([^"]+)"', masks))
            found.append(Block(path, start, language, tuple(held), run, told))
            opened = ""
        elif opened:
            held.append(line)
        before = line.strip()
    return found


def files_above(block: Block) -> dict[str, str]:
    """The files that a page has told by a block, by name; the last of a name holds."""
    told = (one for one in blocks_of(block.path) if one.file and one.line < block.line)
    return {one.file: "\n".join([*one.text, ""]) for one in told}


def shell_blocks() -> list[Block]:
    """Every block of the project's pages that tells a reader what to type."""
    return [b for path in markdown_files() for b in blocks_of(path) if b.language in SHELLS]


def links_of(path: Path) -> list[str]:
    """The relative links of a page, code left out, anchors cut off."""
    outside, opened = [], ""
    for line in path.read_text(encoding="utf-8").splitlines():
        fence = FENCE.match(line)
        if fence and (not opened or line.strip() == opened):
            opened = "" if opened else fence[1]
        elif not opened:
            outside.append(re.sub(r"`[^`]*`", "", line))
    targets = (link.split("#")[0] for link in LINK.findall("\n".join(outside)))
    return [t for t in targets if t and not re.match(r"[a-z]+:", t)]


def programs(command: str) -> Iterator[list[str]]:
    """The words of each program that a shell line starts, without variables set before it."""
    for piece in re.split(r"&&|\|\||[|;]", command):
        words = shlex.split(piece, comments=True)
        while words and re.match(r"^\w+=", words[0]):
            words = words[1:]
        if words[1:3] == ["-m", "volsculpt"]:
            words = words[2:]
        if words:
            yield [words[0].rsplit("/", 1)[-1], *words[1:]]


@cache
def help_text(verb: Verb) -> str:
    """What `volsculpt VERB --help` prints."""
    done = CliRunner().invoke(app, [*verb, "--help"], env=QUIET)
    assert done.exit_code == 0, f"{verb}\n{done.output[-1000:]}"
    return done.output


def verbs_below(verb: Verb) -> list[Verb]:
    """The verbs that a group of verbs lists; none for a verb that does something itself."""
    text = help_text(verb)
    if not re.search(r"Usage:.*COMMAND", text):
        return []
    return [(*verb, name) for name in NAME_IN_HELP.findall(text)]


def all_verbs(verb: Verb = ()) -> list[Verb]:
    """Every verb that does something, found by asking for help."""
    below = verbs_below(verb)
    if not below:
        return [verb]
    return [found for name in below for found in all_verbs(name)]


def misunderstood(words: list[str]) -> list[str]:
    """The verbs and options in a `volsculpt` command that the program does not know."""
    verb: Verb = ()
    rest = [word for word in words[1:] if word != "..."]
    while rest and verbs_below(verb) and not rest[0].startswith("-"):
        if not rest[0].islower():
            return []  # a placeholder: VERB
        if (*verb, rest[0]) not in verbs_below(verb):
            return [f"no verb {' '.join([*verb, rest[0]])!r}"]
        verb, rest = (*verb, rest[0]), rest[1:]
    known = set(OPTION_IN_HELP.findall(help_text(verb)))
    asked = [word.split("=")[0] for word in rest if re.match(r"--?[A-Za-z]", word)]
    return [f"{' '.join(verb)} has no {option}" for option in asked if option not in known]
