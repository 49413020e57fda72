"""Withdrawals that are known: told before coins for them are moved away as margin."""

from pathlib import Path

import numpy as np
import pytest

import volsculpt as vs
from tests.market.made import START_NS
from tests.simulate.plain import plainly
from tests.simulate.stores import perpetual, written
from volsculpt.ledger.books import Books
from volsculpt.trade.control.urgent import urgent
from volsculpt.units import DAY_NS, iso
from volsculpt.verbs import decision, load, plan

OWNER = """
[[account]]
name = "vault"
kind = "cold"
balances = {{ BTC = {} }}
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = {{}}
[[hedge]]
underlying = "BTC"
ratio = 1.0
[[collateral]]
source = ["vault"]
transfer_hours = 1
cost = 0.0
"""
FLOW = '[[flow]]\naccount = "vault"\ncurrency = "BTC"\namount = {}\nat = {}\n'
NOW_NS = START_NS + 2 * DAY_NS


def text(held: float, *flows: tuple[float, int]) -> str:
    """A mandate with flows: coins, days from now."""
    dated = (FLOW.format(coins, iso(NOW_NS + days * DAY_NS)) for coins, days in flows)
    return OWNER.format(held) + "".join(dated)


def told(mandate: str) -> list[str]:
    """The warnings of a plan that speak of a withdrawal."""
    made = plan(f"version = 1\n{mandate}", time_ns=NOW_NS, prices={"BTC": 60_000.0})
    return [one for one in made.warnings if one.startswith("short_withdrawal")]


@pytest.mark.parametrize(
    ("held", "flows", "lacks"),
    [
        (5.0, [(-4.0, 3)], "4 BTC are to leave it on 2024-01-06 00:00 UTC, and 0.6695 BTC"),
        (5.0, [(-3.0, 3)], None),  # 3.3 are left
        (
            5.0,
            [(-2.0, 3), (-2.0, 9)],
            "2 BTC are to leave it on 2024-01-12 00:00 UTC, and 0.6695 BTC",
        ),
        (5.0, [(2.0, 2), (-4.0, 3)], None),  # what comes in before counts
        (5.0, [(-4.0, 40)], None),  # too far away to be told
        (5.0, [], None),
    ],
)
def test_a_withdrawal_without_coins_is_told(
    held: float, flows: list[tuple[float, int]], lacks: str | None
) -> None:
    """A third of what is owned goes to the exchange; the rest may not be enough."""
    found = told(text(held, *flows))
    assert len(found) == (0 if lacks is None else 1)
    assert all(lacks is not None and lacks in one for one in found)


def test_a_desk_is_alerted(tmp_path: Path) -> None:
    """In the same words, under a key of the account and the coin."""
    store = perpetual(tmp_path, np.full(24 * 9, 60_000.0))
    made = decision(load(written(tmp_path, text(5.0, (-4.0, 3)))), at=NOW_NS, data=store)
    alerts = [one for one in urgent(made, Books(), True, {}, set(), 0) if "withdrawal" in one.key]
    assert [one.key for one in alerts] == ["withdrawal:vault|BTC"]
    assert alerts[0].text in told(text(5.0, (-4.0, 3)))[0]


@pytest.mark.parametrize(("coins", "is_short"), [(-4.0, True), (-3.0, False)])
def test_a_run_says_which_account_fell_below_zero(
    tmp_path: Path, coins: float, is_short: bool
) -> None:
    """From when, and by how much."""
    store = perpetual(tmp_path, np.full(24 * 9, 60_000.0))
    path = written(tmp_path, text(5.0, (coins, 3)))
    with plainly():
        made = vs.backtest(path, data=store, from_ns=NOW_NS, to_ns=NOW_NS + 5 * DAY_NS, draws=0)
    found = [one for one in made.warnings if one.startswith("short_withdrawal")]
    assert len(found) == int(is_short)
    assert all("vault was below zero from 2024-01-06" in one for one in found)
