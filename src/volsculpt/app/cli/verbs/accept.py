"""`volsculpt accept`: the venue's figures for those of the books."""

from typing import Annotated

import typer

from volsculpt.app.cli.desk import LedgerFileArgument, YesOption, confirm, run_command
from volsculpt.app.cli.options import AsJsonOption

GROUP = "keep"
EXAMPLE = "volsculpt accept mandate.ledger --account futures --yes"


def accept(
    ledger: LedgerFileArgument,
    account: Annotated[
        str | None, typer.Option("--account", help="Only this one. Default: all that differ.")
    ] = None,
    yes: YesOption = False,
    as_json: AsJsonOption = False,
) -> None:
    """Take the venue's figures where they differ from the books."""
    confirm("take the venue's figures as true?", yes)
    run_command(ledger, "accept", {"account": account}, as_json)
