"""What happened is one list: the same mandate over the same prices as a backtest and on the desk.

Whole lists of events are compared, of books in which what is rare happens: a liquidation, orders
that a venue refuses, a contract that is rolled, one that is held until it is delivered, several
coins in several accounts with top-ups and flows. `told.py` says what of the two lists differs by
its nature. Loans, proxies, unified accounts and withdrawals are those of `test_desk_parity.py`,
which compares the same lists.
"""

from collections import Counter

import pytest

from tests.trade.desks import small
from tests.trade.plain_terms import plain_terms
from tests.trade.test_desk_parity import COSTS, HEAD, WEEK, in_backtest
from tests.trade.told import Compared, check_same, told_by_kernel, told_by_ledger, until
from volsculpt.ledger.ledger import Ledger, open_ledger
from volsculpt.mandate.history import RunSpan, open_market
from volsculpt.mandate.objects import Mandate
from volsculpt.market.synthetic import synthetic
from volsculpt.market.times import run_span
from volsculpt.simulate.backtest import Costs
from volsculpt.trade.clock import VirtualClock, run_virtual
from volsculpt.trade.control.session import Session
from volsculpt.trade.desk import Desk, Stepped
from volsculpt.trade.paper.opening import PaperMarket, connect, paper_market
from volsculpt.units import HOUR_NS

RISKY = """
max_leverage = 200
min_liquidation_distance = 1e-6
[[hedge]]
underlying = "BTC"
policy = "fixed"
ratio = 0.9
band = { trigger = 0.004, settle = 0.0 }
use = [{ account = "coinm", contract = "BTC/USD:BTC" }]
"""
DATED = """
[[account]]
name = "ethm"
kind = "margin"
venue = "bybit"
balances = { ETH = 8.0 }
[[hedge]]
underlying = "BTC"
policy = "fixed"
ratio = 0.6
band = { trigger = 0.004, settle = 0.0 }
use = [{ account = "coinm", contract = "BTC/USD:BTC@quarter", roll_days = ROLL }]
[[hedge]]
underlying = "ETH"
policy = "fixed"
ratio = 0.5
band = { trigger = 0.004, settle = 0.0 }
use = [{ account = "ethm", contract = "ETH/USD:ETH" }]
[[collateral]]
source = ["vault"]
leverage_band = [0.895, 0.9, 1.2, 1.3]
transfer_hours = 2
cost = 0.0002
[[flow]]
account = "vault"
currency = "BTC"
amount = 0.05
every = "2d"
from = 2020-03-21T12:00:00Z
[[flow]]
account = "vault"
currency = "BTC"
amount = -0.05
at = 2020-03-25T12:00:00Z
[[flow]]
account = "ethm"
currency = "ETH"
amount = 1.5
at = 2020-03-24T05:00:00Z
"""
WHOLE: RunSpan = (None, None, None)
QUARTER = run_span("2020-03-20", "2020-03-30", HOUR_NS)  # the first contract ends on the 27th
DAYS = 24 * 100


def risky(coins: float) -> str:
    """A short of nearly all coins, on so few as margin."""
    return HEAD.replace("BTC = 0.5", f"BTC = {coins}") + RISKY


def dated(roll_days: int) -> str:
    """Two coins, one hedged by a contract that is rolled so long before it ends."""
    return HEAD + DATED.replace("ROLL", str(roll_days))


# name -> mandate, hours and seed of its market, span, delay of orders, what must be told
BOOKS: dict[str, tuple[str, int, int, RunSpan, int, set[str]]] = {
    "liquidated": (risky(0.04), WEEK, 6, WHOLE, 0, {"liquidation", "insurance", "filled"}),
    "liquidated late": (risky(0.01), WEEK, 2, WHOLE, 1, {"liquidation", "insurance"}),
    "refused": (risky(0.015), WEEK, 1, WHOLE, 1, {"rejected", "cancelled", "filled"}),
    "rolled": (dated(3), DAYS, 5, QUARTER, 0, {"roll", "sent", "arrived", "flow", "funding"}),
    "rolled late": (dated(3), DAYS, 5, QUARTER, 1, {"roll", "sent", "arrived", "flow"}),
    "delivered": (dated(0), DAYS, 5, QUARTER, 0, {"delivery", "sent", "arrived", "flow"}),
}


def ledger_of(mandate: Mandate, market: PaperMarket, costs: Costs) -> tuple[Ledger, int]:
    """(the ledger of a desk that went through a market, the time of its last step)."""
    terms = plain_terms(costs.half_spread, costs.slippage, costs.order_delay_steps * HOUR_NS)
    ledger, steps = open_ledger("memory:"), list[int]()

    async def main(clock: VirtualClock) -> None:
        venues = connect(mandate, market, terms, clock)
        desk = Desk(mandate, ledger, venues, clock, knowledge=market.knowledge())

        def noted(made: Stepped) -> None:
            assert made.decision is not None, made.why
            steps.append(made.time_ns)

        await Session(desk, clock, market.stamps_ns[-1], on_step=noted).run()

    run_virtual(market.stamps_ns[0], main)
    return ledger, steps[-1]


def what(event: Compared) -> list[str]:
    """What an event is, in one word or several."""
    return [event.kind, *(one.strip("'") for one in event.exact)]


@pytest.mark.parametrize("name", BOOKS)
def test_a_backtest_and_a_desk_tell_one_list(name: str) -> None:
    """Every event until the desk's last look, at the same time and with the same figures."""
    text, hours, seed, span, delay, wanted = BOOKS[name]
    mandate, history = small(text), synthetic(seed, hours).history
    costs = Costs(COSTS.half_spread, COSTS.slippage, delay)
    aligned, history, _ = open_market(mandate, history, None, span)
    ran = in_backtest(mandate, aligned, history, costs)
    ledger, end = ledger_of(mandate, paper_market(mandate, history, None, span), costs)
    one, other = until(told_by_kernel(ran), end), until(told_by_ledger(ledger), end)
    check_same(one, other)
    assert wanted <= {word for event in one for word in what(event)}
    told = Counter(event.kind for event in one)
    assert told["intended"] - told["acknowledged"] in (0, 1, 2)  # under way at the end
    assert not list(ledger.entries(kinds=("refusal",)))  # the guard let all pass: a run has none
