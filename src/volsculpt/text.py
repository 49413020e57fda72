"""Numbers and times for people: the one place that words them.

Numbers have thousands separators, no exponent, no "-0", no noise behind the point; times are UTC.
What is too large or too small for anybody to mean has an exponent: 300 digits tell nothing.
"""

import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from volsculpt.contracts.currencies import moves
from volsculpt.units import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS, iso

UNKNOWN = "unknown"
NONE = "-"  # of a figure that does not exist
TOO_LARGE, TOO_SMALL = 1e21, 1e-21
SAME = 1e-8  # of a price: coins are written to eight decimals, so nearer to a step it is on it
DIGITS = 6  # of a price that was searched for, or whose contract's step is not known
DUST_DECIMALS = 10  # behind the point nothing is meant by a sum of prices and coins

# A time as JSON has it, and what stands before one that is to be typed, or was: it stays.
STAMP = re.compile(
    r"(--[a-z-]+[ =]|= ?|['\"`])?"
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z)"
)
CODE = re.compile(r"([a-z]+(?:_[a-z]+)*): (?=\S)")  # what a warning of --json begins with

Figure = TypeVar("Figure", int, float)


def given(figure: Figure | None, words: Callable[[Figure], str], missing: str = UNKNOWN) -> str:
    """A figure in words where there is one. Worked: None, percent -> "unknown"."""
    return missing if figure is None else words(figure)


def trimmed(number: float, decimals: int) -> str:
    """At most `decimals` behind the point, trailing zeros left out. Worked: 2.50, 2 -> "2.5"."""
    if not math.isfinite(number):
        return UNKNOWN
    if abs(number) >= TOO_LARGE:
        return f"{number:.3g}"
    text = f"{number:,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def significant(number: float, digits: int, most: int) -> str:
    """About `digits` significant digits, at most `most` behind the point; all before it are kept.

    What would print as 0 and is not keeps one digit. Worked: 60,050.123456, 8, 8 -> "60,050.123".
    """
    if number == 0.0 or not math.isfinite(number):
        return trimmed(number, 0)
    if abs(number) < TOO_SMALL:
        return f"{number:.0e}"
    before = math.floor(math.log10(abs(number))) + 1
    decimals = max(0, min(most, digits - before))
    text = trimmed(number, decimals)
    return trimmed(number, 1 - before) if text == "0" else text


def decimals(number: float, places: int) -> str:
    """So many behind the point, zeros too, for figures side by side. Worked: 0.5, 2 -> "0.50"."""
    if not math.isfinite(number) or abs(number) >= TOO_LARGE:
        return trimmed(number, places)
    text = f"{number:,.{places}f}"
    return text.removeprefix("-") if not float(text.replace(",", "")) else text


def signed_decimals(number: float, places: int) -> str:
    """The same with its sign. Worked: 0.714, 2 -> "+0.71"."""
    return f"+{decimals(number, places)}" if number > 0.0 else decimals(number, places)


def three_digits(figure: float) -> float:
    """Worked: 4.0581 -> 4.06, -0.59853 -> -0.599, 1079.2 -> 1080."""
    return float(f"{figure:.3g}")


def counted(count: int, one: str, many: str = "") -> str:
    """Worked: 1, "fill" -> "1 fill"; 0 -> "no fills"; 1200 -> "1,200 fills"."""
    name = one if count == 1 else many or f"{one}s"
    return f"{count:,} {name}" if count else f"no {name}"


def measured(number: float, decimals: int, unit: str) -> str:
    """A number of a unit. Worked: 1.0, 2, "year" -> "1 year"; 0.5 -> "0.5 years"."""
    figure = trimmed(number, decimals)
    return f"{figure} {unit}" if figure == "1" else f"{figure} {unit}s"


def coins(number: float) -> str:
    """Coins or contracts; what rounding left of none is 0.

    Worked: 0.53418803418 -> "0.53418803", 20000 -> "20,000", -6e-17 -> "0".
    """
    return significant(number, 9, 8) if without_dust(number) else "0"


