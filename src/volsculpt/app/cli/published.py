"""The JSON Schemas of the mandate and of all that is printed with --json, found by name.

`schemas/NAME.json` is that of NAME; those of the mandate and of the two long reports lie with what
makes them.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal

FOLDER = Path(__file__).with_name("schemas")


def _mandate() -> dict[str, Any]:
    from volsculpt.mandate.schema import mandate_schema

    return mandate_schema()


def _report(name: Literal["plan", "backtest"]) -> dict[str, Any]:
    from volsculpt.report.rows.schema import schema_of

    return schema_of(name)


ELSEWHERE: dict[str, Callable[[], dict[str, Any]]] = {
    "mandate": _mandate,
    "plan": partial(_report, "plan"),
    "backtest": partial(_report, "backtest"),
}


def published_names() -> list[str]:
    """What has a schema. Worked: ["mandate", "plan", "backtest", "check", …]."""
    return [*ELSEWHERE, *sorted(file.stem for file in FOLDER.glob("*.json"))]


def published(name: str) -> dict[str, Any]:
    """The schema of that name."""
    if name in ELSEWHERE:
        return ELSEWHERE[name]()
    import json

    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found
