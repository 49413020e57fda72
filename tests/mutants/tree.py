"""A copy of the tree that tests are run in, and the tests that are asked."""

import math
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPIED = (
    "src",
    "tests",
    "scripts",
    "benchmarks",
    "examples",
    "docs",
    "pyproject.toml",
    "README.md",
)
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
SLOW = ("tests/mandate/test_init.py", "tests/simulate/test_studies.py")
COMPILED = ("tests/app/test_cli_compile.py", "tests/compiled", "tests/simulate/test_two_sizes.py")
PLAIN = ("-p", "tests.mutants.plain", "-m", "not compiled and not slow")
STILL_S = 900.0  # of the clock, beside: nobody goes on
PASSED, FAILED, UNLOADED, ENDLESS = 0, 1, 2, -1  # as pytest exits, and when it does not


class Tree:
    """A copy of the tree: what is changed in it is changed nowhere else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        unneeded = shutil.ignore_patterns("__pycache__", ".hypothesis")
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=unneeded)
            else:
                shutil.copy2(source, folder / name)

    def environment(self, plain: bool = True) -> Mapping[str, str]:
        """What Python is started with, for tests that run plain, or compiled."""
        kernel = ("VOLSCULPT_PLAIN", "1") if plain else ("VOLSCULPT_CACHE", f"{self.folder}/cache")
        return {
            **{name: value for name, value in os.environ.items() if name != "VOLSCULPT_PLAIN"},
            "PYTHONPATH": f"{self.folder / 'src'}:{self.folder}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "VOLSCULPT_HYPOTHESIS": "quick",
            "OMP_NUM_THREADS": "1",
            kernel[0]: kernel[1],
        }

    def python(self, *arguments: str) -> subprocess.Popen[str]:
        """Python at work in it; what it says and how it fails are in one stream."""
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environment(),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def outcome(self, order: Sequence[str], most_s: float, plain: bool = True) -> tuple[int, str]:
        """(exit code, what was printed) of tests; ENDLESS where they took longer than most_s.

        Of the processor: others at work make nothing endless. What stands still has STILL_S more.
        """
        marked = PLAIN if plain else ()
        command = [sys.executable, "-m", "pytest", "-x", "--tb=no", "-p", "no:cacheprovider"]
        limited = ["sh", "-c", f'ulimit -S -t {math.ceil(most_s)}; exec "$@"', "sh"]
        try:
            ended = subprocess.run(
                [*limited, *command, *marked, *order],
                cwd=self.folder,
                env=self.environment(plain),
                timeout=2.0 * most_s + STILL_S,
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        except subprocess.TimeoutExpired:
            return ENDLESS, ""
        code = ENDLESS if ended.returncode == -signal.SIGXCPU else ended.returncode
        return code, ended.stdout


def files_of_tests(root: Path, asked: Sequence[str]) -> list[str]:
    """The files of tests in folders and of names, in their order, but the slow ones."""
    found = list[str]()
    for one in asked:
        path = root / one
        files = sorted(path.rglob("test_*.py")) if path.is_dir() else [path]
        found += [str(file.relative_to(root)) for file in files]
    return [one for one in dict.fromkeys(found) if one not in SLOW]