def contracts(number: float) -> str:
    """A number of contracts. Worked: 1 -> "1 contract", 20000 -> "20,000 contracts"."""
    return f"{coins(number)} {'contract' if number == 1 else 'contracts'}"


def without_dust(number: float) -> float:
    """A sum without what rounding left of it, and no -0. Worked: 0.1 + 0.2 is 0.3, -1e-17 is 0."""
    return round(number, DUST_DECIMALS) + 0.0


def usd(number: float) -> str:
    """US dollars: no cents from 1,000 on. Worked: 87692.3 -> "87,692", 12.5 -> "12.50"."""
    if abs(number) >= 999.995 or not math.isfinite(number):
        return trimmed(number, 0)
    if abs(number) >= 0.005:
        return f"{number:,.2f}".removesuffix(".00")
    return significant(number, 2, 2)


def price(number: float) -> str:
    """A price. Worked: 79600.25 -> "79,600.25", 0.0000123 -> "0.0000123"."""
    return significant(number, 8, 12)


def safe_price(at: float, move: float, tick: float | None = None) -> str:
    """A price at which something ends, never told farther from the price of now than it is.

    Cut toward the price of now to a whole tick, as venues do (OKX prints one tick above the formula
    on a long), where none is known to six digits. What is within 1e-8 of such a step is on it: the
    noise of doubles, and of coins written to eight decimals, costs no tick. Worked: tick
    0.1, 24,380.858 above the price of now: "24,380.8"; below it "24,380.9"; 4,454.99999999 is
    "4,455".

    Args: move: from the price of now to it, a fraction whose sign tells the side; tick: the price
    step of its contract.
    """
    if not (math.isfinite(at) and at > 0.0):
        return price(at)
    step = Decimal(repr(tick)) if tick else _step_of(at)
    steps = at / float(step)
    whole = round(steps)
    if abs(steps - whole) > SAME * max(1.0, steps):
        whole = math.floor(steps) if move > 0.0 else math.ceil(steps)
    exponent = int(step.normalize().as_tuple().exponent)
    return trimmed(float(whole * step), max(0, -exponent)) if whole else price(at)


def _step_of(at: float) -> Decimal:
    """The price step of a contract whose own is not known: the sixth digit."""
    return Decimal(1).scaleb(math.floor(math.log10(at)) + 1 - DIGITS)


def found_price(at: float) -> str:
    """A price that was searched for, to six digits. Worked: 67,499.9996 -> "67,500"."""
    return price(float(f"{at:.{DIGITS}g}"))


def signed(number: float) -> str:
    """Coins or contracts with their sign. Worked: 20000 -> "+20,000", -0.5 -> "-0.5"."""
    return f"+{coins(number)}" if number > 0.0 else coins(number)


def leverage(times: float) -> str:
    """A leverage to the hundredth. Worked: 2.894 -> "2.89x", 4.0 -> "4x"."""
    return f"{trimmed(times, 2)}x"


def percent(ratio: float) -> str:
    """A ratio in percent. Worked: 0.608733 -> "60.87 %", 1.0 -> "100 %"."""
    return f"{significant(100.0 * ratio, 12, 2)} %"


def whole_percent(ratio: float) -> str:
    """A share or a rank in whole percent. Worked: 0.6249 -> "62 %"."""
    return percent(round(ratio, 2))


def fine_percent(ratio: float) -> str:
    """A fee or a rate in percent, no digit lost. Worked: 0.00055 -> "0.055 %"."""
    return f"{price(100.0 * ratio)} %"


def signed_percent(ratio: float) -> str:
    """A move in percent, with its sign. Worked: 0.1 -> "+10 %", 0 -> "0 %"."""
    return f"+{percent(ratio)}" if ratio > 0.0 else percent(ratio)


