"""The JSON Schema of a plan, for programs that read `plan --json`."""

import json
from pathlib import Path
from typing import Any

SCHEMA_FILE = Path(__file__).with_name("plan.schema.json")


def plan_schema() -> dict[str, Any]:
    """The published schema (JSON Schema 2020-12); it allows no key that it does not name."""
    found: dict[str, Any] = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    return found
