"""Which tests a fresh process is asked, and whom it names."""

from pathlib import Path

import pytest

from tests.mutants.changes import changes
from tests.mutants.fresh import killer, staged
from tests.mutants.mutant import Mutant
from tests.mutants.tree import ENDLESS, PASSED, Tree

LAWS, GOLDEN, OWN, OTHER = (
    "tests/laws/a.py",
    "tests/golden/b.py",
    "tests/contracts/c.py",
    "tests/watch/d.py",
)
TIMES = {LAWS: 9.0, OWN: 5.0, GOLDEN: 1.0, OTHER: 7.0}


def test_the_likely_killer_runs_first() -> None:
    """Tests of its folder and those that killed in this file, the quickest first; then the rest."""
    (change, *_) = changes(b"a + b")
    mutant = Mutant("src/volsculpt/contracts/payoff.py", change)
    assert staged(mutant, TIMES, (), 22.0) == ([[GOLDEN, OWN], [OTHER, LAWS]], [])
    assert staged(mutant, TIMES, (LAWS,), 22.0) == ([[GOLDEN, OWN, LAWS], [OTHER]], [])
    watched = Mutant("src/volsculpt/decide/act.py", change)
    assert staged(watched, TIMES, (), 22.0) == ([[OTHER], [GOLDEN, OWN, LAWS]], [])


def test_what_takes_too_long_together_is_left_out() -> None:
    """The last in the order."""
    (change, *_) = changes(b"a + b")
    mutant = Mutant("src/volsculpt/contracts/payoff.py", change)
    assert staged(mutant, TIMES, (), 21.9) == ([[GOLDEN, OWN], [OTHER]], [LAWS])
    assert staged(mutant, TIMES, (), 6.0) == ([[GOLDEN, OWN]], [OTHER, LAWS])


def test_who_killed() -> None:
    """The failing test, a tree that cannot be loaded, a loop without end; nobody."""
    printed = "F\n=== short test summary info\nFAILED tests/a/b.py::c - assert 1 == 2\n!!! stopping"
    assert killer(1, printed) == "a/b.py::c"
    assert killer(2, "ERROR tests/a/b.py\n!!! Interrupted") == "a/b.py"
    assert killer(2, "no module") == "cannot be loaded"
    assert killer(-1, "") == "never ends"
    assert killer(0, "2 passed") == ""


def test_what_pytest_cannot_do_kills_nobody() -> None:
    """A file of tests that is not there is no verdict."""
    with pytest.raises(RuntimeError, match="not found"):
        killer(4, "file or directory not found")


def test_who_waits_for_others_is_not_endless(tmp_path: Path) -> None:
    """The time that counts is that of the processor: a loop uses it up, waiting does not."""
    tree = object.__new__(Tree)  # a folder alone: no copy is needed
    tree.folder = tmp_path
    for name, body in (("loops", "while True: pass"), ("waits", "time.sleep(3.0)")):
        text = f"import time\n\n\ndef test_it() -> None:\n    {body}\n"
        (tmp_path / f"test_{name}.py").write_text(text, encoding="utf-8")
    assert tree.outcome(["test_loops.py"], 2.0, plain=False)[0] == ENDLESS
    assert tree.outcome(["test_waits.py"], 2.0, plain=False)[0] == PASSED
