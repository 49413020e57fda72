"""`volsculpt pause`: a desk that sends nothing."""

from volsculpt.app.cli.desk import LedgerFileArgument, run_command
from volsculpt.app.cli.options import AsJsonOption

GROUP = "keep"
EXAMPLE = "volsculpt pause mandate.ledger"


def pause(ledger: LedgerFileArgument, as_json: AsJsonOption = False) -> None:
    """Let a desk send nothing until it is resumed.

    It goes on looking and deciding.
    """
    run_command(ledger, "pause", {}, as_json)
