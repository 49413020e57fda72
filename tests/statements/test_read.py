"""Files of each form: what their rows are, what they add up to, and what is refused in them."""

from pathlib import Path

import pytest

from tests.statements.samples import BINANCE, BYBIT, BYBIT_SPOT, FILES, KRAKEN, OKX, written
from volsculpt.errors import HistoryError
from volsculpt.ledger.events import CashBooked, Converted, Event, Filled, FlowBooked, TransferNoted
from volsculpt.statements.forms import form_of, statement_forms
from volsculpt.statements.importing import (
    AccountRead,
    StatementOptions,
    account_table,
    read_statements,
)
from volsculpt.statements.rows import offset_ns
from volsculpt.units import HOUR_NS, MINUTE_NS, moment_ns

PLAIN = StatementOptions()


def read(folder: Path, name: str, text: str | None = None) -> AccountRead:
    """The one account of a file."""
    (one,) = read_statements([written(folder, name, text)], PLAIN).accounts
    return one


def events(one: AccountRead, kind: type[Event]) -> list[Event]:
    """Its events of one kind."""
    return [row.event for row in one.booked.events if isinstance(row.event, kind)]


@pytest.mark.parametrize(
    ("name", "form", "balances", "positions"),
    [
        ("bybit.csv", "bybit unified", {"BTC": 1.51985}, [("BTC/USD:BTC", -6_000.0, 50_000.0)]),
        ("bybit_spot.csv", "bybit unified", {"BTC": 0.0896, "EUR": 1_613.687}, []),
        ("bybit_funding.csv", "bybit funding", {"BTC": 0.5}, None),
        ("okx.csv", "okx trading", {"BTC": 0.50948, "USDT": 400.0}, [("BTC/USD:BTC", -100.0, 5e4)]),
        ("okx_funding.csv", "okx funding", {"BTC": 0.5005}, None),
        ("kraken.csv", "kraken spot", {"BTC": 0.02991, "EUR": 4_485.7}, None),
        (
            "kraken_futures.csv",
            "kraken futures",
            {"BTC": 0.05989},
            [("BTC/USD:BTC", -1_500.0, 5e4)],
        ),
        ("Binance(UTC+0).csv", "binance futures", {"BTC": 0.50883, "USDT": 60.0}, []),
        ("binance.json", "binance futures", {}, [("BTC/USD:BTC", -200.0, 61_000.5)]),
    ],
)
def test_a_file_tells_its_account(
    tmp_path: Path,
    name: str,
    form: str,
    balances: dict[str, float],
    positions: list[tuple[str, float, float]] | None,
) -> None:
    """Which form it is of, what is there at the end, and which positions are open."""
    one = read(tmp_path, name)
    table, _ = account_table(one)
    assert (one.form.name, table.name) == (form, form)
    assert table.balances == pytest.approx(balances)
    held = None if table.positions is None else table.positions
    told = None if held is None else [(p.symbol, p.contracts, round(p.entry, 6)) for p in held]
    assert told == positions


def test_positions_count_as_the_venue_counts(tmp_path: Path) -> None:
    """Dollars or coins at bybit, contracts at okx; a side, or a sign."""
    bybit, _ = account_table(read(tmp_path, "bybit_positions.csv"))
    assert bybit.positions is not None
    assert [p.contracts > 0.0 for p in bybit.positions] == [False, True]
    assert (bybit.positions[0].symbol, bybit.positions[0].contracts) == ("BTC/USD:BTC", -7_000.0)
    okx, _ = account_table(read(tmp_path, "okx_positions.csv"))
    assert okx.positions is not None
    assert [p.contracts for p in okx.positions] == [-20.0, -5.0]


def test_fills_are_booked_with_the_profit_that_the_venue_states(tmp_path: Path) -> None:
    """By its own id, in contracts, with the fee it took; funding is cash."""
    one = read(tmp_path, "bybit.csv")
    sold, bought = events(one, Filled)
    assert isinstance(sold, Filled)
    assert isinstance(bought, Filled)
    assert (sold.contracts, sold.price, sold.fee, sold.realised) == (-10_000.0, 5e4, 0.00012, 0.0)
    assert (bought.contracts, bought.realised, bought.fee) == (4_000.0, 0.02, 0.00005)
    (funding,) = events(one, CashBooked)
    assert isinstance(funding, CashBooked)
    assert (funding.coins, funding.reason, funding.contract) == (
        0.00002,
        "funding",
        "bybit:BTC/USD:BTC",
    )
    (moved,) = events(one, TransferNoted)
    assert isinstance(moved, TransferNoted)
    assert (moved.source, moved.target, moved.coins) == ("bybit transfers", "bybit unified", 1.5)


