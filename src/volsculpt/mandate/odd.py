"""What no key of a mandate can mean: figures without sense, and text that steers a terminal."""

import math
import re
from collections.abc import Iterator

from volsculpt.mandate.locations import Problems

MOST_FIGURE = 1e15  # ten times all money there is, more than there are of any coin
# Controls of terminals, line feed and tab apart, and those that turn the order of letters round.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def add_odd(problems: Problems) -> None:
    """A problem for each figure beyond MOST_FIGURE, and for each control character."""
    for place, value in _everything(problems.data):
        of_key, of_value = odd_problem(place[-1] if place else ""), odd_problem(value)
        if of_key is not None and isinstance(place[-1], str):
            problems.add(place[:-1], f"the key {of_key}")
        elif of_value is not None:
            problems.add(place, of_value)


def odd_problem(value: object) -> str | None:
    """What is the matter with a figure or a text, whatever it is for; None: nothing."""
    if isinstance(value, str):
        found = CONTROL.search(value)
        code = f"U+{ord(found[0]):04X}" if found else ""
        return f"holds a control character ({code}); write it without" if found else None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int | float) and abs(value) > MOST_FIGURE:
        return f"must be {MOST_FIGURE:g} or less in size: a larger figure can hardly be meant"
    return None


def _everything(data: object) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Each value and its place, tables before what stands in them."""
    waiting: list[tuple[tuple[str | int, ...], object]] = [((), data)]
    while waiting:
        place, value = waiting.pop()
        yield place, value
        inside: list[tuple[tuple[str | int, ...], object]] = []
        if isinstance(value, dict):
            inside = [((*place, key), one) for key, one in value.items()]
        elif isinstance(value, list):
            inside = [((*place, row), one) for row, one in enumerate(value)]
        waiting += reversed(inside)
