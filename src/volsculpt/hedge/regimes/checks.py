"""Values of an owner's file, checked: every message begins with the place and names the fix."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from volsculpt.errors import PolicyError
from volsculpt.hedge.words import ratio_problem
from volsculpt.units import duration_ns, minutes_problem


def need_keys(
    table: Mapping[str, Any], where: str, needed: Sequence[str] = (), others: Sequence[str] = ()
) -> None:
    """Refuse a table that lacks a key, or has one that it does not know.

    Args: table: as TOML gives it; where: begins every message; needed, others: keys it must and may
    have.
    """
    for key in table:
        if key not in (*needed, *others):
            raise PolicyError(f"{where}: {key}: {instead(key, (*needed, *others), 'key')}")
    for key in needed:
        if key not in table:
            raise PolicyError(f"{where}: {key} is missing")


def instead(name: object, there: Sequence[str], kind: str) -> str:
    """That there is no such thing, and what there is, the nearest first."""
    from difflib import get_close_matches

    near = get_close_matches(str(name), there, 1)
    hint = f'did you mean "{near[0]}"?' if near else f"there is: {', '.join(there) or 'none'}"
    return f"there is no such {kind}; {hint}"


def table_at(value: object, where: str) -> Mapping[str, Any]:
    """A table, or PolicyError."""
    if not isinstance(value, Mapping):
        raise PolicyError(f"{where}: must be a table, not {value!r}")
    return value


def number_at(value: object, where: str, least: float = -math.inf) -> float:
    """A finite number, not below `least`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise PolicyError(f"{where} = {value!r}: must be a number")
    if value < least:
        raise PolicyError(f"{where} = {value:g}: must be {least:g} or more")
    return float(value)


def share_at(value: object, where: str) -> float:
    """A part of the whole, from 0 to 1."""
    share = number_at(value, where, 0.0)
    if share > 1.0:
        meant = f"; did you mean {share / 100.0:g}?" if share <= 100.0 else ""
        raise PolicyError(f"{where} = {share:g}: must be between 0 and 1, where 1 is all{meant}")
    return share


def ratio_at(value: object, where: str) -> float:
    """A ratio that can be meant."""
    ratio = number_at(value, where)
    problem = ratio_problem(ratio)
    if problem is not None:
        raise PolicyError(f"{where} = {ratio:g}: {problem}")
    return ratio


def duration_at(value: object, where: str) -> int:
    """Nanoseconds of a length of time, or PolicyError; minutes only of how often it is looked.

    where: begins every message, and ends with the key.
    """
    problem = None
    try:
        found = duration_ns(value) if isinstance(value, str) else duration_ns("")
        problem = minutes_problem(where.rpartition(" ")[2], str(value))
    except ValueError:
        raise PolicyError(f'{where} = {value!r}: must be a length of time, like "30d"') from None
    if problem is not None:
        raise PolicyError(f"{where} = {value!r}: {problem}")
    return found
