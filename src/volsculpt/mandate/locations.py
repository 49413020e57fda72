"""Where in a mandate something stands, in the words of the file, and the problems found."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from volsculpt.errors import MandateError
from volsculpt.mandate.toml_text import shown

Loc = Sequence[str | int]

# Tables that have a header of their own; every other table stands inside one of these.
LISTED = {
    ("account",): "[[account]]",
    ("account", "position"): "[[account.position]]",
    ("account", "order"): "[[account.order]]",
    ("account", "not_own"): "[[account.not_own]]",
    ("flow",): "[[flow]]",
    ("transfer",): "[[transfer]]",
    ("sweep",): "[[sweep]]",
    ("hedge",): "[[hedge]]",
    ("overlay",): "[[overlay]]",
    ("override",): "[[override]]",
    ("collateral",): "[[collateral]]",
}
# The first of these that a table has tells a reader which one it is.
MOST_LISTED = 30  # names that are listed where none is like the one given
MOST_COMPARED, MOST_LETTERS = 1_000, 200  # names, and letters of one, that spelling is compared of
LABELS = ("name", "client_id", "underlying", "contract", "note", "currency", "coin", "account")


def names_in(loc: Loc) -> tuple[str, ...]:
    """The keys on the way to a place, numbers left out; names in assets.NAME, fees.SYMBOL too."""
    names = tuple(part for part in loc if isinstance(part, str))
    if names[:2] == ("account", "fees"):
        return tuple(name for name in names if "/" not in name)
    return names[:1] + names[2:] if names[:1] == ("assets",) else names


def value_at(data: object, loc: Loc) -> object:
    """What stands at a place, or None."""
    for part in loc:
        if isinstance(part, int):
            data = data[part] if isinstance(data, list) and part < len(data) else None
        else:
            data = data.get(part) if isinstance(data, dict) else None
    return data


def label_of(table: object) -> str:
    """` (BTC)`: what a table calls itself, or nothing."""
    if isinstance(table, dict):
        for name in LABELS:
            value_text = table.get(name)
            if isinstance(value_text, str) and value_text.strip():
                plain = "".join(one if one.isprintable() else " " for one in value_text)
                return f" ({' '.join(plain.split())[:40]})"
    return ""


def split_loc(data: object, loc: Loc) -> tuple[list[str], list[str | int]]:
    """(headers on the way, what is left of the path inside the last of them)."""
    headers: list[str] = []
    done = 0
    for end in range(1, len(loc) + 1):
        names = names_in(loc[:end])
        if isinstance(loc[end - 1], int) and names in LISTED:
            label = label_of(value_at(data, loc[:end]))
            headers.append(f"{LISTED[names]} {int(loc[end - 1]) + 1}{label}")
            done = end
    if loc[:1] == ("limits",):
        return ["[limits]"], list(loc[1:])
    if loc[:1] == ("assets",) and len(loc) > 1:
        return [f"[assets.{loc[1]}]"], list(loc[2:])
    return headers, list(loc[done:])


def path_text(path: Sequence[str | int]) -> str:
    """`band.trigger`, `use 2: contract`, `leverage_band, number 3`: a path inside a table."""
    text = ""
    for position, part in enumerate(path):
        if isinstance(part, int):
            last = position == len(path) - 1
            text += f", number {part + 1}" if last else f" {part + 1}:"
        elif text.endswith(":"):
            text += f" {part}"
        else:
            text += f".{part}" if text else part
    return text


def nearest(word: str, names: Sequence[str]) -> str | None:
    """The known word most like the one given, if any is."""
    few = len(names) <= MOST_COMPARED and len(word) <= MOST_LETTERS
    found = get_close_matches(word, names, n=1, cutoff=0.6) if few else []
    if not found:
        lower = {name.lower(): name for name in names}
        return lower.get(word.lower())
    return found[0]


def choice(word: str, names: Sequence[str]) -> str:
    """`did you mean "x"?`, or the list of what is known, or that nothing is."""
    near = nearest(word, names)
    if near is not None:
        return f'did you mean "{near}"?'
    if not names:
        return "there is none"
    more = len(names) - MOST_LISTED
    rest = f" and {more:,} more" if more > 0 else ""
    return "known: " + ", ".join(f'"{name}"' for name in names[:MOST_LISTED]) + rest


def _holds_tables(value: object) -> bool:
    """Whether a value is too much to be shown in a line: a table, or a list of them."""
    return isinstance(value, dict) or (
        isinstance(value, list) and any(isinstance(item, dict) for item in value)
    )


def then(first: str, second: str) -> str:
    """Two hints in a row: `did you mean "x"? Or …`, `known: "x"; or …`."""
    return f"{first} {second[0].upper()}{second[1:]}" if first[-1] == "?" else f"{first}; {second}"


class Problems:
    """Problems found in one mandate, each a line that names the file and the place."""

    def __init__(self, path: Path | None, data: dict[str, Any]) -> None:
        self.file = str(path) if path is not None else "mandate"
        self.data = data
        self.lines: list[str] = []
        self._listed: set[str] = set()

    def place(self, loc: Loc) -> str:
        """The headers and the key of a place: `[[hedge]] 2 (ETH): band.trigger`."""
        headers, path = split_loc(self.data, loc)
        return ": ".join(part for part in (", ".join(headers), path_text(path)) if part)

    def add(self, loc: Loc, text: str) -> None:
        """One more problem; the value that stands there is shown when there is one."""
        value = value_at(self.data, loc)
        keyed = bool(split_loc(self.data, loc)[1]) and value is not None
        value_text = f" = {shown(value)}" if keyed and not _holds_tables(value) else ""
        place = self.place(loc)
        colon = "" if not place else " " if text.startswith("is ") else ": "
        line = f"{self.file}: {place}{value_text}{colon}{text}"
        if line not in self._listed:
            self._listed.add(line)
            self.lines.append(line)

    def stop_if_any(self) -> None:
        """Raise MandateError with every line, if there is one."""
        if self.lines:
            raise MandateError(self.lines)
