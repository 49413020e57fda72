"""Every mandate has a made-up market: its coins, venues and contracts, at its own time."""

import re
from pathlib import Path

import pytest

from volsculpt.contracts.expiries import parse_symbol
from volsculpt.errors import ContractError, HistoryError, PriceError
from volsculpt.mandate.history import open_market
from volsculpt.mandate.load import load_mandate, parse_mandate
from volsculpt.mandate.made_up import MarketChoice, made_up_market
from volsculpt.mandate.objects import Mandate
from volsculpt.market.history import History
from volsculpt.market.series import Bars
from volsculpt.market.synthetic import START_NS, demo_market
from volsculpt.units import DAY_NS, YEAR_NS, iso_day

TEXT = """
version = 1
name = "t"
[[account]]
name = "vault"
kind = "cold"
balances = {{ {held} }}
[[account]]
name = "f"
kind = "margin"
venue = "{venue}"
balances = {{ {held} }}
{position}
[[hedge]]
underlying = "{coin}"
ratio = 0.5
use = [{{ account = "f", contract = "{contract}" }}]
"""
OPEN = (None, None)
ALL = (None, None, None)
POSITION = """[[account.position]]
contract = "{}"
contracts = -10
entry = {}
"""
USED = (
    ("binance", "BTC/USD:BTC", "BTC"),
    ("binance", "SOL/USD:SOL", "SOL"),
    ("binance", "1000SHIB/USDT:USDT", "SHIB"),
    ("bybit", "BTC/USDT:USDT", "BTC"),
    ("deribit", "BTC/USD:BTC@week", "BTC"),
    ("deribit", "BTC/USDC:USDC", "BTC"),
    ("kraken", "PEPE/USD:USD", "PEPE"),
    ("kraken", "BTC/USD:BTC@month", "BTC"),
    ("okx", "BTC/USD:USD@next_quarter", "BTC"),
    ("okx", "XRP/USDT:USDT", "XRP"),
)


def mandate(
    venue: str, contract: str, coin: str = "BTC", more: str = "", position: str = ""
) -> Mandate:
    """A hedge of a coin by one contract, and what else is held."""
    held = f"{coin} = 2{more}"
    text = TEXT.format(held=held, venue=venue, contract=contract, coin=coin, position=position)
    return parse_mandate(text)


def opened(history: History, name: str, row: int = 0) -> float:
    """What a coin costs at the beginning, or so many hours after it."""
    series = history.index[name]
    assert isinstance(series, Bars)
    return float(series.open[row])


@pytest.mark.parametrize(("venue", "contract", "coin"), USED, ids=str)
def test_any_contract_has_a_market(venue: str, contract: str, coin: str) -> None:
    """Every price that a run of three months needs is known, and said to be made up."""
    made = mandate(venue, contract, coin, ", EUR = 5, XYZ = 1")
    history, is_demo = made_up_market(made, OPEN)
    begin = int(history.index[coin].stamps[0]) + 30 * DAY_NS
    aligned, _, told = open_market(made, None, None, (begin, begin + 90 * DAY_NS, DAY_NS))
    assert (is_demo, aligned.is_synthetic) == (False, True)
    assert {"EUR", "XYZ", coin} <= set(aligned.currencies)
    assert told[0].startswith("synthetic: this market is made up")
    assert [line for line in told[1:] if "needed" in line or "moved" in line] == []
    base = parse_symbol(contract.partition("@")[0])
    assert all(parse_symbol(key.partition(":")[2]).base == base.base for key in aligned.contracts)


def test_what_fits_the_demo_goes_through_the_demo() -> None:
    """BTC and ETH with bybit's contracts: the market that docs print, to the bit."""
    made = mandate("bybit", "BTC/USD:BTC@quarter", "BTC", ", ETH = 3, USDC = 100")
    history, is_demo = made_up_market(made, OPEN)
    assert is_demo
    said, demo = (opened(one, "BTC", 900) for one in (history, demo_market().history))
    assert said == demo
    asked = MarketChoice(path="mixed")
    assert opened(made_up_market(made, OPEN, asked)[0], "BTC") == pytest.approx(60_000.0)


def test_a_market_is_of_a_time_in_which_its_contracts_exist() -> None:
    """Five years from 2020 on, or from when all are listed; up to the end of a dated one."""
    times = {
        ("okx", "BTC/USDT:USDT"): ("2020-01-01", "2024-12-30"),
        ("binance", "BTC/USD:BTC"): ("2020-08-11", "2025-08-10"),
        ("kraken", "BTC/USD:USD"): ("2022-03-23", "2027-03-22"),
        ("binance", "BTC/USD:BTC-261225"): ("2026-06-19", "2026-12-25"),
    }
    for used, ends in times.items():
        made = mandate(*used)
        history, _ = made_up_market(made, OPEN)
        series = history.index["BTC"]
        assert (iso_day(int(series.stamps[0])), iso_day(series.end_ns)) == ends
        open_market(made, None, None, (None, None, DAY_NS))


