"""Names say what a thing is in the words of the field, not that somebody asked or told it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.structure.source_tree import PACKAGE, package_files, tree

NOT_OF_THE_FIELD = frozenset(
    "asked told untold said unsaid seen unseen known calm edges places understood drawn".split()
)
KEPT = {  # names that others read, or that are the field's after all
    "book/state.py State.known": "a column that ledgers keep",
    "contracts/spec.py Margin.known_to": "a key of files of contracts, published too",
    "hedge/carry/standing.py CarryStanding.known_ns": "a memory that ledgers keep",
    "hedge/features/trend.py TrendMemory.seen": "a memory that ledgers keep",
    "hedge/refit.py FitMemory.known_ns": "a memory that ledgers keep",
    "hedge/regimes/steady.py RegimeMemory.known_ns": "a memory that ledgers keep",
    "hedge/window.py WindowMemory.known_ns": "a memory that ledgers keep",
    "ledger/events.py Stated.told": "a field of an event that ledgers keep",
    "report/rows/evaluation.py MandateRow.volatility_asked": "published by evaluate --json",
    "report/rows/plan.py PlanRows.next_unseen": "published by plan --json",
    "text.py decimals.places": "decimal places",
    "text.py signed_decimals.places": "decimal places",
}


def words_of(name: str) -> set[str]:
    """The parts of a name, in small letters. Worked: "SeenPrices" -> {"seen", "prices"}."""
    return set(re.sub("(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_"))


def names_in(node: ast.AST, within: str = "") -> Iterator[str]:
    """Every name that a file gives: types, functions, parameters, fields, constants and locals.

    Each stands within the type or function that it belongs to.
    """
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{within}{child.name}"
            yield from names_in(child, f"{within}{child.name}.")
            continue
        name = given_name(child)
        if name is not None:
            yield f"{within}{name}"
        yield from names_in(child, within)


def given_name(node: ast.AST) -> str | None:
    """The name that a node gives: of a parameter, of what is assigned, caught or matched."""
    if isinstance(node, ast.arg):
        return node.arg
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        return node.attr
    if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        return node.name
    return node.rest if isinstance(node, ast.MatchMapping) else None


def foreign_names(path: Path) -> set[str]:
    """Names of a file, and its own, of which a part is no word of the field."""
    where = path.relative_to(PACKAGE).as_posix() if path.is_relative_to(PACKAGE) else path.name
    found = {f"{where} {name}" for name in names_in(tree(path))} | {f"{where} {path.stem}"}
    return {one for one in found if words_of(re.split("[ .]", one)[-1]) & NOT_OF_THE_FIELD}


def test_names_are_of_the_field() -> None:
    """No module, type, function, parameter, field, constant or local has a word of our own."""
    found = {name for path in package_files() for name in foreign_names(path)}
    assert found - set(KEPT) == set(), "say what it is: requested, reported, observed, available"


def test_no_exception_is_out_of_date() -> None:
    """What is kept in spite of its words is still there."""
    found = {name for path in package_files() for name in foreign_names(path)}
    assert set(KEPT) - found == set()


def test_every_kind_of_name_is_looked_at(tmp_path: Path) -> None:
    """Modules, types, functions, parameters, fields of both kinds, constants, every local name."""
    path = tmp_path / "seen_flows.py"
    path.write_text(
        "UNTOLD = 1\n"
        "class LastSeen:\n"
        "    known_ns: int\n"
        "    def __init__(self, asked, *, replaces=1):\n"
        "        self.said = asked\n"
        "        drawn = [told for told in (lambda calm: calm)(asked)]\n"
        "        try: ...\n"
        "        except OSError as unsaid: ...\n"
        "        match drawn:\n"
        "            case [places, *unseen]: ...\n"
        "            case {1: 2, **understood}: ...\n"
        "def edges(): ...\n"
        "def unknown(): ...\n"
    )
    names = {one.partition(" ")[2] for one in foreign_names(path)}
    of_type = {"LastSeen", "LastSeen.known_ns", "LastSeen.__init__.asked", "LastSeen.__init__.said"}
    words = "drawn told calm unsaid places unseen understood".split()
    local = {f"LastSeen.__init__.{word}" for word in words}
    assert names == {"seen_flows", "UNTOLD", "edges"} | of_type | local
