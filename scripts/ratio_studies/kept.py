"""Figures of the studies as they are kept, and the tables of docs/ratio.md that are made of them.

`docs/ratio.json` has an object a study, a line each: the day it was made, the digest of the
framework, its seed and its figures. A table stands in the page between `<!-- study NAME -->` and
`<!-- end -->`.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from volsculpt.hedge.regimes.reading import framework_text
from volsculpt.sources import digest
from volsculpt.units import SECOND_NS

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "docs" / "ratio.json"
PAGE = ROOT / "docs" / "ratio.md"
PICTURES = ROOT / "docs" / "pictures"
MANDATES = ROOT / "examples" / "studies"
TABLE = re.compile(r"(<!-- study ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
SEED = 20_240_101
Figures = dict[str, Any]


def ns(moment: str) -> int:
    """Nanoseconds UTC of a day or a time."""
    found = datetime.fromisoformat(moment)
    return int(found.replace(tzinfo=found.tzinfo or UTC).timestamp()) * SECOND_NS


def framework_digest() -> str:
    """Of framework.toml in the package, as the page of policies prints it."""
    return digest(json.loads(framework_text()))


def read() -> dict[str, Figures]:
    """Every study that is kept."""
    return json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.is_file() else {}


def keep(study: str, figures: Figures) -> None:
    """Write a study's figures beside the others, with the day and the digest."""
    made = {"made": datetime.now(UTC).date().isoformat(), "framework": framework_digest()}
    held = {**read(), study: rounded({**made, "seed": SEED, **figures})}
    lines = [
        f"{json.dumps(name)}: {json.dumps(held[name], allow_nan=False)}" for name in sorted(held)
    ]
    KEPT.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def rounded(value: object) -> object:
    """Floats to six digits that count: more is noise."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, Mapping):
        return {name: rounded(one) for name, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, list | tuple) else value


def with_tables(page: str, tables: Mapping[str, str]) -> str:
    """A page with its tables written anew; one whose study is not kept stays as it is."""

    def written(found: re.Match[str]) -> str:
        """One table between its marks."""
        table = tables.get(found[2])
        return found[0] if table is None else f"{found[1]}\n{table}\n\n{found[3]}"

    return TABLE.sub(written, page)


# --- cells ----------------------------------------------------------------------------


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def percent(value: float | None, digits: int = 1) -> str:
    """A share. Worked: 0.1234 -> 12.3 %."""
    return "-" if value is None else f"{100.0 * value:.{digits}f} %"


def points(value: float | None) -> str:
    """A difference of shares, signed. Worked: 0.0012 -> +0.12."""
    return "-" if value is None else f"{100.0 * value:+.2f}"


def number(value: float | None, digits: int = 2) -> str:
    """A figure. Worked: 1.234 -> 1.23."""
    return "-" if value is None else f"{value:.{digits}f}"


def signed(value: float | None) -> str:
    """A figure with its sign."""
    return "-" if value is None else f"{value:+.2f}"


def span(row: Mapping[str, Any], form: Callable[[float | None], str] = number) -> str:
    """A figure with its interval. Worked: {value, low, high} -> "1.00 (0.90 to 1.10)"."""
    if row["low"] is None:
        return form(row["value"])
    return f"{form(row['value'])} ({form(row['low'])} to {form(row['high'])})"
