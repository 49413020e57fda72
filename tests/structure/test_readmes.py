"""The README of a folder names the files that are in it, and no others."""

import re
from pathlib import Path

import pytest

from tests.structure.source_tree import PACKAGE, shown

READMES = sorted(PACKAGE.rglob("README.md"))
ROOT = PACKAGE.parents[1]
PLACED = re.compile(r"`([a-z_/]+\.py)[`:]")
NAMED = re.compile(r"`([a-z_/]+\.py)`")


def is_there(name: str, folder: Path) -> bool:
    """Whether a file is named from the folder, from one above it, or by its last parts."""
    return any((one / name).is_file() for one in (folder, *folder.parents[:3]))


@pytest.mark.parametrize("path", READMES, ids=shown)
def test_a_readme_names_no_file_that_is_gone(path: Path) -> None:
    """A file that was renamed is renamed here too."""
    names = NAMED.findall(path.read_text(encoding="utf-8"))
    assert [name for name in names if not is_there(name, path.parent)] == []


def test_the_page_of_the_architecture_names_no_file_that_is_gone() -> None:
    """Each by its last parts, in the package or beside it."""
    names = set(PLACED.findall((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")))
    files = [f"/{one.relative_to(ROOT)}" for one in ROOT.rglob("*.py") if ".venv" not in one.parts]
    assert len(names) > 40
    assert [
        name for name in sorted(names) if not any(one.endswith(f"/{name}") for one in files)
    ] == []


@pytest.mark.parametrize("path", READMES, ids=shown)
def test_a_readme_names_every_file(path: Path) -> None:
    """Or none of a folder whose files are alike, such as policies, verbs and readers."""
    text = path.read_text(encoding="utf-8")
    files = [one.name for one in path.parent.glob("*.py") if one.name != "__init__.py"]
    if any(name in text for name in files):
        assert [name for name in files if name not in text] == []
