"""Forks and fresh processes judge real changes, and agree."""

from pathlib import Path

import pytest

from tests.mutants.fresh import Bench
from tests.mutants.mutant import Mutant, of_files
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


@pytest.mark.slow
def test_a_fork_notices_what_a_fresh_process_does(tmp_path: Path) -> None:
    """A line that these tests see, and one that they do not."""
    mutants = of_files(Path(), [f"{FILE}:20,23"], 1, every=False)
    found = judged(Tree(tmp_path), mutants)
    assert sorted(found.values()) == [(False, False), (True, True)]
