"""Where histories are kept when nobody says: the variable VOLSCULPT_DATA, else ./data."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from volsculpt.errors import HistoryError

if TYPE_CHECKING:
    from volsculpt.market.history import History

VARIABLE = "VOLSCULPT_DATA"
FOLDER = "data"
OPENED = 'vs.open_history("data", ["bybit:BTC/USD:BTC"])'


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The folder of a store, and who chose it, in words."""

    root: Path
    chosen_by: str

    @property
    def text(self) -> str:
        """Both, for people."""
        return f"{self.root} ({self.chosen_by})"


def data_place(given: str | Path | None = None) -> DataFolder:
    """The folder given, else that of VOLSCULPT_DATA, else `data` in the current folder."""
    if given is not None:
        return DataFolder(folder_of(given, "data"), "--data")
    named = os.environ.get(VARIABLE)
    if named:
        return DataFolder(Path(named), VARIABLE)
    return DataFolder(Path(FOLDER), f"the default; {VARIABLE} and --data change it")


def folder_of(given: object, name: str) -> Path:
    """A folder as a program names it; HistoryError for what is none. name: of the argument."""
    if isinstance(given, str | os.PathLike):
        return Path(given)
    raise HistoryError(f'{name}: {given!r:.60} is no folder; write the path of a store, as "data"')


def history_or_folder(
    history: object, data: str | Path | None
) -> "tuple[History | None, Path | None]":
    """(a history, the folder of a store), one of them or none; a path is a folder in either place.

    Raises HistoryError for both, and for what is neither.
    """
    from volsculpt.market.history import History

    if history is not None and data is not None:
        raise HistoryError("history and data are both given; leave one of them out")
    if history is None:
        return None, None if data is None else folder_of(data, "data")
    if isinstance(history, History):
        return history, None
    if isinstance(history, str | os.PathLike):
        return None, folder_of(history, "history")
    if hasattr(history, "columns") or isinstance(history, dict):
        raise HistoryError(
            f"history: a {type(history).__name__} is none; make one of it: vs.history_from("
            f'vs.OwnSeries(frame, "bybit:BTC/USD:BTC"), ...)'
        )
    raise HistoryError(
        f"history: {history!r:.60} is none; give what {OPENED} returned, or the path of a store: "
        f'data="data"'
    )
