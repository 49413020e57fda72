"""A file of one series, as import takes it to be."""

from pathlib import Path

from volsculpt.market.importer import Guess, ImportOptions, examine_all
from volsculpt.market.series import Series


def examine(path: Path, given: ImportOptions | None = None) -> tuple[Guess, Series]:
    """What is in a file that holds one series, and no more than one."""
    (found,) = examine_all(path, given)
    return found
