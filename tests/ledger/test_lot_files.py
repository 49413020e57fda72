"""Tables that owners write of their lots: read, and refused with file, row and fix."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.ledger.samples import START_NS
from volsculpt.errors import LedgerError
from volsculpt.ledger.coin_lots import CoinLot
from volsculpt.ledger.lot_files import read_lots, read_picks


def test_lots_and_picks_are_read(tmp_path: Path) -> None:
    """Columns in any order, others beside them; days are midnights UTC."""
    lots, picks = tmp_path / "lots.csv", tmp_path / "picks.csv"
    lots.write_text("time,coin,note,cost,coins\n2024-05-20,BTC,mine,20000,0.5\n")
    picks.write_text("move,lot,coins\n6.1,4.1,0.25\n6.1,given 2,0.25\n")
    assert read_lots(lots) == (CoinLot("given 2", "BTC", START_NS, 0.5, 20_000.0),)
    assert read_picks(picks) == {"6.1": [("4.1", 0.25), ("given 2", 0.25)]}


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (read_lots, "coin,coins,time\n", "has no column 'cost'; its first row must name coin"),
        (read_lots, "coin,coins,time,cost\nBTC,,2024-01-01,1\n", "row 2: says no coins"),
        (read_lots, "coin,coins,time,cost\nBTC,x,2024-01-01,1\n", "row 2: coins is 'x'; write"),
        (read_lots, "coin,coins,time,cost\nBTC,nan,2024-01-01,1\n", "row 2: coins is 'nan'"),
        (read_lots, "coin,coins,time,cost\nBTC,0,2024-01-01,1\n", "row 2: 0 coins for 1: coins"),
        (read_lots, "coin,coins,time,cost\nBTC,1,2024-01-01,-1\n", "their cost not below it"),
        (read_lots, "coin,coins,time,cost\nBTC,1,May,1\n", "row 2: 'May' is no time; write a day"),
        (read_picks, "move,lot,coins\n1.1,2.1,0\n", "row 2: 0 coins are chosen"),
    ],
)
def test_what_cannot_be_read_is_told(
    tmp_path: Path, read: Callable[[Path], Any], text: str, said: str
) -> None:
    """Which file and row, and what to write there."""
    path = tmp_path / "table.csv"
    path.write_text(text)
    with pytest.raises(LedgerError, match=r"table\.csv") as refused:
        read(path)
    assert said in str(refused.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """With its name."""
    with pytest.raises(LedgerError, match=r"none\.csv: cannot be read"):
        read_lots(tmp_path / "none.csv")
