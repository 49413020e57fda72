"""Forks and fresh processes judge real changes, and agree."""

from pathlib import Path

import pytest

from tests.mutants.changes import Change
from tests.mutants.fresh import Bench
from tests.mutants.mutant import Mutant
from tests.mutants.run import all_judged, reached
from tests.mutants.tree import Tree

FILE = "src/volsculpt/exchange/place.py"
TESTS = ["tests/exchange/test_place.py"]


def judged(tree: Tree, mutants: list[Mutant]) -> dict[str, tuple[bool, bool]]:
    """Whether a change was killed by whoever judges it, and in a fresh process, under its words."""
    reach = reached([tree], mutants, TESTS)
    forks = {one.mutant.shown: one.killer != "" for one in all_judged([tree], mutants, reach, 60.0)}
    bench = Bench([tree], reach, 60.0)
    fresh = {one.mutant.shown: one.killer != "" for one in bench.all_judged(mutants)}
    return {one: (forks[one], fresh[one]) for one in fresh}


def written(text: str, old: str, new: str) -> Mutant:
    """A change of the file, where the text has `old` first."""
    start = text.index(old)
    line = text[:start].count("\n") + 1
    return Mutant(FILE, Change(line, start, start + len(old), old, new))


@pytest.mark.slow
def test_a_fork_notices_what_a_fresh_process_does(tmp_path: Path) -> None:
    """A change that tests must see, and one that nobody can: the order of a sum."""
    tree = Tree(tmp_path)
    text = (tree.folder / FILE).read_text()
    later, same = (written(text, "step + 1 +", new) for new in ("step + 2 +", "1 + step +"))
    assert judged(tree, [later, same]) == {later.shown: (True, True), same.shown: (False, False)}
