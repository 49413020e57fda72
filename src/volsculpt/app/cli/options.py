"""Options that several verbs share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Color(StrEnum):
    """When to print in colour."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


MandateFileArgument = Annotated[
    Path, typer.Argument(metavar="MANDATE", help="The mandate, a TOML file.", show_default=False)
]
AsJsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON object and nothing else.")
]
OpenOption = Annotated[
    bool, typer.Option("--open", help="Open the page in a browser, and write one if none is named.")
]
FullOption = Annotated[
    bool, typer.Option("--full", help="Print every table, not the verdict alone.")
]
ColorOption = Annotated[
    Color, typer.Option("--color", help="Colour; auto: in a terminal, unless NO_COLOR is set.")
]
WidthOption = Annotated[
    int | None,
    typer.Option("--width", min=20, help="Columns; default: those of the terminal, to 120."),
]
DataFolderOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="ROOT",
        help="Folder of stored histories. Default: VOLSCULPT_DATA, else data in this folder.",
    ),
]
PageOrPictureOption = Annotated[
    list[Path] | None,
    typer.Option("--report", metavar="FILE", help="Also write a page or picture: .html or .png."),
]
ContractsFileOption = Annotated[
    Path | None,
    typer.Option("--contracts", metavar="FILE", help="Your own contracts, laid over the catalog."),
]
