"""Who imports whom, at the top of a file or inside a function, and on which floor each stands."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

from tests.structure.source_tree import PACKAGE, called_name, nodes_of, package_files, shown

NAME = PACKAGE.name

# A unit is a folder, or a file, directly in the package.
FLOORS: Mapping[str, int] = {
    "app": 11,
    "quick": 10,
    "ratios": 10,
    "verbs": 9,
    "report": 8,
    "simulate": 7,
    "trade": 7,
    "watch": 6,
    "statements": 6,
    "mandate": 5,
    "exchange": 5,
    "ledger": 5,
    "decide": 4,
    "hedge": 3,
    "book": 2,
    "market": 2,
    "text": 2,
    "contracts": 1,
    "errors": 0,
    "parsing": 0,
    "compilable": 0,
    "dimensions": 0,
    "sources": 0,
    "units": 0,
}
DOORS = frozenset({"__init__", "__main__"})  # of the package itself: they may see every floor
DATA_FOLDERS = frozenset({"schemas"})

# The only places that may import a foreign library.
ADDRESSES: Mapping[str, tuple[str, ...]] = {
    "apprise": ("app",),
    "arch": ("hedge",),
    "ccxt": ("trade/venues", "market/sources"),
    "cvxpy": ("hedge",),
    "dask": ("simulate",),
    "distributed": ("simulate",),
    "filelock": ("ledger",),
    "hmmlearn": ("hedge",),
    "httpx": ("market/sources", "trade"),
    "jinja2": ("report/render",),
    "prometheus_client": ("trade/control",),
    "joblib": ("simulate",),
    "llvmlite": ("simulate",),
    "markupsafe": ("report/render",),
    "matplotlib": ("report/charts",),
    "numba": ("simulate",),
    "platformdirs": ("simulate",),
    "plotly": ("report/charts", "report/result"),
    "psycopg": ("ledger",),
    "pydantic": ("mandate",),
    "rich": ("app", "report/render"),
    "sklearn": ("hedge",),
    "sqlalchemy": ("ledger",),
    "sqlite3": ("ledger",),
    "starlette": ("app/web",),
    "statsmodels": ("hedge",),
    "typer": ("app",),
    "uvicorn": ("app/web",),
}


@dataclass(frozen=True)
class Import:
    """One import of one module by one file."""

    path: Path
    line: int
    module: str

    @property
    def where(self) -> str:
        """`path:line imports module`, to be printed in a failure."""
        return f"{shown(self.path)}:{self.line} imports {self.module}"


def module_name(path: Path) -> str:
    """`volsculpt.book.exposure` for its file; a package for its `__init__.py`."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def unit(path: Path) -> str:
    """The folder, or the file without its suffix, directly in the package."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def unit_of_module(module: str) -> str:
    """The unit that a module of the package belongs to; empty for the package itself."""
    return [*module.split("."), ""][1]


@cache
def known_modules() -> frozenset[str]:
    """Every module of the package that has a file."""
    return frozenset(module_name(path) for path in package_files())


def imports_of(path: Path) -> Iterator[Import]:
    """Every module that a file imports, wherever in the file it does so."""
    for plain in nodes_of(path, ast.Import):
        for alias in plain.names:
            yield Import(path, plain.lineno, alias.name)
    for chosen in nodes_of(path, ast.ImportFrom):
        yield from _from_import(path, chosen)
    for call in nodes_of(path, ast.Call):
        if called_name(call).split(".")[-1] in {"import_module", "__import__"}:
            yield from _named_import(path, call)


def _from_import(path: Path, node: ast.ImportFrom) -> Iterator[Import]:
    base = node.module or ""
    if node.level:
        package = path.relative_to(PACKAGE.parent).parts[: -node.level]
        base = ".".join([*package, *([node.module] if node.module else [])])
    for alias in node.names:
        below = f"{base}.{alias.name}"
        yield Import(path, node.lineno, below if below in known_modules() else base)


def _named_import(path: Path, call: ast.Call) -> Iterator[Import]:
    if call.args and isinstance(call.args[0], ast.Constant):
        yield Import(path, call.lineno, str(call.args[0].value))


def is_own(module: str) -> bool:
    """Whether a module is one of the package's."""
    return module == NAME or module.startswith(f"{NAME}.")


def is_uphill(link: Import) -> bool:
    """Whether an import of the package's own goes up, or across to a neighbour."""
    source, target = unit(link.path), unit_of_module(link.module)
    if source in DOORS or source == target:
        return False
    return FLOORS.get(target, 99) >= FLOORS.get(source, -1)


def is_misplaced(link: Import) -> bool:
    """Whether a foreign library is imported away from its one address."""
    allowed = ADDRESSES.get(link.module.split(".")[0])
    if allowed is None:
        return False
    here = link.path.relative_to(PACKAGE).with_suffix("").as_posix()
    return not any(here == place or here.startswith(f"{place}/") for place in allowed)


def graph() -> dict[str, set[str]]:
    """Each module and the modules of the package that it imports."""
    links: dict[str, set[str]] = {module_name(path): set() for path in package_files()}
    for path in package_files():
        own = module_name(path)
        targets = {link.module for link in imports_of(path) if link.module in links}
        links[own] |= targets - {own}
    return links


def cycles(links: Mapping[str, set[str]]) -> list[list[str]]:
    """Import cycles: one for each knot, until none is left."""
    remaining = {module: set(targets) for module, targets in links.items()}
    found: list[list[str]] = []
    while True:
        try:
            TopologicalSorter(remaining).prepare()
        except CycleError as error:
            loop = list(error.args[1])
            found.append(loop)
            _cut(remaining, loop)
        else:
            return found


def _cut(links: dict[str, set[str]], loop: list[str]) -> None:
    """Remove the links along a loop, so that the next one can be found."""
    for one, other in pairwise(loop):
        links[one].discard(other)
        links[other].discard(one)
