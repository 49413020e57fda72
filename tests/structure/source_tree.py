"""What the source is made of: files, functions, names; for the tests and scripts/lengths."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "volsculpt"
SCRIPTS = ROOT / "scripts"
TESTS = ROOT / "tests"

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Kind = TypeVar("Kind", bound=ast.AST)


@dataclass(frozen=True)
class Function:
    """One `def`, where it stands and how long it is, its decorators left out."""

    path: Path
    node: FunctionNode
    is_method: bool

    @property
    def lines(self) -> int:
        """From the line of `def` to the last line of the body."""
        return (self.node.end_lineno or self.node.lineno) - self.node.lineno + 1

    @property
    def where(self) -> str:
        """`path:line name`, to be printed in a failure."""
        return f"{shown(self.path)}:{self.node.lineno} {self.node.name}"

    @property
    def arguments(self) -> list[ast.arg]:
        """Every argument that needs an annotation: not `self` or `cls`."""
        a = self.node.args
        named = [*a.posonlyargs, *a.args]
        if self.is_method and named and named[0].arg in {"self", "cls", "mcs"}:
            named = named[1:]
        stars = [star for star in (a.vararg, a.kwarg) if star is not None]
        return [*named, *a.kwonlyargs, *stars]


@dataclass(frozen=True)
class Figures:
    """The lengths and the share of annotated arguments, of some files."""

    function_median: float
    function_p90: float
    function_max: int
    file_median: float
    file_max: int
    annotated_share: float


def shown(path: Path) -> str:
    """A path as a person would name it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def package_files() -> list[Path]:
    """Every Python file of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def files_of_tests() -> list[Path]:
    """Every Python file under tests."""
    return sorted(TESTS.rglob("*.py"))


def benchmark_files() -> list[Path]:
    """Every Python file under benchmarks."""
    return sorted((ROOT / "benchmarks").rglob("*.py"))


def script_files() -> list[Path]:
    """Every Python file under scripts, whether or not its name says so."""
    named = [p for p in SCRIPTS.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    return sorted(p for p in named if p.suffix == ".py" or "python" in first_line(p))


def first_line(path: Path) -> str:
    """The first line of a text file, empty for an empty file."""
    return next(iter(path.read_text(encoding="utf-8").splitlines()), "")


def own_python_files() -> list[Path]:
    """Every Python file of the project."""
    return [*package_files(), *files_of_tests(), *script_files(), *benchmark_files()]


def line_count(path: Path) -> int:
    """How many lines a file has."""
    return len(path.read_text(encoding="utf-8").splitlines())


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of one file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions(paths: Sequence[Path]) -> list[Function]:
    """Every function of the files, nested ones and methods too."""
    return [function for path in paths for function in _functions_in(path, tree(path), False)]


def _functions_in(path: Path, node: ast.AST, in_class: bool) -> Iterator[Function]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, FunctionNode):
            yield Function(path, child, in_class)
        yield from _functions_in(path, child, isinstance(child, ast.ClassDef))


def called_name(call: ast.Call) -> str:
    """The dotted name of what is called: `np.random.default_rng`; empty when it has none."""
    return dotted(call.func)


def dotted(node: ast.AST) -> str:
    """`a.b.c` for a chain of attributes; an unnamed start is left out: `.b.c`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def nodes_of(path: Path, kind: type[Kind]) -> list[Kind]:
    """Every node of one kind in a file."""
    return [node for node in ast.walk(tree(path)) if isinstance(node, kind)]


def unannotated(function: Function) -> list[str]:
    """The arguments, and `return`, that a function leaves without an annotation."""
    missing = [a.arg for a in function.arguments if a.annotation is None]
    return missing if function.node.returns is not None else [*missing, "return"]


def figures(paths: Sequence[Path]) -> Figures:
    """What scripts/lengths prints; zeros where there is nothing to measure."""
    found = functions(paths)
    lengths = sorted(f.lines for f in found) or [0]
    files = [line_count(path) for path in paths] or [0]
    asked = sum(len(f.arguments) + 1 for f in found)
    missing = sum(len(unannotated(f)) for f in found)
    return Figures(
        function_median=statistics.median(lengths),
        function_p90=lengths[min(len(lengths) - 1, int(0.9 * len(lengths)))],
        function_max=lengths[-1],
        file_median=statistics.median(files),
        file_max=max(files),
        annotated_share=1.0 - missing / asked if asked else 1.0,
    )
