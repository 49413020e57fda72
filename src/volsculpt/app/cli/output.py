"""Printing: text at the width of the terminal, one JSON object, or a figure in a file."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import typer

from volsculpt.app.cli.options import Color
from volsculpt.errors import ReportError

if TYPE_CHECKING:
    from volsculpt.report.document import Page

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
    from volsculpt.report.render.terminal import rendered

    print_text(rendered(page, width_or_terminal(width), is_colored(color)))


def print_json(value: dict[str, Any]) -> None:
    """Print one JSON object; a figure that is not finite is refused."""
    print_text(json.dumps(value, allow_nan=False, ensure_ascii=False, indent=2))


def check_figure(path: Path | None, flag: str = "--figure") -> None:
    """Refuse a page or picture that could not be written, before any work is done."""
    if path is None:
        return
    if path.suffix.lower() not in {".html", ".png"}:
        problem = f"{path}: the name must end in .html or .png"
    elif not path.absolute().parent.is_dir():
        problem = f"{path}: there is no folder {path.parent}"
    elif path.is_dir():
        problem = f"{path}: cannot be written: it is a folder"
    else:
        return
    raise typer.BadParameter(problem, param_hint=flag)


def is_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty()


class Drawable(Protocol):
    """A result that can be written as a page or as a picture."""

    def to_html(self, path: Path) -> str:
        """Write the page."""

    def to_png(self, path: Path) -> None:
        """Write the picture."""


def write_figure(result: Drawable, path: Path, flag: str = "--figure") -> None:
    """Write what the name of the file says: a page or a picture."""
    with written(path, flag):
        if path.suffix.lower() == ".png":
            result.to_png(path)
        else:
            result.to_html(path)


def write_pages(
    result: Drawable, paths: list[Path], flag: str, opens: bool, otherwise: str
) -> None:
    """Write all files asked for; where one is to be opened and no page is among them, one more.

    Args: paths: asked for with `flag`; opens: --open; otherwise: the name of that page, in the
    folder one is in.
    """
    pages = [one for one in paths if one.suffix.lower() == ".html"]
    more = [Path(otherwise)] if opens and not pages else []
    for path in [*paths, *more]:
        write_figure(result, path, flag)
    if opens:
        open_page([*pages, *more][0])


def open_page(path: Path) -> None:
    """Show a page in a browser; where there is none, say which file to open."""
    import webbrowser

    if not webbrowser.open(path.absolute().as_uri()):
        typer.echo(f"no browser was found here; open {path} yourself", err=True)


@contextmanager
def written(path: Path, flag: str = "--figure") -> Iterator[None]:
    """Say that a file was written, where it does not disturb the output, or why it was not."""
    try:
        yield
    except (OSError, ReportError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        if not isinstance(cause, OSError):
            raise
        problem = f"{path}: cannot be written: {cause.strerror}"
        raise typer.BadParameter(problem, param_hint=flag) from None
    typer.echo(f"wrote {path}", err=True)


@contextmanager
def working(what: str) -> Iterator[Callable[[int, int, Path], None]]:
    """Show what is being done, in a terminal only; called with (done, all, file) after each."""
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda done, total, path: None
        return
    with console.status(what) as status:

        def update(done: int, total: int, path: Path) -> None:
            status.update(Text(f"{what} {done} of {total}: {path.name} is done"))

        yield update
