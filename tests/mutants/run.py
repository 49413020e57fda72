"""Changes random lines one at a time and looks which test notices: scripts/mutants.

Works on copies of the tree in a temporary folder. Tests run plain, so nothing is compiled, but
where how to compile is what changed. They run once unchanged, which tells what each reaches; then
they are loaded once, and every mutant is a fork of that process (host.py). What a fork cannot
change is judged in a fresh process (fresh.py).
"""

import argparse
import json
import pickle
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.mutants.fresh import Bench, nearest
from tests.mutants.host import UNCLEAR, Work
from tests.mutants.mutant import FOLDERS, Found, Mutant, files_of, of_files, places, sample
from tests.mutants.reach import Reach
from tests.mutants.tree import TESTS, Tree, files_of_tests

WANTED = 0.95
MOST_S = 180.0  # of the tests that are asked about a mutant, as long as they take unchanged


class Unready(Exception):
    """The tests fail before anything is changed, or cannot be run."""


def reached(trees: Sequence[Tree], mutants: Sequence[Mutant], asked: Sequence[str]) -> Reach:
    """What tests reach, a part of them in each tree; Unready when one fails."""
    files, reach = files_of_tests(trees[0].folder, asked), Reach()
    wanted = places(trees[0].folder, mutants)
    changed = ",".join(sorted({one.file for one in mutants}))
    running = [
        tree.python("-m", "tests.mutants.reach", "reach", changed, *files[number :: len(trees)])
        for number, tree in enumerate(trees)
        if files[number :: len(trees)]
    ]
    for one, tree in zip(running, trees, strict=False):
        printed, _ = one.communicate()
        if one.returncode:
            raise Unready(printed)
        reach.add(tree.folder / "reach", wanted)
    return reach


def forked(tree: Tree, work: Work) -> Iterator[Found]:
    """Mutants as forks judge them; Unready where they cannot."""
    if not work.mutants:
        return
    (tree.folder / "work").write_bytes(pickle.dumps(work))
    others = list[str]()
    with tree.python("-m", "tests.mutants.host", "work") as host:
        assert host.stdout is not None
        for line in host.stdout:
            if line.startswith("["):
                number, killer, seconds, asked, left_out = json.loads(line)
                yield Found(work.mutants[number], killer, seconds, asked, left_out)
            else:
                others.append(line)
    if host.returncode:
        raise Unready("".join(others))


def all_judged(
    trees: Sequence[Tree], mutants: Sequence[Mutant], reach: Reach, most_s: float
) -> Iterator[Found]:
    """Every mutant, as soon as it is judged; first those that a fork can change.

    Args: trees: as many are judged at once; mutants: changes; reach: what tests reach; most_s: of
    the tests that are asked about one.
    """
    loaded = [one for one in mutants if not one.is_machinery]
    others = [one for one in mutants if one.is_machinery]
    for found in forked(trees[0], Work(loaded, reach, len(trees), most_s)):
        if found.killer == UNCLEAR:
            others.append(found.mutant)
        else:
            yield found
    yield from Bench(trees, reach, most_s).all_judged(others)


def drawn(root: Path, said: argparse.Namespace) -> list[Mutant]:
    """The changes that the command line asks for."""
    if said.file:
        return of_files(root, said.file, said.seed, said.every)
    return sample(root, files_of(root, said.folders, not said.near), said.count, said.seed)


def told(said: argparse.Namespace) -> float:
    """Print the table; the share that was killed."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        trees = [Tree(Path(folder, str(one))) for one in range(said.processes)]
        root, started = trees[0].folder, time.monotonic()
        mutants = drawn(root, said)
        near = sorted({one for mutant in mutants for one in nearest(mutant)})
        try:
            asked = said.tests or (near if said.near else [*TESTS, *near])
            reach = reached(trees, mutants, asked)
            print(f"seed {said.seed}: the tests pass unchanged, {time.monotonic() - started:.0f} s")
            killed = 0
            for found in all_judged(trees, mutants, reach, said.seconds):
                killed += found.killer != ""
                if found.killer == "" or not said.quiet:
                    print(found.told, flush=True)
        except Unready as error:
            print(str(error)[-4000:], "the tests fail before anything is changed", sep="\n")
            return 0.0
    share = killed / max(len(mutants), 1)
    print(f"killed {killed} of {len(mutants)}: {share:.1%}")
    return share


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="scripts/mutants", description=__doc__)
    add = parser.add_argument
    add("--count", type=int, default=60, help="lines to change, one at a time")
    add("--folders", nargs="+", default=FOLDERS, help="of src/volsculpt, that lines are drawn from")
    add("--seed", type=int, default=1, help="another seed takes other lines")
    add("--processes", type=int, default=1, help="mutants judged at once")
    add("--wanted", type=float, default=WANTED, help="least share to be killed")
    add(
        "--near",
        action="store_true",
        help="ask only the nearest tests, of what needs no compilation",
    )
    add("--seconds", type=float, default=MOST_S, help="of tests that are asked about a change")
    add("--file", action="append", help="change every line of this file: PATH or PATH:37,40")
    add("--every", action="store_true", help="with --file: every change, not one of each line")
    add("--tests", nargs="+", help="ask only these files and folders")
    add("--quiet", action="store_true", help="show only what survives")
    said = parser.parse_args()
    sys.exit(told(said) < said.wanted)


if __name__ == "__main__":
    main()