def test_a_dated_contract_that_is_held_is_there_from_the_start() -> None:
    """The market begins when it is listed, and goes on after its end."""
    position = POSITION.format("BTC/USD:BTC-261225", 70_000)
    made = mandate("okx", "BTC/USDT:USDT", "BTC", position=position)
    aligned, history, _ = open_market(made, None, None, (None, None, DAY_NS))
    assert "okx:BTC/USD:BTC-261225" in aligned.contracts
    assert iso_day(int(aligned.stamp_ns[0])) == "2026-06-20"
    assert history.index["BTC"].end_ns > int(aligned.stamp_ns[0]) + 4 * YEAR_NS


def test_any_time_can_be_asked_for() -> None:
    """Before 2020, after 2024, and beyond five years; with a year before for what looks back."""
    made = mandate("okx", "BTC/USD:BTC")
    for first in (START_NS - YEAR_NS, START_NS, START_NS + 9 * YEAR_NS):
        aligned, history, _ = open_market(made, None, None, (first, first + 30 * DAY_NS, DAY_NS))
        assert int(aligned.stamp_ns[0]) == first
        assert history.index["BTC"].stamps[0] <= first - 300 * DAY_NS
    open_market(made, None, None, (START_NS + DAY_NS, START_NS + 6 * YEAR_NS, DAY_NS))
    with pytest.raises(HistoryError, match="20 years at most, from 2020-01-01 on; end sooner"):
        open_market(made, None, None, (START_NS + DAY_NS, START_NS + 30 * YEAR_NS, DAY_NS))


@pytest.mark.parametrize(
    ("venue", "rule", "before"),
    [("okx", "week", "roll_days = 8.5"), ("bybit", "quarter", "roll_days = 86")],
)
def test_what_is_used_before_the_first_midnight_is_not_needed(
    venue: str, rule: str, before: str
) -> None:
    """A run that begins where its market does begins at midnight, after what rolls before."""
    text = TEXT.format(
        held="BTC = 2", venue=venue, contract=f"BTC/USD:BTC@{rule}", coin="BTC", position=""
    )
    made = parse_mandate(text.replace("}]", f", {before} }}]"))
    aligned, _, _ = open_market(made, None, None, (None, START_NS + 30 * DAY_NS, DAY_NS))
    assert aligned.contracts[0].rpartition("-")[2] in {"200117", "200626"}


def test_what_did_not_exist_then_is_refused() -> None:
    """No market is made up of a contract before it was listed."""
    early = (START_NS + DAY_NS, START_NS + 60 * DAY_NS, None)
    said = "exists from 2022-03-22.* leave --from and --to out, and the made-up market"
    with pytest.raises(ContractError, match=said):
        open_market(mandate("kraken", "BTC/USD:USD"), None, None, early)


def test_prices_begin_near_those_given() -> None:
    """By the options first, then near the entries of positions, then by the table of coins."""
    position = POSITION.format("BTC/USD:BTC", 52_000)
    made = mandate("okx", "BTC/USD:BTC", "BTC", ", ETH = 1", position)
    history, _ = made_up_market(made, OPEN)
    assert opened(history, "BTC", 24) == pytest.approx(52_000.0, rel=1e-9)
    assert opened(history, "ETH") == pytest.approx(2_500.0)
    later = START_NS + 100 * DAY_NS
    asked = MarketChoice(prices={"BTC": 90_000.0})
    history, is_demo = made_up_market(made, (later, later + 9 * DAY_NS), asked)
    assert not is_demo
    assert opened(history, "BTC", 2400) == pytest.approx(90_000.0, rel=1e-9)


def test_a_price_of_what_there_is_not_is_refused() -> None:
    """With the name that was meant, and the coins that there are."""
    made = mandate("okx", "BTC/USD:BTC")
    for name, said in {
        "okx:BTC/USD:BTC": "write --price BTC=NUMBER",
        "BTX": "the mandate has no BTX; its market has BTC",
    }.items():
        with pytest.raises(PriceError, match=re.escape(said)):
            made_up_market(made, OPEN, MarketChoice(prices={name: 1.0}))


def test_contracts_of_ones_own(tmp_path: Path) -> None:
    """Of coins that nobody knows: near ten thousand price steps."""
    own = """
[[contract]]
venue = "mine"
symbol = "1000ABC/USDT:USDT"
payoff = "linear"
multiplier = 1
tick = 0.01
fees = { taker = 0.0005 }
[contract.margin]
tiers = [{ floor = 0, rate = 0.01, max_leverage = 50 }]
"""
    (tmp_path / "own.toml").write_text(own, encoding="utf-8")
    text = TEXT.format(
        held="ABC = 1_000", venue="mine", contract="1000ABC/USDT:USDT", coin="ABC", position=""
    )
    path = tmp_path / "m.toml"
    path.write_text(f'contracts_file = "own.toml"\n{text.lstrip()}', encoding="utf-8")
    history, _ = made_up_market(load_mandate(path), OPEN)
    assert opened(history, "ABC") == pytest.approx(0.1)
    assert history.contracts == ("mine:1000ABC/USDT:USDT",)
