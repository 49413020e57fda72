"""How long bars are, how many hours a rate pays for, how far values are apart: for one row."""

from pathlib import Path

import numpy as np

from volsculpt.market.series import (
    Bars,
    FundingRates,
    Label,
    Series,
    SeriesKind,
    Values,
)
from volsculpt.market.store import load, stored

Key = tuple[str, str, str, str]


class Rhythms:
    """What a store, and the files read so far, know of each series."""

    def __init__(self, root: Path | None) -> None:
        """`root`: the folder of the store, if there is one."""
        self._root = root
        self._stored: dict[tuple[Key, SeriesKind], set[float]] | None = None
        self._read: dict[tuple[Key, SeriesKind], set[float]] = {}

    def add(self, series: Series) -> None:
        """Note a series that was read."""
        _note(self._read, series)

    def of(self, label: Label, kind: SeriesKind) -> float | None:
        """ns of a bar or between values, hours of a rate; None where none is known, or two are."""
        if self._stored is None:
            self._stored = {}
            for one in stored(self._root) if self._root is not None else []:
                if one.kind == "bars" and one.interval_ns is not None:
                    key = (_key(one.label), one.kind)
                    self._stored.setdefault(key, set()).add(float(one.interval_ns))
                elif one.kind in ("funding", "values"):
                    _note(self._stored, load(one))
        wanted = (_key(label), kind)
        found = self._stored.get(wanted, set()) | self._read.get(wanted, set())
        return found.pop() if len(found) == 1 else None


def _key(label: Label) -> Key:
    return label.venue, label.symbol, label.role, label.quote


def _note(rhythms: dict[tuple[Key, SeriesKind], set[float]], series: Series) -> None:
    """Add a rhythm: length of bars, hours of the newest rate, usual distance of values."""
    key = (_key(series.label), series.kind)
    if isinstance(series, Bars) and len(series.stamps) > 1:
        rhythms.setdefault(key, set()).add(float(series.interval_ns))
    elif isinstance(series, FundingRates) and len(series.stamps) > 1:
        rhythms.setdefault(key, set()).add(float(series.interval_hours[-1]))
    elif isinstance(series, Values) and len(series.stamps) > 1:
        lengths, counts = np.unique(np.diff(series.stamps), return_counts=True)
        rhythms.setdefault(key, set()).add(float(lengths[np.argmax(counts)]))
