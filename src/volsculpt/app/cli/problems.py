"""What is told of a failure: some problems of very many, and nothing that steers a terminal."""

from collections.abc import Sequence

MOST_PROBLEMS = 20


def problems_text(problems: Sequence[str]) -> str:
    """Problems as text: one, or a list of the first and how many follow."""
    if len(problems) == 1:
        return f"volsculpt: {harmless(problems[0])}"
    more = len(problems) - MOST_PROBLEMS
    shown = [f"- {harmless(one)}" for one in problems[:MOST_PROBLEMS]]
    rest = [f"- and {more:,} more; `volsculpt check MANDATE --json` has all"] if more > 0 else []
    return "\n".join([f"volsculpt: {len(problems):,} problems", *shown, *rest])


def harmless(text: str) -> str:
    """Text without control characters: a name in a file cannot move the cursor.

    Line feeds stay, of messages that have several lines.
    """
    return "".join(one if one.isprintable() or one == "\n" else " " for one in text)
