"""`volsculpt schema`: the JSON Schema of the mandate and of everything printed with --json."""

from enum import StrEnum
from typing import Annotated

import typer

from volsculpt.app.cli.options import AsJsonOption
from volsculpt.app.cli.output import print_json
from volsculpt.app.cli.published import published, published_names

GROUP = "help"
EXAMPLE = "volsculpt schema plan"

# A member for each object, so that --help lists them.
Published = StrEnum("Published", {name: name for name in published_names()})  # type: ignore[misc]


def schema(
    name: Annotated[
        Published,
        typer.Argument(help="The mandate, or the verb whose --json is meant.", show_default=False),
    ],
    as_json: AsJsonOption = False,
) -> None:
    """Print a JSON Schema.

    That of the mandate, or of what a verb prints with --json. It is always JSON; --json changes
    nothing.
    """
    print_json(published(name.value))
