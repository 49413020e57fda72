"""Printing: text at the width of the terminal, or one JSON object."""

import json
import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

import typer

from volsculpt.app.cli.options import Color

if TYPE_CHECKING:
    from volsculpt.report.blocks import Page

NARROWEST, WIDEST = 20, 120


def width_or_terminal(width: int | None) -> int:
    """The width asked for, else that of the terminal (80 where there is none), to 120."""
    if width is not None:
        return width
    columns = shutil.get_terminal_size((80, 24)).columns
    return max(NARROWEST, min(WIDEST, columns))


def is_colored(color: Color) -> bool:
    """Whether to print colour: in a terminal that knows it, unless NO_COLOR is set."""
    if color is not Color.AUTO:
        return color is Color.ALWAYS
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return not plain and sys.stdout.isatty()


def print_text(text: str) -> None:
    """Print text that already ends in a line feed, or not."""
    typer.echo(text.rstrip("\n"), color=True)


def print_page(page: "Page", width: int | None, color: Color) -> None:
    """Print a page of the report."""
    from volsculpt.report.terminal import rendered

    print_text(rendered(page, width_or_terminal(width), is_colored(color)))


def print_json(value: dict[str, Any]) -> None:
    """Print one JSON object; a figure that is not finite is refused."""
    print_text(json.dumps(value, allow_nan=False, ensure_ascii=False, indent=2))
