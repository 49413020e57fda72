"""TOML and JSON that others wrote: all that cannot be read is an error of the reader's kind."""

import json
import tomllib
from typing import Any

MOST_DEEP = 100  # tables and lists in each other
TOO_DEEP = "brackets stand too deep inside each other"
TOO_LONG = "a number has too many digits"


def toml_of(text: str) -> dict[str, Any]:
    """The tables of a TOML text. Raises tomllib.TOMLDecodeError, whatever is the matter with it."""
    try:
        return _shallow(tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise tomllib.TOMLDecodeError(TOO_DEEP) from None
    except ValueError:  # a whole number of thousands of digits
        raise tomllib.TOMLDecodeError(TOO_LONG) from None


def _shallow(tables: dict[str, Any]) -> dict[str, Any]:
    """The tables, if whoever goes through them a call a level comes to their end."""
    level: list[Any] = [tables]
    for _ in range(MOST_DEEP):
        inside = [one.values() if isinstance(one, dict) else one for one in level]
        level = [one for ones in inside for one in ones if isinstance(one, dict | list)]
        if not level:
            return tables
    raise tomllib.TOMLDecodeError(TOO_DEEP)


def json_of(text: str | bytes) -> Any:  # noqa: ANN401 - whatever stands in it
    """What a JSON text says. Raises ValueError, whatever is the matter with it."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