def signed_usd(number: float) -> str:
    """US dollars with their sign. Worked: 26.3 -> "+26.30", -1200 -> "-1,200"."""
    return f"+{usd(number)}" if number > 0.0 else usd(number)


def of_currency(number: float, currency: str) -> str:
    """A number as its currency is written: money with cents, coins with decimals."""
    return coins(number) if moves(currency) else usd(number)


def amount(number: float, currency: str) -> str:
    """An amount and its currency. Worked: 0.5, "BTC" -> "0.5 BTC"; 1234.6, "USD" -> "1,235 USD"."""
    return f"{of_currency(number, currency)} {currency}"


def moment(stamp: int | str) -> str:
    """A time for people, given in ns UTC or as ISO text.

    Worked: "2024-05-20T08:00:00Z" -> "2024-05-20 08:00 UTC", 0 -> "1970-01-01 00:00 UTC".
    """
    text = iso(stamp) if isinstance(stamp, int) else stamp
    date, found, clock = text.partition("T")
    if not found or not clock.endswith("Z"):
        return text
    seconds = clock[:-1].partition(".")[0]
    return f"{date} {seconds.removesuffix(':00')} UTC"


def minute_of(stamp: int | str) -> str:
    """A time cut to its minute, so that all are as long. Worked: 0 -> "1970-01-01 00:00 UTC"."""
    return f"{minute_below(stamp)} UTC"


def minute_below(stamp: int | str) -> str:
    """A time cut to its minute, under a head that says UTC. Worked: 0 -> "1970-01-01 00:00"."""
    return moment(stamp)[: len("1970-01-01 00:00")]


def day(stamp: int | str) -> str:
    """The date of a time whose hour does not matter. Worked: 0 -> "1970-01-01"."""
    return moment(stamp).partition(" ")[0]


def days_words(days: float) -> str:
    """Worked: 0.5 -> "12 hours", 400.2 -> "400 days"."""
    return f"{trimmed(days, 0)} days" if days >= 2.0 else f"{trimmed(24.0 * days, 0)} hours"


def clock_of(time_ns: int) -> str:
    """The time of day of a stamp, cut to its second. Worked: 0 -> "00:00:00"."""
    return iso(time_ns).partition("T")[2].removesuffix("Z")


def with_moments(text: str) -> str:
    """A text with its times as people read them, but for those that are to be typed.

    Worked: "ends at 2024-05-20T08:00:00Z" -> "ends at 2024-05-20 08:00 UTC".
    """
    return STAMP.sub(lambda found: found[0] if found[1] else moment(found[2]), text)


def duration(span_ns: int) -> str:
    """A length of time, an age too, in words: three digits, or all of its days.

    Worked: 5,400 s is "1.5 hours"; 90 s is "1.5 minutes"; 1,780.4 days are "1,780 days".
    """
    for name, unit in (("days", DAY_NS), ("hours", HOUR_NS), ("minutes", MINUTE_NS)):
        if span_ns >= unit:
            count = significant(span_ns / unit, 3, 2)
            return f"{count} {name[:-1] if count == '1' else name}"
    return f"{span_ns / SECOND_NS:.0f} seconds"


def sentence_and_code(warning: str) -> tuple[str, str]:
    """What a warning says, and its code, empty where it has none.

    Worked: "part_lots: 3 contracts are left" -> ("3 contracts are left", "part_lots").
    """
    code = CODE.match(warning)
    return (warning, "") if code is None else (warning[code.end() :], code[1])


def warning_words(warning: str) -> str:
    """A warning for people. Worked: "owed: you owe 1 BTC" -> "you owe 1 BTC [owed]"."""
    sentence, code = sentence_and_code(warning)
    return with_code(with_moments(sentence), code)


def with_code(sentence: str, code: str) -> str:
    """A sentence and behind it its code, where it has one."""
    return f"{sentence} [{code}]" if code else sentence
