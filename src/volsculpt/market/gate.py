"""The one gate: what a history must satisfy before anything is computed from it.

Times are int64 ns UTC and strictly rising; prices are finite and positive; a bar's open and
close lie between its low and its high. Gaps pass: they are reported, not refused. Messages
name the series, the row (the first is 1) and the time. What passes is read-only.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from volsculpt.contracts.expiries import shown
from volsculpt.errors import HistoryError
from volsculpt.market.times import HOUR_NS, interval_text

Floats = npt.NDArray[np.float64]
Stamps = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

FIRST_NS = 631_152_000 * 10**9  # 1990-01-01
LAST_NS = 4_102_444_800 * 10**9  # 2100-01-01
MAX_RATE = 0.1  # of the value, at one stamp; venues cap theirs at a third of it or less
MAX_INTERVAL_HOURS = 168.0
OVERLAP = 0.01  # share of an interval by which stamps may come early


def frozen(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The same values, contiguous and read-only; copied when somebody could still write them."""
    kept = values.copy() if values.flags.writeable else np.ascontiguousarray(values)
    kept.setflags(write=False)
    return kept


def refuse(name: str, stamps: Stamps, row: int, what: str) -> HistoryError:
    """The error for one row, counted from 1."""
    return HistoryError(f"{name}: row {row + 1} ({shown(int(stamps[row]))}): {what}")


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
    row = first((stamps < FIRST_NS) | (stamps >= LAST_NS))
    if row is not None:
        raise refuse(name, stamps, row, "the time is not between 1990 and 2100; is its unit right?")
    steps = np.diff(stamps)
    row = first(steps <= 0)
    if row is not None:
        what = (
            "the stamp is there twice" if steps[row] == 0 else "the time goes back; sort the rows"
        )
        raise refuse(name, stamps, row + 1, what)
    kept: Stamps = frozen(stamps)
    return kept


def checked_column(
    name: str, stamps: Stamps, column: str, values: npt.NDArray[Any], least: str = "positive"
) -> Floats:
    """Figures as read-only float64, finite and "positive", "zero" (or more) or "any"."""
    if values.shape != stamps.shape:
        raise HistoryError(f"{name}: {column} has {len(values)} rows, the times have {len(stamps)}")
    numbers = values.astype(np.float64, copy=False)
    row = first(~np.isfinite(numbers))
    if row is not None:
        raise refuse(name, stamps, row, f"{column} is missing or not finite ({numbers[row]})")
    if least == "positive":
        row = first(numbers <= 0.0)
    elif least == "zero":
        row = first(numbers < 0.0)
    else:
        row = None
    if row is not None:
        asked = "positive" if least == "positive" else "zero or more"
        raise refuse(name, stamps, row, f"{column} is {numbers[row]:g}; it must be {asked}")
    kept: Floats = frozen(numbers)
    return kept


def check_bar_shape(
    name: str, stamps: Stamps, opens: Floats, highs: Floats, lows: Floats, closes: Floats
) -> None:
    """HistoryError when a high is under a low, or an open or close outside of both."""
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
    """HistoryError for a rate no venue charges, or for hours that are paid for twice."""
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
