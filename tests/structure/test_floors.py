"""The house of the design: every file has a floor, and imports point down."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.structure.import_graph import (
    ADDRESSES,
    DATA_FOLDERS,
    DOORS,
    FLOORS,
    Import,
    cycles,
    graph,
    imports_of,
    is_misplaced,
    is_own,
    is_uphill,
    unit,
)
from tests.structure.source_tree import PACKAGE, called_name, nodes_of, package_files, shown

PURE_UP_TO = 4  # the floors that decide: no files, no clock, no printing
MAY_READ_FILES = ("contracts/catalog", "hedge/regimes/reading", "market/", "sources")
MAY_READ_CLOCK = ("trade/clock",)
CLOCK = {"now", "utcnow", "today"}
FILES = {"open", "read_text", "read_bytes", "write_text", "write_bytes"}
SEEDED = {"default_rng", "Generator", "SeedSequence", "PCG64", "Philox", "BitGenerator"}


def all_imports() -> list[Import]:
    """Every import in the package."""
    return [link for path in package_files() for link in imports_of(path)]


def pure_files() -> list[Path]:
    """The files on the floors that may touch nothing but their arguments."""
    return [path for path in package_files() if FLOORS.get(unit(path), 99) <= PURE_UP_TO]


def place(path: Path) -> str:
    """A file's place inside the package, without its suffix."""
    return path.relative_to(PACKAGE).with_suffix("").as_posix()


def calls(paths: list[Path], ends: set[str]) -> Iterator[str]:
    """Where a name that ends so is called."""
    for path in paths:
        for call in nodes_of(path, ast.Call):
            if called_name(call).split(".")[-1] in ends:
                yield f"{shown(path)}:{call.lineno} calls {called_name(call)}"


def test_every_file_has_a_floor() -> None:
    """A file that stands on no floor has no place in the house."""
    known = {*FLOORS, *DOORS}
    assert [shown(path) for path in package_files() if unit(path) not in known] == []


def test_data_folders_hold_no_python() -> None:
    """A data folder is read, never imported."""
    held = [shown(p) for folder in DATA_FOLDERS for p in (PACKAGE / folder).rglob("*.py")]
    assert held == []


def test_imports_point_down() -> None:
    """A file imports from floors below or its own folder; neighbours are strangers."""
    assert [link.where for link in all_imports() if is_own(link.module) and is_uphill(link)] == []


def test_no_import_cycles() -> None:
    """No file needs itself, however far round, lazy imports included."""
    assert cycles(graph()) == []


def test_a_foreign_library_has_one_address() -> None:
    """What comes from outside enters by one door, so that it can be replaced there."""
    assert [link.where for link in all_imports() if is_misplaced(link)] == []


def test_floors_that_decide_do_not_print() -> None:
    """A decision is returned, not printed."""
    assert list(calls(pure_files(), {"print"})) == []


def test_floors_that_decide_touch_no_files() -> None:
    """Only catalog, frameworks, store and the digest of the sources read what lies on disk."""
    closed = [path for path in pure_files() if not place(path).startswith(MAY_READ_FILES)]
    assert list(calls(closed, FILES)) == []


def test_time_is_an_argument() -> None:
    """Below the feeds nothing reads a clock, and all of trading asks the same one."""
    asked = [*pure_files(), *(path for path in package_files() if unit(path) == "trade")]
    timeless = [path for path in asked if not place(path).startswith(MAY_READ_CLOCK)]
    imported = [
        link.where for path in timeless for link in imports_of(path) if link.module == "time"
    ]
    assert [*imported, *calls(timeless, CLOCK)] == []


def test_random_numbers_have_a_seed() -> None:
    """No number is drawn from a state that nobody gave."""
    imported = [link.where for link in all_imports() if link.module == "random"]
    drawn = [where for path in package_files() for where in unseeded(path)]
    assert [*imported, *drawn] == []


def unseeded(path: Path) -> Iterator[str]:
    """Calls to numpy's hidden random state, or to a generator without a seed."""
    for call in nodes_of(path, ast.Call):
        name = called_name(call)
        hidden = ".random." in name and name.split(".")[-1] not in SEEDED
        blank = name.endswith("default_rng") and not (call.args or call.keywords)
        if hidden or blank:
            yield f"{shown(path)}:{call.lineno} calls {name}"


@pytest.mark.parametrize(
    ("module", "source", "uphill"),
    [
        ("volsculpt.errors", "decide/act.py", False),
        ("volsculpt.decide.band", "decide/act.py", False),
        ("volsculpt.hedge.fixed", "decide/act.py", False),
        ("volsculpt.market.quotes", "book/exposure.py", True),
        ("volsculpt.mandate", "decide/act.py", True),
        ("volsculpt", "decide/act.py", True),
        ("volsculpt.app.cli", "__main__.py", False),
    ],
)
def test_what_counts_as_uphill(module: str, source: str, uphill: bool) -> None:
    """The rule itself, on cases a reader can judge."""
    assert is_uphill(Import(PACKAGE / source, 1, module)) is uphill


def test_a_knot_is_found() -> None:
    """The search for cycles sees one where there is one."""
    links: dict[str, set[str]] = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}
    assert [set(loop) for loop in cycles(links)] == [{"a", "b", "c"}]


def test_addresses_name_real_floors() -> None:
    """Each address begins at a folder of the house."""
    assert {place.split("/")[0] for places in ADDRESSES.values() for place in places} <= set(FLOORS)
