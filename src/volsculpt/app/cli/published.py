"""The JSON Schemas of the mandate and of all that is printed with --json, found by name.

`schemas/NAME.json` is that of NAME; those of the mandate and of the two long reports lie with what
makes them.
"""

from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("schemas")
REPORTS = Path(__file__).parents[2] / "report" / "rows"
ELSEWHERE = ("mandate", "plan", "backtest")


def published_names() -> list[str]:
    """What has a schema. Worked: ["mandate", "plan", "backtest", "check", …]."""
    return [*ELSEWHERE, *sorted(file.stem for file in FOLDER.glob("*.json"))]


def published(name: str) -> dict[str, Any]:
    """The schema of that name (JSON Schema 2020-12); it allows no key that it does not name."""
    if name == "mandate":
        from volsculpt.mandate.schema import mandate_schema

        return mandate_schema()
    import json

    file = REPORTS / f"{name}.schema.json" if name in ELSEWHERE else FOLDER / f"{name}.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found
