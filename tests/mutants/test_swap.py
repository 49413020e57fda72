"""A change made in a loaded program is the change that a fresh process would load."""

import ast
import gc
import weakref
from collections.abc import Callable, Iterator
from itertools import count
from types import ModuleType
from typing import Any

import pytest

from tests.mutants.changes import Change, changes
from tests.mutants.probes import Probes, probe_lines
from tests.mutants.swap import Loaded, NotSwapped, find_functions

SOURCE = b'''"""Functions of every kind."""
from dataclasses import dataclass
from functools import cache

LEAST = 3
KEPT = list[str]()


def plain(a: float, b: float) -> float:
    """The difference, or the sum."""
    if a < b:
        return a + b
    elif a == b:
        return 7.0
    return max(
        a,
        b,
    ) - 2.0


def by_default(a: int = 4, *, b: float = 2.0 * LEAST, c: int) -> float:
    return a - b - c


def adder(n: int) -> object:
    def add(a: int, more: int = 5) -> int:
        return a + n + more

    return add


added = adder(10)


def listed(f: object) -> object:
    KEPT.append(f.__name__)
    return lambda *given: f(*given) + 1


@listed
def decorated(a: int) -> int:
    return 2 * a


@cache
def remembered(a: int) -> int:
    return a + 1


def many(n: int) -> list[int]:
    found = sorted((k * 3 for k in range(n)), key=lambda k: -k)
    for _ in range(n):
        found.append(len(found) + 1)
    return [one + 1 for one in found if one > 2]


@dataclass
class Held:
    size: float = 1.0

    def twice(self, by: int = 2) -> float:
        return self.size * by

    @property
    def half(self) -> float:
        return self.size / 2

    @half.setter
    def half(self, half: float) -> None:
        self.size = half * 2

    @staticmethod
    def of(a: int) -> "Held":
        return Held(a + 1)
'''
numbers = count()


def loaded(source: bytes) -> tuple[ModuleType, str]:
    """A module of a source, and its path."""
    path = f"made_up_{next(numbers)}.py"
    module = ModuleType("made_up")
    exec(compile(source, path, "exec", dont_inherit=True), vars(module))
    return module, path


def halved(held: Any) -> float:  # noqa: ANN401
    """Its size once half of it is set to 5."""
    held.half = 5.0
    return float(held.size)


def asked(module: Any) -> Iterator[object]:  # noqa: ANN401
    """What its functions answer."""
    held = module.Held(6.0)
    calls: list[Callable[[], object]] = [
        *(lambda a=a: module.plain(a, 3.0) for a in (1.0, 3.0, 5.0)),
        lambda: module.by_default(c=1),
        lambda: module.by_default(8, b=1.0, c=2),
        lambda: module.added(1),
        lambda: module.adder(2)(3, 4),
        lambda: module.decorated(5),
        lambda: module.remembered(6),
        lambda: module.many(4),
        lambda: held.twice(),
        lambda: held.half,
        lambda: halved(held),
        lambda: module.Held.of(3).size,
        lambda: module.Held().size,
        lambda: module.LEAST,
    ]
    for call in calls:
        try:
            yield call()
        except Exception as error:
            yield repr(error)


def swapped(source: bytes, change: Change) -> list[object]:
    """What functions answer once the change is made in their loaded module."""
    module, path = loaded(source)
    file = Loaded(path, source)
    find_functions([file])
    file.swap(change)
    return list(asked(module))


def acted_before() -> set[int]:
    """Lines of statements that are reached while the module is loaded."""
    probes = Probes()
    exec(probes.probed(SOURCE, "made_up.py", "made_up"), vars(ModuleType("made_up")))
    lines = probe_lines(ast.parse(SOURCE))
    reached = {probes.places[number][1] for number, one in enumerate(probes.reached()) if one}
    return {line for line, statement in lines.items() if statement in reached}


EVERY = changes(SOURCE)
BEFORE = acted_before()  # what they made stays as it was: the runner asks a fresh process too
OUTSIDE = (b"LEAST = 3", b"    size: float = 1.0", b"added = adder(10)")


def text_of(change: Change) -> bytes:
    """The line that it begins on."""
    return SOURCE.splitlines()[change.line - 1]


@pytest.mark.parametrize(
    "change",
    [one for one in EVERY if one.line not in BEFORE],
    ids=lambda one: f"{one.line}-{one.new}",
)
def test_a_swap_is_what_a_fresh_process_loads(change: Change) -> None:
    """Bodies, held closures, defaults, methods, properties; what is in no function is refused."""
    if text_of(change) in OUTSIDE:
        with pytest.raises(NotSwapped):
            swapped(SOURCE, change)
    else:
        fresh = list(asked(loaded(change.applied(SOURCE))[0]))
        assert swapped(SOURCE, change) == fresh


def test_what_acted_before_is_known() -> None:
    """Bodies of a maker of closures and of a decorator, their defaults too; nothing else."""
    texts = {SOURCE.splitlines()[line - 1].strip().split(b" ")[0] for line in BEFORE}
    assert texts == {b"def", b"return", b"KEPT.append(f.__name__)"}
    assert {text_of(one) for one in EVERY if one.line in BEFORE} == {
        b"    def add(a: int, more: int = 5) -> int:",
        b"    KEPT.append(f.__name__)",
        b"    return lambda *given: f(*given) + 1",
    }


def test_a_closure_that_cannot_be_kept_is_refused() -> None:
    """Code that shares other variables does not fit a function that is there."""
    source = b"def made(n):\n    def f(a):\n        a.append(n)\n    return f\nf = made(1)"
    change = next(one for one in changes(source) if one.new == "pass")
    with pytest.raises(NotSwapped):
        swapped(source, change)


def test_most_changes_are_seen() -> None:
    """So that the law above says something."""
    unchanged = list(asked(loaded(SOURCE)[0]))
    seen = sum(list(asked(loaded(one.applied(SOURCE))[0])) != unchanged for one in EVERY)
    assert len({one.line for one in EVERY}) >= 20
    assert seen > 0.8 * len(EVERY)


def test_what_is_no_longer_there_is_passed_by() -> None:
    """A reference to what is gone lies among all objects: looking at what it is raises."""
    gone = weakref.proxy(type("Gone", (), {})())
    assert any(one is gone for one in gc.get_objects())
    find_functions([])
