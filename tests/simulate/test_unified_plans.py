"""Coins that a collateral plan moves to a unified account: a plan and a backtest answer alike."""

from pathlib import Path

import numpy as np
import pytest

import volsculpt as vs
from tests.market.made import BTC, LINEAR, USDT
from tests.simulate.histories import bars_of
from tests.simulate.stores import FULL, VAULT, funded, run, stored, written
from volsculpt.market.series import Label

ACCOUNT = (
    '[[account]]\nname = "uta"\nkind = "margin"\nvenue = "bybit"\nmargin_mode = "unified"\n'
    "balances = {{ {} }}\ncollateral_weights = {{ {} }}\n"
)
USE = 'use = "linear perpetual"\n'
PLAN = '[[collateral]]\nsource = ["vault"]\ncurrency = "{}"\nleverage_band = [1.5, 2, 2, 2.5]\n'
DOLLARS = "USDT = 12_000.0"


@pytest.mark.parametrize(
    ("balances", "weights", "plans", "moved"),
    [
        (DOLLARS, "USDT = 1.0", ("BTC", "USDT"), {"USDT"}),
        (DOLLARS, "USDT = 1.0", ("BTC",), set()),
        (f"{DOLLARS}, BTC = 0.0", "USDT = 1.0, BTC = 0.9", ("BTC",), {"BTC"}),
        (DOLLARS, "USDT = 1.0, BTC = 0.9", ("BTC", "USDT"), {"BTC"}),
        (DOLLARS, "USDT = 1.0, ETH = 0.9", ("ETH",), set()),
    ],
    ids=["no weight", "no weight at all", "listed as none", "not listed", "nowhere"],
)
def test_what_moves_has_a_weight_and_needs_no_balance(
    tmp_path: Path, balances: str, weights: str, plans: tuple[str, ...], moved: set[str]
) -> None:
    """Only a coin with a stated weight counts as margin, so only that is moved there."""
    closes = np.linspace(60_000.0, 80_000.0, 10 * 24)
    rates = Label("bybit", "BTC/USDT:USDT", "funding", "USDT", "made by hand")
    prices = [bars_of(BTC, closes), bars_of(LINEAR, closes), bars_of(USDT, np.ones(len(closes)))]
    store = stored(tmp_path, [*prices, funded(rates, len(closes), 0.0)])
    text = VAULT.format("BTC = 3.0, USDT = 500_000.0") + ACCOUNT.format(balances, weights)
    text += FULL + USE + "".join(PLAN.format(coin) for coin in plans)
    planned = vs.plan(written(tmp_path, text), prices={"BTC": 60_000.0})
    assert {row.currency for row in planned.transfers} == moved
    assert {one.currency for one in run(store, text, 5).events.transfers} == moved
