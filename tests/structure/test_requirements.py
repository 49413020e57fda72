"""What is installed: exact wheels, held to hashes, and no more for a demo than it runs."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.structure.source_tree import ROOT

FILES = sorted((ROOT / "requirements").glob("*.txt"))
ENTRY = re.compile(
    r"^([a-z0-9][a-z0-9-]*)==\S+(?: ; [^\\]+)? \\\n((?:    --hash=.*\n)+)", re.MULTILINE
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def names(group: str) -> set[str]:
    """The libraries that a file installs."""
    text = (ROOT / "requirements" / f"{group}.txt").read_text(encoding="utf-8")
    return {name for name, _ in ENTRY.findall(text)}


def asked(lines: list[str]) -> set[str]:
    """The names in a list of requirements."""
    return {re.split(r"[\[<>=]", line)[0].lower() for line in lines}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_line_is_an_exact_wheel_with_hashes(path: Path) -> None:
    """Nothing but versions and hashes stands in a file: no address, no option, no range."""
    rest = ENTRY.sub("", path.read_text(encoding="utf-8"))
    assert [line for line in rest.splitlines() if line and not line.startswith("#")] == []


def test_files_hold_what_the_project_asks_for() -> None:
    """Whoever adds a dependency is told to renew the files."""
    needed, groups = asked(PROJECT["project"]["dependencies"]), PROJECT["dependency-groups"]
    assert needed - names("run") == set()
    assert (needed | asked(groups["test"])) - names("test") == set()
    assert asked(groups["build"]) - names("build") == set()


def test_a_demo_installs_no_test_tools() -> None:
    """Checks need what they need in a file of their own; what both need has one version."""
    assert names("run") & asked(PROJECT["dependency-groups"]["test"]) == set()
    assert names("run") <= names("test")
