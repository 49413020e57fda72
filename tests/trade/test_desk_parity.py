"""A week of a market through the backtest and through the desk: the same decisions and fills."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.simulate.plain import plain_run
from tests.trade.desks import small
from tests.trade.plain_terms import plain_terms
from tests.trade.told import told_by_kernel, told_by_ledger
from volsculpt.book.kept import rows_by_wallet
from volsculpt.hedge.stored import features_of
from volsculpt.ledger.events import Decided, Filled
from volsculpt.ledger.ledger import Ledger, open_ledger
from volsculpt.mandate.flows import flows_between, flows_from
from volsculpt.mandate.history import open_market
from volsculpt.mandate.legs_used import legs_at
from volsculpt.mandate.objects import Mandate
from volsculpt.mandate.setup import setup_of
from volsculpt.market.align import Aligned
from volsculpt.market.history import History
from volsculpt.market.synthetic import DEFAULT_COINS, Coin, synthetic
from volsculpt.simulate.backtest import Costs
from volsculpt.simulate.history_run import run_history
from volsculpt.simulate.ran import Ran
from volsculpt.simulate.run_start import RunSpec
from volsculpt.trade.clock import VirtualClock, run_virtual
from volsculpt.trade.control.session import Session
from volsculpt.trade.desk import Desk
from volsculpt.trade.paper.opening import PaperMarket, connect, paper_market
from volsculpt.units import HOUR_NS

WEEK = 24 * 9
COSTS = Costs(half_spread=0.0002, slippage=0.0001)
HEAD = """
version = 1
name = "week"
[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 2.0, ETH = 30.0 }
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = { BTC = 0.5 }
[send]
slippage = 0.2
[guard]
max_orders_per_hour = 1000
max_daily_usd = 1e9
"""
ONE = """
[[hedge]]
underlying = "BTC"
policy = "fixed"
ratio = 0.6
band = { trigger = 0.004, settle = 0.0 }
use = [{ account = "coinm", contract = "BTC/USD:BTC" }]
[[collateral]]
source = ["vault"]
leverage_band = [0.895, 0.9, 1.2, 1.3]
transfer_hours = 1
cost = 0.0002
"""
TWO = """
[[account]]
name = "ethm"
kind = "margin"
venue = "bybit"
balances = { ETH = 20.0 }
[[hedge]]
underlying = "BTC"
policy = "fixed"
ratio = 0.9
base = "wealth"
band = { trigger = 0.004, settle = 0.0 }
use = [
  { account = "coinm", contract = "BTC/USD:BTC" },
  { account = "coinm", contract = "BTC/USD:BTC@quarter" },
]
[[hedge]]
underlying = "ETH"
policy = "fixed"
ratio = 0.5
band = { trigger = 0.004, settle = 0.0 }
use = [{ account = "ethm", contract = "ETH/USD:ETH" }]
[[flow]]
account = "vault"
currency = "BTC"
amount = 0.05
every = "2d"
from = 2020-01-02T12:00:00Z
[limits]
max_leverage = 2.0
max_order_usd = 100_000
"""


def with_own_contract(history: History) -> History:
    """The same with a contract on SOL at another venue, which prices the coin on a desk."""
    bars, paid = history.mark[ELSEWHERE], history.funding[ELSEWHERE]
    here = replace(bars, label=replace(bars.label, venue="binance"))
    rates = replace(paid, label=replace(paid.label, venue="binance"))
    key = here.label.key
    return replace(
        history, mark={**history.mark, key: here}, funding={**history.funding, key: rates}
    )


def in_backtest(mandate: Mandate, aligned: Aligned, history: History, costs: Costs) -> Ran:
    """The week through the simulator."""
    flows = flows_from(mandate, int(aligned.stamp_ns[0]))
    spec = RunSpec(
        setup=setup_of(mandate, int(aligned.stamp_ns[0])),
        legs_at=lambda time_ns: legs_at(mandate, time_ns),
        aligned=aligned,
        costs=costs,
        features=features_of(history, mandate.hedges, aligned.stamp_ns.tolist()),
        flows=lambda from_ns, to_ns: flows_between(flows, from_ns, to_ns),
        allow_missing_funding=True,
    )
    return run_history(spec, plain_run)


def on_the_desk(
    mandate: Mandate, market: PaperMarket, costs: Costs
) -> tuple[np.ndarray, np.ndarray, Ledger]:
    """(contracts, wallets) as the desk saw them at each stamp, and its ledger.

    Coins on their way stand in wallets of their own, after those of the accounts.
    """
    wallets = sum(not one.in_transit for one in market.stage.flat.wallets)
    delay = costs.order_delay_steps * HOUR_NS
    terms = plain_terms(costs.half_spread, costs.slippage, delay)
    held: list[Any] = []
    coins: list[Any] = []
    ledger = open_ledger("memory:")

    async def main(clock: VirtualClock) -> None:
        venues = connect(mandate, market, terms, clock)
        desk = Desk(mandate, ledger, venues, clock, knowledge=market.knowledge())

        def noted(made: Any) -> None:  # noqa: ANN401
            assert made.decision is not None, made.why
            held.append(list(made.decision.flat.state.contracts))
            coins.append(list(made.decision.flat.state.wallet)[:wallets])

        await Session(desk, clock, market.stamps_ns[-1], on_step=noted).run()

    run_virtual(market.stamps_ns[0], main)
    return np.array(held), np.array(coins), ledger


TARGET = """
[[hedge]]
underlying = "BTC"
policy = "vol-target"
volatility = 0.3
half_life = "1d"
band = { trigger = 0.01, settle = 0.0 }
use = [{ account = "coinm", contract = "BTC/USD:BTC" }]
"""
PROXIED = """
[[account]]
name = "ledger"
kind = "cold"
balances = { SOL = 2_000 }
[[account]]
name = "solm"
kind = "margin"
venue = "binance"
balances = { USDT = 5_000 }
[[account.position]]
contract = "SOL/USDT:USDT"
contracts = -100.0
entry = 20.0
[[account]]
name = "ethm"
kind = "margin"
venue = "bybit"
balances = { ETH = 120.0 }
[[hedge]]
underlying = "SOL"
policy = "fixed"
ratio = 0.8
proxy = { ETH = 0.5, BTC = 0.6 }
band = { trigger = 0.004, settle = 0.0 }
use = [
  { account = "coinm", contract = "BTC/USD:BTC" },
  { account = "ethm", contract = "ETH/USD:ETH" },
]
[[hedge]]
underlying = "BTC"
policy = "fixed"
ratio = 0.3
band = { trigger = 0.004, settle = 0.0 }
use = [{ account = "coinm", contract = "BTC/USD:BTC" }]
"""
UNIFIED = """
[[account]]
name = "bank"
kind = "cold"
balances = { USDT = 20_000 }
[[account]]
name = "uni"
kind = "margin"
venue = "bybit"
margin_mode = "unified"
balances = { BTC = 0.05, USDT = 8_000 }
collateral_weights = { BTC = 0.95, USDT = 1 }
[[hedge]]
underlying = "BTC"
policy = "fixed"
ratio = 0.9
base = "wealth"
band = { trigger = 0.004, settle = 0.0 }
use = [{ account = "uni", contract = "BTC/USDT:USDT" }]
[[collateral]]
account = "uni"
source = ["bank"]
currency = "USDT"
transfer_hours = 5
[limits]
max_leverage = 1.5
"""
LENT = """
[[account]]
name = "bank"
kind = "loan"
balances = { BTC = 1.5, ETH = -4.0, USDT = -30_000 }
interest = { USDT = 0.09, ETH = 0.2 }
call_ltv = 0.8
[[account]]
name = "second"
kind = "loan"
balances = { BTC = 0.5, USDT = -5_000 }
interest = { USDT = 0.12 }
[[flow]]
account = "bank"
currency = "USDT"
amount = 10_000
at = 2020-01-06T12:00:00Z
[[flow]]
account = "second"
currency = "USDT"
amount = 1_000
every = "2d"
from = 2020-01-05T00:00:00Z
"""
KEPT = """
[[account]]
name = "second"
kind = "cold"
balances = { BTC = 1.0, ETH = 4.0 }
[[account]]
name = "ethm"
kind = "margin"
venue = "bybit"
balances = { ETH = 2.0 }
[[hedge]]
underlying = "ETH"
policy = "fixed"
ratio = 0.9
band = { trigger = 0.004, settle = 0.0 }
use = [{ account = "ethm", contract = "ETH/USD:ETH" }]
[[collateral]]
account = "ethm"
source = ["second", "vault"]
leverage_band = [0.895, 0.9, 1.2, 1.3]
transfer_hours = 1
cost = 0.0002
[[flow]]
account = "vault"
currency = "BTC"
amount = -1.3
at = 2020-01-05T12:00:00Z
[[flow]]
account = "vault"
currency = "BTC"
amount = 0.2
at = 2020-01-05T12:00:00Z
[[flow]]
account = "vault"
currency = "BTC"
amount = -0.1
every = "36h"
from = 2020-01-04T00:00:00Z
[[flow]]
account = "second"
currency = "ETH"
amount = -3.5
at = 2020-01-07T06:00:00Z
[[flow]]
account = "vault"
currency = "ETH"
amount = -40
at = 2020-01-06T01:00:00Z
"""
FLOWN = """
[[flow]]
account = "coinm"
currency = "BTC"
amount = 0.3
at = 2020-01-04T12:00:00Z
[[flow]]
account = "coinm"
currency = "BTC"
amount = -0.1
at = 2020-01-04T12:00:00Z
[[flow]]
account = "coinm"
currency = "BTC"
amount = -0.05
every = "3d"
from = 2020-01-05T06:00:00Z
"""
TEXTS = [
    HEAD + ONE + FLOWN,
    'hold_for_withdrawals = "5d"\n' + HEAD.lstrip() + ONE.replace("0.6", "0.9") + KEPT,
    HEAD + ONE,
    HEAD + ONE + LENT,
    HEAD + TWO,
    HEAD.replace(", ETH = 30.0", "") + TARGET,
    HEAD + PROXIED,
    HEAD.replace(", ETH = 30.0", "") + UNIFIED,
]
RISING = 46  # a market in which more is lacking while coins are on their way
ELSEWHERE = "bybit:SOL/USDT:USDT"
COINS = (*DEFAULT_COINS, Coin("SOL", 20.0, 1.4))


@pytest.mark.parametrize(
    "text", TEXTS, ids=["flown", "kept", "one", "lent", "two", "target", "proxied", "unified"]
)
@pytest.mark.parametrize("delay", [0, 1])
def test_a_week_is_the_same(text: str, delay: int) -> None:
    """Positions to the contract, wallets to the last digits, at every hour; totals too."""
    coins_made = COINS if "SOL" in text else DEFAULT_COINS
    seed = RISING if "transfer_hours = 5" in text else 5
    mandate, history = small(text), synthetic(seed, WEEK, coins_made).history
    history = with_own_contract(history) if "SOL" in text else history
    costs = Costs(COSTS.half_spread, COSTS.slippage, delay)
    aligned, history, _ = open_market(mandate, history, None, (None, None, None))
    ran = in_backtest(mandate, aligned, history, costs)
    market = paper_market(mandate, history, None, (None, None, None))
    held, coins, ledger = on_the_desk(mandate, market, costs)
    held, coins = held[1:], coins[1:]  # the first decision is on what was there at the start
    steps = len(held)
    assert steps >= 24 * 7
    legs, wallets = held.shape[1], coins.shape[1]
    assert np.array_equal(ran.held.contracts[1 : steps + 1, :legs], held)
    run_coins = ran.held.wallet[1 : steps + 1, :wallets].copy()
    if steps == len(ran.stamp_ns) - 1 and len(ran.interest):
        run_coins[-1] -= ran.interest[-1, :wallets]  # paid at the end, after the desk's last look
    assert np.abs(run_coins - coins).max() < 1e-11
    fills = [one.event for one in ledger.entries(kinds=("fill",))]
    made = [one.event for one in ledger.entries(kinds=("decision",))]
    assert len(made) == steps + 1
    trades = sum(any(one.answer["trade"]) for one in made if isinstance(one, Decided))
    assert trades > (4 if seed == 5 else 2)
    end = int(
        ran.stamp_ns[steps]
    )  # what happens from then on, the desk's last look is too early for
    lists = (told_by_kernel(ran), told_by_ledger(ledger))
    one, other = ([event for event in told if event.stamp_ns < end] for told in lists)
    assert one == other
    interest = sum(event.reason == "interest" for event in one)
    assert interest == (21 if "interest" in text else 0)
    flows = len(list(ledger.entries(kinds=("flow",))))
    assert flows == (8 if KEPT in text else 4 if "[[flow]]" in text else 0)
    if KEPT in text:
        labels = ran.lanes.flat.wallets
        assert sum(one.is_kept for one in labels) == 3
        below = [ran.held.wallet[:, rows].sum(axis=1) for rows in rows_by_wallet(labels).values()]
        assert [float(path.min()) < -1e-9 for path in below].count(True) == 1  # 40 of 30 ETH
    fees = sum(one.fee for one in fills if isinstance(one, Filled))
    assert fees > 0.0
