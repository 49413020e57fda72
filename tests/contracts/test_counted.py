"""Contracts and coins counted in thousands are so many of the coin itself."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import account, decided, fixed, linear, quanto, vault
from volsculpt.book.exposure import coins_per_contract, fair_mark
from volsculpt.book.holdings import Book, Position
from volsculpt.contracts.catalog import read_contracts
from volsculpt.contracts.counted import counted, counted_asset
from volsculpt.contracts.expiries import parse_symbol
from volsculpt.contracts.spec import Contract
from volsculpt.mandate.load import load_mandate
from volsculpt.verbs import plan

CONTRACTS = """
venue = "binance"
[[contract]]
symbol = "1000SHIB/USDT:USDT"
payoff = "linear"
multiplier = 1
fees = { taker = 0.0005 }
margin = { tiers = [{ floor = 0, rate = 0.01, max_leverage = 50 }] }
"""
MANDATE = """
version = 1
name = "shib"
contracts_file = "own.toml"
[[account]]
name = "vault"
kind = "cold"
balances = { SHIB = 49_000_000, 1000SHIB = 1_000 }
[[account]]
name = "usdm"
kind = "margin"
venue = "binance"
balances = { USDT = 1_000 }
[[hedge]]
underlying = "SHIB"
policy = "fixed"
ratio = 1
"""


@pytest.mark.parametrize(
    ("name", "coin", "count"),
    [
        ("1000SHIB", "SHIB", 1e3),
        ("1000PEPE", "PEPE", 1e3),
        ("kBONK", "BONK", 1e3),
        ("10000SATS", "SATS", 1e4),
        ("1000000MOG", "MOG", 1e6),
        ("1MBABYDOGE", "BABYDOGE", 1e6),
        ("10000000AIDOGE", "AIDOGE", 1e7),
        ("SHIB1000", "SHIB", 1e3),
        ("AI16Z", "AI16Z", 1.0),
        ("BANANAS31", "BANANAS31", 1.0),
        ("C98", "C98", 1.0),
        ("API3", "API3", 1.0),
        ("X1000", "X1000", 1.0),
        ("1INCH", "1INCH", 1.0),
        ("1MIL", "1MIL", 1.0),
        ("100THIEVES", "100THIEVES", 1.0),
        ("kHYPE", "kHYPE", 1.0),
        ("1000", "1000", 1.0),
        ("BTC", "BTC", 1.0),
    ],
)
def test_names_of_so_many(name: str, coin: str, count: float) -> None:
    """The rule by name, and coins whose own name looks so."""
    assert counted(name) == (coin, count)


def test_what_is_held_has_no_small_k() -> None:
    """A token kBONK in a wallet is one of its own; 1000SATS is 1,000 SATS there too."""
    assert counted_asset("kBONK") == ("kBONK", 1.0)
    assert counted_asset("SHIB1000") == ("SHIB1000", 1.0)
    assert counted_asset("1000SATS") == ("SATS", 1e3)


def test_a_symbol_keeps_how_it_is_written() -> None:
    """The base is the coin, the pair what the venue lists."""
    found = parse_symbol("1000SHIB/USDT:USDT-241227")
    assert (found.base, found.coins, found.pair) == ("SHIB", 1e3, "1000SHIB/USDT:USDT")
    assert parse_symbol("1INCH/USDT:USDT").base == "1INCH"
    after = parse_symbol("SHIB1000/USDT:USDT")
    assert (after.base, after.coins, after.pair) == ("SHIB", 1e3, "SHIB1000/USDT:USDT")


def test_a_mandate_needs_no_word_of_it(tmp_path: Path) -> None:
    """50,000,000 SHIB, some of them held as 1000SHIB: 50,000 contracts at 0.02, `use` left out."""
    (tmp_path / "own.toml").write_text(CONTRACTS, encoding="utf-8")
    (tmp_path / "m.toml").write_text(MANDATE, encoding="utf-8")
    (contract,) = read_contracts(tmp_path / "own.toml")
    assert (contract.base, contract.base_count, contract.multiplier) == ("SHIB", 1e3, 1.0)
    prices = {"SHIB": 0.00002, "USDT": 1.0}
    made = plan(load_mandate(tmp_path / "m.toml"), prices=prices, time_ns=0)
    (order,) = made.orders
    assert (order.contract, order.side, order.contracts) == ("1000SHIB/USDT:USDT", "sell", 50_000.0)
    assert order.reference_price == pytest.approx(0.02)
    assert order.face_usd == pytest.approx(1_000.0)


NOV_2024 = 1_730_419_200 * 10**9
OF_CATALOG = """
version = 1
name = "thousands"
{top}
[[account]]
name = "vault"
kind = "cold"
balances = {{ {coin} = 50_000_000 }}
[[account]]
name = "usdm"
kind = "margin"
venue = "{venue}"
balances = {{ USDT = 1_000 }}
[[hedge]]
underlying = "{coin}"
ratio = 1
"""


@pytest.mark.parametrize(
    ("venue", "coin", "symbol", "contracts"),
    [
        ("binance", "SHIB", "1000SHIB/USDT:USDT", 50_000),
        ("binance", "PEPE", "1000PEPE/USDT:USDT", 50_000),
        ("binance", "BONK", "1000BONK/USDT:USDT", 50_000),
        ("binance", "FLOKI", "1000FLOKI/USDT:USDT", 50_000),
        ("binance", "BABYDOGE", "1MBABYDOGE/USDT:USDT", 50),
        ("binance", "MOG", "1000000MOG/USDT:USDT", 50),
        ("kraken", "PEPE", "PEPE/USD:USD", 50_000_000),
        ("bybit", "SHIB", "SHIB1000/USDT:USDT", 50_000),
        ("bybit", "SATS", "10000SATS/USDT:USDT", 5_000),
    ],
)
def test_contracts_of_the_catalog_net_against_the_coin(
    tmp_path: Path, venue: str, coin: str, symbol: str, contracts: float
) -> None:
    """Without `use`: 50,000,000 coins at 0.00002 are 1,000 dollars, however a venue counts them."""
    top = ""
    if venue == "bybit":  # its margin is given, no source tells it
        top = 'contracts_file = "own.toml"'
        margin = "margin = { tiers = [{ floor = 0, rate = 0.01, max_leverage = 50 }] }"
        given = f'venue = "bybit"\n[[contract]]\nsymbol = "{symbol}"\n{margin}\n'
        (tmp_path / "own.toml").write_text(given, encoding="utf-8")
    said = OF_CATALOG.format(top=top, coin=coin, venue=venue)
    if venue == "kraken":
        said = said.replace("USDT = 1_000", "USD = 1_000")
    (tmp_path / "m.toml").write_text(said, encoding="utf-8")
    mandate = load_mandate(tmp_path / "m.toml")
    made = plan(mandate, prices={coin: 0.00002, "USDT": 1.0}, time_ns=NOV_2024)
    (order,) = made.orders
    assert (order.contract, order.side, order.contracts) == (symbol, "sell", contracts)
    assert order.face_usd == pytest.approx(1_000.0)


def counted_in(count: float, coins: float) -> Contract:
    """A linear contract of `coins` coins whose price is that of `count` coins."""
    listed = f"1{'0' * (len(str(int(count))) - 1)}SHIB" if count > 1.0 else "SHIB"
    symbol = f"{listed}/USDT:USDT"
    return linear("SHIB", coins / count, "binance", symbol=symbol, base_count=count, lot=1.0)


@given(
    st.sampled_from([1e3, 1e4, 1e6]),
    st.floats(1e6, 1e12),
    st.floats(0.0, 1.0),
    st.floats(-0.9, 3.0),
    st.floats(0.5, 1.5),
)
def test_the_unit_of_the_price_changes_nothing(
    count: float, coins: float, ratio: float, held: float, ran: float
) -> None:
    """Law: one contract by single coins or by thousands: same orders, exposures and wealth."""
    index, unit = 0.00002, 1e4
    said = []
    for one in (1.0, count):
        contract = counted_in(one, unit)
        short = Position(contract, -float(int(held * coins / unit)), index * one * ran)
        margin = account("usdm", {"USDT": coins * index}, (short,), venue="binance")
        book = Book((vault(SHIB=coins), margin))
        prices, mark = {"SHIB": index, "USDT": 1.0}, {contract.key: index * one * ran}
        legs = ((("usdm", contract, False),),)
        decision = decided(book, (fixed("SHIB", ratio),), legs, prices, contract_prices=mark)
        held_sums = decision.work.held
        said.append(
            (
                decision.answer.trade[0],
                decision.answer.held[0],
                list(held_sums.futures),
                list(held_sums.pnl_on),
                decision.answer.after[0],
            )
        )
    single, many = said
    assert many[0] == pytest.approx(single[0], abs=1.0)
    assert many[1] == pytest.approx(single[1], rel=1e-9, abs=1e-9)
    for left, right in zip(single[2:4], many[2:4], strict=True):
        assert right == pytest.approx(left, rel=1e-9, abs=1e-6)  # type: ignore[comparison-overlap]


def test_a_quanto_counts_in_its_value() -> None:
    """What a quanto pays is coins of another kind, whatever its price is of."""
    for count in (1.0, 1e3):
        contract = quanto("SHIB", multiplier=1e-3, base_count=count)
        book = Book((account("q", {"BTC": 1.0}, venue="bitmex"),))
        prices = {"SHIB": 2e-5, "BTC": 60_000.0}
        decision = decided(book, (fixed("SHIB", 0.0),), ((("q", contract, False),),), prices)
        layout, quote = decision.flat.layout, decision.quoted.quote
        assert fair_mark(layout, quote, 0) == pytest.approx(2e-5 * count)
        value_btc = 1e-3 * quote.mark[0]
        assert coins_per_contract(layout, quote, 0) == pytest.approx(value_btc * 60_000.0 / 2e-5)
