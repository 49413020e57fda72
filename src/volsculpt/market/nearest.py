"""What stands nearest to a name that is not there, so that a message helps and stays short."""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

MOST_NAMED = 4


def few(names: Sequence[str]) -> str:
    """A list that stays short. Worked: six names -> "a, b, c, d and 2 more"."""
    more = len(names) - MOST_NAMED
    first = ", ".join(names[:MOST_NAMED])
    return f"{first} and {more} more" if more > 0 else first


def nearest(missing: str, there: Iterable[str]) -> list[str]:
    """The few names most like a missing one: the same symbol elsewhere first, then by spelling.

    A dated contract stands behind others where none was asked for; capitals count for nothing.
    Worked: "okx:BTC/USD:BTC" of bybit's -> "bybit:BTC/USD:BTC" first; "btc" -> "BTC" first.
    """
    upper = missing.upper()
    symbol = upper.partition(":")[2]

    def distance(name: str) -> tuple[bool, bool, float, str]:
        large = name.upper()
        own = large.partition(":")[2]
        same = bool(symbol) and own == symbol
        unlike = ("-" in own) != ("-" in symbol)
        return not same, unlike, -SequenceMatcher(None, upper, large).ratio(), name

    return sorted(set(there), key=distance)[:MOST_NAMED]


def instead_of(missing: Sequence[str], there: Iterable[str]) -> str:
    """What is missing, and what is nearest to the first of it."""
    names = sorted(set(there))
    if not names:
        return f"{few(missing)}; there is nothing"
    near = ", ".join(nearest(missing[0], names))
    return f"{few(missing)}; nearest of the {len(names)} there are: {near}"
