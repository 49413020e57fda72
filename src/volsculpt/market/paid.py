"""Which rates were paid, and for how many hours: never guessed from how far apart rows are.

A rate runs until it is paid, and files often hold the running one. What is known: hours in a
column, the time of the next payment beside each row, the user's word, or how often the venue
charges. Rows that come more often than it charges are refused.
"""

from dataclasses import dataclass

import numpy as np

from volsculpt.contracts.catalog import BUILT_IN, load_catalog
from volsculpt.errors import ContractError, HistoryError
from volsculpt.market.gate import Floats, Stamps
from volsculpt.market.times import interval_text
from volsculpt.market.unclear import OneStamp, Unclear
from volsculpt.units import HOUR_NS, MINUTE_NS, SECOND_NS

LATE_NS = 5 * SECOND_NS  # venues stamp funding some milliseconds after the minute
# Hours between payments at venues that the catalog does not know, as each publishes them.
USUAL_HOURS = {
    "bitget": 8.0,
    "bitmex": 8.0,
    "dydx": 1.0,
    "ftx": 1.0,
    "gateio": 8.0,
    "htx": 8.0,
    "huobi": 8.0,
    "hyperliquid": 1.0,
    "kucoin": 8.0,
    "mexc": 8.0,
    "phemex": 8.0,
}
# Names of columns that say the hours of their rates.
HOURS_IN_NAMES = {"interest1h": 1.0}
HOURS = (1.0, 2.0, 4.0, 6.0, 8.0, 12.0, 24.0)
SLOW_NS = 10 * MINUTE_NS  # after a payment a row may still name it
_EARLY = 0.01
_MOST = 0.9  # of the distances, that make rows regular


@dataclass(frozen=True, slots=True)
class Paid:
    """Rates that were paid: which rows, at which stamps, for how many hours; what to tell."""

    rows: Stamps
    stamps: Stamps
    hours: Floats
    notes: tuple[str, ...] = ()


def usual_hours(venue: str, symbol: str) -> tuple[float, bool] | None:
    """(hours between payments, whether it is the contract's own entry); None if nobody knows.

    Of a contract that the catalog lacks: what is usual at its venue.
    """
    if venue in BUILT_IN:
        try:
            funding = load_catalog().get(venue, symbol).funding
        except ContractError:
            funding = None
        if funding is not None and funding.interval_hours:
            return float(funding.interval_hours), True
    found = _hours_at(venue)
    return None if found is None else (found, False)


def _hours_at(venue: str) -> float | None:
    """What most contracts of a venue pay by, where it pays at stamps. Worked: kraken -> 1."""
    if venue not in BUILT_IN:
        return USUAL_HOURS.get(venue)
    paid = [one.funding for one in load_catalog().contracts(venue) if one.funding is not None]
    hours = [one.interval_hours for one in paid if one.kind == "stamp" and one.interval_hours]
    return float(max(sorted(set(hours)), key=hours.count)) if hours else None


def on_the_minute(stamps: Stamps) -> tuple[Stamps, str | None]:
    """Stamps that come a few seconds after a minute, put on it; what to tell of it."""
    late = stamps % MINUTE_NS
    moved = (late > 0) & (late <= LATE_NS)
    if not moved.any():
        return stamps, None
    words = f"{int(moved.sum())} stamps up to {late[moved].max() / 1e6:g} ms late put right"
    return np.where(moved, stamps - late, stamps), words


