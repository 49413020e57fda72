"""The published schemas of `plan --json` and `backtest --json`, for programs that read them."""

import json
from importlib.resources import files
from typing import Any, Literal


def schema_of(verb: Literal["plan", "backtest"]) -> dict[str, Any]:
    """A published schema (JSON Schema 2020-12); it allows no key that it does not name."""
    text = (files("volsculpt.report.rows") / f"{verb}.schema.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
