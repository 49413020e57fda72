"""Which of several stored series of one thing a run reads: the one that knows its time best.

A moment is silent where the last observation before it is more than a day old. An end of the span
that is left open is the first, or the last, that any of them knows. In order:

1. with a stamp in the span, and silent for a hundredth of it where it is asked for, a quarter of
   one that is open, or a day, at most; else the least silent
2. silent for a quarter of the year before it at most, where features look back; else the least
   silent
3. the shortest bars, then a price in US dollars, then the first by its place

Of figures that are no prices the first that reaches over the span, to a day, then by its place:
they may be monthly.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from volsculpt.market.manifest import Manifest
from volsculpt.market.series import Role
from volsculpt.market.store import Span, stamps_of
from volsculpt.units import DAY_NS, YEAR_NS

SPAN_SHARE, OPEN_SHARE, LOOK_BACK_SHARE = 0.01, 0.25, 0.25  # of the time that may be silent
LOOKED_BACK_NS = YEAR_NS  # of what features look back: of a run and of plans in it alike


@dataclass(frozen=True, slots=True)
class Reach:
    """The span that is asked for, (from, to) in ns UTC, and how far features look back from it."""

    span: Span
    look_back_ns: int = 0


def best(
    every: Sequence[Manifest],
    key: str,
    role: Role,
    reach: Reach,
    venue: str | None,
    notes: list[str],
) -> Manifest | None:
    """The best stored series of one thing that reaches into the span, or none.

    Args: every: all that is stored; key, role: of the thing; reach: when it is wanted; venue: of
    the series, None: any; notes: what was taken of several is added.
    """
    start, end = reach.span
    fits = [
        one
        for one in every
        if (one.label.key, one.role) == (key, role)
        and venue in (None, one.venue)
        and (end is None or one.from_ns < end)
        and (start is None or one.to_ns > start)
    ]
    if len(fits) < 2:
        return fits[0] if fits else None
    ends = min(one.from_ns for one in fits), max(one.to_ns for one in fits)
    ranked = {one.path: _silence(one, reach, ends) for one in fits}
    taken = min(
        fits,
        key=lambda one: (ranked[one.path], one.interval_ns or 0, one.quote != "USD", one.path),
    )
    others = ", ".join(_rejected_words(one, ranked[one.path]) for one in fits if one is not taken)
    notes.append(f"{taken.label.text}: {taken.path.name} was taken, not {others}")
    return taken


def _silence(one: Manifest, reach: Reach, ends: tuple[int, int]) -> tuple[int, int]:
    """How long a series is silent in the span, and before it; 0: little enough.

    ends: where the earliest of its rivals begins and the latest ends: nobody is silent before or
    after, and a span whose end is left open has this one.
    """
    start, end = reach.span
    if one.kind == "values":
        begins = start is None or one.from_ns <= start + DAY_NS
        reaches = end is None or one.to_ns >= end - DAY_NS
        return (0 if begins and reaches else DAY_NS), 0
    first_ns, last_ns = ends
    span = first_ns if start is None else start, last_ns if end is None else end
    inside = _beyond(one, *span, SPAN_SHARE if span == reach.span else OPEN_SHARE)
    if start is None or reach.look_back_ns == 0:
        return inside, 0
    back_ns = max(first_ns, start - min(reach.look_back_ns, LOOKED_BACK_NS))
    return inside, (_beyond(one, back_ns, start, LOOK_BACK_SHARE) if back_ns < start else 0)


def _beyond(one: Manifest, from_ns: int, to_ns: int, share: float) -> int:
    """How long a series is silent in [from, to]; 0 where that is a day or this share at most.

    One that has nothing there is silent for all of it, be it a day.
    """
    if not _is_heard(one, from_ns, to_ns):
        return max(1, to_ns - from_ns)
    silent = silent_ns(one, from_ns, to_ns)
    return 0 if silent <= max(DAY_NS, share * (to_ns - from_ns)) else silent


def _is_heard(one: Manifest, from_ns: int, to_ns: int) -> bool:
    """Whether a series has a stamp in [from, to)."""
    if one.from_ns >= to_ns or one.to_ns <= from_ns:
        return False
    if one.gaps == 0 and one.interval_ns is not None and one.interval_ns <= to_ns - from_ns:
        return True
    return len(stamps_of(one, from_ns, to_ns)) > 0


def silent_ns(one: Manifest, from_ns: int, to_ns: int) -> int:
    """The time in [from, to] at which the last stamp of a series, or from, is over a day old.

    Worked: daily bars of the 1st, 2nd and 5th, from the 1st to the 6th: two days.
    """
    if one.gaps or one.interval_ns is None:
        gaps_ns = np.diff(stamps_of(one, from_ns, to_ns), prepend=from_ns, append=to_ns).tolist()
    else:  # nothing is missing between its ends
        first, last = max(from_ns, one.from_ns), min(to_ns, one.to_ns)
        gaps_ns = [first - from_ns, to_ns - last] if first < last else [to_ns - from_ns]
    return sum(max(0, int(edge) - DAY_NS) for edge in gaps_ns)


def _rejected_words(one: Manifest, silent: tuple[int, int]) -> str:
    """A series that was not taken, and how long it is silent where that is why."""
    if silent[0]:
        return f"{one.path.name} (silent for {silent[0] / DAY_NS:,.0f} days of the time)"
    if silent[1]:
        return f"{one.path.name} (silent for {silent[1] / DAY_NS:,.0f} days before it)"
    return one.path.name
