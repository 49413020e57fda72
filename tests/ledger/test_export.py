"""A ledger as tables, and as a journal that beancount itself finds in order."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from beancount import loader
from beancount.core.data import Balance, Commodity, Transaction
from hypothesis import given, settings

from tests.ledger.samples import START_NS, filled, lived
from tests.ledger.strategies import live, lives
from volsculpt.errors import LedgerError
from volsculpt.ledger.beancount import LONGEST, Names, export_beancount, legal_commodity, legal_part
from volsculpt.ledger.events import Event, FlowBooked
from volsculpt.ledger.export import HEADS, export_csv, export_parquet
from volsculpt.ledger.ledger import Ledger, open_ledger
from volsculpt.units import iso_exact


def checked_by_beancount(ledger: Ledger, path: Path) -> list[object]:
    """The journal's entries, once beancount has found nothing wrong with it."""
    export_beancount(ledger, path)
    entries, errors, _ = loader.load_file(str(path))
    assert [one.message for one in errors] == [], path.read_text()
    found: list[object] = entries
    return found


def test_a_life_as_a_journal(tmp_path: Path) -> None:
    """Every event that posts is a transaction; venue's names stay beside the legal ones."""
    ledger = lived(open_ledger("memory:"))
    entries = checked_by_beancount(ledger, tmp_path / "a.beancount")
    told = [one for one in entries if isinstance(one, Transaction)]
    assert [int(one.meta["seq"]) for one in told] == [2, 7, 9, 10, 12, 13, 14, 17, 19, 20]
    names = {one.currency: one.meta["name"] for one in entries if isinstance(one, Commodity)}
    assert names == {
        "BTC": "BTC",
        "BYBIT-BTC-USD-BTC": "bybit:BTC/USD:BTC",
        "USD": "USD",
    }
    ends = {one.account: one.amount for one in entries if isinstance(one, Balance)}
    assert float(ends["Assets:Coinm:BTC"].number) == pytest.approx(0.7)
    assert ends["Assets:Transit"].number == 0
    assert not list(tmp_path.glob("*.part")) + list(tmp_path.glob("*.body"))


@settings(max_examples=25)
@given(lives)
def test_any_life_as_a_journal(tmp_path_factory: pytest.TempPathFactory, life: list[Event]) -> None:
    """Whatever was booked, beancount finds each transaction balanced and each end right."""
    ledger = open_ledger("memory:")
    live(ledger, life)
    entries = checked_by_beancount(ledger, tmp_path_factory.mktemp("any") / "a.beancount")
    posted = {row.seq for row in ledger.store.postings(1)}
    assert sum(isinstance(one, Transaction) for one in entries) == len(posted)


def test_odd_names_become_legal_ones(tmp_path: Path) -> None:
    """Names of any kind, two that look alike, one that is far too long."""
    ledger = open_ledger("memory:")
    odd = [("my vault!", "1INCH"), ("my-vault-", "stETH"), ("münze", "T"), ("-", "$")]
    for n, (account, coin) in enumerate([*odd, ("a:b", "x" * 99)]):
        ledger.append([FlowBooked(f"f{n}", account, coin, 1.5)], START_NS)
    for n in range(3):
        ledger.append([FlowBooked(f"g{n}", "vault", "y" * 30 + str(n), 1.5)], START_NS)
    entries = checked_by_beancount(ledger, tmp_path / "a.beancount")
    names = [one.meta["name"] for one in entries if isinstance(one, Commodity)]
    assert sorted(names) == sorted({row.commodity for row in ledger.store.postings(1)})


@pytest.mark.parametrize(
    ("name", "commodity", "part"),
    [
        ("bybit:BTC/USD:BTC", "BYBIT-BTC-USD-BTC", "Bybit-BTC-USD-BTC"),
        ("huobi:BTC/USDT:USDT-241227", "BTC-USDT-USDT-241227", "Huobi-BTC-USDT-USDT-241227"),
        ("1INCH", "X1INCH", "1INCH"),
        ("T", "T-X", "T"),
        ("$", "X-X", "X"),
    ],
)
def test_legal_names(name: str, commodity: str, part: str) -> None:
    """Worked names."""
    assert (legal_commodity(name), legal_part(name)) == (commodity, part)


