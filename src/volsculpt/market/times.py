"""Lengths of time: nanoseconds, and how people write them ("8h")."""

import re

from volsculpt.errors import HistoryError
from volsculpt.units import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS, WEEK_NS

_UNITS = {"w": WEEK_NS, "d": DAY_NS, "h": HOUR_NS, "m": MINUTE_NS, "s": SECOND_NS}
_WRITTEN = re.compile(r"(\d+)\s*([smhdw])")


def interval_text(interval_ns: int) -> str:
    """A length of time in the largest unit that fits: 28_800_000_000_000 -> "8h"."""
    for unit, length in _UNITS.items():
        if unit != "w" and interval_ns >= length and interval_ns % length == 0:
            return f"{interval_ns // length}{unit}"
    return f"{interval_ns / SECOND_NS:g}s"


def parse_interval(text: str) -> int:
    """Nanoseconds of "1m", "8h", "1d"; HistoryError shows the form when it is another."""
    found = _WRITTEN.fullmatch(text.strip().lower())
    if found is None or int(found[1]) == 0:
        raise HistoryError(f"{text!r} is no length of time; write it like 1m, 8h or 1d")
    return int(found[1]) * _UNITS[found[2]]
