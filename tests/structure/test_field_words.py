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
    """Types, functions, parameters and fields of a file, each within what it belongs to."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{within}{child.name}"
            if not isinstance(child, ast.ClassDef):
                a = child.args
                every = [*a.posonlyargs, *a.args, *a.kwonlyargs, a.vararg, a.kwarg]
                yield from (f"{within}{child.name}.{one.arg}" for one in every if one is not None)
            yield from names_in(child, f"{within}{child.name}.")
            continue
        if isinstance(node, ast.ClassDef | ast.Module):
            targets = child.targets if isinstance(child, ast.Assign) else []
            targets += [child.target] if isinstance(child, ast.AnnAssign) else []
            yield from (f"{within}{one.id}" for one in targets if isinstance(one, ast.Name))
        if isinstance(child, ast.Attribute) and isinstance(child.ctx, ast.Store):
            yield f"{within}{child.attr}"
        yield from names_in(child, within)


def foreign_names(path: Path) -> set[str]:
    """Names of a file, and its own, of which a part is no word of the field."""
    where = path.relative_to(PACKAGE).as_posix() if path.is_relative_to(PACKAGE) else path.name
    found = {f"{where} {name}" for name in names_in(tree(path))} | {f"{where} {path.stem}"}
    return {one for one in found if words_of(re.split("[ .]", one)[-1]) & NOT_OF_THE_FIELD}


def test_names_are_of_the_field() -> None:
    """No type, function, parameter, field, constant or module has a word of our own in its name."""
    found = {name for path in package_files() for name in foreign_names(path)}
    assert found - set(KEPT) == set(), "say what it is: requested, reported, observed, available"


def test_no_exception_is_out_of_date() -> None:
    """What is kept in spite of its words is still there."""
    found = {name for path in package_files() for name in foreign_names(path)}
    assert set(KEPT) - found == set()


def test_every_kind_of_name_is_looked_at(tmp_path: Path) -> None:
    """Modules, types, functions, parameters, fields of both kinds, constants; no word in a word."""
    path = tmp_path / "seen_flows.py"
    path.write_text(
        "UNTOLD = 1\n"
        "class LastSeen:\n"
        "    known_ns: int\n"
        "    def __init__(self, asked, *, replaces=1):\n"
        "        self.said = asked\n"
        "        drawn = 1\n"
        "def edges(): ...\n"
        "def unknown(): ...\n"
    )
    names = {one.partition(" ")[2] for one in foreign_names(path)}
    of_type = {"LastSeen", "LastSeen.known_ns", "LastSeen.__init__.asked", "LastSeen.__init__.said"}
    assert names == {"seen_flows", "UNTOLD", "edges"} | of_type
