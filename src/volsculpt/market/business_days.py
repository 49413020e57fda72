"""Days on which US figures are published: no weekends, no holidays of the Federal Reserve.

The holidays are those of 5 U.S.C. 6103 that the Reserve Banks keep
(federalreserve.gov/aboutthefed/k8.htm). One that falls on a Sunday is kept on Monday. On a
Saturday the banks do not keep it, but offices of the government do on Friday: here both
days count as holidays, so that a figure is taken to be known later, never earlier. Days of
mourning and of storms are not in the table.
"""

from calendar import monthcalendar
from datetime import date, timedelta
from functools import cache

import numpy as np

from volsculpt.market.gate import Stamps
from volsculpt.units import DAY_NS

FIRST_YEAR, LAST_YEAR = 1990, 2100
JUNETEENTH = 2021  # its first year
FIXED = ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))  # month, day
# month, weekday (0 = Monday), which one in it (-1 = the last)
MOVING = ((1, 0, 3), (2, 0, 3), (5, 0, -1), (9, 0, 1), (10, 0, 2), (11, 3, 4))


def business_days_after(days: Stamps, count: int) -> Stamps:
    """The business day so many after each day; a day that is none counts as the last before it.

    Worked: Friday 2024-06-28 and 2 -> Tuesday 2024-07-02; Wednesday 2024-07-03 and 2 -> Monday
    2024-07-08, for Thursday is the 4th of July.

    Args: days: since 1970; count: at least 1.
    """
    return _moved(days, count, "backward")


def next_business_day(days: Stamps) -> Stamps:
    """Each day itself where it is a business day, else the first after it.

    Worked: Monday 2024-05-27 (Memorial Day) -> Tuesday 2024-05-28.
    """
    return _moved(days, 0, "forward")


def days_of(stamps: Stamps) -> Stamps:
    """The day that each stamp is of, since 1970: the nearest midnight in UTC.

    So midnight in New York (5:00 UTC) and in Berlin (22:00 or 23:00 UTC the day before) are both
    their day.
    """
    days: Stamps = (stamps + DAY_NS // 2) // DAY_NS
    return days


def _moved(days: Stamps, count: int, roll: str) -> Stamps:
    dates = days.astype("datetime64[D]")
    steps = np.timedelta64(count, "D")  # a bare number is refused by numpy 2.5
    moved = np.busday_offset(dates, steps, roll=roll, holidays=holidays())  # type: ignore[call-overload]
    found: Stamps = moved.astype(np.int64)
    return found


@cache
def holidays() -> "np.ndarray[tuple[int], np.dtype[np.datetime64]]":
    """Every holiday from 1990 to 2100, as days."""
    found: list[date] = []
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        for month, day in FIXED:
            if (month, day) != (6, 19) or year >= JUNETEENTH:
                found += _kept(date(year, month, day))
        found += [_nth(year, *one) for one in MOVING]
    return np.unique(np.array(found, dtype="datetime64[D]"))


def _kept(day: date) -> list[date]:
    """A holiday, and the day on which it is kept where it falls on a weekend."""
    return [day, day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))]


def _nth(year: int, month: int, weekday: int, which: int) -> date:
    """The third Monday of a month, and the like; -1 is its last."""
    weeks = (week[weekday] for week in monthcalendar(year, month))
    days = [day for day in weeks if day]  # 0: that weekday of the week is of another month
    return date(year, month, days[which - 1 if which > 0 else which])
