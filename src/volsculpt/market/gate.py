"""The one gate: what a history must satisfy before anything is computed from it.

Times are int64 ns UTC and strictly rising; prices are finite and positive; a bar's open and
close lie between its low and its high. Gaps pass: they are reported, not refused. Messages
name the series, the row (the first is 1) and the time. What passes is read-only.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from volsculpt.errors import HistoryError
from volsculpt.market.times import interval_text
from volsculpt.units import HOUR_NS, SECOND_NS, iso

Floats = npt.NDArray[np.float64]
Stamps = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

FIRST_NS = 631_152_000 * 10**9  # 1990-01-01
LAST_NS = 4_102_444_800 * 10**9  # 2100-01-01
MAX_RATE = 0.1  # of the value, at one stamp; venues cap theirs at a third of it or less
MAX_INTERVAL_HOURS = 168.0
OVERLAP = 0.01  # share of an interval by which stamps may come early


DAY_NUMBERS = (30_000, 80_000)  # days since 1899-12-30, as spreadsheets count: 1982 to 2119


def frozen(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The same values, contiguous and read-only; copied when somebody could still write them."""
    kept = values.copy() if values.flags.writeable else np.ascontiguousarray(values)
    kept.setflags(write=False)
    return kept


def refuse(name: str, stamps: Stamps, row: int, what: str) -> HistoryError:
    """The error for one row, counted from 1.

    Args: name: of the series; stamps: ns UTC; row: from 0; what: is wrong.
    """
    return HistoryError(f"{name}: row {row + 1} ({iso(int(stamps[row]))}): {what}")


def first(wrong: Flags) -> int | None:
    """The first row where something is wrong, or None."""
    if not wrong.any():
        return None
    return int(np.argmax(wrong))


def checked_stamps(name: str, stamps: npt.NDArray[Any]) -> Stamps:
    """Times as read-only int64 ns UTC, strictly rising; HistoryError otherwise."""
    if stamps.dtype != np.int64 or stamps.ndim != 1:
        raise HistoryError(
            f"{name}: times must be one column of int64 nanoseconds UTC, not {stamps.dtype}; "
            f"times without a zone are refused"
        )
    if len(stamps) == 0:
        raise HistoryError(f"{name}: holds no rows")
    rising = bool((stamps[1:] > stamps[:-1]).all())
    if not rising or stamps[0] < FIRST_NS or stamps[-1] >= LAST_NS:
        raise _wrong_stamps(name, stamps)
    kept: Stamps = frozen(stamps)
    return kept


def _wrong_stamps(name: str, stamps: Stamps) -> HistoryError:
    """What is wrong with stamps that do not pass, at the first row where it is."""
    row = first((stamps < FIRST_NS) | (stamps >= LAST_NS))
    if row is not None:
        what = "the time is not between 1990 and 2100; is its unit right?"
        if DAY_NUMBERS[0] <= stamps[row] // SECOND_NS < DAY_NUMBERS[1]:
            what += " A day number of a spreadsheet is not read: write it like 2024-05-20"
        return refuse(name, stamps, row, what)
    row = int(np.argmax(stamps[1:] <= stamps[:-1])) + 1
    twice = stamps[row] == stamps[row - 1]
    what = (
        "the stamp is there twice; keep one of the rows"
        if twice
        else "the time goes back; sort the rows"
    )
    return refuse(name, stamps, row, what)


def checked_column(
    name: str, stamps: Stamps, column: str, values: npt.NDArray[Any], least: str = "positive"
) -> Floats:
    """Figures as read-only float64, finite and "positive", "zero" (or more) or "any".

    Args: name: of the series; stamps: ns UTC; column: its name; values: as long as the stamps;
    least: what they may be.
    """
    if values.shape != stamps.shape:
        raise HistoryError(f"{name}: {column} has {len(values)} rows, the times have {len(stamps)}")
    numbers = values.astype(np.float64, copy=False)
    # The extremes of a column with a NaN are NaN, and no comparison with it holds.
    least_there, most_there = numbers.min(), numbers.max()
    floor = {"positive": least_there > 0.0, "zero": least_there >= 0.0}.get(least, True)
    if not (floor and least_there > -np.inf and most_there < np.inf):
        raise _wrong_column(name, stamps, column, numbers, least)
    kept: Floats = frozen(numbers)
    return kept


def _wrong_column(
    name: str, stamps: Stamps, column: str, numbers: Floats, least: str
) -> HistoryError:
    """What is wrong with figures that do not pass, at the first row where it is."""
    row = first(~np.isfinite(numbers))
    if row is not None:
        what = f"{column} is missing or not finite ({numbers[row]})"
        return refuse(name, stamps, row, what)
    positive = least == "positive"
    row = int(np.argmax(numbers <= 0.0 if positive else numbers < 0.0))
    needed = "positive" if positive else "zero or more"
    return refuse(name, stamps, row, f"{column} is {numbers[row]:g}; it must be {needed}")


def check_bar_shape(
    name: str, stamps: Stamps, opens: Floats, highs: Floats, lows: Floats, closes: Floats
) -> None:
    """HistoryError when a high is under a low, or an open or close outside of both.

    Args: name: of the series; stamps: ns UTC; opens, highs, lows, closes: prices, as long as the
    stamps.
    """
    row = first(highs < lows)
    if row is not None:
        what = f"high {highs[row]:.10g} is below low {lows[row]:.10g}"
        raise refuse(name, stamps, row, what)
    for column, values in (("open", opens), ("close", closes)):
        row = first((values > highs) | (values < lows))
        if row is not None:
            span = f"low {lows[row]:.10g} and high {highs[row]:.10g}"
            raise refuse(name, stamps, row, f"{column} {values[row]:.10g} is not between {span}")


def check_bar_steps(name: str, stamps: Stamps, interval_ns: int) -> None:
    """HistoryError when bars overlap, as bars stamped in local time do in spring."""
    if interval_ns <= 0:
        raise HistoryError(f"{name}: the bar interval must be positive, not {interval_ns} ns")
    row = first(np.diff(stamps) < interval_ns)
    if row is not None:
        step = interval_text(int(stamps[row + 1] - stamps[row]))
        what = f"opens {step} after the bar before it, which lasts {interval_text(interval_ns)}"
        raise refuse(name, stamps, row + 1, what)


def check_funding(name: str, stamps: Stamps, rates: Floats, hours: Floats) -> None:
    """HistoryError for a rate no venue charges, or for hours that are paid for twice.

    Args: name: of the series; stamps: ns UTC; rates: fractions of the value; hours: that each pays
    for.
    """
    row = first(np.abs(rates) > MAX_RATE)
    if row is not None:
        what = f"funding of {rates[row]:g} of the value at one stamp is impossible"
        raise refuse(name, stamps, row, f"{what}; rates are fractions, not percent")
    row = first(hours > MAX_INTERVAL_HOURS)
    if row is not None:
        raise refuse(name, stamps, row, f"an interval of {hours[row]:g} hours is impossible")
    row = first(np.diff(stamps) < hours[1:] * (1.0 - OVERLAP) * HOUR_NS)
    if row is not None:
        step = interval_text(int(stamps[row + 1] - stamps[row]))
        what = f"pays for {hours[row + 1]:g} hours but comes {step} after the stamp before it"
        raise refuse(name, stamps, row + 1, f"{what}; is the interval right?")
