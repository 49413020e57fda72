"""Forks and fresh processes judge real changes, and agree."""

from pathlib import Path

import pytest

from tests.mutants.changes import Change
from tests.mutants.fresh import Bench
from tests.mutants.mutant import Mutant
from tests.mutants.run import all_judged, reached
from tests.mutants.tree import Tree

PLACE, MOVES = "src/volsculpt/exchange/place.py", "src/volsculpt/hedge/estimators/moves.py"
TESTS = ["tests/exchange/test_place.py", "tests/hedge/estimators/test_moves.py"]


def judged(tree: Tree, mutants: list[Mutant]) -> dict[str, tuple[bool, bool]]:
    """Whether a change was killed by whoever judges it, and in a fresh process, under its words."""
    reach = reached([tree], mutants, TESTS)
    forks = {one.mutant.shown: one.killer != "" for one in all_judged([tree], mutants, reach, 60.0)}
    bench = Bench([tree], reach, 60.0)
    fresh = {one.mutant.shown: one.killer != "" for one in bench.all_judged(mutants)}
    return {one: (forks[one], fresh[one]) for one in fresh}


def written(root: Path, file: str, old: str, new: str) -> Mutant:
    """A change of a file, where its text has `old` first.

    Args: root: of the tree; file: in it; old: words that the text has; new: what they become.
    """
    source = (root / file).read_bytes()
    start = source.index(old.encode())
    line = source[:start].count(b"\n") + 1
    return Mutant(file, Change(line, start, start + len(old), old, new))


@pytest.mark.slow
def test_a_fork_notices_what_a_fresh_process_does(tmp_path: Path) -> None:
    """Changes that tests must see, one in a folder inside a folder, and one that none can see."""
    tree = Tree(tmp_path)
    later, same = (
        written(tree.folder, PLACE, "step + 1 +", new) for new in ("step + 2 +", "1 + step +")
    )
    other = written(tree.folder, MOVES, "np.diff(mark) / before", "np.diff(mark) * before")
    assert judged(tree, [later, same, other]) == {
        later.shown: (True, True),
        same.shown: (False, False),
        other.shown: (True, True),
    }
