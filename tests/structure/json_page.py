"""The page of everything printed with --json, written from the schemas that are published."""

from collections.abc import Iterator
from typing import Any

from volsculpt.app.cli.published import published, published_names

HEAD = """# What --json prints

Every key of every object, written by `scripts/docs` from the schemas that `volsculpt schema NAME`
prints. `a[].b` is the key `b` of each row of `a`. `null` is a thing that does not exist; no figure
is NaN or infinite.

Units are in names: `_coin` coins of the row's currency, `_usd` US dollars, `_num` the mandate's
numeraire, `_ratio` and `_rate` fractions (0.01 is 1 %), `_annual` fractions a year, `_contracts`
and `contracts` whole lots, `leverage` times equity, a `_move` or `_distance` a fraction of today's
price, a `_price` in the contract's quote currency. Times are UTC.
"""


def page() -> str:
    """The whole page."""
    names = [one for one in published_names() if one != "mandate"]
    return "\n".join([HEAD, *(section(one) for one in names)])


def section(name: str) -> str:
    """One object: what prints it, and a row for each key."""
    schema = published(name)
    lines = [f"## {name}", "", str(schema.get("description", "")), ""]
    lines += ["| key | type | meaning |", "|---|---|---|"]
    lines += [f"| `{path}` | {kind} | {words} |" for path, kind, words in keys(schema, schema)]
    return "\n".join([*lines, ""])


def keys(schema: dict[str, Any], node: dict[str, Any], at: str = "") -> Iterator[tuple[str, ...]]:
    """(path, type, meaning) of every key below a node, objects before what is in them."""
    for name, found in node.get("properties", {}).items():
        path = f"{at}.{name}" if at else name
        yield path, kind_of(schema, found), words_of(schema, found)
        yield from below(schema, found, path)


def below(schema: dict[str, Any], found: dict[str, Any], path: str) -> Iterator[tuple[str, ...]]:
    """The keys of what a key holds: of an object, of the rows of a list, of what may be null."""
    whole = resolved(schema, found)
    yield from keys(schema, whole, path)
    for one in whole.get("anyOf", []):
        yield from below(schema, one, path)
    items = whole.get("items")
    if isinstance(items, dict):
        yield from below(schema, items, f"{path}[]")
    more = whole.get("additionalProperties")
    if isinstance(more, dict):
        yield from below(schema, more, f"{path}.NAME")


def resolved(schema: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """A node, or what it refers to."""
    place = found.get("$ref")
    if place is None:
        return found
    node: Any = schema
    for part in place.removeprefix("#/").split("/"):
        node = node[part]
    return dict(node)


def kind_of(schema: dict[str, Any], found: dict[str, Any]) -> str:
    """What a value may be. Worked: {"type": ["number", "null"]} is "number or null"."""
    whole = resolved(schema, found)
    if "anyOf" in whole:
        return " or ".join(dict.fromkeys(kind_of(schema, one) for one in whole["anyOf"]))
    if "enum" in whole:
        return ", ".join(f"`{one}`" for one in whole["enum"])
    if "const" in whole:
        return f"`{whole['const']}`"
    kinds = whole.get("type", "any")
    return " or ".join(kinds) if isinstance(kinds, list) else str(kinds)


def words_of(schema: dict[str, Any], found: dict[str, Any]) -> str:
    """What a key means, in one line of a table."""
    text = found.get("description") or resolved(schema, found).get("description", "")
    return " ".join(str(text).split()).replace("|", "\\|")
