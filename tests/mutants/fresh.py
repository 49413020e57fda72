"""Judges a mutant in a fresh process: writes the change into a copy of the tree, starts the tests.

The likely killer first, and no more after the first that fails.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Queue

from tests.mutants.mutant import Found, Mutant
from tests.mutants.reach import Reach, file_of
from tests.mutants.tree import COMPILED, ENDLESS, FAILED, PASSED, UNLOADED, Tree

NEAREST = {
    "contracts": ("tests/contracts", "tests/golden"),
    "book": ("tests/book", "tests/golden", "tests/decide", "tests/exchange"),
    "decide": ("tests/decide", "tests/watch", "tests/report"),
    "exchange": ("tests/exchange", "tests/simulate"),
    "simulate": ("tests/simulate",),
}
COMPILED_S = 900.0
PATIENCE = 5.0  # times what tests take unchanged: a loop that does not end
SLACK_S = 60.0


def nearest(mutant: Mutant) -> tuple[str, ...]:
    """Folders of the tests that most likely notice a change."""
    return ("tests/snapshots", *NEAREST.get(mutant.folder, (f"tests/{mutant.folder}",)))


def staged(
    mutant: Mutant, times: Mapping[str, float], killers: Sequence[str], most_s: float
) -> tuple[list[list[str]], list[str]]:
    """(files of tests, the quickest first: those nearest to the file, then the others; left out).

    Nearest are those of its folder, and those that killed others of the same file. Together they
    take no more than most_s unchanged.

    Args: mutant: what is changed; times: seconds of each file of tests; killers: files that killed
    others of its file; most_s: seconds.
    """
    quickest = sorted(times, key=times.__getitem__)
    near = [one for one in quickest if one in killers or one.startswith(nearest(mutant))]
    order, spent, chosen = [*near, *(one for one in quickest if one not in near)], 0.0, list[str]()
    for one in order:
        spent += times[one]
        if spent <= most_s:
            chosen.append(one)
    stages = [[one for one in chosen if (one in near) == first] for first in (True, False)]
    return [one for one in stages if one], [one for one in order if one not in chosen]


def killer(code: int, printed: str) -> str:
    """The test that failed, as pytest names it; "" where all passed.

    RuntimeError when pytest could not do what it was asked: that says nothing of the change.
    """
    if code == PASSED:
        return ""
    if code == ENDLESS:
        return "never ends"
    if code not in (FAILED, UNLOADED):
        raise RuntimeError(printed)
    for line in reversed(printed.splitlines()):
        word, _, rest = line.partition(" ")
        if word in ("FAILED", "ERROR"):
            return rest.split(" - ")[0].removeprefix("tests/")
    return "cannot be loaded"


class Bench:
    """Copies of the tree to judge in, one mutant in each at once, and what the tests take."""

    def __init__(self, trees: Sequence[Tree], reach: Reach, most_s: float) -> None:
        """most_s: of tests for one mutant."""
        self.free, self.count, self.most_s = Queue[Tree](), len(trees), most_s
        self.times = reach.of_files()
        self.tests = Counter(file_of(test) for test in reach.seconds)
        self.killers = dict[str, list[str]]()
        for tree in trees:
            self.free.put(tree)

    def all_judged(self, mutants: Sequence[Mutant]) -> Iterator[Found]:
        """Every mutant, in order, as many at once as there are trees."""

        def judge(mutant: Mutant) -> Found:
            tree = self.free.get()
            try:
                return self.judged(tree, mutant)
            finally:
                self.free.put(tree)

        with ThreadPoolExecutor(self.count) as pool:
            yield from pool.map(judge, mutants)

    def judged(self, tree: Tree, mutant: Mutant) -> Found:
        """Make the change, run the tests stage by stage until one fails, undo it."""
        stages, left_out = staged(
            mutant, self.times, self.killers.get(mutant.file, []), self.most_s
        )
        path = tree.folder / mutant.file
        before, stamp = path.read_bytes(), path.stat()
        started, code, printed = time.monotonic(), PASSED, ""
        try:
            path.write_bytes(mutant.change.applied(before))
            for stage in stages:
                if code == PASSED:
                    most_s = PATIENCE * sum(self.times[one] for one in stage) + SLACK_S
                    code, printed = tree.outcome(stage, most_s)
            if code == PASSED and mutant.is_machinery:
                code, printed = tree.outcome(COMPILED, COMPILED_S, plain=False)
        finally:
            path.write_bytes(before)
            os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        who = killer(code, printed)
        if "::" in who:
            self.killers.setdefault(mutant.file, []).append(f"tests/{file_of(who)}")
        asked = sum(self.tests[one] for stage in stages for one in stage)
        left = sum(self.tests[one] for one in left_out)
        return Found(mutant, who, time.monotonic() - started, asked, left)
