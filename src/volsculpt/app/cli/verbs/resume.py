"""`volsculpt resume`: a paused desk that sends again."""

from typing import Annotated

import typer

from volsculpt.app.cli.desk import LedgerFile, tell
from volsculpt.app.cli.options import AsJson


def resume(
    ledger: LedgerFile,
    reset: Annotated[
        bool, typer.Option("--reset", help="Also reset latches and the peak of wealth.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Let a paused desk send again."""
    tell(ledger, "resume", {"reset": reset}, as_json)
