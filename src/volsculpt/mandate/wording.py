"""What the models refuse, in the words of the file: the one place that reads their errors."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from volsculpt.mandate.kinds import FOUND, OWN_MESSAGE
from volsculpt.mandate.locations import LISTED, Loc, Problems, choice, names_in, nearest
from volsculpt.mandate.tables import TABLES, keys_of
from volsculpt.mandate.toml_text import quoted, written

# Error type of the models -> what is allowed.
WORDS = {
    "bool_type": "must be true or false",
    "dict_type": "must be a table {{ key = value }}",
    "finite_number": "must be a finite number",
    "float_type": "must be a number",
    "greater_than": "must be above {gt:g}",
    "greater_than_equal": "must be {ge:g} or more",
    "int_type": "must be a whole number",
    "less_than_equal": "must be {le:g} or less",
    "list_type": "must be a list [ … ]",
    "missing": "is missing",
    "model_type": "must be a table {{ key = value }}",
    "string_pattern_mismatch": "must be a duration: a whole number with s, m, h, d or w",
    "string_too_short": "must not be empty",
    "string_type": 'must be text in "quotes"',
    "too_long": "must have {max_length} entries or fewer, not {actual_length}",
    "too_short": "must have {min_length} or more entries, not {actual_length}",
}


BELOW = "on a line of its own, its keys below it"


def example_at(loc: Loc) -> str:
    """`, for example ratio = 0.5`, or nothing where no example fits one line."""
    names = names_in(loc)
    for split in range(len(names) - 1, -1, -1):
        table = TABLES.get(names[:split])
        if table is not None:
            example = keys_of(table).get(names[split])
            if example is None:
                return ""
            is_symbol = isinstance(loc[-1], str) and loc[-1] not in names
            name = quoted(str(loc[-1])) if is_symbol else names[split]
            return f", for example {name} = {_example_text(example)}"
    return ""


def _example_text(example: object) -> str:
    """An example as TOML; a time stands without quotes."""
    if isinstance(example, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]+Z", example):
        return example
    return written(example)


def unknown_key(loc: Loc) -> str:
    """What to do about a key that the table does not have."""
    names = names_in(loc)
    word, here = str(loc[-1]), names[:-1]
    table = TABLES.get(here)
    keys = list(keys_of(table)) if table is not None else []
    if len(here) < 2:  # a table inside a table has few keys: they are listed
        for place, other in TABLES.items():
            if word in keys_of(other):
                return f'unknown key "{word}"; it belongs {_where(place)}'
    return f'unknown key "{word}"; {choice(word, keys)}'


def _where(place: tuple[str, ...]) -> str:
    """A kind of table, named."""
    if not place:
        return "at the top of the file, before the first [table]"
    if place == ("assets",):
        return "in [assets.NAME]"
    return f"in {LISTED.get(place, '[' + '.'.join(place) + ']')}"


def brackets(loc: Loc, value: object) -> str | None:
    """The fix where a table has one pair of brackets too few or too many."""
    names = names_in(loc)
    if names in LISTED:
        how = "with two pairs of brackets" if isinstance(value, dict) else BELOW
        return f"must be written {LISTED[names]}, {how}"
    if len(loc) == 1 and names in TABLES:
        how = "with one pair of brackets" if isinstance(value, list) else BELOW
        return f"must be written [{names[0]}{'.NAME' if names == ('assets',) else ''}], {how}"
    return None


def allowed(kind: str, loc: Loc, value: object, context: Mapping[str, Any]) -> str:
    """What may stand at a place, from the type of error.

    Args: kind: pydantic's type of the error; loc: the place; value: what stands there; context:
    pydantic's figures of the error.
    """
    fix = brackets(loc, value)
    if fix is not None:
        return fix
    if kind == "literal_error":
        options = re.findall(r"'([^']*)'", str(context["expected"]))
        text = "must be one of " + ", ".join(f'"{option}"' for option in options)
        near = nearest(value, options) if isinstance(value, str) else None
        return f'{text}; did you mean "{near}"?' if near else text
    meant = number_meant(value) if kind == "float_type" and isinstance(value, str) else None
    if meant is not None:
        return f"must be a number without quotes; did you mean {meant}?"
    return WORDS.get(kind, "cannot be used").format(**context) + example_at(loc)


def number_meant(text: str) -> str | None:
    """The number that quoted text stands for. Worked: "50 %" is 0.5, "0,5" is 0.5."""
    found = re.fullmatch(r"\s*([+-]?\d+(?:[.,]\d+)?)\s*(%?)\s*", text)
    if found is None:
        return None
    number = float(found[1].replace(",", "."))
    return f"{number / 100.0 if found[2] else number:g}"


def collect(error: ValidationError, problems: Problems) -> None:
    """Add every error of the models to the problems, in our words."""
    for found in error.errors(include_url=False):
        loc, kind, context = found["loc"], found["type"], found.get("ctx", {})
        if loc and loc[-1] == "[key]":
            problems.add(loc[:-2], "a name in it is empty; write one, for example BTC")
        elif kind == FOUND:
            for path, text in context["found"]:
                problems.add((*loc, *([path] if isinstance(path, str) else path)), text)
        elif kind == OWN_MESSAGE:
            problems.add(loc, found["msg"])
        elif kind == "extra_forbidden":
            problems.add(loc[:-1], unknown_key(loc))
        else:
            problems.add(loc, allowed(kind, loc, found["input"], context))
