"""What of dated flows is income: it enters the accounts, and is not moved between them."""

import pytest

from volsculpt.book.holdings import Account, Book, Flow, Wrapped
from volsculpt.mandate.income import income_between
from volsculpt.mandate.load import parse_mandate
from volsculpt.verbs import plan

Move = tuple[str, str, float, int]
VAULT, LENDER, COLD = "vault", "lender", "cold"


def income(*moves: Move, wrapped: dict[str, Wrapped] | None = None) -> dict[tuple[int, str], float]:
    """(time, coin) -> coins of income, of (account, currency, amount, time) over 100 ns."""
    accounts = tuple(Account(name, "cold") for name in (VAULT, LENDER, COLD))
    flows = tuple(Flow(account, coin, size, at_ns=at) for account, coin, size, at in moves)
    found = dict[tuple[int, str], float]()
    for one in income_between(Book(accounts, wrapped or {}, flows=flows), 0, 100):
        assert one.coins > 0.0
        found[one.time_ns, one.coin] = found.get((one.time_ns, one.coin), 0.0) + one.coins
    return found


@pytest.mark.parametrize(
    ("moves", "coins"),
    [
        ([(LENDER, "BTC", 5.0, 7), (VAULT, "BTC", -5.0, 7)], {}),
        ([(LENDER, "BTC", 6.0, 7), (VAULT, "BTC", -5.0, 7)], {(7, "BTC"): 1.0}),
        ([(LENDER, "BTC", 5.0, 7), (VAULT, "BTC", -2.0, 7), (COLD, "BTC", -3.0, 7)], {}),
        ([(LENDER, "BTC", 2.0, 7), (COLD, "BTC", 3.0, 7), (VAULT, "BTC", -5.0, 7)], {}),
        (
            [(VAULT, "BTC", 3.0, 7), (VAULT, "BTC", -5.0, 7), (LENDER, "BTC", 5.0, 7)],
            {(7, "BTC"): 3.0},
        ),
        ([(VAULT, "BTC", 3.0, 7), (VAULT, "BTC", -3.0, 7)], {(7, "BTC"): 3.0}),
        ([(LENDER, "BTC", 5.0, 7), (VAULT, "BTC", -5.0, 8)], {(7, "BTC"): 5.0}),
        ([(LENDER, "ETH", 5.0, 7), (VAULT, "BTC", -5.0, 7)], {(7, "ETH"): 5.0}),
        ([(VAULT, "BTC", -5.0, 7)], {}),
    ],
)
def test_coins_moved_between_accounts_are_no_income(
    moves: list[Move], coins: dict[tuple[int, str], float]
) -> None:
    """Moved, moved with some more, from two, to two, mined beside it, sold, later, another coin."""
    assert income(*moves) == pytest.approx(coins)


def test_a_wrapped_asset_moved_out_of_its_coin_is_no_income() -> None:
    """Staking: 11 ETH leave the vault and 10 wstETH, worth 11.5 ETH, come: half an ETH is new."""
    wrapped = {"wstETH": Wrapped("ETH", 1.15)}
    found = income((VAULT, "ETH", -11.0, 7), (COLD, "wstETH", 10.0, 7), wrapped=wrapped)
    assert found == pytest.approx({(7, "ETH"): 0.5})


OWED = """
version = 1
hedge_flows = {flows}
flow_horizon = "90d"

[[account]]
name = "vault"
kind = "cold"
balances = {{ BTC = 20 }}

[[account]]
name = "lender"
kind = "loan"
balances = {{ USD = 600_000, BTC = -5 }}

[[account]]
name = "coinm"
kind = "margin"
venue = "binance"
balances = {{ BTC = 6 }}

[[flow]]
account = "lender"
currency = "BTC"
amount = 5
at = 2024-07-01T00:00:00Z

[[flow]]
account = "vault"
currency = "BTC"
amount = -5
at = 2024-07-01T00:00:00Z

[[hedge]]
underlying = "BTC"
ratio = 1.0
use = [
    {{ account = "coinm", contract = "BTC/USD:BTC@quarter" }},
    {{ account = "coinm", contract = "BTC/USD:BTC@next_quarter" }},
    {{ account = "coinm", contract = "BTC/USD:BTC" }},
]
"""


@pytest.mark.parametrize("flows", ["true", '"by date"'])
def test_paying_back_coins_that_are_there_is_no_production(flows: str) -> None:
    """21 BTC of one's own are hedged, with 5 to be paid back out of the vault: 12,600 contracts."""
    made = plan(OWED.format(flows=flows), time_ns="2024-05-20", prices={"BTC": 60_000.0})
    (row,) = (one for one in made.exposure if one.currency == "BTC")
    assert (row.owned_coin, row.coming_coin, row.base_coin) == (21.0, 0.0, 21.0)
    assert sum(one.contracts for one in made.orders) == 12_600.0
    assert all(one.coins == 0.0 for one in made.ladder)


def test_a_loan_that_pays_out_into_the_vault_is_no_production_either() -> None:
    """The other way: 3 BTC are borrowed more, and stand in the vault."""
    text = OWED.replace("amount = 5\n", "amount = -3\n").replace("amount = -5\n", "amount = 3\n")
    mandate = parse_mandate(text.format(flows='"by date"'))
    assert income_between(mandate.book, 0, 2 * 10**18) == []
