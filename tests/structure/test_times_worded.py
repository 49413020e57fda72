"""`text.py` alone words times: whoever speaks to people asks it."""

import ast
from pathlib import Path

import pytest

from tests.structure.source_tree import PACKAGE, called_name, nodes_of, shown

SPEAKS = [*(PACKAGE / "app").rglob("*.py"), *(PACKAGE / "report").rglob("*.py")]
ISO = {"iso", "iso_day", "iso_exact", "iso_trimmed"}  # as JSON and files have them
BY_HAND = {"strftime", "isoformat"}
DATE, MINUTE = len("2024-05-20"), len("2024-05-20 08:00")
ERRORS = {"rows/backtest_build.py", "rows/joint_build.py", "stats/returns.py"}  # said once more


def worded(path: Path) -> list[str]:
    """Where a file puts a stamp into a sentence as it is, or cuts a date out of one by hand."""
    inside = [one for text in nodes_of(path, ast.JoinedStr) for one in ast.walk(text)]
    calls = [one for one in inside if isinstance(one, ast.Call) and called_name(one) in ISO]
    made = [one for one in nodes_of(path, ast.Attribute) if one.attr in BY_HAND]
    cuts = [
        one
        for one in nodes_of(path, ast.Slice)
        if isinstance(one.upper, ast.Constant) and one.upper.value in {DATE, MINUTE}
    ]
    return [f"{shown(path)}:{one.lineno}" for one in (*calls, *made, *cuts)]


def test_whoever_speaks_to_people_asks_text_for_times() -> None:
    """What --json keeps of warnings and errors is worded again where it is printed."""
    spoken = [one for one in SPEAKS if not any(str(one).endswith(name) for name in ERRORS)]
    assert [place for path in spoken for place in worded(path)] == []


UNITS = {"DAY_NS", "HOUR_NS", "MINUTE_NS", "SECOND_NS"}
LENGTHS = {
    "text.py",
    "units.py",
    "market",
    "metrics.py",
    "level.py",
}  # below text, for programs, "7-day mean"


def lengths(path: Path) -> list[str]:
    """Where a file puts a length of time into a sentence in a unit of its own."""
    held = [one for one in nodes_of(path, ast.FormattedValue) if one.format_spec is not None]
    parts = [one for one in held if isinstance(one.value, ast.BinOp)]
    return [
        f"{shown(path)}:{one.lineno}"
        for one in parts
        if {name.id for name in ast.walk(one.value) if isinstance(name, ast.Name)} & UNITS
    ]


def test_lengths_of_time_are_worded_in_one_form() -> None:
    """An age of 1,780 days is not 1.78e+03 of them."""
    files = [one for one in PACKAGE.rglob("*.py") if not LENGTHS & {*one.parts, one.name}]
    assert [place for path in files for place in lengths(path)] == []


def test_a_length_worded_by_hand_is_seen(tmp_path: Path) -> None:
    """The rule itself."""
    file = tmp_path / "one.py"
    file.write_text("said = f'{age / DAY_NS:.3g} days old'\n", encoding="utf-8")
    assert lengths(file) != []


@pytest.mark.parametrize(
    "line", ["f'at {iso(now)}'", "f'{a} on {iso_day(b)}'", "row.begins[:10]", "now.strftime('%H')"]
)
def test_a_time_worded_by_hand_is_seen(line: str, tmp_path: Path) -> None:
    """The rule itself."""
    file = tmp_path / "one.py"
    file.write_text(f"said = {line}\n", encoding="utf-8")
    assert worded(file) != []
