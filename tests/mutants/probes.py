"""Probes before every statement of a function: which of them a test reaches.

They are put into the syntax tree while a module is loaded, so lines and text stay as they are.
"""

import ast
import builtins
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

NAME = "__reached__"
Place = tuple[str, int]  # a file, and the line that a statement in a function begins on


class Prober(ast.NodeTransformer):
    """Puts `__reached__[n] = 1` before every statement inside a function."""

    def __init__(self, note: Callable[[int], int]) -> None:
        """note: gives a line its number."""
        self.note, self.inside = note, False

    def visit(self, node: ast.AST) -> object:
        """The node with probes inside; a statement with one before it."""
        inside = self.inside
        self.inside = inside or isinstance(node, ast.FunctionDef)
        seen = self.generic_visit(node)
        self.inside = inside
        if not inside or not isinstance(node, ast.stmt) or is_words(node):
            return seen
        probe = ast.parse(f"{NAME}[{self.note(node.lineno)}] = 1").body[0]
        for part in ast.walk(probe):
            ast.copy_location(part, node)
        return [probe, seen]


def is_words(node: ast.AST) -> bool:
    """Whether it is a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def probe_lines(tree: ast.Module) -> dict[int, int]:
    """For lines inside functions, the line of the innermost statement they are part of.

    The head of a function that is in no other (its defaults) goes by the first statement inside.
    """
    found = dict[int, int]()

    def look(node: ast.AST, inside: bool) -> None:
        if isinstance(node, ast.stmt) and inside and not is_words(node):
            found.update(dict.fromkeys(range(node.lineno, (node.end_lineno or 0) + 1), node.lineno))
        if isinstance(node, ast.FunctionDef) and not inside:
            first = next((one for one in node.body if not is_words(one)), None)
            if first is not None:  # one of words alone does nothing that a probe could stand in
                found.update(dict.fromkeys(range(node.lineno, node.body[0].lineno), first.lineno))
            inside = True
        for part in ast.iter_child_nodes(node):
            look(part, inside)

    look(tree, inside=False)
    return found


class Probes:
    """All probes of files, and which of them were passed since they were last cleared."""

    def __init__(self) -> None:
        self.places, self.passed = list[Place](), bytearray()
        setattr(builtins, NAME, self.passed)

    def probed(self, source: bytes, path: str, file: str) -> CodeType:
        """The code of a source, with probes."""

        def note(line: int) -> int:
            self.places.append((file, line))
            self.passed.append(0)
            return len(self.places) - 1

        tree = Prober(note).visit(ast.parse(source))
        assert isinstance(tree, ast.Module)
        return compile(tree, path, "exec", dont_inherit=True)

    def load(self, root: Path, files: set[str]) -> None:
        """From now on, load files with probes."""
        plain = SourceFileLoader.get_code

        def get_code(loader: SourceFileLoader, name: str) -> CodeType | None:
            path = Path(loader.path)
            file = str(path.relative_to(root)) if path.is_relative_to(root) else ""
            if file not in files:
                return plain(loader, name)
            return self.probed(loader.get_data(loader.path), loader.path, file)

        SourceFileLoader.get_code = get_code  # type: ignore[assignment, method-assign]

    def clear(self) -> None:
        """Nothing is passed."""
        self.passed[:] = bytes(len(self.passed))

    def reached(self) -> bytes:
        """A byte a probe: 1 where it was passed."""
        return bytes(self.passed)
