"""Runs the Python blocks of docs/python.md, one after the other, and sees what they print."""

import contextlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.structure.pages import Block, blocks_of
from tests.structure.sessions import lay_out
from tests.structure.source_tree import ROOT

PAGE = ROOT / "docs" / "python.md"


def shown() -> Iterator[tuple[Block, Block | None]]:
    """Each block of code that is run, and the block of text right after it."""
    blocks = blocks_of(PAGE)
    for one, after in zip(blocks, [*blocks[1:], None], strict=True):
        if one.language == "python" and not one.run:
            yield one, after if after is not None and after.language == "text" else None


def ran(place: Path) -> Iterator[tuple[Block | None, str]]:
    """What each block prints, run in a folder that holds the examples."""
    lay_out(place)
    names: dict[str, Any] = {"__name__": "page"}
    before = Path.cwd()
    os.chdir(place)
    try:
        for code, text in shown():
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile("\n".join(code.text), code.where, "exec"), names)
            yield text, printed.getvalue().rstrip("\n")
    finally:
        os.chdir(before)


def page(place: Path) -> str:
    """The whole page, with what its blocks print now."""
    lines = PAGE.read_text(encoding="utf-8").split("\n")
    for text, printed in reversed(list(ran(place))):
        if text is not None:
            lines[text.line : text.line + len(text.text)] = printed.split("\n")
    return "\n".join(lines)
