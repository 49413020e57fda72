"""Changes random lines one at a time and looks which test notices: scripts/mutants.

Works on copies of the tree in a temporary folder. Tests run plain, so nothing is compiled, but
where how to compile is what changed; the likely killer first, and no more after the first that
fails.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from xml.etree import ElementTree

from tests.mutants.changes import Change, changes
from tests.mutants.equivalent import FILLED, SINGLE

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("contracts", "book", "decide", "exchange", "simulate")
COPIED = ("src", "tests", "scripts", "examples", "docs", "pyproject.toml", "README.md")
TESTS = (
    "tests/snapshots",
    "tests/book",
    "tests/contracts",
    "tests/golden",
    "tests/exchange",
    "tests/decide",
    "tests/hedge",
    "tests/simulate",
    "tests/mandate",
    "tests/report/test_backtest_report.py",
    *(str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("tests/report/test_plan_*.py"))),
    "tests/watch",
    "tests/laws",
    "tests/trade/test_paper_laws.py",
    "tests/trade/test_paper_parity.py",
    "tests/trade/test_desk_parity.py",
)
NEAREST = {
    "contracts": ("tests/contracts", "tests/golden"),
    "book": ("tests/book", "tests/golden", "tests/decide", "tests/exchange"),
    "decide": ("tests/decide", "tests/watch", "tests/report"),
    "exchange": ("tests/exchange", "tests/simulate"),
    "simulate": ("tests/simulate",),
}
FAR = {  # tests that run whole markets: not asked about what a decision or a formula is
    "contracts": ("tests/simulate", "tests/trade"),
    "book": ("tests/simulate", "tests/trade"),
    "decide": ("tests/simulate", "tests/trade"),
}
SLOW = ("tests/mandate/test_init.py", "tests/simulate/test_studies.py")
MACHINERY = ("compiled.py", "parts.py", "registries.py", "warm.py")  # plain tests see little of it
COMPILED = ("tests/app/test_cli_compile.py", "tests/compiled", "tests/simulate/test_two_sizes.py")
COMPILED_S = 900.0
PYTEST = (
    "-m",
    "pytest",
    "-x",
    *(f"--ignore={one}" for one in SLOW),
    "--tb=no",
    "-p",
    "no:cacheprovider",
)
WANTED = 0.95
PATIENCE = 5.0  # times what tests take unchanged: a loop that does not end
SLACK_S = 30.0
BARE = ("break", "continue", "return 0", "return 1")  # they say nothing of their place
PASSED, FAILED, UNLOADED, ENDLESS = 0, 1, 2, -1  # as pytest exits, and when it does not


@dataclass(frozen=True)
class Mutant:
    """A change of a file of the package."""

    file: str
    change: Change

    @property
    def place(self) -> str:
        """File and line."""
        return f"{self.file.removeprefix('src/volsculpt/')}:{self.change.line}"

    @property
    def folder(self) -> str:
        """The folder of the package that it is in."""
        return self.file.split("/")[2]

    @property
    def shown(self) -> str:
        """What becomes what, on one line, without the words around it that stay."""
        old, new = (one.split() for one in (self.change.old, self.change.new))
        start = alike(old, new)
        end = alike(old[start:][::-1], new[start:][::-1])
        kept = [" ".join(one[start : len(one) - end]) for one in (old, new)]
        return " -> ".join(map(short, kept))


@dataclass(frozen=True)
class Found:
    """What became of a mutant. killer: the test that failed, "" where none did."""

    mutant: Mutant
    killer: str
    seconds: float


def alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words at the start are the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (left, right) in pairs if left != right), min(len(one), len(other)))


def short(text: str, most: int = 44) -> str:
    """The start of a text."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def mutants_of(path: Path, file: str) -> Iterator[Mutant]:
    """All changes of a file, but those that nobody could see."""
    source = path.read_bytes()
    lines = source.decode().splitlines()
    filled = [function for name, function in FILLED if name == path.name]
    for change in changes(source, filled):
        mutant = Mutant(file, change)
        if (path.name, named(lines, change.line), mutant.shown) not in SINGLE:
            yield mutant


def named(lines: Sequence[str], number: int) -> str:
    """A line as lists name it: a bare `continue` or `return 1` with the line before it."""
    line = lines[number - 1].strip()
    return f"{lines[number - 2].strip()} {line}" if line in BARE else line


def sample(root: Path, count: int, seed: int) -> list[Mutant]:
    """Random lines that can be changed, each with one of its changes."""
    lines: dict[tuple[str, int], list[Mutant]] = {}
    for folder in FOLDERS:
        for path in sorted((root / "src/volsculpt" / folder).glob("*.py")):
            for mutant in mutants_of(path, str(path.relative_to(root))):
                lines.setdefault((mutant.file, mutant.change.line), []).append(mutant)
    dice = random.Random(seed)
    return [dice.choice(lines[line]) for line in dice.sample(sorted(lines), count)]


