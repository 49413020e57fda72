"""`volsculpt accept`: the venue's figures for those of the books."""

from typing import Annotated

import typer

from volsculpt.app.cli.desk import LedgerFile, Yes, tell
from volsculpt.app.cli.options import AsJson


def accept(
    ledger: LedgerFile,
    account: Annotated[
        str | None, typer.Option("--account", help="Only this one. Default: all that differ.")
    ] = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Take the venue's figures where they differ from the books."""
    if not yes:
        typer.confirm("take the venue's figures as true?", abort=True)
    tell(ledger, "accept", {"account": account}, as_json)
