"""Warnings that a reader must see before any figure."""

from collections.abc import Sequence

IN_WORDS = {
    "never_hedged": "NEVER HEDGED",
    "moved_start": "BEGINS LATER THAN ASKED",
    "early_end": "ENDS SOONER THAN ASKED",
}


def code_of(warning: str) -> str:
    """What a warning begins with. Worked: "early_end: ends at ..." -> "early_end"."""
    return warning.partition(":")[0]


def parted(warnings: Sequence[str]) -> tuple[list[str], list[str]]:
    """The warnings that belong before the figures, and the rest."""
    first = [one for one in warnings if code_of(one) in IN_WORDS]
    return first, [one for one in warnings if code_of(one) not in IN_WORDS]


def headline(warnings: Sequence[str]) -> str:
    """What stands in the first line of all. Worked: "NEVER HEDGED: "; "" where all is well."""
    codes = {code_of(one) for one in warnings}
    return "".join(f"{words}: " for code, words in IN_WORDS.items() if code in codes)
