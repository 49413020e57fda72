"""Coins that accounts keep for withdrawals to come, as a mandate has them."""

from dataclasses import replace

import pytest

from volsculpt.book.holdings import Account, Book, Flow, Wrapped
from volsculpt.mandate.flows import coins_to_keep, dated_flows, flows_from, with_kept
from volsculpt.mandate.load import parse_mandate
from volsculpt.mandate.setup import setup_of
from volsculpt.units import DAY_NS

NOW = 19_800 * DAY_NS  # in 2024
VAULT = Account("vault", "cold", balances={"BTC": 5.0, "ETH": 30.0})
OTHER = Account("other", "spot", balances={"BTC": 1.0})
MARGIN = Account("coinm", "margin", "bybit", balances={"BTC": 1.0})


def flow(coins: float, days: float, account: str = "vault", coin: str = "BTC") -> Flow:
    """A flow so many days from now."""
    return Flow(account, coin, coins, NOW + round(days * DAY_NS))


def kept(*flows: Flow, hold: int = 7, sources: str = "vault other") -> dict[str, dict[str, float]]:
    """What accounts keep now, those that keep nothing left out."""
    book = Book((VAULT, OTHER, MARGIN), flows=flows)
    book = with_kept(book, sources.split(), (NOW - 1, NOW), hold * DAY_NS)
    return {one.name: one.kept for one in book.accounts if any(one.kept.values())}


@pytest.mark.parametrize(
    ("coins", "keeps"),
    [
        ([], 0.0),
        ([-4.0], 4.0),
        ([4.0], 0.0),
        ([0.0], 0.0),
        ([3.0, -2.0], 0.0),
        ([-4.0, 1.0, -2.0], 5.0),
        ([-4.0, 9.0, -2.0], 4.0),
    ],
)
def test_as_much_is_kept_as_must_be_there(coins: list[float], keeps: float) -> None:
    """What comes in before a withdrawal counts, what comes in after it does not."""
    assert coins_to_keep(enumerate(coins)) == keeps


def test_what_leaves_at_a_moment_goes_before_what_comes_then() -> None:
    """A deposit of the same moment may be late."""
    dated = dated_flows([flow(2.0, 1), flow(-1.0, 1)], ("vault", "BTC"), NOW, NOW + DAY_NS)
    assert [coins for _, coins in dated] == [-1.0, 2.0]


def test_each_account_and_coin_keeps_its_own() -> None:
    """Of flows in several places; of the same day all of them."""
    flows = (flow(-2.0, 3), flow(-1.0, 3), flow(-20.0, 5, coin="ETH"), flow(-9.0, 7, "other"))
    assert kept(*flows) == {"vault": {"BTC": 3.0, "ETH": 20.0}, "other": {"BTC": 9.0}}


def test_only_sources_and_only_what_is_near_keep() -> None:
    """No margin account, no account that nothing is moved from, nothing further than the hold."""
    flows = (flow(-2.0, 7), flow(-1.0, 7.1), flow(-1.0, 1, "coinm"), flow(-9.0, 7, "other"))
    assert kept(*flows, sources="vault coinm") == {"vault": {"BTC": 2.0}}
    assert kept(*flows, sources="vault", hold=8) == {"vault": {"BTC": 3.0}}
    assert kept(*flows, hold=0) == {}
    assert kept(flow(-1.0, 0)) == {"vault": {"BTC": 1.0}}  # this moment's is not booked yet
    assert kept(flow(-1.0, -1)) == {}


def test_a_repeated_withdrawal_is_kept_for_each_of_its_dates() -> None:
    """Every two days within a week: three of them. Without a first time from the start on."""
    repeated = Flow("vault", "BTC", -1.0, NOW + DAY_NS, 2 * DAY_NS)
    assert kept(repeated) == {"vault": {"BTC": 4.0}}
    assert kept(repeated, hold=2) == {"vault": {"BTC": 1.0}}


def test_a_wrapped_asset_keeps_nothing() -> None:
    """It is moved nowhere."""
    book = Book((VAULT,), {"ETH": Wrapped("BTC", 1.0)}, flows=(flow(-1.0, 1, coin="ETH"),))
    (vault,) = with_kept(book, ["vault"], (NOW - 1, NOW), DAY_NS * 7).accounts
    assert vault.kept == {}


TEXT = """
version = 1
[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 5 }
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
[[hedge]]
underlying = "BTC"
ratio = 0.5
[[collateral]]
source = ["vault"]
[[flow]]
account = "vault"
currency = "BTC"
amount = -2
every = "5d"
"""


def test_a_week_is_kept_where_nothing_is_said() -> None:
    """A withdrawal every five days, the first five days from now."""
    mandate = parse_mandate(TEXT)
    assert mandate.hold_ns == 7 * DAY_NS
    mandate = replace(mandate, book=replace(mandate.book, flows=flows_from(mandate, NOW)))
    kept_then = [
        setup_of(mandate, NOW + day * DAY_NS).book.accounts[0].kept["BTC"] for day in (0, 3, 5, 6)
    ]
    assert kept_then == [2.0, 4.0, 4.0, 2.0]
    said = TEXT.replace("version = 1", "version = 1\nhold_for_withdrawals = false")
    assert parse_mandate(said).hold_ns == 0
    assert setup_of(parse_mandate(said), NOW).book.accounts[0].kept == {}
