"""`volsculpt flatten`: every position of a desk closed."""

from volsculpt.app.cli.desk import LedgerFileArgument, YesOption, confirm, run_command
from volsculpt.app.cli.options import AsJsonOption

GROUP = "keep"
EXAMPLE = "volsculpt flatten mandate.ledger --yes"


def flatten(
    ledger: LedgerFileArgument, yes: YesOption = False, as_json: AsJsonOption = False
) -> None:
    """Close every position of a running desk, and pause it."""
    confirm("close every position and pause?", yes)
    run_command(ledger, "flatten", {"confirmed": True}, as_json)
