"""A mandate as a program hands one over: read already, a file, TOML text, or its tables."""

import os
from collections.abc import Iterable, Mapping, Sequence
from math import inf
from pathlib import Path
from typing import Any, TypeVar

from volsculpt.errors import MandateError
from volsculpt.mandate.load import load_mandate, parse_mandate, read_content
from volsculpt.mandate.locations import Loc, path_text
from volsculpt.mandate.objects import Mandate
from volsculpt.parsing import MOST_DEEP, TOO_DEEP
from volsculpt.units import number, share_of_price, whole

MandateLike = Mandate | str | Path | Mapping[str, Any]


def mandate_of(given: MandateLike) -> Mandate:
    """The mandate that is given, whatever it is given as.

    A text with a line feed is TOML; so is one with `=` that neither ends in .toml nor is the path
    of a file. Any other is a path. Raises MandateError with every problem found.
    """
    if isinstance(given, Mandate):
        return given
    if isinstance(given, Mapping):
        return read_content(_plain(given, ()))
    if isinstance(given, str) and is_toml(given):
        return parse_mandate(given)
    if isinstance(given, str | os.PathLike):
        return load_mandate(Path(given))
    raise MandateError(
        f"mandate: {given!r:.60} is none; give the path of a TOML file, its text, a dict of its "
        f'tables ({{"version": 1, "account": [...], "hedge": [...]}}), or what vs.load returned'
    )


def mandates_of(given: MandateLike | Iterable[MandateLike]) -> list[Mandate]:
    """The mandates that are given, one or several; as `mandate_of`."""
    if isinstance(given, Iterable) and not isinstance(given, str | Mapping):
        return [mandate_of(one) for one in given]
    return [mandate_of(given)]


Request = TypeVar("Request")


def request_of(given: object, kind: type[Request], name: str = "request") -> Request:
    """What is asked of a verb; where nothing is, the usual. MandateError for another thing.

    Args: given: by a program; kind: of request; name: of the argument.
    """
    if given is None:
        return kind()
    if not isinstance(given, kind):
        called = kind.__name__
        raise MandateError(f"{name}: {given!r:.60} is no {called}; write {name}=vs.{called}(...)")
    return given


def count_of(given: object, least: int, where: str, most: int | None = None) -> int:
    """A number of things as a whole number; MandateError where there cannot be so many.

    Args: given; least; where: the argument's name; most: None for any.
    """
    found = whole(given)
    if found is None or found < least:
        raise MandateError(f"{where}: {given!r:.60} is no whole number of {least} or more")
    if most is not None and found > most:
        raise MandateError(f"{where}: {given!r:.60} is too many; {most:,} is the most")
    return found


def price_share(given: object, where: str) -> float:
    """A share of a price, as `share_of_price` reads it; MandateError for another.

    where: the argument's name.
    """
    try:
        return share_of_price(given)
    except ValueError as error:
        raise MandateError(f"{where}: {error}") from None


def flag_of(given: object, where: str) -> bool:
    """True or false; MandateError for another: "no" is true to Python. where: its name."""
    if type(given).__name__ in ("bool", "bool_"):  # of Python, of numpy
        return bool(given)
    raise MandateError(f"{where}: {given!r:.60} is neither True nor False; write one of them")


def above_zero(given: object, where: str) -> float:
    """A number above 0; MandateError for another. where: the argument's name."""
    found = number(given)
    if found is None or not 0.0 < found < inf:
        raise MandateError(f"{where}: {given!r:.60} is no number above 0")
    return found


def check_memory(memory: object, hedges: int) -> None:
    """Raise MandateError for what is no memory of so many hedges, nor None."""
    if memory is None:
        return
    if not isinstance(memory, Sequence) or isinstance(memory, str) or len(memory) != hedges:
        raise MandateError(
            f"memory: {memory!r:.60} is not that of {hedges} hedges; give what another decision of "
            f"the same mandate left, memory=before.memory"
        )


def unread_memory(error: Exception) -> MandateError:
    """The error for a memory of another policy, or of none."""
    return MandateError(
        f"memory: a policy cannot read it ({error}); give what another decision of the same "
        f"mandate left, memory=before.memory"
    )


def names_of(given: object, where: str, example: str) -> tuple[str, ...]:
    """Names, one or several; MandateError for what are none.

    Args: given: a text, or several; where: the argument's name; example: of one.
    """
    several = [given] if isinstance(given, str) else given
    if not isinstance(several, Iterable) or not all(isinstance(one, str) for one in several):
        raise MandateError(f"{where}: {given!r:.60} are no names; write {where}=[{example!r}]")
    return tuple(several)


def is_toml(text: str) -> bool:
    """Whether a text is a mandate itself, and not the path of one."""
    if "\n" in text:
        return True
    return "=" in text and not text.endswith(".toml") and not os.path.exists(text)


def is_coin(given: object) -> bool:
    """Whether a coin is meant where a mandate may be named too: text that is no TOML and no file.

    Worked: "BTC" is one; "btc.toml", "a/b.toml" and a text of tables are none.
    """
    if not isinstance(given, str) or given.endswith(".toml") or is_toml(given):
        return False
    return not os.path.isfile(given)


def _plain(value: Any, loc: Loc) -> Any:  # noqa: ANN401 - whatever a program put there
    """A value as TOML would read it: own tables, lists, and numbers of Python's own."""
    if len(loc) > MOST_DEEP:
        raise MandateError(f"mandate: {path_text(loc[:2])}: {TOO_DEEP}")
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                place = f"{path_text(loc)}: " if loc else ""
                raise MandateError(
                    f"mandate: {place}the key {key!r} must be text, like {str(key)!r}"
                )
        return {str(key): _plain(one, (*loc, key)) for key, one in value.items()}
    if hasattr(value, "tolist"):  # of numpy: an array, or a number
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(one, (*loc, row)) for row, one in enumerate(value)]
    return value
