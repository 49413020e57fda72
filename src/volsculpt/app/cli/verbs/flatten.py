"""`volsculpt flatten`: every position of a desk closed."""

import typer

from volsculpt.app.cli.desk import LedgerFile, Yes, tell
from volsculpt.app.cli.options import AsJson


def flatten(ledger: LedgerFile, yes: Yes = False, as_json: AsJson = False) -> None:
    """Close every position of a running desk, and pause it."""
    if not yes:
        typer.confirm("close every position and pause?", abort=True)
    tell(ledger, "flatten", {"confirmed": True}, as_json)
