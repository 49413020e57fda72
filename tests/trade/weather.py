"""The weather of a storm: two mandates, a market, chances of every fault, kills, a witness."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np

from tests.trade.desks import small
from volsculpt.mandate.objects import Mandate
from volsculpt.market.synthetic import synthetic
from volsculpt.trade.paper.faults import KINDS, Faults
from volsculpt.trade.paper.opening import paper_market
from volsculpt.trade.paper.terms import PaperTerms
from volsculpt.trade.paper.venue import PaperVenue
from volsculpt.trade.paper.world import Stage
from volsculpt.trade.venue import OrderReport, OrderRequest
from volsculpt.units import HOUR_NS, SECOND_NS

SKEW_NS = 5 * SECOND_NS
NO_SPAN = (None, None, None)

ONE = """
version = 1
name = "one"
[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 2.0 }
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = { BTC = 1.0 }
[[hedge]]
underlying = "BTC"
policy = "fixed"
ratio = 0.6
band = { trigger = 0.03, settle = 0.01 }
use = [{ account = "coinm", contract = "BTC/USD:BTC" }]
[[collateral]]
source = ["vault"]
leverage_band = [0.5, 1.0, 1.5, 2.5]
transfer_hours = 1
cost = 0.0002
[limits]
max_leverage = 3.0
max_order_usd = 16_000
"""
TWO = """
version = 1
name = "two"
[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 2.0, ETH = 60.0 }
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = { BTC = 0.4 }
[[account]]
name = "ethm"
kind = "margin"
venue = "bybit"
margin_mode = "isolated"
leverage = 2.0
balances = { ETH = 40.0 }
[[hedge]]
underlying = "BTC"
policy = "fixed"
ratio = 0.8
band = { trigger = 0.04, settle = 0.02 }
use = [
  { account = "coinm", contract = "BTC/USD:BTC" },
  { account = "coinm", contract = "BTC/USD:BTC@quarter" },
]
[[hedge]]
underlying = "ETH"
policy = "fixed"
ratio = 0.5
base = "coins"
coins = 60.0
band = { trigger = 0.04, settle = 0.02 }
use = [{ account = "ethm", contract = "ETH/USD:ETH" }]
[limits]
max_leverage = 4.0
max_order_usd = 16_000
"""
TEXTS = (ONE, TWO)


class Violation(AssertionError):
    """An invariant does not hold."""


class Killed(BaseException):
    """The process is gone, in the middle of whatever it did."""


@dataclass
class Fate:
    """When the process is killed: at commits and around requests, by chance, until it is calm."""

    random: np.random.Generator
    rate: float
    is_on: bool = True
    count: int = 0
    task: asyncio.Task[Any] | None = None

    def strike(self, moment: str = "") -> None:
        """Kill, perhaps; a request that is only late belongs to no process."""
        if not self.is_on or asyncio.current_task() is not self.task:
            return
        if self.random.random() < self.rate:
            self.count += 1
            raise Killed


@dataclass
class Watched:
    """The venue below all faults: every order that reaches it is judged against the ledger."""

    venue: PaperVenue
    fate: Fate
    judge: Callable[[OrderRequest], None]
    name: str = "bybit"
    known: set[str] = field(default_factory=set)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Everything else is the venue's own."""
        return getattr(self.venue, name)

    async def send(self, request: OrderRequest) -> OrderReport:
        """Judge an order that is new, and pass it on."""
        self.fate.strike()
        if request.client_id not in self.known:
            self.judge(request)
            self.known.add(request.client_id)
        report = await self.venue.send(request)
        self.fate.strike()
        return report

    async def transfer(self, *given: Any) -> Any:  # noqa: ANN401
        """A transfer, killed before or after, perhaps."""
        self.fate.strike()
        report = await self.venue.transfer(*given)
        self.fate.strike()
        return report


@cache
def scene(which: int, seed: int) -> tuple[Mandate, Stage]:
    """A mandate and its market."""
    mandate = small(TEXTS[which])
    return mandate, paper_market(mandate, synthetic(seed, 72).history, None, NO_SPAN).stage


def chances(random: np.random.Generator) -> Faults:
    """Rates of every kind of fault, some of them none."""
    rates = {kind: float(random.choice([0.0, 0.02, 0.05, 0.12])) for kind in KINDS}
    rates["outage"] /= 10.0
    rates["rate_limited"] /= 5.0
    rates["failed_read"] /= 4.0
    return replace(Faults(), **rates, skew_ns=SKEW_NS)


def terms_of(random: np.random.Generator) -> PaperTerms:
    """How the venue behaves that day."""
    latency = int(random.choice([0, 0, 2, 400, 5_000]))
    return PaperTerms(
        order_latency_ns=latency * SECOND_NS,
        answer_latency_ns=int(random.choice([0, 0, SECOND_NS // 5])),
        transfer_delay_ns=HOUR_NS,
        transfer_cost=0.0002,
        transfer_fail_rate=float(random.choice([0.0, 0.2])),
        adl_move=float(random.choice([0.0, 0.01])) or None,
        checks_margin=False,
        seed=int(random.integers(1 << 30)),
    )
