"""What the figures were when they were last looked at: a short digest of each part, by name."""

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.snapshots import books, cases, contracts, histories, markets
from tests.snapshots.books import Figures, Words

FOLDER = Path(__file__).parent
BOOKS = 400
NOISE = 1e-9  # smaller figures are what sums of larger ones leave
Found = dict[str, dict[str, str]]


def shown(figure: float | str) -> str:
    """Five digits, what is the same on every machine; words as they are."""
    if isinstance(figure, str):
        return figure
    return "0" if abs(figure) < NOISE else f"{figure:.5g}"


def digest(figures: Figures | Words) -> str:
    """A short name of all figures of a part."""
    text = " ".join(f"{name} {' '.join(map(shown, row))}" for name, row in figures.items())
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def found(parts: Iterable[tuple[str, Figures | Words]]) -> dict[str, str]:
    """The digest of each part."""
    return {name: digest(figures) for name, figures in parts}


def of_book(name: str) -> dict[str, str]:
    """The parts of a random book, by its seed."""
    return found(books.figures(int(name)))


def of_market(name: str) -> dict[str, str]:
    """The parts of a random market."""
    return found(markets.figures(name))


def of_case(name: str) -> dict[str, str]:
    """The parts of a decision on a book of some kind."""
    return found(cases.figures(name))


def of_backtest(name: str) -> dict[str, str]:
    """The parts of a mandate's backtest."""
    return found(histories.figures(name))


KINDS: dict[str, tuple[Callable[[str], dict[str, str]], list[str]]] = {
    "books": (of_book, [str(seed) for seed in range(BOOKS)]),
    "markets": (of_market, list(markets.WORLDS)),
    "cases": (of_case, cases.NAMES),
    "backtests": (of_backtest, histories.NAMES),
    "contracts": (contracts.digests, contracts.VENUES),
}


def kept(kind: str) -> Found:
    """What is on file."""
    text = (FOLDER / f"{kind}.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def write() -> None:
    """Put what is found now on file."""
    for kind, (of, names) in KINDS.items():
        rows = (f"  {json.dumps(name)}: {json.dumps(of(name))}" for name in names)
        text = "{\n" + ",\n".join(rows) + "\n}\n"
        (FOLDER / f"{kind}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
