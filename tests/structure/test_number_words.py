"""Numbers for people are worded by `text.py` alone: one form of a price, an amount, a share."""

import ast
import re
from pathlib import Path

import pytest

from volsculpt.text import decimals, signed_decimals

SRC = Path(__file__).resolve().parents[2] / "src" / "volsculpt"
BELOW = {"contracts", "market"}  # on the floors of text.py and under it: they cannot import it
FIGURE = re.compile(r"[+ ]?[0-9]*,?(\.[0-9]+)?[fge%]")
TYPED = {  # for programs, or to be typed: how many there are
    "trade/control/metrics.py": 6,  # the format of Prometheus
    "ledger/beancount.py": 2,  # the format of beancount
    "decide/quoting.py": 1,  # an option to copy
}


def formats_of(text: str) -> list[int]:
    """Lines on which a figure is formatted, but for those that are made a number again."""
    tree = ast.parse(text)
    again = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "float"
        for inner in ast.walk(node)
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            spec = "".join(
                part.value if isinstance(part, ast.Constant) else "0"
                for part in ast.walk(node.format_spec)
                if isinstance(part, ast.Constant)
            )
            is_figure = FIGURE.fullmatch(spec) and ("." in spec or "," in spec)
            if is_figure and id(node) not in again:
                found.append(node.lineno)
    return found


def test_figures_are_worded_in_one_place() -> None:
    """Nobody formats a figure by hand; what programs read, or a person types, is named above."""
    found = {}
    for path in sorted(SRC.rglob("*.py")):
        name = str(path.relative_to(SRC))
        if path.name != "text.py" and name.partition("/")[0] not in BELOW:
            lines = formats_of(path.read_text(encoding="utf-8"))
            if len(lines) > TYPED.get(name, 0):
                found[name] = lines
    assert found == {}, "use price, coins, usd, percent, leverage, decimals ... of volsculpt.text"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('f"{x:,.2f}"', [1]),
        ('f"{x:.1%}"', [1]),
        ('f"{x:+,.10g}"', [1]),
        ('float(f"{x:.6g}")', []),
        ('f"{count:,}"', []),
        ('f"{x:02d}"', []),
    ],
)
def test_what_counts_as_a_figure(text: str, lines: list[int]) -> None:
    """Counts and what is rounded are none."""
    assert formats_of(text) == lines


def test_decimals_stand_side_by_side() -> None:
    """As many behind the point, and no "-0.00"."""
    assert [decimals(one, 2) for one in (0.5, -0.001, 1234.5)] == ["0.50", "0.00", "1,234.50"]
    assert [signed_decimals(one, 2) for one in (0.714, -0.5, 0.0)] == ["+0.71", "-0.50", "0.00"]
