"""What has a second place beside its own: a chart, an alert, a policy that looks at the book.

Each is found in the source by what it is, so that no list here has to be told of it.
"""

import ast
import inspect
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.report import backtests
from tests.structure.source_tree import PACKAGE, ROOT, called_name, dotted, nodes_of
from volsculpt.hedge.registry import policy_class, policy_names
from volsculpt.report.backtest import CHART_POSITIONS
from volsculpt.trade.control.alerts import PATIENCE, READS, ROWS

CHARTS = sorted((PACKAGE / "report" / "charts").glob("*.py"))
DESK = sorted((PACKAGE / "trade").rglob("*.py"))
ROW = re.compile(r"^\| (`[a-z_]+:?.*?) \|.*?\| (.*?) \|", re.MULTILINE)  # key, told
TOLD_AFTER = {"`reads_fail`": READS, "`rows_late`": ROWS}
BLIND = re.compile(r"(time_ns|features(\.\w+)?|book\.underlying)")  # known without a book


# --- charts ---------------------------------------------------------------------------


def charts_of(paths: Sequence[Path]) -> dict[str, str]:
    """The maker of each chart of a backtest, and the key it gives its chart."""
    found = {}
    for path in paths:
        for made in nodes_of(path, ast.FunctionDef):
            hints = [*(one.annotation for one in made.args.args), made.returns]
            if [ast.unparse(one) for one in hints if one] == ["BacktestRows", "Chart"]:
                calls = [one for one in ast.walk(made) if isinstance(one, ast.Call)]
                (key,) = (one.args[0] for one in calls if called_name(one) == "Chart")
                found[made.name] = str(ast.literal_eval(key))
    return found


def test_every_chart_of_a_backtest_has_its_place() -> None:
    """After a section there is; without a place it would fall to the end of the page."""
    placed = [key for keys in CHART_POSITIONS.values() for key in keys]
    assert sorted(placed) == sorted(charts_of(CHARTS).values())
    titles = [one.title for one in backtests.report_of(backtests.inputs()).page().sections]
    assert [
        one for one in CHART_POSITIONS if not any(title.startswith(one) for title in titles)
    ] == []


def test_every_chart_of_a_backtest_is_drawn() -> None:
    """A maker that `makers` does not name is never asked."""
    lists = [one for path in CHARTS for one in nodes_of(path, ast.AnnAssign)]
    (makers,) = (one.value for one in lists if dotted(one.target) == "makers")
    assert isinstance(makers, ast.List)
    assert sorted(dotted(one).split(".")[-1] for one in makers.elts) == sorted(charts_of(CHARTS))


# --- alerts ---------------------------------------------------------------------------


def kinds_of(paths: Sequence[Path]) -> set[str]:
    """What the key of each alert begins with."""
    calls = [(one, path) for path in paths for one in nodes_of(path, ast.Call)]
    keys = [(one.args[0], path) for one, path in calls if called_name(one) == "Alert"]
    return {text.partition(":")[0] for key, path in keys for text in beginnings(key, path)}


