"""What the figures were when they were last looked at: a short digest of each part, by name.

`python -m tests.snapshots.store [KIND ...]` writes them anew, all where no kind is named.
"""

import hashlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.snapshots import books, cases, contracts, histories, looks, markets
from tests.snapshots.books import Figures, Words

FOLDER = Path(__file__).parent
NOISE = 1e-9  # smaller figures are what sums of larger ones leave
Found = dict[str, dict[str, str]]
# Of each kind the names there are, and (part, its figures) of one.
KINDS: dict[str, Any] = {
    "books": books,
    "markets": markets,
    "cases": cases,
    "backtests": histories,
    "looks": looks,
    "contracts": contracts,
}


def shown(figure: float | str) -> str:
    """Five digits, what is the same on every machine; words as they are."""
    if isinstance(figure, str):
        return figure
    return "0" if abs(figure) < NOISE else f"{figure:.5g}"


def digest(figures: Figures | Words) -> str:
    """A short name of all figures of a part."""
    text = " ".join(f"{name} {' '.join(map(shown, row))}" for name, row in figures.items())
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def found(kind: str, name: str) -> dict[str, str]:
    """The digest of each part of one of a kind."""
    return {part: digest(figures) for part, figures in KINDS[kind].figures(name)}


def kept(kind: str) -> Found:
    """What is on file."""
    text = (FOLDER / f"{kind}.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def write(kinds: Iterable[str]) -> None:
    """Put what is found now on file."""
    for kind in kinds:
        rows = (f"  {json.dumps(one)}: {json.dumps(found(kind, one))}" for one in KINDS[kind].NAMES)
        text = "{\n" + ",\n".join(rows) + "\n}\n"
        (FOLDER / f"{kind}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(sys.argv[1:] or KINDS)
