"""The project speaks of itself alone, in clean text."""

import re
from collections.abc import Callable
from fnmatch import fnmatch

import pytest

from tests.structure.files_of_project import project_files, text_files
from tests.structure.source_tree import ROOT, shown

# Written in pieces, so that this file passes its own test.
MACHINE = re.compile("|".join(rf"/{a}{b}/" for a, b in [("wo", "rk"), ("fa", "rm"), ("ro", "ot")]))
REGISTRY = re.compile(
    "|".join(
        rf"{name}\.{end}"
        for name, end in [
            (r"pypi", "org"),
            (r"pythonhosted", "org"),
            (r"registry\.npmjs", "org"),
            (r"deb\.debian", "org"),
        ]
    )
    + "|"
    + "index"
    + "-url"
)
TRACKER = re.compile(r"\b(task|issue|ticket|pull request)s?\s*#\s*\d+", re.IGNORECASE)


def lines_with(found: Callable[[str], object]) -> list[str]:
    """Where a line of a text file of the project is as asked."""
    return [
        f"{shown(path)}:{number} {line.strip()[:80]!r}"
        for path, text in text_files()
        for number, line in enumerate(text.split("\n"), 1)
        if found(line)
    ]


@pytest.mark.parametrize("pattern", [MACHINE, REGISTRY, TRACKER], ids=["path", "host", "tracker"])
def test_nothing_points_at_one_machine(pattern: re.Pattern[str]) -> None:
    """No machine's path, no package registry, no tracker's number: they mean nothing elsewhere."""
    assert lines_with(pattern.search) == []


def test_lines_end_in_one_way() -> None:
    """Line feeds only, so that a diff shows what changed."""
    assert [shown(path) for path, text in text_files() if "\r" in text] == []


def test_no_line_ends_in_blanks() -> None:
    """What cannot be seen is not there."""
    assert lines_with(lambda line: line != line.rstrip(" \t")) == []


def test_every_file_ends_with_a_line_feed() -> None:
    """The last line of a file is a line."""
    assert [shown(path) for path, text in text_files() if text and not text.endswith("\n")] == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (MACHINE, "cd /wo" + "rk/main"),
        (REGISTRY, "see https://py" + "pi.org/project/x"),
        (TRACKER, "see iss" + "ue #12"),
    ],
)
def test_the_patterns_see_what_they_should(pattern: re.Pattern[str], line: str) -> None:
    """Each pattern finds what it is there to find."""
    assert pattern.search(line)


LEFT_BY_A_RUN = (b"SQLite format 3\0", b"PAR1")  # a ledger; a series of a store


def test_nothing_that_a_run_leaves_is_in_the_tree() -> None:
    """No ledger, what stands beside one, or store of prices; whatever it is called."""
    left = [
        shown(path)
        for path in project_files()
        if ".ledger" in path.name or path.read_bytes()[:16].startswith(LEFT_BY_A_RUN)
    ]
    assert left == []


@pytest.mark.parametrize("name", ["mine.ledger", "mine.ledger.paper", "mine.ledger-wal"])
def test_what_a_desk_writes_beside_its_ledger_is_ignored(name: str) -> None:
    """So that no commit takes it along."""
    patterns = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert any(fnmatch(name, pattern) for pattern in patterns)