def test_two_names_never_share_a_legal_one() -> None:
    """A number tells them apart, within the length that is allowed."""
    names = Names(legal_commodity, LONGEST)
    found = [names.of(f"{n}:BTC/USDT:USDT-241227") for n in range(1_000, 1_012)]
    assert len(set(found)) == 12
    assert max(map(len, found)) <= LONGEST
    assert names.of("1003:BTC/USDT:USDT-241227") == found[3]


def test_postings_as_csv_and_parquet(tmp_path: Path) -> None:
    """Both have every posting, and the numbers read back to the bit."""
    ledger = lived(open_ledger("memory:"))
    stored = list(ledger.store.postings(1))
    assert export_csv(ledger, "postings", tmp_path / "a.csv") == len(stored)
    assert export_parquet(ledger, "postings", tmp_path / "a.parquet") == len(stored)
    with (tmp_path / "a.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == HEADS["postings"]
    assert [float(row["amount"]) for row in rows] == [one.amount for one in stored]
    frame = pl.read_parquet(tmp_path / "a.parquet")
    assert frame["amount"].to_list() == [one.amount for one in stored]
    assert frame["account"].to_list() == [row["account"] for row in rows]
    assert frame["time"].dtype == pl.Datetime("ns", "UTC")
    assert frame.group_by("commodity").agg(pl.col("amount").sum())["amount"].abs().max() < 1e-9


def test_events_as_csv_and_parquet(tmp_path: Path) -> None:
    """Both have every event with all its fields."""
    ledger = lived(open_ledger("memory:"))
    assert export_csv(ledger, "events", tmp_path / "a.csv") == 20
    assert export_parquet(ledger, "events", tmp_path / "a.parquet") == 20
    with (tmp_path / "a.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    bodies = [row.body for row in ledger.store.rows(1, ())]
    assert [row["body"] for row in rows] == bodies
    assert pl.read_parquet(tmp_path / "a.parquet")["body"].to_list() == bodies
    assert json.loads(rows[6]["body"])["lot_id"] == "l1"


def test_an_empty_ledger_is_exported(tmp_path: Path) -> None:
    """Heads and nothing below, and a journal without transactions."""
    ledger = open_ledger("memory:")
    assert export_csv(ledger, "postings", tmp_path / "a.csv") == 0
    assert export_parquet(ledger, "events", tmp_path / "a.parquet") == 0
    assert checked_by_beancount(ledger, tmp_path / "a.beancount") == []


def test_small_numbers_have_no_exponent(tmp_path: Path) -> None:
    """A fee of a ten-millionth is written out, as beancount wants it."""
    ledger = open_ledger("memory:")
    ledger.append([filled(fee=1e-7)], START_NS)
    entries = checked_by_beancount(ledger, tmp_path / "a.beancount")
    fees = [
        leg.units.number
        for one in entries
        if isinstance(one, Transaction)
        for leg in one.postings
        if leg.account == "Expenses:Fees"
    ]
    assert fees == [Decimal("0.0000001")]


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    """No folder there: said with the option to change, in every form."""
    ledger = lived(open_ledger("memory:"))
    place = tmp_path / "no" / "a"
    for write in (
        lambda: export_csv(ledger, "postings", place),
        lambda: export_parquet(ledger, "postings", place),
        lambda: export_beancount(ledger, place),
    ):
        with pytest.raises(
            LedgerError, match=r"cannot be written: No such file.* name another file"
        ):
            write()


def test_times_to_the_nanosecond() -> None:
    """Worked times, before 1970 too."""
    assert iso_exact(5) == "1970-01-01T00:00:00.000000005Z"
    assert iso_exact(START_NS - 1) == "2024-05-19T23:59:59.999999999Z"
