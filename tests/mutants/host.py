"""Loads the tests once; then for every mutant forks, makes the change, and asks the tests.

python -m tests.mutants.host WORK, in a copy of the tree: WORK is what `Work` keeps. Says a line of
JSON for every mutant as soon as it is judged.
"""

import gc
import importlib
import json
import os
import pickle
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import NoReturn, TextIO

import pytest

from tests.mutants.mutant import Mutant
from tests.mutants.reach import Reach, file_of, forget
from tests.mutants.swap import Loaded, NotSwapped, find_functions
from tests.mutants.tree import PLAIN, STILL_S

PATIENCE, SLACK_S = 5.0, 15.0  # of the processor, times what a test takes, and beside: no end
PASSED, FAILED, FRESH, BROKEN = 0, 1, 4, 5  # how a fork ends
NEVER_ENDS, CRASHES, UNCLEAR = "never ends", "crashes", "needs a fresh process"


@dataclass(frozen=True)
class Work:
    """Mutants to judge, what the tests reach, how many at once, and for how long each."""

    mutants: list[Mutant]
    reach: Reach
    processes: int
    most_s: float


@dataclass
class Fork:
    """A process that asks tests about a mutant (number), or about nothing changed (-1)."""

    number: int
    asked: Sequence[str]
    left_out: int
    most_s: float
    pid: int = 0
    pipe: int = 0
    started: float = field(default_factory=time.monotonic)

    def ended(self) -> tuple[int, str] | None:
        """(how it ended, what it said) where it has; one that takes too long is ended."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        late = time.monotonic() - self.started > self.most_s
        if pid == 0 and not late:
            return None
        if pid == 0:
            os.killpg(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        with os.fdopen(self.pipe, encoding="utf-8") as pipe:
            said = "" if pid == 0 else pipe.read()
        return (FAILED, NEVER_ENDS) if pid == 0 else outcome(status, said)


def outcome(status: int, said: str) -> tuple[int, str]:
    """How a fork ended that ended by itself: a signal is the end of patience, or a crash."""
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        return FAILED, NEVER_ENDS if code == -signal.SIGPROF else CRASHES
    return code, said


class Host:
    """Runs as a plugin of pytest, which has loaded the tests."""

    def __init__(self, root: Path, work: Work, say: TextIO) -> None:
        self.root, self.work, self.say = root, work, say
        self.failed: Callable[[str], NoReturn] | None = None
        self.items = dict[str, pytest.Item]()
        self.loaded = dict[str, Loaded]()
        self.killers = dict[str, set[str]]()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """The first failure ends a fork."""
        if report.failed and self.failed:
            self.failed(report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of running all tests."""
        self.items = {item.nodeid: item for item in session.items}
        self.load()
        gc.collect()
        gc.freeze()
        self.check()
        waiting, running = list(range(len(self.work.mutants))), list[Fork]()
        while waiting or running:
            while waiting and len(running) < self.work.processes:
                running.append(self.fork(waiting.pop(0)))
            for one in list(running):
                ended = one.ended()
                if ended:
                    running.remove(one)
                    self.tell(one, *ended)
            time.sleep(0.005)
        return True

    def load(self) -> None:
        """Every module that is changed, so that no fork loads one anew, unchanged."""
        for file, name in sorted({(one.file, one.module) for one in self.work.mutants}):
            module = importlib.import_module(name)
            self.loaded[file] = Loaded(str(module.__file__), (self.root / file).read_bytes())
        find_functions(self.loaded.values())

    def check(self) -> None:
        """A fork with nothing changed must pass: the quickest test of each file."""
        quickest: dict[str, str] = {}
        for one in sorted(self.work.reach.seconds, key=self.work.reach.seconds.__getitem__):
            quickest.setdefault(file_of(one), one)
        fork = self.started(Fork(-1, list(quickest.values()), 0, STILL_S))
        while (ended := fork.ended()) is None:
            time.sleep(0.005)
        if ended[0] != PASSED:
            raise RuntimeError(f"a fork with nothing changed fails: {ended[1]}")

    def fork(self, number: int) -> Fork:
        """A fork that judges a mutant."""
        mutant, reach = self.work.mutants[number], self.work.reach
        line = self.loaded[mutant.file].lines.get(mutant.change.line, 0)
        killers = self.killers.get(mutant.file, set())
        asked, left_out = reach.asked((mutant.file, line), killers, self.work.most_s)
        most_s = 2.0 * PATIENCE * sum(map(reach.seconds.__getitem__, asked)) + STILL_S
        return self.started(Fork(number, asked, left_out, most_s))

    def started(self, fork: Fork) -> Fork:
        """Begin it."""
        fork.pipe, end = os.pipe()
        fork.pid = os.fork()
        if fork.pid == 0:
            self.inside(fork, end)
        os.close(end)
        return fork

    def inside(self, fork: Fork, end: int) -> NoReturn:
        """What a fork does."""

        def leave(code: int, said: str) -> NoReturn:
            os.write(end, said.encode()[:2000])
            os._exit(code)

        try:
            os.setsid()
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nowhere, stream)
            if fork.number >= 0:
                mutant = self.work.mutants[fork.number]
                self.loaded[mutant.file].swap(mutant.change)
            forget()
            self.failed = lambda test: leave(FAILED, test)
            for one, following in pairwise([*map(self.items.__getitem__, fork.asked), None]):
                assert one is not None
                allowed = PATIENCE * self.work.reach.seconds[one.nodeid] + SLACK_S
                signal.setitimer(signal.ITIMER_PROF, allowed)
                one.config.hook.pytest_runtest_protocol(item=one, nextitem=following)
            leave(PASSED, "")
        except NotSwapped as error:
            leave(FRESH, str(error))
        except BaseException:  # whatever it is, the parent must hear of it
            leave(BROKEN, traceback.format_exc()[-2000:])

    def tell(self, fork: Fork, code: int, said: str) -> None:
        """Say what became of a mutant; one that nobody noticed may have acted before the fork."""
        mutant = self.work.mutants[fork.number]
        if code == BROKEN:
            raise RuntimeError(f"{mutant.place}: {said}")
        place = (mutant.file, self.loaded[mutant.file].lines.get(mutant.change.line, 0))
        if code == PASSED and place in self.work.reach.loading:
            code = FRESH
        if "::" in said and code == FAILED:
            self.killers.setdefault(mutant.file, set()).add(said)
        seconds = time.monotonic() - fork.started
        killer = UNCLEAR if code == FRESH else said.removeprefix("tests/")
        found = [fork.number, killer, seconds, len(fork.asked), fork.left_out]
        print(json.dumps(found), file=self.say, flush=True)


def main(path: Path) -> int:
    """Judge what is asked for; what pytest prints goes where errors go."""
    work = pickle.loads(path.read_bytes())
    say = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    files = sorted({file_of(one) for one in work.reach.seconds})
    options = ["-s", "--tb=short", "-p", "no:cacheprovider", *PLAIN]
    return pytest.main([*options, *files], plugins=[Host(Path.cwd(), work, say)])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
