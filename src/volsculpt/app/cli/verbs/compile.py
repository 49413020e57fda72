"""`volsculpt compile`: the simulation made ready, so that no run has to wait for it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Annotated

import typer

from volsculpt.app.cli.options import AsJsonOption
from volsculpt.app.cli.output import print_json, print_text
from volsculpt.text import trimmed

if TYPE_CHECKING:
    from volsculpt.simulate.warm import Size

GROUP = "prove"
EXAMPLE = "volsculpt compile --sizes 1"

ORDINARY = 2  # sizes of book: to 8 contracts, to 32
MOST = 4

SizesOption = Annotated[
    int,
    typer.Option(
        "--sizes",
        metavar="N",
        min=1,
        max=MOST,
        help="Sizes of book to compile for: the first holds 8 contracts, each next one four "
        "times as many.",
    ),
]


def compile_(sizes: SizesOption = ORDINARY, as_json: AsJsonOption = False) -> None:
    """Compile the simulation, so that no run has to.

    Once after an installation: a minute or two, at once when it was done before. Without it the
    first backtest compiles what it needs.
    """
    from volsculpt.simulate.compiled import cache_folder
    from volsculpt.simulate.warm import compile_sizes, lacking

    with progress_of(len(lacking(sizes))) as update:
        found = compile_sizes(sizes, update)
    if as_json:
        print_json({"schema": 1, "folder": str(cache_folder()), "sizes": [row(s) for s in found]})
    else:
        print_text("\n".join([*map(line, found), f"kept in {cache_folder()}"]))


@contextmanager
def progress_of(missing: int) -> Iterator[Callable[["Size"], None]]:
    """Say on standard error what takes time and how far it is; in a terminal, for how long."""
    if not missing:
        yield lambda size: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    words = f"compiling for {missing} size{'s' if missing > 1 else ''} of book, a minute or two"
    console = Console(stderr=True)
    done = count(1)

    def update(size: "Size") -> None:
        typer.echo(f"{next(done)} of {missing}: {line(size)}", err=True)

    if not console.is_terminal:
        typer.echo(words, err=True)
        yield update
        return
    columns = (SpinnerColumn(), TextColumn(words), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        progress.add_task(words, total=None)
        yield update


def row(size: "Size") -> dict[str, object]:
    """A size of book as JSON."""
    return {
        "size": size.step + 1,
        "contracts": size.legs,
        "currencies": size.currencies,
        "seconds": size.seconds,
    }


def line(size: "Size") -> str:
    """A size of book as a line."""
    took = "was there" if size.seconds is None else f"compiled in {trimmed(size.seconds, 0)} s"
    return f"books to {size.legs} contracts and {size.currencies} currencies: {took}"
