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


FOUND_BY_NAME = {  # folders whose files are alike and are found, not listed
    "app/cli/schemas",
    "app/cli/verbs",
    "contracts/data",
    "hedge/features",
    "hedge/policies",
}
KINDS = {".py", ".toml", ".json", ".html", ".css", ".js"}


def files_to_name(readme: Path) -> list[str]:
    """Every file that no README further down is to name, by its path from the README."""
    nearer = [one.parent for one in READMES if one != readme and readme.parent in one.parents]
    files = [path for path in readme.parent.rglob("*") if path.is_file() and path.suffix in KINDS]
    return [
        path.relative_to(readme.parent).as_posix()
        for path in sorted(files)
        if path.name != "__init__.py"
        and path.parent.relative_to(PACKAGE).as_posix() not in FOUND_BY_NAME
        and not any(path.is_relative_to(folder) for folder in nearer)
    ]


@pytest.mark.parametrize("path", READMES, ids=shown)
def test_a_readme_names_every_file(path: Path) -> None:
    """By its path from there; a folder whose files are found by name tells of `NAME` once."""
    text = path.read_text(encoding="utf-8")
    assert [name for name in files_to_name(path) if f"`{name}" not in text] == []


def test_every_folder_is_told_of() -> None:
    """A README in each, or in one above it; the package's own files stand in ARCHITECTURE.md."""
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    folders = [one.parent for one in READMES]
    files = [path for path in sorted(PACKAGE.rglob("*")) if path.suffix in KINDS]
    lone = [path for path in files if not any(path.is_relative_to(one) for one in folders)]
    dunder = [path for path in lone if path.name.startswith("__")]
    assert [path.name for path in lone if path not in dunder and f"`{path.name}`" not in page] == []
    assert {path.parent for path in dunder} <= {PACKAGE, *(one.parent for one in folders)}


@pytest.mark.parametrize("folder", sorted(FOUND_BY_NAME))
def test_a_folder_of_files_alike_is_told_of(folder: str) -> None:
    """Where its README says what stands there, by a name in capitals."""
    holder = PACKAGE / folder
    while not (holder / "README.md").is_file():
        holder = holder.parent
    within = (PACKAGE / folder).relative_to(holder).as_posix()
    text = (holder / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"`{within}/[A-Z]+\.[a-z]+`", text), holder
