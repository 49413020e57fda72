"""Writes into the pages what their commands print: `scripts/docs [PAGE ...]`."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.structure.glossary_page import page as glossary_page
from tests.structure.json_page import page as json_page
from tests.structure.made_up_page import page as made_up_page
from tests.structure.pages import Block, shell_blocks
from tests.structure.policy_page import page as policy_page
from tests.structure.python_page import PAGE as PYTHON_PAGE
from tests.structure.python_page import page as python_page
from tests.structure.sessions import differs, lay_out, printed_by, renewed
from volsculpt.mandate.schema import SCHEMA_FILE, schema_text

DOCS = Path(__file__).resolve().parents[2] / "docs"
WRITTEN: dict[Path, Callable[[], str]] = {
    DOCS / "glossary.md": glossary_page,
    DOCS / "json.md": json_page,
    DOCS / "made-up-market.md": made_up_page,
    DOCS / "policies.md": policy_page,
    SCHEMA_FILE: schema_text,
}


def rewritten(block: Block, place: Path) -> list[str] | None:
    """The lines of a block as they should be; None when they are."""
    lines: list[str] = []
    changed = False
    commands = iter(block.text)
    for command, shown in block.sessions():
        printed = printed_by(command, place)
        wrong = differs(block, shown, printed)
        for line in commands:  # a command stays as it is written, over several lines too
            lines.append(line)
            if not line.endswith("\\"):
                break
        skipped = [next(commands) for _ in shown.split("\n")] if shown else []
        lines += renewed(shown, printed) if wrong else skipped
        changed = changed or wrong
    return lines if changed else None


def main() -> None:
    """Run every block that is marked `run`, from the last of a page to its first.

    The pages of words, of what --json prints, of the made-up market and of policies, and the schema
    of mandates, are written first.
    """
    asked = {Path(name).resolve() for name in sys.argv[1:]}
    if not asked or PYTHON_PAGE in asked:
        with tempfile.TemporaryDirectory() as place:
            text = python_page(Path(place))
        PYTHON_PAGE.write_text(text, encoding="utf-8")
    for path, made in WRITTEN.items():
        if not asked or path in asked:
            path.write_text(made(), encoding="utf-8")
    for block in reversed(shell_blocks()):
        if block.run != "run" or block.language != "console" or (asked and block.path not in asked):
            continue
        with tempfile.TemporaryDirectory() as place:
            lay_out(Path(place), block)
            lines = rewritten(block, Path(place))
        if lines is not None:
            page = block.path.read_text(encoding="utf-8").split("\n")
            page[block.line : block.line + len(block.text)] = lines
            block.path.write_text("\n".join(page), encoding="utf-8")
            print(f"{block.where}: written anew")


if __name__ == "__main__":
    main()
