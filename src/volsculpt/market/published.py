"""When a figure can be read: the table of names, units and lags, and what a lag makes of stamps.

The table is `published.toml`, with the source of every lag. A name that is not in it is taken
to be known ten days after the time it is of.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from volsculpt.errors import HistoryError
from volsculpt.market.business_days import business_days_after, days_of, next_business_day
from volsculpt.market.gate import Stamps
from volsculpt.market.times import parse_interval
from volsculpt.units import DAY_NS

PLACE = Path(__file__).with_name("published.toml")
UNKNOWN_LAG = "10 days"
_BUSINESS = re.compile(r"(\d+) ?business ?days?")
_BARS = re.compile(r"(\d+) ?bars?")
_DAYS = re.compile(r"(\d+) ?days?(, on business days)?")


@dataclass(frozen=True, slots=True)
class Lag:
    """How long after its stamp a value can be read; at most one of the three lengths is above 0.

    waits: it is published on business days only, on the day before it is known.
    """

    text: str
    length_ns: int = 0
    business_days: int = 0
    bars: int = 0
    waits: bool = False


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """A figure of the table; what its fields are stands above the table.

    of: "coin", "contract" or None. columns: name -> the unit it says, if any.
    """

    name: str
    unit: str | None
    lag: Lag
    publisher: str | None
    of: str | None
    columns: dict[str, str | None]
    market_units: dict[str, str]
    beside: tuple[str, ...]
    files: re.Pattern[str]
    source: str


def parse_lag(text: str) -> Lag:
    """A lag as people write it; HistoryError shows the forms.

    Worked: "none", "36h", "8 days", "8 days, on business days", "2 business days", "1 bar".
    """
    plain = text.strip().lower()
    if plain in ("none", "0"):
        return Lag(plain)
    if found := _BUSINESS.fullmatch(plain):
        return Lag(plain, business_days=int(found[1]))
    if found := _BARS.fullmatch(plain):
        return Lag(plain, bars=int(found[1]))
    if found := _DAYS.fullmatch(plain):
        return Lag(plain, int(found[1]) * DAY_NS, waits=found[2] is not None)
    try:
        return Lag(plain, parse_interval(plain))
    except HistoryError:
        raise HistoryError(
            f"{text!r} is no lag; write it like none, 36h, 8 days, 2 business days or 1 bar"
        ) from None


def available_after(stamps: Stamps, lag: Lag, bar_ns: int | None = None) -> Stamps:
    """From when values can be read, ns UTC; never before their stamps, never going back.

    With days and business days it is 0:00 UTC of a day. Worked: the yield of Friday 2024-06-28 with
    2 business days is known on Tuesday 2024-07-02T00:00Z; the dollar index of Monday 2024-05-20
    with 8 days, on business days, on Wednesday the 29th, for Monday the 27th is a holiday.

    Args: stamps: what they are of, ns UTC, rising; lag: its length; bar_ns: of the bars, for a lag
    of bars, ns. Raises HistoryError where that is not told.
    """
    if lag.business_days:
        available_ns = business_days_after(days_of(stamps), lag.business_days) * DAY_NS
    elif lag.waits:
        eve = days_of(stamps) + (lag.length_ns // DAY_NS - 1)
        available_ns = (next_business_day(eve) + 1) * DAY_NS
    elif lag.bars:
        if bar_ns is None:
            raise HistoryError("a lag of bars needs their length; give it: --interval 1d")
        available_ns = stamps + lag.bars * bar_ns
    else:
        available_ns = stamps + lag.length_ns
    later: Stamps = np.maximum.accumulate(np.maximum(available_ns, stamps))
    return later


@cache
def published() -> dict[str, PublishedFigure]:
    """Every figure of the table by its name."""
    with PLACE.open("rb") as file:
        table = tomllib.load(file)
    return {
        name: PublishedFigure(
            name,
            row.get("unit"),
            parse_lag(row["lag"]),
            row.get("publisher"),
            row.get("of"),
            dict.fromkeys(row.get("columns", ())) | row.get("column_units", {}),
            row.get("market_units", {}),
            tuple(row.get("beside", ())),
            re.compile(row["files"]),
            row["source"],
        )
        for name, row in table.items()
    }
