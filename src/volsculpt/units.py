"""Lengths of time in nanoseconds, stamps (ISO 8601, UTC), fractions: as they are given and written.

Each is said here alone. How a time is worded for people is in `text.py`.
"""

import math
import operator
import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from numbers import Real

SECOND_NS = 10**9
MINUTE_NS = 60 * SECOND_NS
HOUR_NS = 60 * MINUTE_NS
DAY_NS = 24 * HOUR_NS
WEEK_NS = 7 * DAY_NS
DAYS_PER_YEAR = 365.0  # coins trade every day; a leap day is a day more
HOURS_PER_YEAR = 24.0 * DAYS_PER_YEAR
YEAR_NS = int(DAYS_PER_YEAR) * DAY_NS

DURATION = r"^[0-9]*[1-9][0-9]*[smhdw]$"  # as files write a length of time
MONTHS = r"^([1-9][0-9]* )?(month|quarter|year)s?$"  # of the calendar: a month may be 28 days
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_MINUTES = r"[0-9]+ ?m(in(ute)?s?)?"  # what may have been meant as months
SHORT = ("every", "step")  # keys of files whose lengths may be minutes
_UNITS_NS = {"s": SECOND_NS, "m": MINUTE_NS, "h": HOUR_NS, "d": DAY_NS, "w": WEEK_NS}

MOST_COST = 0.2  # of a price: a spread or a slippage beyond is percent, or one that no market has

MOST_STEPS = 100_000  # that an order or coins are on their way: more is no delay
DRAWS = 2_000  # of a bootstrap, where none are asked for
MOST_DRAWS = 100_000  # of a bootstrap: more change no figure that is shown

MomentLike = int | str | date  # ns UTC, "2021-01-01", a day, a datetime with its zone
LengthLike = int | str | timedelta  # ns, "8h", a timedelta

YEARS = (1970, 2200)  # nanoseconds of other years do not fit
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_NS = (YEARS[1] - YEARS[0]) * 366 * DAY_NS
_WORDS = (("days", "d"), ("day", "d"), ("weeks", "w"), ("week", "w"))
_DAY_WORDS = "write a day, 2021-01-01, or 2021-01-01T08:00:00Z"
_OTHER_WORDS = (
    'give "2021-01-01", a date, a datetime with its zone, or whole nanoseconds since 1970'
)


def moment_ns(moment: MomentLike) -> int:
    """Nanoseconds UTC of a moment as people and programs give one; a day is its midnight UTC.

    Worked: "2021-01-01", "2021-01-01T00:00:00Z", date(2021, 1, 1) and 1_609_459_200 * 10**9 are
    the same. Raises ValueError for what is none, and for a time without a zone.
    """
    found: object = moment
    if isinstance(moment, str):
        found = _moment_of(moment)
    elif isinstance(moment, date) and not isinstance(moment, datetime):
        found = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    if isinstance(found, datetime) and found.tzinfo is None:
        raise ValueError(
            f"{moment!r} has no zone, so its hour is unknown; give it one (tzinfo=UTC)"
        )
    if isinstance(found, datetime) and YEARS[0] <= found.year < YEARS[1]:
        return datetime_ns(found)
    stamp = whole(found)
    if stamp is None or not 0 <= stamp < _LAST_NS:
        fix = _DAY_WORDS if isinstance(moment, str) else _OTHER_WORDS
        raise ValueError(f"{moment!r} is no time; {fix}")
    return stamp


def _moment_of(text: str) -> datetime | None:
    """The time that a text names with an offset, or a day; None where it names neither."""
    try:
        moment = datetime.fromisoformat(re.sub(" UTC$", "Z", text))  # as it is printed
    except ValueError:
        return None
    if len(text) == len("2021-01-01"):
        return moment.replace(tzinfo=UTC)
    return moment if moment.tzinfo is not None else None


def whole(given: object) -> int | None:
    """A whole number of any library as one of Python; None for what is none."""
    if isinstance(given, bool) or not hasattr(given, "__index__"):
        return None
    return operator.index(given)


def number(given: object) -> float | None:
    """A number of any library as a float; None for what is none, as true, false and text."""
    if isinstance(given, bool):
        return None
    return float(given) if isinstance(given, Real) else None