def test_both_halves_of_a_trade_of_coins_are_one(tmp_path: Path) -> None:
    """What was given and what came, before fees; the fee is cash in its coin."""
    for name, sold, bought, fee in (
        ("bybit_spot.csv", ("BTC", 0.03), ("EUR", 1_615.287), ("EUR", -1.6)),
        ("okx.csv", ("USDT", 600.0), ("BTC", 0.01), ("BTC", -0.00002)),
        ("kraken.csv", ("EUR", 5_500.0), ("BTC", 0.1), ("EUR", -14.3)),
        ("Binance(UTC+0).csv", ("BTC", 0.001), ("USDT", 60.0), None),
    ):
        one = read(tmp_path, name)
        (made,) = events(one, Converted)
        assert isinstance(made, Converted)
        assert (made.sold, made.sold_coins) == (sold[0], pytest.approx(sold[1]))
        assert (made.bought, made.bought_coins) == (bought[0], pytest.approx(bought[1]))
        paid = [c for c in events(one, CashBooked) if isinstance(c, CashBooked)]
        there = [(c.currency, c.coins) for c in paid if c.stamp_ns == made.stamp_ns]
        assert there == ([] if fee is None else [(fee[0], pytest.approx(fee[1]))])


def test_times_are_of_the_zone_that_the_file_says(tmp_path: Path) -> None:
    """Above its head, in its name, or as the user says; else it is refused."""
    okx = read(tmp_path, "okx.csv")
    assert okx.rows[0].time_ns == moment_ns("2024-05-18T01:00:00Z")
    binance = read(tmp_path, "Binance(UTC+0).csv")
    assert binance.rows[0].time_ns == moment_ns("2024-05-17T09:00:00Z")  # 24-05-17
    plain = written(tmp_path, "plain.csv", BINANCE)
    with pytest.raises(HistoryError, match="say --zone UTC"):
        read_statements([plain], PLAIN)
    shifted = read_statements([plain], StatementOptions(zone="UTC-3:30")).accounts[0]
    assert shifted.rows[0].time_ns == moment_ns("2024-05-17T12:30:00Z")
    assert offset_ns("UTC--6") == -6 * HOUR_NS
    assert offset_ns("GMT+5:30") == 5 * HOUR_NS + 30 * MINUTE_NS
    with pytest.raises(HistoryError, match="is no offset"):
        offset_ns("Berlin")


def test_rows_of_one_moment_keep_their_order(tmp_path: Path) -> None:
    """A file that begins with the newest row is read from its end."""
    one = read(tmp_path, "kraken_futures.csv")
    assert [row.entry_id for row in one.rows] == ["u1", "u2", "u3", "u4", "u5", "u6"]


def test_what_is_not_known_is_kept_apart(tmp_path: Path) -> None:
    """A kind, a column, a half of a trade whose other half is missing; rows not booked yet."""
    one = read(tmp_path, "Binance(UTC+0).csv")
    assert [row.kind for row in one.booked.unknown] == ["EVENT_CONTRACTS_ORDER"]
    odd = BINANCE.replace("\n", ",good\n").replace("ID,good", "ID,Mood")
    files = read_statements([written(tmp_path, "Binance(UTC+0).csv", odd)], PLAIN).files
    assert files[0].unknown_columns == ["Mood"]
    half = "\n".join(line for line in KRAKEN.split("\n") if '"L2"' not in line)
    alone = read_statements(
        [written(tmp_path, "kraken.csv", half)], StatementOptions(gaps=True)
    ).accounts[0]
    assert [row.entry_id for row in alone.booked.unknown] == ["L3"]
    assert [row.meaning for row in read(tmp_path, "kraken.csv").rows].count("nothing") == 1


