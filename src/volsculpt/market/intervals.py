"""How long a bar is: what is said of it, held against how far apart the bars are."""

import numpy as np

from volsculpt.errors import HistoryError
from volsculpt.market.gate import Stamps
from volsculpt.market.times import interval_text, parse_interval
from volsculpt.market.unclear import OneStamp, Unclear

LENGTHS = {
    parse_interval(text)
    for text in (
        "1s 5s 10s 15s 30s 1m 2m 3m 4m 5m 6m 10m 12m 15m 20m 30m 45m 1h 2h 3h 4h 6h 8h 12h 1d 3d 1w"
    ).split()
}
REPEATED = 12  # distances in a row that are no gap but bars of another length


def bar_interval(
    stamps: Stamps, stated_ns: int | None, stored_ns: int | None = None, is_stated: bool = False
) -> int:
    """The length of bars; HistoryError when the file's name or the user says another.

    A length that is said holds where the nearest bars are so far apart and all others a multiple
    of it, as in files without the hours in which nothing was traded.

    Args: stamps: ns UTC; stated_ns: by the file's name or the user, ns; stored_ns: of the series in
    the store, ns, None = not known; is_stated: the user says it.
    """
    steps = np.diff(stamps)
    steps = steps[steps > 0]
    if len(steps) == 0:
        if stated_ns is None and stored_ns is None:
            raise OneStamp("one bar does not tell its interval; give it, for example --interval 1h")
        return stated_ns or stored_ns or 0
    lengths, counts = np.unique(steps, return_counts=True)
    usual, least = int(lengths[np.argmax(counts)]), int(lengths[0])
    if stated_ns is not None and stated_ns in (usual, least):
        usual = stated_ns
    elif stated_ns is not None and not (is_stated and (lengths % stated_ns == 0).all()):
        apart = interval_text(usual)
        raise HistoryError(
            f"bars should be {interval_text(stated_ns)} long by name, but they are {apart} apart; "
            f"if that is right, give --interval {apart}"
        )
    elif stated_ns is not None:
        usual = stated_ns
    elif usual not in LENGTHS:
        raise Unclear(
            f"bars are {interval_text(usual)} apart, which is no usual length; if rows are "
            f"missing or if it is right, give it: --interval {interval_text(usual)}"
        )
    _refuse_mixed(stamps, usual)
    return usual


def _refuse_mixed(stamps: Stamps, interval_ns: int) -> None:
    """HistoryError where bars of a longer kind follow each other."""
    steps = np.diff(stamps)
    longer = steps > interval_ns
    same = longer[1:] & (steps[1:] == steps[:-1])
    run = 0
    for row in np.flatnonzero(same):
        run = run + 1 if row > 0 and same[row - 1] else 1
        if run >= REPEATED:
            other = interval_text(int(steps[row]))
            raise HistoryError(
                f"row {int(row) - run + 2}: bars are {other} apart from here, elsewhere "
                f"{interval_text(interval_ns)}; give a file of each"
            )


def close_interval(stamps: Stamps, stated_ns: int | None) -> int:
    """The length of bars of which only the close is there; Unclear where it cannot be told."""
    if stated_ns is not None:
        return stated_ns
    lengths, counts = np.unique(np.diff(stamps), return_counts=True)
    if len(lengths) == 0:
        raise OneStamp("one close does not tell its interval; give it, for example --interval 1h")
    if counts.max() * 2 < counts.sum():
        raise Unclear("its closes have no usual distance; give that of its bars: --interval 1h")
    return int(lengths[np.argmax(counts)])
