"""`volsculpt pause`: a desk that sends nothing."""

from volsculpt.app.cli.desk import LedgerFile, tell
from volsculpt.app.cli.options import AsJson


def pause(ledger: LedgerFile, as_json: AsJson = False) -> None:
    """Let a desk send nothing until it is resumed; it goes on looking and deciding."""
    tell(ledger, "pause", {}, as_json)
