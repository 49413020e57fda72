"""When dated futures expire: calendars, rules such as ``@quarter``, and dates in symbols.

A calendar is a rule for days (last Friday of a quarter, of a month, every Friday); the
clock time and its zone belong to the venue. Times are int64 ns UTC.
"""

import math
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import islice
from typing import NamedTuple

from volsculpt.contracts.counted import counted
from volsculpt.errors import ContractError
from volsculpt.units import DAY_NS, EPOCH

CALENDARS = ("quarter", "month", "week")
RULES = {"quarter": ("quarter", 0), "next_quarter": ("quarter", 1), "month": ("month", 0)}
RULES["week"] = ("week", 0)

_FRIDAY = 4
_SYMBOL = re.compile(r"([A-Za-z0-9]+)/([A-Za-z0-9]+):([A-Za-z0-9]+)(?:-(\d{6}))?")
_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
_MONTH_CODES = "FGHJKMNQUVXZ"  # of futures exchanges: H is March, Z is December


class Symbol(NamedTuple):
    """The parts of a unified symbol; `day` is None for a perpetual and for a family.

    base: the coin. coins: how many of it the price is of. listed: the base as it is written.
    Worked: 1000SHIB/USDT:USDT has base SHIB, coins 1000.
    """

    base: str
    quote: str
    settle: str
    day: date | None
    coins: float
    listed: str

    @property
    def pair(self) -> str:
        """The symbol without its date: ``BTC/USD:BTC``."""
        return f"{self.listed}/{self.quote}:{self.settle}"


def parse_symbol(text: str) -> Symbol:
    """Take a unified symbol apart.

    Raises ContractError when it is not BASE/QUOTE:SETTLE or BASE/QUOTE:SETTLE-YYMMDD.
    """
    match = _SYMBOL.fullmatch(text)
    if match is None:
        raise ContractError(
            f"symbol {text!r} is not in unified notation: write BASE/QUOTE:SETTLE for a "
            f"perpetual (BTC/USD:BTC) and add -YYMMDD for a dated contract (BTC/USD:BTC-241227)"
        )
    listed, quote, settle, digits = match.groups()
    day = None if digits is None else _day(digits, text)
    base, count = counted(listed) if settle != listed else (listed, 1.0)
    return Symbol(base, quote, settle, day, count, listed)


def coin_of(key: str) -> str:
    """The coin that "venue:symbol", or a symbol alone, is on; of another name what it begins with.

    Worked: "binance:1000SHIB/USDT:USDT" is on SHIB, "ETH/USD:ETH" on ETH.
    """
    behind = key.partition(":")[2]
    for symbol in (behind, key):
        if _SYMBOL.fullmatch(symbol):
            return parse_symbol(symbol).base
    return (behind or key).partition("/")[0]


def _day(digits: str, text: str) -> date:
    try:
        return date(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except ValueError:
        raise ContractError(
            f"symbol {text!r} ends with {digits}, which is no date; the form is YYMMDD"
        ) from None


def yymmdd(day: date) -> str:
    """A day as symbols write it: 241227."""
    return f"{day.year % 100:02d}{day.month:02d}{day.day:02d}"


def dated_name(pattern: str, day: date) -> str:
    """A venue's own name for a dated contract.

    Parts of `pattern` that are replaced: {yymmdd} 241227, {d} 27, {MON} DEC, {yy} 24,
    {code} Z (futures month code). Raises KeyError, ValueError or IndexError on others.
    """
    return pattern.format(
        yymmdd=yymmdd(day),
        d=day.day,
        MON=_MONTHS[day.month - 1],
        yy=f"{day.year % 100:02d}",
        code=_MONTH_CODES[day.month - 1],
    )


def is_on(calendar: str, day: date) -> bool:
    """True when contracts of this calendar expire on `day`."""
    if day.weekday() != _FRIDAY:
        return False
    if calendar == "week":
        return True
    last_of_month = (day + timedelta(days=7)).month != day.month
    return last_of_month and (calendar == "month" or day.month % 3 == 0)


def days_from(calendar: str, day: date) -> Iterator[date]:
    """Expiry days of a calendar, rising, the first on or after `day`."""
    friday = day + timedelta(days=(_FRIDAY - day.weekday()) % 7)
    while True:
        if is_on(calendar, friday):
            yield friday
        friday += timedelta(days=7)


def days_around(calendars: tuple[str, ...], day: date) -> list[date]:
    """The valid expiry days nearest to `day`: the last before it and the first after it."""
    after = min(next(days_from(calendar, day)) for calendar in calendars)
    before = day - timedelta(days=1)
    while not any(is_on(calendar, before) for calendar in calendars):
        before -= timedelta(days=1)
    return [before, after]


def zone(name: str) -> tzinfo:
    """The clock of a place: "UTC" or an IANA name such as "Europe/London".

    Raises ContractError when the machine has no such zone.
    """
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # only one venue needs it

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ContractError(
            f'time zone {name!r} is unknown here: use "UTC" or an IANA name such as '
            f'"Europe/London" (on Windows, install the package tzdata)'
        ) from None


def instant_ns(moment: datetime) -> int:
    """Nanoseconds UTC of a time with an offset, exact to the microsecond."""
    return (moment - EPOCH) // timedelta(microseconds=1) * 1000


def expiry_ns(day: date, clock: str, place: tzinfo) -> int:
    """The instant of `clock` ("08:00") on `day` at `place`, in ns UTC."""
    hour, minute = clock.split(":")
    return instant_ns(datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=place))


def day_by_rule(
    rule: str, instant_of: Callable[[date], int], time_ns: int, roll_days: float
) -> date:
    """The expiry day that `rule` means at `time_ns`.

    It is the nearest of the rule's calendar with more than `roll_days` days left, and for
    "next_quarter" the one after. Raises ContractError for an unknown rule or an impossible
    `roll_days`.

    Args: rule: without its @, a key of `RULES`; instant_of: the instant (ns UTC) of an expiry day;
    time_ns: ns UTC; roll_days: days, 0 or more.
    """
    if rule not in RULES:
        raise ContractError(f"rule @{rule} is unknown; allowed: {rules_shown()}")
    if not (math.isfinite(roll_days) and roll_days >= 0):
        raise ContractError(f"roll_days = {roll_days!r} must be a number of days, 0 or more")
    calendar, skip = RULES[rule]
    limit = time_ns + round(roll_days * DAY_NS)
    start = (EPOCH + timedelta(microseconds=limit // 1000)).date() - timedelta(days=1)
    later = (day for day in days_from(calendar, start) if instant_of(day) > limit)
    return next(islice(later, skip, None))


def rules_shown() -> str:
    """The rules that a `use` line may name, for messages."""
    return ", ".join(f"@{rule}" for rule in RULES)
