"""Statements in a ledger: nothing twice, balances as the venue's, and what contradicts refused."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.samples import decision
from tests.statements.samples import BYBIT, FILES, OKX, written
from volsculpt.contracts.catalog import load_catalog
from volsculpt.errors import LedgerError
from volsculpt.ledger.ledger import Ledger, open_ledger
from volsculpt.ledger.verify import verify
from volsculpt.statements.importing import StatementOptions, account_table, read_statements
from volsculpt.statements.into_ledger import AccountBooked, import_into

HEAD = "\n".join(BYBIT.split("\n")[:2]) + "\n"
NOW_NS = 1_800_000_000 * 10**9


def imported(
    ledger: Ledger, paths: list[Path], options: StatementOptions | None = None
) -> list[AccountBooked]:
    """Write every account of these files."""
    read = read_statements(paths, options or StatementOptions())
    return [import_into(ledger, one, NOW_NS, load_catalog()) for one in read.accounts]


def balances(ledger: Ledger, account: str) -> dict[str, float]:
    """Coins of an account that are not nothing."""
    held = ledger.books.balances.items()
    return {coin: coins for (where, coin), coins in held if where == account and abs(coins) > 1e-12}


def test_importing_twice_changes_nothing(tmp_path: Path) -> None:
    """Of every form: no event is new the second time, and the ledger is whole."""
    ledger = open_ledger("memory:")
    names = [name for name in FILES if name != "bybit_spot.csv"]  # another unified account
    paths = [written(tmp_path, name) for name in names]
    first = imported(ledger, paths)
    books, head = ledger.books, ledger.head
    again = imported(ledger, paths)
    assert [one.written for one in again] == [0] * len(again)
    assert [one.duplicates for one in again] == [one.written for one in first]
    assert (ledger.books, ledger.head) == (books, head)
    assert verify(ledger).problems == []


def test_transfers_between_accounts_of_a_venue_meet(tmp_path: Path) -> None:
    """What one file sends the other receives: nothing stays between them."""
    ledger = open_ledger("memory:")
    imported(ledger, [written(tmp_path, name) for name in ("kraken.csv", "kraken_futures.csv")])
    assert balances(ledger, "kraken transfers") == {}
    assert balances(ledger, "kraken futures") == pytest.approx({"BTC": 0.05989})
    assert balances(ledger, "kraken spot") == pytest.approx({"BTC": 0.02991, "EUR": 4_485.7})


def bybit(rows: list[str]) -> str:
    """A file of these rows, the newest first."""
    return HEAD + "\n".join(reversed(rows)) + "\n"


def life(steps: list[tuple[str, int]]) -> list[str]:
    """Rows of an inverse contract: trades, funding, transfers, each with the balance after it."""
    rows, balance, position = list[str](), Decimal(1), 0
    rows.append("123,BTC,,TRANSFER_IN,--,--,0,--,0,0,1,1,1,--,2024-05-01 00:00:00")
    for n, (kind, size) in enumerate(steps, 1):
        at = f"2024-05-{1 + n // 24:02d} {n % 24:02d}:00:00"
        fee, profit, funding = Decimal(0), Decimal(0), Decimal(0)
        if kind == "trade":
            closing = position * size < 0
            position += size
            fee = -Decimal(abs(size)) / 10**8
            profit = Decimal(size) / 10**7 if closing else Decimal(0)
        elif kind == "funding":
            funding = Decimal(size) / 10**8
        else:
            profit = Decimal(size) / 10**8
        change = fee + profit + funding
        balance += change
        side, word = ("BUY" if size > 0 else "SELL"), "OPEN" if kind == "trade" else "SETTLEMENT"
        what = {"trade": "TRADE", "funding": "SETTLEMENT", "move": "TRANSFER_OUT"}[kind]
        traded = (
            f"{side},{abs(size)},{position},50000" if kind == "trade" else f"--,--,{position},--"
        )
        coin = "" if kind == "move" else "BTCUSD"
        rows.append(
            f"123,BTC,{coin},{what},{traded},{funding},{fee},{profit},{change},{balance},{word},{at}"
        )
    return rows


steps = st.lists(
    st.tuples(
        st.sampled_from(["trade", "trade", "funding", "move"]),
        st.integers(-9_000, 9_000).filter(lambda size: size != 0),
    ),
    min_size=1,
    max_size=30,
)


@given(steps, st.data())
def test_books_end_as_the_venue_says(
    tmp_path_factory: pytest.TempPathFactory, taken: list[tuple[str, int]], data: st.DataObject
) -> None:
    """Balances and positions, in one file, in two that overlap, and however often."""
    folder, rows = tmp_path_factory.mktemp("life"), life(taken)
    whole, parts = open_ledger("memory:"), open_ledger("memory:")
    path = written(folder, "whole.csv", bybit(rows))
    imported(whole, [path])
    last = rows[-1].split(",")
    held = [p.contracts for p in whole.books.positions.values()] or [0.0]
    assert balances(whole, "bybit unified").get("BTC", 0.0) == pytest.approx(float(last[12]))
    assert held == [float(last[6])]
    cut = data.draw(st.integers(1, len(rows)))
    begin = data.draw(st.integers(0, cut))
    imported(parts, [written(folder, "first.csv", bybit(rows[:cut]))])
    if rows[begin:]:
        imported(parts, [written(folder, "second.csv", bybit(rows[begin:]))])
    assert balances(parts, "bybit unified") == pytest.approx(balances(whole, "bybit unified"))
    assert [p.contracts for p in parts.books.positions.values()] == [
        p.contracts for p in whole.books.positions.values()
    ]


def test_coins_posted_to_isolated_positions_are_still_owned(tmp_path: Path) -> None:
    """They leave the balance that the file tells, and nothing of them is lost."""
    text = OKX.replace("-0.0001,0.50938", "-0.0501,0.45938").replace("0.0001,0.50948", "0,0.45938")
    ledger = open_ledger("memory:")
    path = written(tmp_path, "okx.csv", text)
    imported(ledger, [path])
    assert balances(ledger, "okx trading") == pytest.approx({"BTC": 0.50948, "USDT": 400.0})
    (one,) = read_statements([path], StatementOptions()).accounts
    table, notes = account_table(one)
    assert table.balances["BTC"] == pytest.approx(0.50948)
    assert "0.0501 BTC are posted to isolated positions" in notes[0]


def test_positions_in_fractions_of_coins_go_on_from_file_to_file(tmp_path: Path) -> None:
    """0.1 and 0.2 coins are the 0.3 that the next file begins with, whatever sums of floats are."""
    ledger, fills, balance = open_ledger("memory:"), list[str](), Decimal(100)
    for n, (size, held) in enumerate([("0.1", "0.1"), ("0.2", "0.3"), ("0.4", "0.7")]):
        fills.append(
            f"123,USDT,BTCUSDT,TRADE,BUY,{size},{held},50000,0,0,0,0,{balance},OPEN,"
            f"2024-05-1{n} 00:00:00"
        )
    imported(ledger, [written(tmp_path, "one.csv", bybit(fills[:2]))])
    imported(ledger, [written(tmp_path, "two.csv", bybit(fills[2:]))])
    (held_now,) = ledger.books.positions.values()
    assert held_now.contracts * held_now.multiplier == pytest.approx(0.7)


# --- what is refused ------------------------------------------------------------------

ROWS = life([("trade", -5_000), ("funding", 40), ("trade", 2_000), ("move", 7)])


def test_what_was_there_before_the_file_is_told_as_such(tmp_path: Path) -> None:
    """Coins by the statement that the account begins with; an older file is refused then."""
    ledger = open_ledger("memory:")
    imported(ledger, [written(tmp_path, "late.csv", bybit(ROWS[2:]))])
    assert balances(ledger, "bybit unified")["BTC"] == pytest.approx(float(ROWS[-1].split(",")[12]))
    with pytest.raises(LedgerError, match=r"early\.csv: row 2: is from before"):
        imported(ledger, [written(tmp_path, "early.csv", bybit(ROWS[:2]))])


def test_rows_missing_between_two_files_are_refused(tmp_path: Path) -> None:
    """The books would not end with the balance of the second; nothing is written."""
    ledger = open_ledger("memory:")
    imported(ledger, [written(tmp_path, "one.csv", bybit(ROWS[:2]))])
    head = ledger.head
    with pytest.raises(LedgerError, match="rows between the files are missing"):
        imported(ledger, [written(tmp_path, "two.csv", bybit(ROWS[3:]))])
    assert ledger.head == head


def test_a_row_that_says_something_else_now_is_refused(tmp_path: Path) -> None:
    """The same id, another amount: one of the files was changed."""
    ledger = open_ledger("memory:")
    path = written(tmp_path, "Binance(UTC+0).csv")
    imported(ledger, [path])
    text = path.read_text().replace("FUNDING_FEE,0.00003", "FUNDING_FEE,0.00004")
    with pytest.raises(LedgerError, match="says something else there"):
        imported(ledger, [written(tmp_path, path.name, text)])


def test_the_ledger_of_a_desk_is_left_alone(tmp_path: Path) -> None:
    """It books its accounts itself."""
    ledger = open_ledger("memory:")
    ledger.append([decision(ledger)], 0)
    with pytest.raises(LedgerError, match="is the ledger of a desk"):
        imported(ledger, [written(tmp_path, "bybit.csv")])
