"""The page of policies, written from the policies that are found."""

from volsculpt.hedge.policy import Parameter, Policy
from volsculpt.hedge.registry import policy_class, policy_names
from volsculpt.mandate.toml_text import shown

HEAD = """# Policies

How much to hedge (the [ratio](glossary.md#hedge-ratio)) is the answer of a hedge's `policy`, asked
anew at each decision; [tilts](glossary.md#overlay), events, overrides and the limits come after it.
This page is written by `scripts/docs` from the policies themselves, a file each in
`src/volsculpt/hedge/policies`. A ratio is a fraction of the hedge's
[base](mandate.md#a-hedge-hedge): 0.5 is 50 %.
"""
KINDS = {
    "ratio": "number, -3 to 3",
    "number": "number",
    "duration": "duration",
    "ratios": "path",
    "function": "`FILE.py:FUNCTION`",
    "framework": "path",
    "contract": "`VENUE:SYMBOL`",
    "policy": "name or table",
}


def page() -> str:
    """The whole page."""
    kinds = [policy_class(name) for name in policy_names()]
    rows = [f"| [`{one.NAME}`](#{one.NAME}) | {one.SUMMARY} |" for one in kinds]
    table = "\n".join(["| policy | the ratio comes from |", "|---|---|", *rows, ""])
    return "\n".join([HEAD, table, *(section(one) for one in kinds)])


def section(kind: type[Policy]) -> str:
    """One policy: its words, and a row for each of its keys."""
    base = f"Its base is `{kind.BASE}`, {kind.BASE_WHY}.\n\n" if kind.BASE is not None else ""
    head = "| key | type | default | meaning | example |\n|---|---|---|---|---|"
    rows = "\n".join(row(one) for one in kind.PARAMETERS)
    return f"## {kind.NAME}\n\n{kind.DOCS.strip()}\n\n{base}{head}\n{rows}\n"


def row(one: Parameter) -> str:
    """One key: type with bounds and unit, default, meaning, example."""
    default = "required" if one.is_required else "none"
    default = default if one.default is None else f"`{shown(one.default)}`"
    meaning = one.meaning.removesuffix(".")
    meaning = meaning.split("; absent")[0] if one.default is not None else meaning
    return f"| `{one.name}` | {kind_of(one)} | {default} | {meaning} | `{shown(one.example)}` |"


def kind_of(one: Parameter) -> str:
    """Worked: "number above 0, to 5, a year"."""
    if one.kind == "choice":
        return ", ".join(f"`{choice}`" for choice in one.choices)
    said = KINDS[one.kind]
    said += f" above {one.above:g}" if one.above is not None else ""
    said += f", {one.least} or more" if one.least is not None else ""
    said += f", to {one.most:g}" if one.most is not None else ""
    return f"{said}, {one.unit}" if one.unit else said