def test_a_position_from_before_is_no_position(tmp_path: Path) -> None:
    """Its entry is not told: until it is closed, trades are profit and fees, and that is said."""
    early = BYBIT.replace("-6000,40000", "-9000,40000").replace("-10000,50000", "-13000,50000")
    one = read(tmp_path, "bybit.csv", early.replace(",-10000,--", ",-13000,--"))
    assert events(one, Filled) == []
    told = [(c.reason, c.coins) for c in events(one, CashBooked) if isinstance(c, CashBooked)]
    assert ("profit", 0.02) in told
    assert "2 trades of BTCUSD are booked as profit and fees" in one.booked.notes[0]
    table, _ = account_table(one)
    assert (table.balances, table.positions) == ({"BTC": 1.51985}, None)


def test_transfers_with_accounts_that_no_file_tells_of(tmp_path: Path) -> None:
    """Come and go as from outside, where the user says so."""
    path, outside = written(tmp_path, "bybit.csv"), StatementOptions(outside=True)
    one = read_statements([path], outside).accounts[0]
    (came,) = events(one, FlowBooked)
    assert isinstance(came, FlowBooked)
    assert (came.coins, came.note) == (1.5, "TRANSFER_IN")
    assert events(one, TransferNoted) == []


# --- what is refused ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("bybit.csv", BYBIT.replace("1.49988", "1.4"), "no other row ends with that"),
        ("bybit.csv", BYBIT.replace(",0.01995,", ",0.05,"), "is not its cash flow 0.02"),
        ("bybit.csv", BYBIT.replace("10000,50000", "10000,x"), "row 3: Filled Price is 'x'"),
        ("kraken.csv", KRAKEN.replace('"L4"', '"L3"'), "has the id L3 of kraken.csv: row 3"),
        ("okx.csv", OKX.replace("-0.00002,BTC", "-0.00002,OKB"), "pays its fee in OKB"),
        ("bybit_spot.csv", BYBIT_SPOT.replace("2024-05-17", "17th"), "is no time"),
        ("okx_positions.csv", "instId,posSide,pos,avgPx\nNO-USD-SWAP,short,2,5\n", "row 1: NO-USD"),
        ("bybit.csv", "a,b\n1,2\n", "are those of no statement that is known"),
    ],
)
def test_a_contradiction_names_file_and_row(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    """Figures that do not add up, a balance without a row before it, an id used twice."""
    with pytest.raises(HistoryError) as refused:
        read(tmp_path, name, text)
    assert said in str(refused.value)
    assert str(refused.value).startswith(name)


def test_a_gap_is_allowed_where_it_is_asked_for(tmp_path: Path) -> None:
    """The balances are then those of the last rows."""
    lines = BYBIT.split("\n")
    text = "\n".join([*lines[:4], *lines[5:]])  # without the sale
    path = written(tmp_path, "bybit.csv", text)
    with pytest.raises(HistoryError, match="rows between are missing"):
        read_statements([path], PLAIN)
    one = read_statements([path], StatementOptions(gaps=True)).accounts[0]
    assert one.finals == {"BTC": 1.51985}


def test_two_forms_under_one_name_are_refused(tmp_path: Path) -> None:
    """An account is of one form."""
    paths = [written(tmp_path, name) for name in ("bybit.csv", "okx.csv")]
    with pytest.raises(HistoryError, match="name one account at a time"):
        read_statements(paths, StatementOptions(account="mine"))


# --- forms ----------------------------------------------------------------------------


def test_every_form_is_whole() -> None:
    """Its needs are columns of it, its source is a page, its kinds are of those there are."""
    for one in statement_forms():
        assert set(one.needs) <= set(one.columns), one.name
        assert one.source.startswith("https://"), one.name
        assert one.positions or one.kinds, one.name
    assert len({one.name for one in statement_forms()}) == len(statement_forms())


def test_every_form_is_told_from_the_others(tmp_path: Path) -> None:
    """Each sample is of its own form, and each form has one."""
    found = set()
    for name in FILES:
        found |= {
            file.form.name for file in read_statements([written(tmp_path, name)], PLAIN).files
        }
    assert found == {one.name for one in statement_forms()}
    with pytest.raises(HistoryError, match="and 3 more"):
        form_of([f"c{n}" for n in range(15)], "odd.csv")
