"""The command that a verb tells to go on with: it keeps what the verb was given."""

import shlex
from collections.abc import Mapping
from pathlib import Path

Written = list[str] | str | Path | None


def plan_command(path: str | Path, options: Mapping[str, Written]) -> str:
    """The command that plans a mandate with the options that a verb was given.

    Worked: "a.toml", {"--price": ["BTC=60000"], "--at": None}: "volsculpt plan a.toml --price
    BTC=60000".

    Args: path: of the mandate; options: as they were written, by name, of each all of them.
    """
    words = ["volsculpt", "plan", str(path)]
    for name, given in options.items():
        texts = given if isinstance(given, list) else [] if given is None else [str(given)]
        words += [word for text in texts for word in (name, text)]
    return shlex.join(words)