def settled(
    stamps: Stamps, next_ns: Stamps, now_ns: int | None, usual: tuple[float, bool] | None
) -> Paid:
    """Of running rates the last before each payment, at its stamp.

    A payment before which no row stands near, or that is to come, is left out. Raises
    HistoryError where a row lies after the payment it names.

    Args: stamps: of the rows, ns UTC; next_ns: the payment each row names, ns UTC; now_ns: of the
    import, None = all are past; usual: (hours, whether they are the contract's own), None = not
    known.
    """
    wrong = np.flatnonzero(next_ns < stamps - SLOW_NS)
    if len(wrong):
        raise HistoryError(f"row {int(wrong[0]) + 1}: its next payment lies before its own time")
    last = np.append(np.flatnonzero(np.diff(next_ns) != 0), len(next_ns) - 1)
    due, _ = on_the_minute(next_ns[last])
    if (np.diff(due) <= 0).any():
        row = int(last[int(np.argmax(np.diff(due) <= 0)) + 1]) + 1
        raise HistoryError(f"row {row}: its next payment comes before that of a row above it")
    if len(due) < 2 and usual is None:
        raise OneStamp("one payment does not tell how many hours it is for: --interval 8h")
    hours = funding_hours(due, usual[0] if len(due) < 2 and usual else None)
    near = due - stamps[last] <= max(2 * _usual(np.diff(stamps)), MINUTE_NS)
    over = due <= (now_ns if now_ns is not None else due[-1])
    kept = near & over
    if not kept.any():
        raise Unclear("holds running rates, and none of the moments at which one was paid")
    count, out = int(kept.sum()), int((~kept).sum())
    notes = [f"{len(stamps)} running rates; the last before each payment is kept: {count}"]
    if out:
        notes.append(f"{out} payments left out: still to come, or no row stands near before them")
    return Paid(last[kept], due[kept], hours[kept], tuple(notes))


def funding_hours(stamps: Stamps, stated: float | None) -> Floats:
    """Hours that each payment is for, from the distances of stamps at which all were paid.

    A distance counts when it repeats or is shorter than the one before; a longer one that
    does not repeat is a gap, and the shorter neighbour counts.
    """
    if stated is not None:
        return np.full(len(stamps), stated)
    if len(stamps) < 2:
        raise OneStamp("one stamp does not tell its interval; give it, for example --interval 8h")
    steps = np.rint(np.diff(stamps) / HOUR_NS * 100.0) / 100.0
    before, after = np.append(steps[:1], steps[:-1]), np.append(steps[1:], steps[-1:])
    is_real = ((steps <= before) | (steps == after)) & np.isin(steps, HOURS)
    hours = np.where(is_real, steps, np.minimum(np.minimum(steps, before), after))
    return np.append(hours[:1], hours)


def of_rows(
    stamps: Stamps, given: float | None, usual: tuple[float, bool] | None, who: str
) -> tuple[Floats, tuple[str, ...]]:
    """(hours each row pays for, notes), of rows that were paid at their stamps.

    Raises Unclear where nobody knows the hours, and HistoryError where rows come more often than
    the venue charges.

    Args: stamps: ns UTC; given: hours that the user, or the file, says; usual: (hours, whether they
    are the contract's own), None = not known; who: says them, for notes.
    """
    if given is not None:
        return np.full(len(stamps), given), ()
    if usual is None:
        what = "one stamp does not" if len(stamps) < 2 else "the distance of rows does not"
        error = OneStamp if len(stamps) < 2 else Unclear
        raise error(f"{what} tell how many hours a rate pays for; give it: --interval 8h")
    hours = usual[0]
    if len(stamps) < 2:
        return np.full(len(stamps), hours), ()
    steps = np.diff(stamps)
    least = int(steps.min())
    if least < hours * (1.0 - _EARLY) * HOUR_NS:
        row = int(np.argmin(steps)) + 2
        raise HistoryError(
            f"row {row}: comes {interval_text(least)} after the one before it, but {who} charges "
            f"every {hours:g} hours: these are running rates. Give a file of those that were "
            f"paid, one with the time of the next payment, or, if it did charge so, "
            f"--interval {interval_text(least)}"
        )
    apart = _usual(steps) / HOUR_NS
    regular = float((steps == _usual(steps)).mean()) >= _MOST
    if apart > hours and regular:
        words = (
            f"rows are {apart:g} hours apart, {who} charges every {hours:g}: each is booked once, "
            f"for all of its hours; if it is one payment of several, give --interval {hours:g}h"
        )
        return np.full(len(stamps), apart), (words,)
    return np.full(len(stamps), hours), (f"paid every {hours:g} hours, as {who} charges",)


def _usual(steps: Stamps) -> int:
    """The distance that most are; 0 where there is none."""
    positive = steps[steps > 0]
    if len(positive) == 0:
        return 0
    lengths, counts = np.unique(positive, return_counts=True)
    return int(lengths[np.argmax(counts)])