def datetime_ns(moment: datetime) -> int:
    """Nanoseconds UTC since 1970 of a time with an offset, exactly."""
    return int((moment - EPOCH) // timedelta(microseconds=1)) * 1_000


def length_ns(length: LengthLike) -> int:
    """Nanoseconds of a length of time above 0, as people and programs give one.

    Worked: "8h", "8 H", timedelta(hours=8) and 28_800 * 10**9 are the same. Raises
    ValueError for what is none.
    """
    found: int | None
    if isinstance(length, str):
        plain = "".join(length.lower().split())
        for word, letter in _WORDS:
            plain = f"{plain.removesuffix(word)}{letter}" if plain.endswith(word) else plain
        found = duration_ns(plain) if re.fullmatch(DURATION, plain) else None
    elif isinstance(length, timedelta):
        found = int(length // timedelta(microseconds=1)) * 1_000
    else:
        found = whole(length)
    if found is None or found <= 0:
        other = "" if isinstance(length, str) else ", or give a timedelta or whole nanoseconds"
        raise ValueError(f"{length!r} is no length of time; write it like 15m, 8h or 30d{other}")
    return found


def months_of(text: str) -> int | None:
    """Months of the calendar that a text names, None where it names none.

    Worked: "month" is 1, "2 quarters" 6, "year" 12, "30d" none.
    """
    found = re.match(MONTHS, text)
    return None if found is None else int(found[1] or 1) * _MONTHS[found[2]]


def long_length_ns(length: LengthLike) -> int:
    """The same of a length that is counted in days, weeks or months; a month is 365/12 days.

    Worked: "1 month" is 30 days, "year" 365. Raises ValueError for minutes too: "1m" is asked
    about, as it is written for a month.
    """
    plain = " ".join(length.lower().split()) if isinstance(length, str) else ""
    months = months_of(plain)
    if months is not None:
        return round(months * 365 / 12) * DAY_NS
    if re.fullmatch(_MINUTES, plain):
        count, days = _minutes(plain)
        month = f"{count} month{'' if count == 1 else 's'}"
        raise ValueError(f'{length!r} is minutes; did you mean months? write "{month}" or {days}d')
    return length_ns(length)


def _minutes(text: str) -> tuple[int, int]:
    """(how many minutes a text says, the days of as many months). Worked: "1m" -> (1, 30)."""
    count = int(re.sub("[^0-9]", "", text))
    return count, round(count * 365 / 12)


def minutes_problem(key: str, text: str) -> str | None:
    """What is wrong with a length in minutes in a file; None where it may be minutes.

    Files write 1m for a minute. Only what happens often (`SHORT`) is so short: of a window, an age
    or a wait a month is as likely meant, so it is asked. Worked: "half_life", "1m" -> 'is a minute;
    did you mean a month? write "30d"'.

    Args: key: its name; text: as written, in the form of `DURATION`.
    """
    if key in SHORT or not re.fullmatch(_MINUTES, text):
        return None
    count, days = _minutes(text)
    lengths = ("a minute", "a month") if count == 1 else (f"{count} minutes", f"{count} months")
    return f'is {lengths[0]}; did you mean {lengths[1]}? write "{days}d"'


def after_months(time_ns: int, months: int) -> int:
    """The same time of day so many months later; the last day of a month that lacks the day.

    Worked: one month after 31 January 2024 is 29 February.
    """
    moment, rest_ns = EPOCH + timedelta(days=time_ns // DAY_NS), time_ns % DAY_NS
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, monthrange(year, month + 1)[1])
    return datetime_ns(datetime(year, month + 1, day, tzinfo=UTC)) + rest_ns


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
    moment = EPOCH + timedelta(seconds=int(time_ns) // SECOND_NS)
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def added(*numbers: float) -> float:
    """The sum of numbers as they are written. Worked: 0.1 and 0.2 are 0.3, to the last digit."""
    return float(sum((Decimal(repr(float(one))) for one in numbers), Decimal(0)))


def fraction_of(text: str) -> float | None:
    """A fraction as written, or in percent; None for what is no finite number.

    Worked: "0.0001" and "0.01 %" are both 0.0001, and "33.3 %" is 0.333 to the last digit.
    """
    digits = text.strip().removesuffix("%")
    try:
        number = float(digits.replace("_", ""))
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return number if digits == text.strip() else float(Decimal(repr(number)) / 100)


def fraction_problem(fraction: float, most: float) -> str | None:
    """What is wrong with a fraction above the most that one can be; None where it is within.

    Worked: 30 where 1 is the most -> "must be 1 or less: it is a fraction; did you mean 0.3?".
    """
    if fraction <= most:
        return None
    fix = percent_meant(fraction, most) or "; 10 % is 0.1"
    return f"must be {most:g} or less: it is a fraction{fix}"


def share_of_price(given: object) -> float:
    """A share of a price that trading costs, from 0 to the most that a market takes.

    Worked: 0.0001 and "0.01 %" are the same; 5, -1 and infinity raise ValueError.
    """
    found = fraction_of(given) if isinstance(given, str) else number(given)
    if found is None or not 0.0 <= found < math.inf:
        raise ValueError(f"{given!s:.60} is no share of price; write 0.0001, or 0.01%, the same")
    problem = fraction_problem(found, MOST_COST)
    if problem is not None:
        raise ValueError(f"{given!s:.60} is no share of price: {problem}")
    return found


def percent_meant(number: float, most: float) -> str:
    """The fraction that a percentage stands for, as a question; empty where it is too much too."""
    meant = number / 100.0
    return f"; did you mean {meant:g}?" if abs(meant) <= most else ""
