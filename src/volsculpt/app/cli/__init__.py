"""The command line: `volsculpt VERB [MANDATE]`."""

from volsculpt.app.cli.program import main

__all__ = ["main"]