class Tree:
    """A copy of the tree that tests are run in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        unneeded = shutil.ignore_patterns("__pycache__", ".hypothesis")
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=unneeded)
            else:
                shutil.copy2(source, folder / name)

    def outcome(
        self, order: Sequence[str], most_s: float | None, write: bool = False, plain: bool = True
    ) -> tuple[int, str]:
        """(exit code, what was printed); ENDLESS where it took longer than most_s.

        Args: order: tests; write: whether Python may keep what it read; plain: or compiled.
        """
        env = {
            **os.environ,
            "PYTHONPATH": str(self.folder / "src"),
            "PYTHONDONTWRITEBYTECODE": "" if write else "1",
            "VOLSCULPT_HYPOTHESIS": "quick",
            **(
                {"VOLSCULPT_PLAIN": "1"}
                if plain
                else {"VOLSCULPT_CACHE": str(self.folder / "cache")}
            ),
        }
        marked = ["-m", "not compiled and not slow" if plain else "not slow"]
        command = [sys.executable, *PYTEST, *marked, "--junitxml=times.xml", *order]
        try:
            ended = subprocess.run(
                command,
                cwd=self.folder,
                env=env,
                timeout=most_s,
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        except subprocess.TimeoutExpired:
            return ENDLESS, ""
        return ended.returncode, ended.stdout

    def seconds(self) -> dict[str, float]:
        """Seconds of each file of tests in the last run."""
        found: dict[str, float] = {}
        for case in ElementTree.parse(self.folder / "times.xml").iter("testcase"):
            file = case.attrib["classname"].replace(".", "/") + ".py"
            found[file] = found.get(file, 0.0) + float(case.attrib["time"])
        return found

    def judged(
        self, mutant: Mutant, stages: Sequence[Sequence[str]], times: dict[str, float]
    ) -> Found:
        """Make the change, run the tests stage by stage until one fails, undo it.

        Args: stages: files of tests; times: seconds of each file, unchanged.
        """
        path = self.folder / mutant.file
        before, stamp = path.read_bytes(), path.stat()
        started, code, printed = time.monotonic(), PASSED, ""
        try:
            path.write_bytes(mutant.change.applied(before))
            for stage in stages:
                if code == PASSED:
                    most_s = PATIENCE * sum(times[one] for one in stage) + SLACK_S
                    code, printed = self.outcome(stage, most_s)
            if code == PASSED and path.name in MACHINERY:
                code, printed = self.outcome(COMPILED, COMPILED_S, plain=False)
        finally:
            path.write_bytes(before)
            os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        return Found(mutant, killer(code, printed), time.monotonic() - started)


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


def nearest(mutant: Mutant) -> tuple[str, ...]:
    """Folders of the tests that most likely notice a change."""
    return ("tests/snapshots", *NEAREST[mutant.folder])


def staged(mutant: Mutant, times: dict[str, float], killers: Sequence[str]) -> list[list[str]]:
    """Files of tests, the quickest first: those nearest to the file, then all others but the far.

    Nearest are those of its folder, and those that killed others of the same file.
    """
    folders, far = nearest(mutant), FAR.get(mutant.folder, ())
    quickest = sorted((one for one in times if not one.startswith(far)), key=times.__getitem__)
    near = [one for one in quickest if one in killers or one.startswith(folders)]
    return [near, [one for one in quickest if one not in near]]


def all_judged(
    trees: Sequence[Tree], mutants: Sequence[Mutant], times: dict[str, float]
) -> Iterator[Found]:
    """Every mutant, in order, as many at once as there are trees."""
    free: Queue[Tree] = Queue()
    for tree in trees:
        free.put(tree)
    killers: dict[str, list[str]] = {}

    def judge(mutant: Mutant) -> Found:
        tree = free.get()
        try:
            stages = staged(mutant, times, killers.get(mutant.file, []))
            found = tree.judged(mutant, stages, times)
        finally:
            free.put(tree)
        if "::" in found.killer:
            killers.setdefault(mutant.file, []).append(f"tests/{found.killer.split('::')[0]}")
        return found

    with ThreadPoolExecutor(len(trees)) as pool:
        yield from pool.map(judge, mutants)


def told(count: int, seed: int, processes: int, near: bool) -> float:
    """Print the table; the share that was killed.

    Args: count: lines to change; seed: which; processes: mutants judged at once; near: whether only
    the nearest tests are asked.
    """
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        trees = [Tree(Path(folder, str(one))) for one in range(processes)]
        started = time.monotonic()
        mutants = sample(trees[0].folder, count, seed)
        asked = sorted({one for mutant in mutants for one in nearest(mutant)}) if near else TESTS
        code, printed = trees[0].outcome(asked, None, write=True)
        if code != PASSED:
            print(printed, "the tests fail before anything is changed", sep="\n")
            return 0.0
        times = trees[0].seconds()
        print(f"seed {seed}: the tests pass unchanged, {time.monotonic() - started:.0f} s")
        killed = 0
        for found in all_judged(trees, mutants, times):
            killed += found.killer != ""
            fate = found.killer or "SURVIVED"
            print(f"{found.mutant.place}: {found.mutant.shown}\n    {found.seconds:.0f} s  {fate}")
            sys.stdout.flush()
    print(f"killed {killed} of {count}: {killed / count:.1%}")
    return killed / count


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="scripts/mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=60, help="lines to change, one at a time")
    parser.add_argument("--seed", type=int, default=1, help="another seed takes other lines")
    parser.add_argument("--processes", type=int, default=1, help="mutants judged at once")
    parser.add_argument("--wanted", type=float, default=WANTED, help="least share to be killed")
    parser.add_argument("--near", action="store_true", help="ask only the nearest tests")
    said = parser.parse_args()
    sys.exit(told(said.count, said.seed, said.processes, said.near) < said.wanted)


if __name__ == "__main__":
    main()
