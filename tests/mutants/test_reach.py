"""Which statements were passed, and which tests are asked about one."""

import ast
import pickle
from pathlib import Path

import pytest

from tests.mutants.mutant import FOLDERS, files_of
from tests.mutants.probes import Probes, probe_lines
from tests.mutants.reach import Reach

ROOT = Path(__file__).resolve().parents[2]
SOURCE = b'''"""A module."""
ONE = 1


def sign(a: int, edge: int = 0) -> int:
    """-1, 0 or 1."""
    if a > edge:
        return ONE
    elif a == edge:
        return 0
    for _ in range(
        3
    ):
        a += 1
    return -ONE
'''


@pytest.mark.parametrize(
    ("given", "lines"), [(3, {7, 8}), (0, {7, 9, 10}), (-3, {7, 9, 11, 14, 15})]
)
def test_a_probe_says_what_was_passed(given: int, lines: set[int]) -> None:
    """Statements of functions, from the line that they begin on; nothing once it is cleared."""
    probes, names = Probes(), dict[str, object]()
    exec(probes.probed(SOURCE, "made_up.py", "a file"), names)
    assert not any(probes.reached())
    sign = names["sign"]
    assert callable(sign)
    sign(given)
    passed = {place for place, one in zip(probes.places, probes.reached(), strict=True) if one}
    assert passed == {("a file", line) for line in lines}
    probes.clear()
    assert not any(probes.reached())


def test_a_line_goes_by_its_innermost_statement() -> None:
    """The head of a function by the first statement inside; lines of no function by none."""
    lines = probe_lines(ast.parse(SOURCE))
    alone = {5: 7, **{line: line for line in (7, 8, 9, 10, 11, 14, 15)}}
    assert lines == {**alone, 12: 11, 13: 11}


def test_every_file_can_be_probed() -> None:
    """Every line that goes by a statement goes by one that has a probe."""
    for file in files_of(ROOT, [*FOLDERS, "hedge"])[::5]:
        probes, source = Probes(), (ROOT / file).read_bytes()
        probes.probed(source, file, "a file")
        probed = {line for _, line in probes.places}
        assert set(probe_lines(ast.parse(source)).values()) <= probed


def written(folder: Path) -> Reach:
    """Of statements of lines 1 to 4, where 4 was loaded after the first test ended."""
    places = [("f.py", line) for line in (1, 2, 3, 4)]
    tests = {
        "a.py::quick": (1.0, b"\1\0\0"),
        "a.py::slow": (5.0, b"\1\0\0\1"),
        "a.py::other": (2.0, b"\0\0\1\0"),
        "b.py::far": (1.0, b"\0\0\1\0"),
    }
    (folder / "reach").write_bytes(pickle.dumps((places, b"\0\1\0", tests)))
    reach = Reach()
    reach.add(folder / "reach", {("f.py", line) for line in (1, 2, 4)})
    return reach


def test_what_reaches_a_statement_is_kept(tmp_path: Path) -> None:
    """Of the statements that are wanted."""
    reach = written(tmp_path)
    assert reach.tests == {
        ("f.py", 1): ["a.py::quick", "a.py::slow"],
        ("f.py", 4): ["a.py::slow"],
    }
    assert reach.loading == {("f.py", 2)}
    assert reach.of_files() == {"a.py": 8.0, "b.py": 1.0}


def test_who_is_asked_about_a_statement(tmp_path: Path) -> None:
    """Who reaches it, the quickest first, then the rest of their files, while there is time."""
    reach, place = written(tmp_path), ("f.py", 1)
    quick, slow, other = "a.py::quick", "a.py::slow", "a.py::other"
    assert reach.asked(place, (), 8.0) == ([quick, slow, other], 0)
    assert reach.asked(place, (), 7.9) == ([quick, slow], 0)
    assert reach.asked(place, (), 5.9) == ([quick], 1)
    assert reach.asked(place, (slow, other), 8.0) == ([slow, quick, other], 0)
    assert reach.asked(place, (), 0.5) == ([quick], 1)
    assert reach.asked(("f.py", 2), (), 8.0) == ([], 0)
