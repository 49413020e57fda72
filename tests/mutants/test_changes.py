"""What is changed in a source, and what is left alone; which changes are drawn."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.mutants.changes import changes
from tests.mutants.equivalent import FILLED, SINGLE
from tests.mutants.mutant import (
    FOLDERS,
    Mutant,
    files_of,
    mutants_of,
    named,
    names_of,
    of_files,
    sample,
)

ROOT = Path(__file__).resolve().parents[2]
DRAWN = (*FOLDERS, "hedge", "report/stats")  # folders that lines have been drawn from


def becomes(text: str) -> set[str]:
    """All that a text may become."""
    source = text.encode()
    return {one.applied(source).decode() for one in changes(source)}


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("a < b", {"a <= b", "a > b"}),
        ("a < b * 1e-05", {"a > b * 1e-05", "a <= b * 1e-05", "a < b / 1e-05", "a < b * 2e-05"}),
        ("a < b * (1.0 - 1e-9)", {"a > b * (1.0 - 1e-09)", "a < b * (2.0 - 1e-9)"}),
        ("a == b", {"a != b"}),
        ("a is not b", {"a is b"}),
        ("a <= b < c", {"a < b < c", "a >= b < c", "a <= b <= c", "a <= b > c"}),
        ("a + b", {"a - b"}),
        ("(a + b) * c", {"(a + b) / c", "(a - b) * c"}),
        ("a * side", set()),
        ("a and b", {"(a or b)"}),
        ("x = min(a, key=b)", {"x = max(a, key=b)"}),
        ("x = math.floor(a)", {"x = math.ceil(a)"}),
        ("x = range(n)", {"x = range(n - 1)"}),
        ("-a", {"(a)"}),
        ("not a", {"(a)"}),
        ("b if a else c", {"c if a else b"}),
        ("rows[0]", {"rows[0 + 1]", "rows[1]"}),
        ("a = 0.05", {"a = 0.1"}),
        ("a += b", {"pass", "a -= b"}),
        ("rows[n] = b", {"pass"}),
        ("f(a)", {"pass"}),
        ("raise ValueError(f'{a + 1}')", {"pass"}),
    ],
)
def test_each_kind_of_change(text: str, others: set[str]) -> None:
    """One fault at a time, of every kind that hands make."""
    assert becomes(text) == others


@pytest.mark.parametrize(
    ("result", "others"),
    [
        ("float", {"return (a) + 1", "return -(a)"}),
        ("bool", {"return not (a)"}),
        ("str | None", {"return None"}),
        ("str", set()),
    ],
)
def test_another_value_is_returned(result: str, others: set[str]) -> None:
    """Of the kind that the function says it returns."""
    found = becomes(f"def f(a: int) -> {result}:\n    return a")
    assert found == {f"def f(a: int) -> {result}:\n    {other}" for other in others}


def test_nothing_is_not_turned() -> None:
    """No sum sees whether 0 is negative."""
    text = "def f() -> float:\n    return {}"
    assert becomes(text.format("0.0")) == {text.format("1.0"), text.format("(0.0) + 1")}


@pytest.mark.parametrize(("flag", "other"), [(0, 1), (1, 0)])
def test_a_flag_is_turned(flag: int, other: int) -> None:
    """Yes for no and no for yes: who asks may compare with either."""
    text = "def f() -> int:\n    return {}"
    assert becomes(text.format(flag)) == {text.format(other)}


@pytest.mark.parametrize(
    "text",
    [
        '"""Says 1 + 1."""',
        "EDGE = 1e-9",
        "a: list[1 + 1]",
        "zip(a, b, strict=True).c",
        "@f(n=1)\nclass A:\n    pass",
        "f'{a + 1}'",
        "assert a < b",
        "raise AssertionError(a)",
        "def f(a: int = None) -> tuple[1]: ...",
    ],
)
def test_what_nothing_hangs_on_is_left_alone(text: str) -> None:
    """Words, types, tolerances, decorators and guards."""
    assert becomes(text) == set()


def test_a_change_keeps_all_other_text() -> None:
    """Words with letters of more than one byte before it, comments and lines stay as they are."""
    text = "# σ\na = '×'; b = (\n    c  +  d\n)  # sum\n"
    assert becomes(text) == {text.replace("c  +  d", "c - d")}


def test_every_change_can_be_parsed() -> None:
    """In every file that is drawn from."""
    for file in files_of(ROOT, DRAWN)[::4]:
        source = (ROOT / file).read_bytes()
        for one in changes(source)[::7]:
            assert ast.parse(one.applied(source)).body


def hidden(path: Path) -> set[tuple[str, str]]:
    """(line, what becomes what) of the changes of a file that are not drawn, of those listed."""
    source, lines = path.read_bytes(), path.read_text(encoding="utf-8").splitlines()
    every = [Mutant("a file", one) for one in changes(source)]
    drawn = Counter(one.shown for one in mutants_of(path, "a file"))
    counted = Counter(one.shown for one in every)
    return {
        (named(lines, one.change.line), one.shown)
        for one in every
        if counted[one.shown] > drawn[one.shown]
    }


def test_what_nobody_could_see_is_there_and_not_drawn() -> None:
    """Every entry of the list is found in the sources, and no drawn change is one of them."""
    listed, found = {one[0] for one in SINGLE}, set[tuple[str, str, str]]()
    filled = set[tuple[str, str]]()
    for path in (ROOT / one for one in files_of(ROOT, DRAWN)):
        text = path.read_text(encoding="utf-8")
        filled |= {(path.name, one) for name, one in FILLED if f"def {one}(" in text}
        for name in listed.intersection(names_of(path)):
            found |= {(name, *one) for one in hidden(path)}
    assert set(FILLED) <= filled
    assert set(SINGLE) <= found
    assert becomes("def f(a: int) -> int:\n    return [0] * a")
    assert not changes(b"def f() -> list[int]:\n    return [0]", ["f"])


def test_a_seed_names_its_lines() -> None:
    """The same lines for the same seed, no line twice, others for another seed."""
    files = files_of(ROOT, FOLDERS)
    first, again, other = (sample(ROOT, files, 20, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert len({(one.file, one.change.line) for one in first}) == 20
    many = (sample(ROOT, files_of(ROOT, FOLDERS, one), 400, 1) for one in (True, False))
    assert [any(one.is_machinery for one in drawn) for drawn in many] == [True, False]


def test_lines_are_drawn_from_the_folders_that_are_named() -> None:
    """And from the folders in them; all lines where fewer are there than are asked for."""
    package, files = ROOT / "src/volsculpt", files_of(ROOT, ["hedge"])
    inside = {
        path.parent.relative_to(package).as_posix() for path in package.rglob("hedge/**/*.py")
    }
    assert {Path(one).parent.relative_to("src/volsculpt").as_posix() for one in files} == inside
    few = files_of(ROOT, ["hedge/estimators"])
    assert set(few) < set(files)
    lines = {(one.file, one.change.line) for one in of_files(ROOT, few, 1, every=True)}
    assert {(one.file, one.change.line) for one in sample(ROOT, few, 10**6, 1)} == lines


def test_a_file_is_changed_line_by_line() -> None:
    """One change a line, or every one, or those of the lines that are named."""
    file = "src/volsculpt/exchange/place.py"
    every = of_files(ROOT, [file], 1, every=True)
    one = of_files(ROOT, [file], 1, every=False)
    lines = sorted({mutant.change.line for mutant in every})
    assert [mutant.change.line for mutant in one] == lines
    assert set(one) < set(every) == set(mutants_of(ROOT / file, file))
    named_ones = of_files(ROOT, [f"{file}:{lines[3]},{lines[5]}"], 1, every=False)
    assert [mutant.change.line for mutant in named_ones] == [lines[3], lines[5]]
