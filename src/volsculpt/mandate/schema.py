"""The JSON Schema of a mandate, for editors and other programs."""

import json
from pathlib import Path
from typing import Any

from volsculpt.mandate.tables import MandateTable

SCHEMA_FILE = Path(__file__).with_name("mandate.schema.json")


def mandate_schema() -> dict[str, Any]:
    """The schema of the newest version; a time is a text in it, as TOML has no place there."""
    schema: dict[str, Any] = _for_toml(MandateTable.model_json_schema())
    schema["properties"]["version"]["const"] = 1
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "volsculpt mandate",
    }


def _for_toml(node: Any) -> Any:  # noqa: ANN401
    """A schema without null, which TOML does not have, and without our class names."""
    if isinstance(node, list):
        return [_for_toml(item) for item in node]
    if not isinstance(node, dict):
        return node
    clean = {k: _for_toml(v) for k, v in node.items() if v is not None}
    if isinstance(clean.get("title"), str):
        clean["title"] = clean["title"].removesuffix("Table")
    kinds = clean.get("anyOf")
    if isinstance(kinds, list):
        left = [kind for kind in kinds if kind != {"type": "null"}]
        if len(left) == 1:
            del clean["anyOf"]
            return {**left[0], **clean}
        clean["anyOf"] = left
    return clean


def schema_text() -> str:
    """The schema as it is published."""
    return json.dumps(mandate_schema(), indent=2, ensure_ascii=False) + "\n"
