"""Where histories are kept when nobody says: the variable VOLSCULPT_DATA, else ./data."""

import os
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "VOLSCULPT_DATA"
FOLDER = "data"


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The folder of a store, and who chose it, in words."""

    root: Path
    chosen_by: str

    @property
    def text(self) -> str:
        """Both, for people."""
        return f"{self.root} ({self.chosen_by})"


def data_place(given: Path | None = None) -> DataFolder:
    """The folder given, else that of VOLSCULPT_DATA, else `data` in the current folder."""
    if given is not None:
        return DataFolder(given, "--data")
    named = os.environ.get(VARIABLE)
    if named:
        return DataFolder(Path(named), VARIABLE)
    return DataFolder(Path(FOLDER), f"the default; {VARIABLE} and --data change it")
