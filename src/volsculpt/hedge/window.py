"""Memory of a stretch of time: the newest observations of a stream, as far back as a window.

It holds every observation in the window and the newest one at or before its start, so that what
stood a window ago is known. A gap of more than ten times the usual distance begins anew, and a
figure whose newest observation is older than that is none: a window with a hole in it would say
something else than its name.
"""

from bisect import bisect_right
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple

from volsculpt.hedge.feature import Feature, Rows
from volsculpt.text import duration

GAP = 10  # times the usual distance of two observations


class WindowMemory(NamedTuple):
    """Observations in order of time: when each was known, and its figure."""

    known_ns: tuple[int, ...]
    figures: tuple[Any, ...]


NOTHING_KEPT = WindowMemory((), ())


def window_fold(memory: WindowMemory, rows: Rows, window_ns: int, gap_ns: int) -> WindowMemory:
    """Fold observations; what lies before the window is forgotten, but for the newest of it.

    Worked: window 10, gap 5; known at 1, 5, 9, 14 -> kept 1, 5, 9, 14 (14 - 10 = 4); then at 16
    -> 5, 9, 14, 16; then at 22 -> 22 alone.

    Args: rows: (when known, figure), rising; window_ns, gap_ns: ns.
    """
    times = [*memory.known_ns, *(time_ns for time_ns, _ in rows)]
    figures = [*memory.figures, *(figure for _, figure in rows)]
    broken = [row for row, (one, next_) in enumerate(pairwise(times), 1) if next_ - one > gap_ns]
    before = bisect_right(times, times[-1] - window_ns) - 1
    first = max(before, broken[-1] if broken else 0, 0)
    return WindowMemory(tuple(times[first:]), tuple(figures[first:]))


def is_full(memory: WindowMemory, now_ns: int, window_ns: int, gap_ns: int) -> bool:
    """Whether a memory reaches over its window, and its newest observation is not too old.

    Args: now_ns: ns UTC; window_ns, gap_ns: ns.
    """
    available_ns = memory.known_ns
    return (
        len(available_ns) > 1
        and available_ns[-1] - available_ns[0] >= window_ns
        and now_ns - available_ns[-1] <= gap_ns
    )


class Windowed(Feature):
    """A feature made from a window of its stream. Parameters: window_ns, every_ns."""

    MEMORY: ClassVar[type] = WindowMemory

    window_ns: int
    every_ns: int

    def found(self, memory: WindowMemory) -> float | None:
        """The figure of a full window."""
        raise AssertionError(f"{self.NAME} finds nothing")

    @property
    def gap_ns(self) -> int:
        """The age and the distance of observations that is too much."""
        return GAP * self.every_ns

    @property
    def look_back_ns(self) -> int:
        """The window, a gap before it and one behind it: all that a full memory is made from."""
        return self.window_ns + 2 * self.gap_ns

    def step(self, memory: WindowMemory | None, time_ns: int, observed: Any) -> WindowMemory:  # noqa: ANN401
        """Fold one observation."""
        return self.fold(memory, [(time_ns, observed)])

    def fold(self, memory: WindowMemory | None, rows: Rows) -> WindowMemory:
        """Fold several."""
        return window_fold(memory or NOTHING_KEPT, rows, self.window_ns, self.gap_ns)

    def value(self, memory: WindowMemory, now_ns: int) -> float | None:
        """The figure; None while the window is not full."""
        is_there = is_full(memory, now_ns, self.window_ns, self.gap_ns)
        return self.found(memory) if is_there else None

    def lacking(self, coin: str, memory: WindowMemory | None, now_ns: int) -> str:
        """Why there is no figure, in words, with the fix."""
        what, available_ns = self.stream(coin).words, memory.known_ns if memory is not None else ()
        spanned = available_ns[-1] - available_ns[0] if available_ns else 0
        age = now_ns - available_ns[-1] if available_ns else None
        return fed_words(what, age, self.gap_ns, spanned, self.window_ns)

    def words(self) -> str:
        """Worked: "90 days"."""
        return duration(self.window_ns)

    def plain(self, memory: WindowMemory) -> dict[str, Any]:
        """Lists of both."""
        return {"known_ns": list(memory.known_ns), "figures": list(memory.figures)}

    def memory_of(self, stored: Mapping[str, Any]) -> WindowMemory:
        """A memory again."""
        return WindowMemory(tuple(stored["known_ns"]), tuple(stored["figures"]))


def fed_words(
    what: str, age_ns: int | None, oldest_ns: int, spanned_ns: int, needed_ns: int
) -> str:
    """Why what a feature was fed is not enough, in words, with the fix.

    Args: what: it is fed; age_ns: of the newest observation, None without any; oldest_ns: the most
    it may be; spanned_ns: time without a long gap, of needed_ns.
    """
    if age_ns is None:
        return (
            f"nothing of {what} is known; it takes stored history that has it at this time "
            f"(--at TIME, --data FOLDER; `volsculpt data list` shows it, `volsculpt data import` "
            f"stores it)"
        )
    if age_ns > oldest_ns:
        return (
            f"the newest of {what} is {duration(age_ns)} old, more than "
            f"{duration(oldest_ns)}; import newer ones"
        )
    if spanned_ns >= needed_ns:
        return f"too much of {what} is missing in the days that are known, or it never moved"
    if spanned_ns == 0:
        return (
            f"a single one of {what} is known, or none since a gap longer than "
            f"{duration(oldest_ns)}; {duration(needed_ns)} are needed: import what is missing "
            f"before it"
        )
    return (
        f"{duration(spanned_ns)} of {what} without a gap longer than {duration(oldest_ns)} are "
        f"known; {duration(needed_ns)} are needed: import what is missing before them"
    )
