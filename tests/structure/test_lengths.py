"""Short functions, short files, everything annotated, every test says what it holds."""

import ast
import re

from tests.structure.source_tree import (
    Function,
    called_name,
    dotted,
    figures,
    files_of_tests,
    functions,
    line_count,
    own_python_files,
    package_files,
    shown,
    tree,
    unannotated,
)

FUNCTION_LINES = 60
FILE_LINES = 400
MEDIAN_FUNCTION_LINES = 15
ARGUMENTS = 8
VERBS = "src/volsculpt/app/cli/verbs/"  # the command line makes an option of each argument there
MANY_ARGUMENTS = {
    "src/volsculpt/verbs.py": {"backtest", "paper"},
}  # those that still take them one by one; a name leaves with its arguments
# Written in halves, so that this file passes its own test.
UNFINISHED = re.compile(
    "|".join(rf"\b{one}{other}\b" for one, other in [("TO", "DO"), ("FIX", "ME"), ("HA", "CK")])
    + "|".join(["", r"\bX{3}\b", "NotImplemented" + "Error"])
)
EVASIONS = {"skip", "skipif", "xfail", "importorskip"}
CHECKING = ("assert", "check", "verify", "expect")


def written_tests() -> list[Function]:
    """Every test function of the project."""
    return [f for f in functions(files_of_tests()) if f.node.name.startswith("test_")]


def asserts_something(function: Function) -> bool:
    """Whether a test has an assert, expects an error, or calls a helper that checks."""
    for node in ast.walk(function.node):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call) and _is_check(called_name(node)):
            return True
    return False


def _is_check(name: str) -> bool:
    last = name.split(".")[-1]
    return name in {"pytest.raises", "pytest.warns"} or any(word in last for word in CHECKING)


def test_no_long_function() -> None:
    """A function fits on a screen."""
    found = functions(own_python_files())
    assert [f"{f.where}: {f.lines}" for f in found if f.lines > FUNCTION_LINES] == []


def argument_count(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Arguments a function names. Worked: def f(a, /, b, *rest, c): 3."""
    return len(node.args.posonlyargs) + len(node.args.args) + len(node.args.kwonlyargs)


def test_many_arguments_are_a_record() -> None:
    """More than eight things belong together, so they come as one; none is excused for nothing."""
    found: dict[str, set[str]] = {}
    for path in package_files():
        place = shown(path)
        many = {f.node.name for f in functions([path]) if argument_count(f.node) > ARGUMENTS}
        if many and not place.startswith(VERBS):
            found[place] = many
    assert found == MANY_ARGUMENTS


def test_no_long_file() -> None:
    """A file is read in one sitting."""
    counted = {shown(path): line_count(path) for path in own_python_files()}
    assert {name: lines for name, lines in counted.items() if lines > FILE_LINES} == {}


def test_functions_are_mostly_short() -> None:
    """Half of the functions of the package are a dozen lines or so."""
    assert figures(package_files()).function_median <= MEDIAN_FUNCTION_LINES


def test_everything_is_annotated() -> None:
    """Every argument and every result of the package has a type."""
    found = functions(package_files())
    assert [f"{f.where}: {', '.join(unannotated(f))}" for f in found if unannotated(f)] == []


def test_nothing_is_left_unfinished() -> None:
    """Code that is here is done."""
    assert [
        f"{shown(path)}:{number}"
        for path in own_python_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if UNFINISHED.search(line)
    ] == []


def test_no_test_steps_aside() -> None:
    """A test runs everywhere or does not exist."""
    assert [
        f"{shown(path)}:{node.lineno} {dotted(node)}"
        for path in files_of_tests()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in EVASIONS
        and dotted(node).startswith("pytest.")
    ] == []


def test_every_test_has_a_sentence() -> None:
    """A reader learns from the test what is promised."""
    assert [f.where for f in written_tests() if not ast.get_docstring(f.node)] == []


def test_every_test_asserts_something() -> None:
    """A test that cannot fail is not one."""
    assert [f.where for f in written_tests() if not asserts_something(f)] == []


def test_every_public_name_is_explained() -> None:
    """Each public function and class of the package says what it is."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    assert [
        f"{shown(path)}:{node.lineno} {node.name}"
        for path in package_files()
        for node in tree(path).body
        if isinstance(node, kinds) and not node.name.startswith("_") and not ast.get_docstring(node)
    ] == []
