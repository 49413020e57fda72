"""The command line: `volsculpt VERB [MANDATE]`."""

import gc
import os

# A plan is over before garbage could matter, and models are ours alone: start without both.
gc.set_threshold(100_000, 50, 50)
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")

from volsculpt.app.cli.program import main  # noqa: E402 - after the two lines above

__all__ = ["main"]
