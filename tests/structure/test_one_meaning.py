"""A type has one name in the whole package, and a name one meaning."""

import ast
from collections import defaultdict
from pathlib import Path

from tests.structure.source_tree import package_files, shown


def types_of(path: Path) -> list[tuple[str, str]]:
    """(name, what it means) of the types that a file makes: a class stands for itself."""
    found = []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            found.append((node.name, shown(path)))
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name[0].isupper() and not name.isupper():
                found.append((name, ast.unparse(node.value)))
    return found


def meanings(paths: list[Path]) -> dict[str, set[str]]:
    """Every name of a type, and what it means where; one meaning may be written in two files."""
    found = defaultdict(set)
    for path in paths:
        for name, meaning in types_of(path):
            found[name].add(meaning)
    return found


def test_no_type_has_the_name_of_another() -> None:
    """Nobody who reads `Event` must ask which."""
    double = {name for name, places in meanings(package_files()).items() if len(places) > 1}
    assert double == set()


def test_a_name_with_two_meanings_is_found(tmp_path: Path) -> None:
    """Two classes, or a class and an alias; the same alias in two files is one meaning."""
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    one.write_text("class Event: ...\nRow = list[int]\nKind = list[str]\nEVER = 1\n")
    two.write_text("Event = int\nRow = list[int]\nclass Kind: ...\nEVER = 2\n")
    found = meanings([one, two])
    assert {name for name, places in found.items() if len(places) > 1} == {"Event", "Kind"}
