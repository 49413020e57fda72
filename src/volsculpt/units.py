"""Lengths of time in nanoseconds, stamps as text (ISO 8601, UTC), fractions as they are written.

Each is said here alone. How a time is worded for people is in `text.py`.
"""

import math
import re
from datetime import UTC, datetime, timedelta

SECOND_NS = 10**9
MINUTE_NS = 60 * SECOND_NS
HOUR_NS = 60 * MINUTE_NS
DAY_NS = 24 * HOUR_NS
WEEK_NS = 7 * DAY_NS
YEAR_NS = 365 * DAY_NS  # coins trade every day; a leap day is a day more

DURATION = r"^[0-9]*[1-9][0-9]*[smhdw]$"  # as files write a length of time
_UNITS_NS = {"s": SECOND_NS, "m": MINUTE_NS, "h": HOUR_NS, "d": DAY_NS, "w": WEEK_NS}

MOST_COST = 0.2  # of a price: a spread or a slippage beyond is percent, or one that no market has

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def duration_ns(text: str) -> int:
    """Nanoseconds of a duration. Worked: "8h" is 28,800,000,000,000.

    Raises ValueError for what is none.
    """
    if not re.match(DURATION, text):
        raise ValueError(f"{text!r} is not a duration like '30d'")
    return int(text[:-1]) * _UNITS_NS[text[-1]]


def iso(time_ns: int) -> str:
    """A time cut to its second. Worked: 999,999,999 is "1970-01-01T00:00:00Z"."""
    return f"{_second(time_ns)}Z"


def iso_exact(time_ns: int) -> str:
    """A time to the nanosecond. Worked: 5 is "1970-01-01T00:00:00.000000005Z"."""
    return f"{_second(time_ns)}.{time_ns % SECOND_NS:09d}Z"


def iso_day(time_ns: int) -> str:
    """The day of a time. Worked: 0 is "1970-01-01"."""
    return _second(time_ns).partition("T")[0]


def iso_trimmed(time_ns: int) -> str:
    """A time with as many decimals as it has. Worked: 500,000,000 is "1970-01-01T00:00:00.5Z"."""
    if time_ns % SECOND_NS == 0:
        return iso(time_ns)
    return iso_exact(time_ns).rstrip("Z0") + "Z"


def _second(time_ns: int) -> str:
    moment = _EPOCH + timedelta(seconds=int(time_ns) // SECOND_NS)
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def fraction_of(text: str) -> float | None:
    """A fraction as written, or in percent; None for what is no finite number.

    Worked: "0.0001" and "0.01 %" are both 0.0001.
    """
    digits = text.strip().removesuffix("%")
    try:
        number = float(digits.replace("_", ""))
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return number if digits == text.strip() else number / 100.0


def fraction_problem(fraction: float, most: float) -> str | None:
    """What is wrong with a fraction above the most that one can be; None where it is within.

    Worked: 30 where 1 is the most -> "must be 1 or less: it is a fraction; did you mean 0.3?".
    """
    if fraction <= most:
        return None
    fix = percent_meant(fraction, most) or "; 10 % is 0.1"
    return f"must be {most:g} or less: it is a fraction{fix}"


def percent_meant(number: float, most: float) -> str:
    """The fraction that a percentage stands for, as a question; empty where it is too much too."""
    meant = number / 100.0
    return f"; did you mean {meant:g}?" if abs(meant) <= most else ""
