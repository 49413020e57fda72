"""`volsculpt arrived`: coins moved by hand that no statement shows."""

from typing import Annotated

import typer

from volsculpt.app.cli.desk import LedgerFileArgument, run_command
from volsculpt.app.cli.options import AsJsonOption

GROUP = "keep"
EXAMPLE = "volsculpt arrived mandate.ledger vt-9f3c2a17-1 --coins 0.5"


def arrived(
    ledger: LedgerFileArgument,
    transfer: Annotated[str, typer.Argument(metavar="TRANSFER", help="Its id, from the alert.")],
    coins: Annotated[
        float | None, typer.Option("--coins", help="What arrived. Default: what was asked.")
    ] = None,
    as_json: AsJsonOption = False,
) -> None:
    """Say that coins you moved by hand have arrived.

    For a transfer whose arrival no statement of the venue shows.
    """
    run_command(ledger, "arrived", {"transfer": transfer, "coins": coins}, as_json)
