"""Desks on paper worlds in virtual time, for tests: a mandate, a ledger in memory, a market."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from tests.trade.papers import market
from tests.trade.plain_terms import plain_terms
from volsculpt.ledger.events import Intended
from volsculpt.ledger.ledger import Ledger, open_ledger
from volsculpt.ledger.store import MemoryStore
from volsculpt.mandate.load import parse_mandate
from volsculpt.mandate.objects import Mandate
from volsculpt.market.align import Aligned
from volsculpt.trade.clock import VirtualClock, run_virtual
from volsculpt.trade.connections import Connections
from volsculpt.trade.desk import Desk
from volsculpt.trade.paper.commands import Commands
from volsculpt.trade.paper.faults import Faults, FaultyVenue
from volsculpt.trade.paper.terms import PaperTerms
from volsculpt.trade.paper.venue import PaperVenue
from volsculpt.trade.paper.world import PaperExchange, Stage, stage_of
from volsculpt.units import HOUR_NS

Answer = TypeVar("Answer")

KEY = "bybit:BTC/USD:BTC"
TEXT = """
version = 1
name = "small"

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
band = { trigger = 0.02, settle = 0.01 }
use = [{ account = "coinm", contract = "BTC/USD:BTC" }]

[[collateral]]
source = ["vault"]
leverage_band = [0.5, 1.0, 1.5, 2.5]
transfer_hours = 1
cost = 0.0002

[limits]
max_leverage = 3.0
max_order_usd = 5_000
"""


def small(text: str = TEXT) -> Mandate:
    """The small mandate, or another text."""
    return parse_mandate(text)


def stage_for(mandate: Mandate, aligned: Aligned | None = None) -> Stage:
    """The paper world of a mandate."""
    on = aligned or market()
    now = int(on.stamp_ns[0])
    legs = [(a, c) for hedge in mandate.hedges for a, c, _ in mandate.legs(hedge, now)]
    return stage_of(mandate.book, legs, on)


@dataclass
class Bench:
    """A world, its venue, a ledger, and the desk on them. `restart` makes a new desk."""

    mandate: Mandate
    world: PaperExchange
    clock: VirtualClock
    store: MemoryStore
    ledger: Ledger
    venue: PaperVenue | FaultyVenue
    desk: Desk

    def restart(self) -> Desk:
        """Kill the desk: what was not synced is gone; a new one on what is left."""
        self.store = self.store.kill()
        self.ledger = open_ledger(self.store)
        self.desk = new_desk(self.mandate, self.ledger, self.venue, self.clock)
        return self.desk

    async def hours(self, count: int) -> None:
        """Steps, one an hour."""
        for _ in range(count):
            await self.clock.sleep_until(self.clock.now_ns() // HOUR_NS * HOUR_NS + HOUR_NS)
            await self.desk.step()


def new_desk(
    mandate: Mandate, ledger: Ledger, venue: PaperVenue | FaultyVenue, clock: VirtualClock
) -> Desk:
    """A desk on one paper venue that also carries coins of cold accounts."""
    names = {one.venue for one in mandate.book.accounts if one.kind == "margin"}
    connections = Connections({name: venue for name in names if name}, carries_cold=True)
    return Desk(mandate, ledger, connections, clock)


def run(
    work: Callable[[Bench], Awaitable[Answer]],
    mandate: Mandate | None = None,
    terms: PaperTerms | None = None,
    faults: Faults | None = None,
    seed: int = 0,
    aligned: Aligned | None = None,
) -> Answer:
    """Run something on a fresh bench in virtual time."""
    asked = mandate or small()
    stage = stage_for(asked, aligned)

    async def main(clock: VirtualClock) -> Answer:
        world = PaperExchange(stage, terms or plain_terms(transfer_delay_ns=HOUR_NS))
        venue: PaperVenue | FaultyVenue = PaperVenue(Commands(world), clock)
        if faults is not None:
            venue = FaultyVenue(venue, clock, faults, seed)
        store = MemoryStore()
        ledger = open_ledger(store)
        desk = new_desk(asked, ledger, venue, clock)
        return await work(Bench(asked, world, clock, store, ledger, venue, desk))

    return run_virtual(stage.feed.stamps[0], main)


def intents(bench: Bench) -> list[Intended]:
    """The orders that the books know, as each was meant, oldest first."""
    return [one.intended for one in bench.ledger.books.orders.values()]
