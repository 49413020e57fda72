"""Who is told that the kernel compiles, and that set-up compiles what runs need."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest

from tests.simulate.histories import asked, funded, wandering
from volsculpt.book.state import Layout
from volsculpt.simulate import parts, warm
from volsculpt.simulate.compiled import WAIT, CompiledKernel, Run, is_usable, shape, telling
from volsculpt.simulate.history_run import run_history
from volsculpt.simulate.lanes import record_type, room_class
from volsculpt.simulate.ran import series_of

SMALL, LARGE = np.zeros(1, np.float64), np.zeros(1, np.float32)


def compile_in(place: Path | None) -> Run:
    """Stands for the compiler: leaves code behind that does nothing."""
    if place is not None:
        place.mkdir(exist_ok=True)
        (place / "kernel.nbc").touch()
    return lambda *arguments: None


class Caught:
    """Stands for the kernel: keeps what it was called with."""

    def __init__(self) -> None:
        self.arguments: tuple[Any, ...] = ()

    def __call__(self, *arguments: Any) -> None:  # noqa: ANN401
        """Do nothing but remember."""
        self.arguments = arguments


def test_each_size_of_book_is_told_once(tmp_path: Path) -> None:
    """Before it compiles, never when the code is there, in this process or from another."""
    heard: list[str] = []
    with telling(heard.append):
        first = CompiledKernel(compile_in, tmp_path)
        first(SMALL)
        first(SMALL)
        assert heard == [f"{WAIT}; it is kept in {tmp_path}"]
        first(LARGE)
        assert len(heard) == 2
        CompiledKernel(compile_in, tmp_path)(SMALL)
    assert len(heard) == 2


def test_code_that_cannot_be_kept_is_told(tmp_path: Path) -> None:
    """Without a folder to write to it compiles all the same, and says how to keep the code."""
    heard: list[str] = []
    with telling(heard.append):
        CompiledKernel(compile_in, None)(SMALL)
    assert "name one in VOLSCULPT_CACHE" in heard[0]
    (tmp_path / "file").touch()
    assert not is_usable(tmp_path / "file" / "below")
    assert is_usable(tmp_path / "new" / "below")


def test_a_python_user_finds_it_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Where nobody asked to be told, the log warns."""
    CompiledKernel(compile_in, tmp_path)(SMALL)
    assert [record.name for record in caplog.records] == ["volsculpt"]
    assert WAIT in caplog.text


@pytest.mark.parametrize("step", [0, 1, 2])
def test_a_made_up_book_has_the_size_asked(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compiled for a size class is that class."""
    run, follow = Caught(), Caught()
    monkeypatch.setattr(warm, "compiled_run", lambda: run)
    monkeypatch.setattr(warm, "compiled_follow", lambda: follow)
    warm.run_made_up(step)
    for layouts in (run.arguments[0].layouts, follow.arguments[0].layouts):
        assert layouts.dtype == record_type(Layout, room_class(step))


def test_set_up_compiles_what_a_run_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The types of a real run's arguments are those that were compiled: targets known or given."""
    made_up, real, given, followed, told = (Caught() for _ in range(5))
    monkeypatch.setattr(warm, "compiled_run", lambda: made_up)
    monkeypatch.setattr(warm, "compiled_follow", lambda: followed)
    warm.run_made_up(0)
    history = funded(wandering(48, 3), 3)
    done = run_history(asked(history), real)
    series_of(done, told)
    ratios = np.full((len(done.stamp_ns) - 1, 1, 1), 0.5)
    run_history(asked(history), given, ratios=ratios)
    assert shape(made_up.arguments) == shape(real.arguments) == shape(given.arguments)
    assert shape(followed.arguments) == shape(told.arguments)


ELSEWHERE = """
import numba
from volsculpt.book.state import Layout
from volsculpt.simulate import parts
from volsculpt.simulate.lanes import record_type, room_class
print(numba.from_dtype(record_type(Layout, room_class(1))).mangling_args[1][0])
"""


def test_a_record_is_called_by_its_layout_in_every_process() -> None:
    """Code of two sizes that two processes compiled keeps its names apart in a third."""
    layouts = [numba.from_dtype(record_type(Layout, room_class(step))) for step in (0, 1)]
    small, large = (parts.record_mark(one) for one in layouts)
    assert [one.mangling_args for one in layouts] == [small, large]
    assert small != large
    command = [sys.executable, "-c", ELSEWHERE]
    there = subprocess.run(command, capture_output=True, check=True, text=True)
    assert int(there.stdout) == large[1][0]
