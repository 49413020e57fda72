"""Which test reaches which statement, and how long each takes: all tests run once, unchanged.

python -m tests.mutants.reach OUT CHANGED FILES_OF_TESTS, in a copy of the tree, writes it down for
the files CHANGED, with commas between them.
"""

import pickle
import sys
import time
from collections.abc import Collection, Generator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import pytest

from tests.mutants.probes import Place, Probes
from tests.mutants.tree import PLAIN

Written = tuple[list[Place], bytes, dict[str, tuple[float, bytes]]]


def forget() -> None:
    """Clear what functions of the project remember, so that who asks next reaches them again."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("volsculpt", "tests")):
            for one in list(vars(module).values()):
                if isinstance(one, type(lru_cache(print))):
                    one.cache_clear()


def file_of(test: str) -> str:
    """The file that a test stands in."""
    return test.split("::")[0]


class Recorder:
    """Notes for each test what it reaches and how long it takes."""

    def __init__(self, probes: Probes, out: Path) -> None:
        self.probes, self.out, self.file = probes, out, ""
        self.loading, self.tests = b"", dict[str, tuple[float, bytes]]()

    def pytest_collection_finish(self) -> None:
        """What is reached while tests are loaded is made before any change could be."""
        self.loading = self.probes.reached()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Around a test, with what it is given."""
        if file_of(item.nodeid) != self.file:
            forget()
        self.file = file_of(item.nodeid)
        self.probes.clear()
        started = time.process_time()
        answer = yield
        self.tests[item.nodeid] = time.process_time() - started, self.probes.reached()
        return answer

    def pytest_sessionfinish(self) -> None:
        """Write it down."""
        written: Written = self.probes.places, self.loading, self.tests
        self.out.write_bytes(pickle.dumps(written))


@dataclass
class Reach:
    """What tests reach. seconds: of the processor, of every test, whatever else is at work.

    tests: those that reach a statement; loading: statements that are reached before any test.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    tests: dict[Place, list[str]] = field(default_factory=dict)
    loading: set[Place] = field(default_factory=set)

    def add(self, path: Path, wanted: Collection[Place]) -> None:
        """What was written down, of some of the tests, of the statements that are wanted."""
        places, loading, tests = pickle.loads(path.read_bytes())
        numbers = [number for number, place in enumerate(places) if place in wanted]
        self.loading |= {
            places[number] for number in numbers if loading[number : number + 1] == b"\1"
        }
        for test, (seconds, reached) in tests.items():
            self.seconds[test] = seconds
            for number in numbers:
                if reached[number : number + 1] == b"\1":  # loaded later: not reached yet
                    self.tests.setdefault(places[number], []).append(test)

    def of_files(self) -> dict[str, float]:
        """Processor seconds of each file of tests."""
        found = dict[str, float]()
        for test, seconds in self.seconds.items():
            found[file_of(test)] = found.get(file_of(test), 0.0) + seconds
        return found

    def asked(self, place: Place, first: Collection[str], most_s: float) -> tuple[list[str], int]:
        """(tests to ask about a statement, how many that reach it are left out).

        Those that reach it, the quickest first, then others of their files: they may share what a
        test before them made. No more than take most_s unchanged, but always one.

        Args: place: of the statement; first: tests that go before all others; most_s: seconds.
        """
        reaching = set(self.tests.get(place, ()))
        files = {file_of(one) for one in reaching}
        near = [one for one in self.seconds if file_of(one) in files]
        chosen, spent = list[str](), 0.0
        for one in sorted(
            near, key=lambda one: (one not in reaching, one not in first, self.seconds[one])
        ):
            spent += self.seconds[one]
            if spent > most_s and chosen:
                break
            chosen.append(one)
        return chosen, len(reaching.difference(chosen))


def main(out: str, changed: str, tests: Sequence[str]) -> int:
    """Run tests and write down what they reach of files."""
    probes = Probes()
    probes.load(Path.cwd(), set(changed.split(",")))
    options = ["-x", "--tb=short", "-p", "no:cacheprovider", *PLAIN]
    return pytest.main([*options, *tests], plugins=[Recorder(probes, Path(out))])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