def beginnings(node: ast.AST, path: Path) -> list[str]:
    """The words that a text may begin with; where they cannot be read, the expression."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    found = [text for one in first_parts(node, path) for text in beginnings(one, path)]
    return found or [f"? {ast.unparse(node)}"]


def first_parts(node: ast.AST, path: Path) -> list[ast.expr]:
    """What a text begins with: a part of it, or what its name or function is in the same file."""
    if isinstance(node, ast.JoinedStr):
        return node.values[:1]
    if isinstance(node, ast.FormattedValue):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    if isinstance(node, ast.Name):
        sets = nodes_of(path, ast.Assign)
        return [one.value for one in sets if dotted(one.targets[0]) == node.id]
    name = called_name(node) if isinstance(node, ast.Call) else ""
    made = [one for one in nodes_of(path, ast.FunctionDef) if one.name == name]
    back = [one for function in made for one in ast.walk(function) if isinstance(one, ast.Return)]
    return [one.value for one in back if one.value is not None]


def rows_of_page() -> dict[frozenset[str], str]:
    """The rows of docs/paper.md: the kinds of alert in each, and when they are told."""
    text = (ROOT / "docs" / "paper.md").read_text(encoding="utf-8")
    part = text.partition("\n## Alerts\n")[2].partition("\n## ")[0]
    return {frozenset(re.findall("`([a-z_]+)", keys)): told for keys, told in ROW.findall(part)}


def test_every_alert_has_its_row() -> None:
    """What is told stands on the page with what to do, and nothing that is never told."""
    listed = [kind for kinds in rows_of_page() for kind in kinds]
    assert sorted(listed) == sorted(kinds_of(DESK))


def test_a_row_says_when_an_alert_is_told() -> None:
    """At once, or after the time that its patience is named by."""
    for kinds, told in rows_of_page().items():
        asked = {after for key, after in PATIENCE.items() if key.split()[0] in kinds}
        assert {after for words, after in TOLD_AFTER.items() if words in told} == asked, kinds
        assert ("at once" in told) is bool(kinds - set(PATIENCE)), kinds


def test_the_kind_of_an_alert_is_found_wherever_it_is_written(tmp_path: Path) -> None:
    """In place, under a name, chosen of two, in a function; else the expression is told."""
    (tmp_path / "some.py").write_text(
        'Alert("a", 1)\nAlert(f"b:{x}", 1)\nkey = f"c:{x}"\nAlert(key, 1)\n'
        'kind = "d" if x else "e"\nAlert(f"{kind}:x", 1)\n'
        'def made(x): return f"f:{x}"\nAlert(made(x), 1)\nAlert(other.key, 1)\n'
    )
    assert kinds_of([tmp_path / "some.py"]) == {*"abcdef", "? other.key"}


# --- policies -------------------------------------------------------------------------


def looks_at(path: Path) -> list[str]:
    """What the step of a file's policy reads beside the time, the market and its coin's name."""
    kinds = [one for one in nodes_of(path, ast.ClassDef) if "Policy" in map(dotted, one.bases)]
    inside = [one for kind in kinds for one in kind.body if isinstance(one, ast.FunctionDef)]
    (step,) = (one for one in inside if one.name == "step")
    memory, given = (one.arg for one in step.args.args[1:])
    nodes = list(ast.walk(step))
    tuples = [one.value for one in nodes if isinstance(one, ast.Return)]
    passed = [one.elts[-1] for one in tuples if isinstance(one, ast.Tuple)]  # handed on unread
    parts = [*passed, *(one.value for one in nodes if isinstance(one, ast.Attribute))]
    whole = [one for one in nodes if isinstance(one, (ast.Name, ast.Attribute))]
    names = [dotted(one) for one in whole if not any(one is part for part in parts)]
    return [
        name
        for name in names
        for root, _, rest in [name.partition(".")]
        if root == memory or (root == given and not BLIND.fullmatch(rest))
    ]


@pytest.mark.parametrize("name", policy_names())
def test_a_policy_that_looks_at_the_book_says_so(name: str) -> None:
    """At the book or at its memory: a backtest shows a policy neither unless ASKS_BOOK is set."""
    file = inspect.getsourcefile(policy_class(name).step)  # its own, or that of its kind
    assert file is not None
    found = looks_at(Path(file))
    assert bool(found) is policy_class(name).ASKS_BOOK, found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("return Aim(given.features.value(given.book.underlying, self.f)), memory", []),
        ("return Aim(self.at(given.time_ns)), memory", []),
        ("return Aim(given.book.held_ratio), memory", ["given.book.held_ratio"]),
        ("book = given.book\n        return Aim(book.held_ratio), memory", ["given.book"]),
        ("return Aim(self.of(given)), memory", ["given"]),
        ("return Aim(memory or 0.5), memory", ["memory"]),
        ("return Aim(0.5), memory + 1", ["memory"]),
    ],
)
def test_what_a_policy_looks_at_is_found(tmp_path: Path, body: str, found: list[str]) -> None:
    """The rule itself, on steps a reader can judge."""
    step = f"class One(Policy):\n    def step(self, memory, given):\n        {body}\n"
    (tmp_path / "one.py").write_text(step)
    assert looks_at(tmp_path / "one.py") == found
