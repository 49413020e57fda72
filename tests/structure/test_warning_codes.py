"""The page of warnings names every code, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.structure.source_tree import PACKAGE

PAGE = Path(__file__).resolve().parents[2] / "docs" / "warnings.md"
BEGINS = re.compile(r"([a-z]+(?:_[a-z]+)+): ")
WORD = re.compile(r"([a-z]+): ")  # a code of one word, told from a sentence by its file
CODE = re.compile(r"[a-z]+(?:_[a-z]+)+")
OF_ONE_WORD = {"report/rows/plan_warnings.py"}
IN_TUPLES = {"simulate/loans.py", "decide/quoting.py"}  # a code beside what is said of it
NO_WARNING = {
    "to_ns",
    "time_ns",
    "look_back_ns",
    "cash_rate",
    "length_ns",
    "step_ns",
}  # arguments, in errors


def codes_in(text: str, name: str) -> Iterator[str]:
    """Codes that a file makes: what a text begins with, or whole texts where they stand beside."""
    begins = re.compile(f"{BEGINS.pattern}|{WORD.pattern}") if name in OF_ONE_WORD else BEGINS
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = begins.match(node.value)
            if found is not None:
                yield found[0].removesuffix(": ")
            elif name in IN_TUPLES and CODE.fullmatch(node.value):
                yield node.value


def test_the_page_names_every_code() -> None:
    """Of plans and of backtests; a code that is not made any more is gone from it."""
    names = {str(path.relative_to(PACKAGE)): path for path in PACKAGE.rglob("*.py")}
    made = {
        code
        for name, path in names.items()
        for code in codes_in(path.read_text(encoding="utf-8"), name)
    }
    rows = re.findall(r"^\| `([a-z_]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == sorted(set(rows))
    assert set(rows) - {"synthetic"} == made - NO_WARNING


def test_codes_are_found() -> None:
    """However they are made."""
    text = 'a = f"old_price: {x}"\nfor code in ("loan_sold", "other"):\n    f"{code}: {x}"\n'
    assert set(codes_in(text, "simulate/loans.py")) == {"old_price", "loan_sold"}
    assert set(codes_in('f"owed: {x}"', "report/rows/plan_warnings.py")) == {"owed"}
    assert list(codes_in('f"owed: {x}"', "market/walk.py")) == []
