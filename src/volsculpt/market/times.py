"""Lengths and spans of time: in nanoseconds, and as people write them ("8h")."""

from collections.abc import Callable
from typing import TypeVar

from volsculpt.errors import HistoryError
from volsculpt.units import (
    DAY_NS,
    HOUR_NS,
    MINUTE_NS,
    SECOND_NS,
    LengthLike,
    MomentLike,
    iso,
    length_ns,
    moment_ns,
)

AsGiven = TypeVar("AsGiven")

_UNITS = {"d": DAY_NS, "h": HOUR_NS, "m": MINUTE_NS, "s": SECOND_NS}


def interval_text(interval_ns: int) -> str:
    """A length of time in the largest unit that fits: 28_800_000_000_000 -> "8h"."""
    for unit, length in _UNITS.items():
        if interval_ns >= length and interval_ns % length == 0:
            return f"{interval_ns // length}{unit}"
    return f"{interval_ns / SECOND_NS:g}s"


def parse_interval(text: str) -> int:
    """Nanoseconds of "1m", "8h", "1d"; HistoryError shows the form when it is another."""
    try:
        return length_ns(text)
    except ValueError as error:
        raise HistoryError(str(error)) from None


def step_of(step_ns: LengthLike) -> int:
    """The step of a run, ns: from a minute to a day. Raises HistoryError for another."""
    found = _read(length_ns, step_ns, "step_ns")
    if not MINUTE_NS <= found <= DAY_NS:
        raise HistoryError(f"step_ns: {step_ns!r}: a step lasts from a minute (1m) to a day (1d)")
    return found


def run_span(
    from_ns: MomentLike | None, to_ns: MomentLike | None, step_ns: LengthLike | None = None
) -> tuple[int | None, int | None, int | None]:
    """Both ends and the step of a span in ns, None where it is left open.

    Raises HistoryError naming the one that cannot be read.
    """
    step = None if step_ns is None else _read(length_ns, step_ns, "step_ns")
    first = None if from_ns is None else _read(moment_ns, from_ns, "from_ns")
    last = None if to_ns is None else _read(moment_ns, to_ns, "to_ns")
    if first is not None and last is not None and first >= last:
        raise HistoryError(f"to_ns: {iso(last)} is not after from_ns, {iso(first)}")
    return first, last, step


def _read(reader: Callable[[AsGiven], int], given: AsGiven, where: str) -> int:
    """What a reader of `units` makes of it; HistoryError with the place where it is nothing."""
    try:
        return reader(given)
    except ValueError as error:
        raise HistoryError(f"{where}: {error}") from None
