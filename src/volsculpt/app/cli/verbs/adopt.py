"""`volsculpt adopt`: positions from before the ledger, made the desk's own."""

from typing import Annotated

import typer

from volsculpt.app.cli.desk import LedgerFileArgument, YesOption, run_command
from volsculpt.app.cli.options import AsJsonOption


def adopt(
    ledger: LedgerFileArgument,
    account: Annotated[
        str | None, typer.Option("--account", help="Only what this one holds. Default: all.")
    ] = None,
    contract: Annotated[
        str | None, typer.Option("--contract", help="Only this contract. Default: all.")
    ] = None,
    yes: YesOption = False,
    as_json: AsJsonOption = False,
) -> None:
    """Make positions that were there before its ledger the desk's own: it may trade them."""
    if not yes:
        typer.confirm("are these positions the desk's, to be traded by it?", abort=True)
    run_command(ledger, "adopt", {"account": account, "contract": contract}, as_json)
