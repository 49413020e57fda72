"""`volsculpt version`: which one this is."""

import platform

import typer

from volsculpt.app.cli.options import AsJsonOption
from volsculpt.app.cli.output import print_json

GROUP = "help"
EXAMPLE = "volsculpt version"


def installed() -> str:
    """The version of the installed package."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as version_of

    try:
        return version_of("volsculpt")
    except PackageNotFoundError:
        return "unknown"


def version(as_json: AsJsonOption = False) -> None:
    """Print the version."""
    if as_json:
        print_json({"schema": 1, "version": installed(), "python": platform.python_version()})
    else:
        typer.echo(f"volsculpt {installed()}")
