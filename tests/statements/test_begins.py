"""Files that tell no position: what a first row that closes, or a wrong sum, is taken for."""

from pathlib import Path

import pytest

from volsculpt.contracts.catalog import load_catalog
from volsculpt.errors import HistoryError
from volsculpt.ledger.events import CashBooked, Filled
from volsculpt.statements.booked import BookedRows, booked
from volsculpt.statements.importing import StatementOptions, place_of, read_statements

HEAD = (
    "UID:1,\ufeffAccount Type:Main,Time Zone:UTC+8\n\ufeffid,Order id,Time,Trade Type,Symbol,"
    "Action,Amount,Trading Unit,Filled Price,PnL,Fee,Fee Unit,Position Change,Position Balance,"
    "Balance Change,Balance,Balance Unit\n"
)
Trades = list[tuple[str, int, float]]  # action, contracts, profit


def taken(folder: Path, trades: Trades, held: float = 0.0) -> BookedRows:
    """What becomes of trades at OKX, an hour each. held: contracts that the books have before."""
    balance, rows = 1.0, list[str]()
    for n, (action, size, profit) in enumerate(trades, 1):
        balance = round(balance + profit, 8)
        rows.append(
            f"{n},{900 + n},2024-05-18 {9 + n:02}:00:00,Swap,BTC-USD-SWAP,{action},{size},cont,"
            f"50000,{profit},0,BTC,0,0,{profit},{balance},BTC"
        )
    place = folder / "okx.csv"
    place.write_text(HEAD + "\n".join(reversed(rows)) + "\n", encoding="utf-8")
    catalog = load_catalog()
    one = read_statements([place], StatementOptions(zone="UTC")).accounts[0]
    return booked(one.rows, place_of(one, catalog, {"okx:BTC/USD:BTC": held} if held else {}))


def sizes(found: BookedRows) -> list[float]:
    """Contracts of the fills."""
    return [one.event.contracts for one in found.events if isinstance(one.event, Filled)]


@pytest.mark.parametrize(
    ("trades", "contracts"),
    [
        ([("Open long", 100, 0.0), ("Close long", 100, 0.004)], [100.0, -100.0]),
        ([("Open short", 100, 0.0), ("Close short", 40, 0.004)], [-100.0, 40.0]),
        ([("Sell", 100, 0.0), ("Buy", 150, 0.004), ("Sell", 50, 0.001)], [-100.0, 150.0, -50.0]),
    ],
)
def test_what_can_have_begun_with_nothing_is_booked_and_said(
    trades: Trades, contracts: list[float], tmp_path: Path
) -> None:
    """To close a long is to sell it; that nothing was held before is taken, and told."""
    found = taken(tmp_path, trades)
    assert sizes(found) == contracts
    (note,) = found.notes
    assert "is taken to begin with none, on 2024-05-18" in note


@pytest.mark.parametrize(
    "trades",
    [
        [("Close short", 100, 0.01)],
        [("Open short", 100, 0.0), ("Close short", 300, 0.004)],
        [("Open long", 100, 0.0), ("Close short", 50, 0.004)],
        [("Sell", 100, 0.01), ("Buy", 100, 0.0)],
        [("Sell", 100, 0.0), ("Sell", 10, -0.002)],
    ],
)
def test_what_cannot_have_begun_with_nothing_is_no_position(trades: Trades, tmp_path: Path) -> None:
    """It closes more than was opened, or gains where nothing is closed: cash alone, and told."""
    found = taken(tmp_path, trades)
    assert sizes(found) == []
    profits = [one.event.coins for one in found.events if isinstance(one.event, CashBooked)]
    assert profits == [profit for _, _, profit in trades if profit]
    (note,) = found.notes
    assert "without a position" in note
    assert "import the older files first" in note


def test_a_file_that_goes_on_closes_what_the_books_hold(tmp_path: Path) -> None:
    """100 short are held: 60 of them are bought back, and that is a fill like any other."""
    found = taken(tmp_path, [("Close short", 60, 0.01)], held=-100.0)
    assert sizes(found) == [60.0]
    assert found.notes == []


def test_a_file_that_contradicts_the_books_is_refused(tmp_path: Path) -> None:
    """More is closed than they hold: what they hold would stay for ever."""
    with pytest.raises(HistoryError, match=r"row .*cannot have begun at the -100 contracts"):
        taken(tmp_path, [("Close short", 160, 0.01)], held=-100.0)
