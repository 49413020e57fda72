"""No part counts from the end of a sequence: compiled, an index is taken as it is."""

import os
from collections.abc import Iterator
from typing import Any

import numba
import numpy as np
import pytest
from numba.extending import register_jitable

from tests.simulate import plain
from tests.simulate.test_events_add_up import finished
from tests.simulate.worlds import mixed_world
from tests.snapshots.markets import drawn_world
from volsculpt.simulate import kernel, look_ahead, series
from volsculpt.simulate.lanes import Array, plain_of
from volsculpt.simulate.parts import PART, WHOLE
from volsculpt.simulate.ran import series_of

BOOKS = int(os.environ.get("VOLSCULPT_BOOKS", "24"))  # sixteen steps each; the long set more
FIRST = 1_000  # of their seeds


def checked(index: Any) -> Any:  # noqa: ANN401
    """An index, refused where it counts from the end."""
    for one in index if isinstance(index, tuple) else (index,):
        if isinstance(one, int | np.integer) and one < 0:
            raise AssertionError(f"an index of {one}: compiled, it reads before the first figure")
    return index


class FromZero(list[Any]):
    """A list that is not counted from its end."""

    def __getitem__(self, index: Any) -> Any:  # noqa: ANN401
        return super().__getitem__(checked(index))

    def __setitem__(self, index: Any, said: Any) -> None:  # noqa: ANN401
        super().__setitem__(checked(index), said)


class ArrayFromZero(np.ndarray[Any, Any]):
    """An array that is not counted from its end."""

    def __getitem__(self, index: Any) -> Any:  # noqa: ANN401
        return super().__getitem__(checked(index))

    def __setitem__(self, index: Any, said: Any) -> None:  # noqa: ANN401
        super().__setitem__(checked(index), said)


def watched(said: Any) -> Any:  # noqa: ANN401
    """The same figures, in sequences that are not counted from their end."""
    if isinstance(said, tuple) and hasattr(said, "_fields"):
        return type(said)(*map(watched, said))
    if isinstance(said, np.ndarray):
        return said.view(ArrayFromZero)
    return FromZero(said) if isinstance(said, list) else said


def arrays_watched(said: Any) -> Any:  # noqa: ANN401
    """The same with its arrays watched; lists stay, for others read them afterwards."""
    if isinstance(said, tuple) and hasattr(said, "_fields"):
        return type(said)(*map(arrays_watched, said))
    return said.view(ArrayFromZero) if isinstance(said, np.ndarray) else said


@pytest.fixture
def watching(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Inside it plain runs refuse an index below 0."""
    monkeypatch.setattr(plain, "plain_of", lambda *given: watched(plain_of(*given)))
    for module, name in ((kernel, "run"), (series, "follow"), (look_ahead, "look_ahead")):
        function = getattr(module, name)
        monkeypatch.setattr(
            module, name, lambda *given, of=function: of(*map(arrays_watched, given))
        )
    with plain.plainly():
        yield


@pytest.mark.usefixtures("watching")
def test_no_part_counts_from_the_end() -> None:
    """Runs of random books of every kind, decided at nearly each step, and their figures."""
    for seed in range(FIRST, FIRST + BOOKS):
        ran = finished(drawn_world(seed), plain.plain_run)
        told = series_of(ran, plain.plain_follow)
        assert len(told.held) == len(ran.stamp_ns), seed


@pytest.mark.usefixtures("watching")
def test_no_resting_part_counts_from_the_end() -> None:
    """A run that rests over several blocks of steps."""
    ran = finished(mixed_world(200, 2, 0.002), plain.plain_run)
    told = series_of(ran, plain.plain_follow)
    assert len(told.held) == len(ran.stamp_ns)


def test_an_index_below_zero_is_noticed() -> None:
    """In lists and in arrays, read and written."""
    for row in (watched([1.0, 2.0]), watched(np.zeros((2, 3)))):
        with pytest.raises(AssertionError, match="an index of -1"):
            _ = row[-1]
        with pytest.raises(AssertionError, match="an index of -1"):
            row[-1] = 0.0


def last(row: Array) -> float:
    """The figure at the end."""
    return float(row[-1])


def last_of_part(row: Array) -> float:
    """The same, by a function that calls it."""
    return last(row)


def test_code_of_others_counts_from_the_end_as_before() -> None:
    """Only what is lowered as a part takes an index as it is."""
    whole = np.arange(6.0)
    register_jitable(**PART)(last)
    part: Any = numba.njit(**WHOLE)(last_of_part)
    assert part(whole[3:]) == 2.0  # what lies before the first
    others: Any = numba.njit(last)
    assert others(whole) == 5.0
