"""`volsculpt adopt`: positions from before the ledger, made the desk's own."""

from typing import Annotated

import typer

from volsculpt.app.cli.desk import LedgerFileArgument, YesOption, confirm, run_command
from volsculpt.app.cli.options import AsJsonOption

GROUP = "keep"
EXAMPLE = "volsculpt adopt mandate.ledger --contract BTC/USD:BTC --yes"


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
    """Give the desk positions that are older than its ledger.

    From then on it may trade them.
    """
    confirm("are these positions the desk's, to be traded by it?", yes)
    run_command(ledger, "adopt", {"account": account, "contract": contract}, as_json)
