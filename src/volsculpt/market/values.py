"""Figures that are neither prices nor funding: sentiment, yields, open interest, what you like.

A value is of its stamp and known later: a yield is that of a day, and published days after it.
Both times stand beside each other, so that nobody reads it early. Revised values are not kept:
the first one known is what the past knew.
"""

from dataclasses import dataclass

import numpy as np

from volsculpt.errors import HistoryError
from volsculpt.market.gate import (
    Floats,
    Stamps,
    checked_column,
    checked_stamps,
    first,
    frozen,
    refuse,
)
from volsculpt.market.labels import Label, SeriesKind, put_field, rows_between
from volsculpt.units import iso


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """Values by stamp, and when each was known.

    stamp_ns: what each is of, ns UTC, rising. available_ns: from when it could be read, ns UTC,
    never before its stamp, never before the one known last. value: finite, in the unit
    `label.quote`; `label.symbol` is the name. Raises HistoryError for anything else.
    """

    label: Label
    stamp_ns: Stamps
    available_ns: Stamps
    value: Floats

    def __post_init__(self) -> None:
        name = self.name
        stamps = checked_stamps(name, self.stamp_ns)
        put_field(self, "stamp_ns", stamps)
        put_field(self, "available_ns", _checked_available(name, stamps, self.available_ns))
        put_field(self, "value", checked_column(name, stamps, "value", self.value, "any"))

    @property
    def kind(self) -> SeriesKind:
        """Values."""
        return "values"

    @property
    def name(self) -> str:
        """How messages call it: "policy_rate of fred, percent"."""
        return self.label.text

    @property
    def stamps(self) -> Stamps:
        """What each value is of."""
        return self.stamp_ns

    @property
    def end_ns(self) -> int:
        """The last stamp."""
        return int(self.stamp_ns[-1])

    def between(self, from_ns: int, to_ns: int) -> "Values":
        """The values stamped in [from, to); HistoryError when there is none."""
        rows = rows_between(self, from_ns, to_ns)
        return Values(self.label, self.stamp_ns[rows], self.available_ns[rows], self.value[rows])


def _checked_available(name: str, stamps: Stamps, available: Stamps) -> Stamps:
    """Times of knowing, read-only; HistoryError where one is before its stamp or goes back."""
    if available.dtype != np.int64 or available.shape != stamps.shape:
        raise HistoryError(
            f"{name}: times of knowing must be {len(stamps)} int64 nanoseconds UTC, one a stamp, "
            f"not {available.dtype} of shape {available.shape}"
        )
    row = first(available < stamps)
    if row is not None:
        what = f"known at {iso(int(available[row]))}, before the time it is of"
        raise refuse(name, stamps, row, what)
    row = first(np.diff(available) < 0)
    if row is not None:
        what = f"known at {iso(int(available[row + 1]))}, before the value ahead of it"
        raise refuse(name, stamps, row + 1, what)
    kept: Stamps = frozen(available)
    return kept
