"""`volsculpt resume`: a paused desk that sends again."""

from typing import Annotated

import typer

from volsculpt.app.cli.desk import LedgerFileArgument, run_command
from volsculpt.app.cli.options import AsJsonOption

GROUP = "keep"
EXAMPLE = "volsculpt resume mandate.ledger"


def resume(
    ledger: LedgerFileArgument,
    reset: Annotated[
        bool, typer.Option("--reset", help="Also reset latches and the peak of wealth.")
    ] = False,
    as_json: AsJsonOption = False,
) -> None:
    """Let a paused desk send again."""
    run_command(ledger, "resume", {"reset": reset}, as_json)
