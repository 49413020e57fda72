"""`volsculpt ack`: alerts that a person knows of, not told again."""

from typing import Annotated, Any

import typer

from volsculpt.app.cli.desk import LedgerFileArgument, run_command
from volsculpt.app.cli.options import AsJsonOption

GROUP = "keep"
EXAMPLE = 'volsculpt ack mandate.ledger --all --note "coins are on their way"'


def ack(
    ledger: LedgerFileArgument,
    numbers: Annotated[
        list[int] | None,
        typer.Argument(
            metavar="N...", help="Numbers of alerts, as status shows them.", show_default=False
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All alerts that are open.")] = False,
    note: Annotated[
        str, typer.Option("--note", help="Why; kept in the ledger and shown in status.")
    ] = "",
    as_json: AsJsonOption = False,
) -> None:
    """Acknowledge alerts: they are not told again.

    Until they are graver, or end and come back. Nothing else changes: what is wrong stays wrong.
    """
    if every and numbers:
        raise typer.BadParameter("give numbers or --all, not both", param_hint="--all")
    if not every and not numbers:
        problem = "give the number of an alert, which `volsculpt status` shows, or --all"
        raise typer.BadParameter(problem, param_hint="N")
    arguments: dict[str, Any] = {"numbers": None if every else numbers, "note": note}
    run_command(ledger, "ack", arguments, as_json)
