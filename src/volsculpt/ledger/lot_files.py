"""Two tables that owners write for a report: what coins cost, and which lots they chose to sell."""

import csv
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from volsculpt.errors import LedgerError
from volsculpt.ledger.coin_lots import CoinLot, Picks
from volsculpt.units import moment_ns

LOT_COLUMNS = ("coin", "coins", "time", "cost")
PICK_COLUMNS = ("move", "lot", "coins")


def read_lots(path: Path) -> tuple[CoinLot, ...]:
    """Lots with what they cost in all, in the numeraire: coin, coins, time, cost.

    Raises LedgerError with the file and the row that is wrong.
    """
    found = []
    for row, cells in _rows(path, LOT_COLUMNS):
        coins, cost = (_number(path, row, cells, name) for name in ("coins", "cost"))
        if not (coins > 0.0 and cost >= 0.0):
            raise LedgerError(
                f"{path}: row {row}: {coins:g} coins for {cost:g}: coins must be above 0 and their "
                f"cost not below it"
            )
        found.append(CoinLot(f"given {row}", cells["coin"], _time(path, row, cells), coins, cost))
    return tuple(found)


def read_picks(path: Path) -> Picks:
    """Lots chosen for moves that take coins, as a report calls both: move, lot, coins.

    Raises LedgerError with the file and the row that is wrong.
    """
    found: dict[str, list[tuple[str, float]]] = {}
    for row, cells in _rows(path, PICK_COLUMNS):
        coins = _number(path, row, cells, "coins")
        if not coins > 0.0:
            raise LedgerError(f"{path}: row {row}: {coins:g} coins are chosen: say more than 0")
        found.setdefault(cells["move"], []).append((cells["lot"], coins))
    return found


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """(number, cells by column) of each row below the head, which is row 1."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LedgerError(f"{path}: cannot be read: {error}; give a CSV file") from None
    reader = csv.DictReader(text.splitlines())
    lacking = [name for name in columns if name not in (reader.fieldnames or ())]
    if lacking:
        raise LedgerError(
            f"{path}: has no column {lacking[0]!r}; its first row must name {', '.join(columns)}"
        )
    for row, cells in enumerate(reader, 2):
        empty = [name for name in columns if not (cells[name] or "").strip()]
        if empty:
            raise LedgerError(f"{path}: row {row}: says no {empty[0]}; fill it in")
        yield row, {name: cells[name].strip() for name in columns}


def _number(path: Path, row: int, cells: dict[str, str], name: str) -> float:
    try:
        number = float(cells[name])
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise LedgerError(
            f"{path}: row {row}: {name} is {cells[name]!r}; write a number like 1234.5"
        )
    return number


def _time(path: Path, row: int, cells: dict[str, str]) -> int:
    try:
        return moment_ns(cells["time"])
    except ValueError as error:
        raise LedgerError(f"{path}: row {row}: {error}") from None
