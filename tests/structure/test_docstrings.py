"""A function of many arguments says what each of them is."""

import ast
import re
from pathlib import Path

from tests.structure.source_tree import Function, functions, package_files, tree

FEW_ARGUMENTS = 3


def own_classes() -> set[str]:
    """The names of the package's classes, whose own docstrings say what they hold."""
    found = [tree(path) for path in package_files()]
    return {node.name for one in found for node in ast.walk(one) if isinstance(node, ast.ClassDef)}


def types_with_help() -> set[str]:
    """The names of types that bring their help: `NAME = Annotated[..., Option(help=...)]`."""
    return {
        target.id
        for path in package_files()
        for node in tree(path).body
        if isinstance(node, ast.Assign) and brings_help(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def brings_help(annotation: ast.expr) -> bool:
    """Whether an annotation says in itself what the argument is, for the command line."""
    return any(
        isinstance(node, ast.keyword) and node.arg == "help" for node in ast.walk(annotation)
    )


def explains_itself(annotation: ast.expr, explained: set[str]) -> bool:
    """Whether a type is a class of ours, or None or one of ours, or brings its help."""
    if isinstance(annotation, ast.BinOp):
        sides = (annotation.left, annotation.right)
        return all(_is_none(one) or explains_itself(one, explained) for one in sides)
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return explains_itself(ast.parse(annotation.value, mode="eval").body, explained)
    named = isinstance(annotation, ast.Name) and annotation.id in explained
    return named or brings_help(annotation)


def _is_none(annotation: ast.expr) -> bool:
    return isinstance(annotation, ast.Constant) and annotation.value is None


def unexplained(function: Function, explained: set[str]) -> list[str]:
    """Arguments of a public function of many that neither type nor docstring tells about."""
    given = function.arguments
    if function.node.name.startswith("_") or len(given) <= FEW_ARGUMENTS:
        return []
    _, _, told = (ast.get_docstring(function.node) or "").partition("Args:")
    return [
        one.arg
        for one in given
        if one.annotation is None or not explains_itself(one.annotation, explained)
        if not re.search(rf"\b{one.arg}\b", told)
    ]


def test_many_arguments_are_explained() -> None:
    """Of more than three, each is named after `Args:` or has a type of ours or with its help."""
    explained = own_classes() | types_with_help()
    found = {one.where: unexplained(one, explained) for one in functions(package_files())}
    assert {name: lacking for name, lacking in found.items() if lacking} == {}


def test_a_function_that_explains_too_little_is_found() -> None:
    """A word before `Args:` is no explanation, and neither is a sequence of our records."""
    source = '''
def trade(book: Book, legs: Sequence[Leg], size: float, account: "Account | None") -> None:
    """Trade a size.

    Args: nothing is said.
    """
'''
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.FunctionDef)
    function = Function(Path("trade.py"), node, is_method=False)
    assert unexplained(function, {"Account", "Book", "Leg"}) == ["legs", "size"]
