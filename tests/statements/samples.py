"""Files as venues write them: the examples, as they are or changed."""

from pathlib import Path

from tests.structure.source_tree import ROOT

EXAMPLES = ROOT / "examples" / "statements"
FILES = sorted(path.name for path in EXAMPLES.iterdir() if path.suffix != ".md")


def text_of(name: str) -> str:
    """An example."""
    return (EXAMPLES / name).read_text(encoding="utf-8")


def written(folder: Path, name: str, text: str | None = None) -> Path:
    """An example, or another text under its name, in a folder."""
    path = folder / name
    path.write_text(text_of(name) if text is None else text, encoding="utf-8")
    return path


BINANCE = text_of("Binance(UTC+0).csv")
BYBIT = text_of("bybit.csv")
BYBIT_SPOT = text_of("bybit_spot.csv")
KRAKEN = text_of("kraken.csv")
OKX = text_of("okx.csv")
