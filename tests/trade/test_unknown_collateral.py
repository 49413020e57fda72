"""A coin without a price behind a unified account: what stands on it is left alone, not cut."""

from pathlib import Path

import pytest

from volsculpt.decide.build import source_assets
from volsculpt.decide.step import Decision, decide
from volsculpt.ledger.books import Books
from volsculpt.mandate.load import parse_mandate
from volsculpt.mandate.objects import Mandate
from volsculpt.mandate.setup import setup_of
from volsculpt.market.quotes import Quotes
from volsculpt.trade.connections import Contracts
from volsculpt.trade.execute.collateral import moves_of
from volsculpt.trade.observe.assemble import LastPrices, assemble
from volsculpt.trade.observe.observed import Observation
from volsculpt.trade.venue import VenuePrice

NOW = 1_716_163_200_000_000_000
KEY = "binance:ETH/USDT:USDT"
TEXT = """version = 1
name = "m"
[[account]]
name = "vault"
kind = "cold"
balances = { ETH = 10, USDT = 100_000 }
[[account]]
name = "u"
kind = "margin"
venue = "binance"
margin_mode = "unified"
balances = { USDT = 5_000, BTC = 1 }
collateral_weights = { USDT = 1, BTC = 0.95 }
[[account.position]]
contract = "ETH/USDT:USDT"
contracts = -10
entry = 3_000
[[hedge]]
underlying = "ETH"
ratio = 1.0
use = [{ account = "u", contract = "ETH/USDT:USDT" }]
[limits]
max_leverage = 3
[[collateral]]
source = ["vault"]
account = "u"
currency = "USDT"
"""
PRICE = VenuePrice(KEY, 3_000.0, 3_000.0, None, None, NOW, 0.0, 1.0, 1.0)


def decided(text: str, stored: dict[str, float]) -> tuple[Decision, tuple[str, ...]]:
    """The decision of a desk that sees ETH and USDT, and what it lacks."""
    mandate: Mandate = parse_mandate(text, Path("m.toml"))
    seen = Observation(NOW, {KEY: PRICE}, stored=stored)
    made = assemble(mandate, Books(), seen, {}, LastPrices(), Contracts(mandate))
    return decide(made.setup, made.quotes, NOW), made.why


@pytest.mark.parametrize("coins", ["1", "-0.01"])
def test_nothing_is_traded_or_moved_on_a_margin_that_is_not_known(coins: str) -> None:
    """30,000 USD short on 5,000 USDT and a BTC: 6x if it counted for nothing, 0.5x as it is."""
    dark, why = decided(TEXT.replace("BTC = 1 }", f"BTC = {coins} }}"), {})
    assert (list(dark.answer.trade), moves_of(dark, Books())) == ([0.0], [])
    assert "no fresh price of BTC" in why


def test_a_coin_that_backs_nothing_may_be_unknown() -> None:
    """Of weight 0 while it is owned: then the leverage is 6x, and it is cut."""
    text = TEXT.replace("BTC = 0.95", "BTC = 0.0")
    made, _ = decided(text, {})
    assert made.answer.trade[0] > 0.0


def test_with_its_price_it_is_margin() -> None:
    """Nothing is cut, and what is spare goes back."""
    made, why = decided(TEXT, {"BTC": 60_000.0})
    assert list(made.answer.trade) == [0.0]
    assert made.answer.top_up[0] == pytest.approx(-5_000.0)
    assert why == ()


SOURCE = """version = 1
name = "m"
[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 0.1 }
[[account]]
name = "usdm"
kind = "margin"
venue = "bybit"
balances = { USDT = 60_000 }
[[account.position]]
contract = "BTC/USDT:USDT"
contracts = -0.1
entry = 60_000
[[hedge]]
underlying = "BTC"
ratio = 1.0
use = [{ account = "usdm", contract = "BTC/USDT:USDT" }]
[[collateral]]
source = ["vault"]
"""


@pytest.mark.parametrize("held", ["", ", USDT = 0", ", USDT = 0.01"])
def test_a_source_without_coins_is_a_place_to_give_back_to(held: str) -> None:
    """However little it holds: its row is there, and what is spare is sent to it."""
    mandate = parse_mandate(SOURCE.replace("BTC = 0.1 }", f"BTC = 0.1{held} }}"), Path("m.toml"))
    made = decide(setup_of(mandate, NOW), Quotes(NOW, {"BTC": 60_000.0, "USDT": 1.0}), NOW)
    (group,) = range(len(made.flat.groups))
    assert made.answer.top_up[group] < -40_000.0
    assert made.rules.source_to[group] - made.rules.source_from[group] == 1


def test_places_are_those_of_the_plans_own_coins() -> None:
    """Of what contracts settle in, or of the currency a plan names if it is in the book."""
    for line, wanted in (
        ("", [("vault", "USDT")]),
        ('currency = "BTC"\n', [("vault", "BTC")]),
        ('currency = "ADA"\n', []),
    ):
        mandate = parse_mandate(f"{SOURCE}{line}", Path("m.toml"))
        found = source_assets(mandate.book, mandate.collateral, ())
        assert found == wanted, line
