"""Paper worlds on small synthetic markets, and ways to run against them in virtual time."""

from collections.abc import Awaitable, Callable, Iterable
from functools import cache
from typing import TypeVar

from tests.factories import account, inverse, vault
from volsculpt.book.holdings import Book
from volsculpt.contracts.spec import Contract, Fees
from volsculpt.ledger.events import CashBooked, Filled
from volsculpt.market.align import Aligned, align, clock_of
from volsculpt.market.synthetic import synthetic
from volsculpt.trade.clock import VirtualClock, run_virtual
from volsculpt.trade.paper.terms import PaperTerms
from volsculpt.trade.paper.venue import PaperVenue
from volsculpt.trade.paper.world import PaperExchange, Stage, stage_of
from volsculpt.trade.venue import OrderRequest
from volsculpt.units import HOUR_NS

Answer = TypeVar("Answer")

PERPETUAL = inverse(fees=Fees(maker=0.0001, taker=0.0005))
KEY = PERPETUAL.key
TERMS = PaperTerms()
ENDLESS = PaperTerms(depth=(), half_spread=0.0002, history_ns=1000 * HOUR_NS)
BOOK = Book((vault(BTC=2.0), account("coinm", {"BTC": 1.0})))


@cache
def market(hours: int = 24 * 14, seed: int = 3) -> Aligned:
    """A synthetic market on its hours."""
    history = synthetic(seed, hours).history
    history = history.only([key for key in history.contracts if "-" not in key])
    return align(history, clock_of(history))


def stage(
    book: Book = BOOK,
    contracts: Iterable[Contract] = (PERPETUAL,),
    aligned: Aligned | None = None,
    **other: object,
) -> Stage:
    """A stage of one margin account."""
    legs = [("coinm", contract) for contract in contracts]
    return stage_of(book, legs, aligned or market(), **other)  # type: ignore[arg-type]


def order(
    client_id: str, contracts: float, limit: float | None = None, **flags: bool
) -> OrderRequest:
    """An order for the perpetual."""
    asked = {"reduce_only": False, "post_only": False, "immediate": False} | flags
    return OrderRequest(client_id, "coinm", KEY, contracts, limit, **asked)


Talk = Callable[[PaperVenue, VirtualClock], Awaitable[Answer]]


def talk(
    with_venue: Talk[Answer],
    terms: PaperTerms = TERMS,
    made: Stage | None = None,
) -> Answer:
    """Run a conversation with a fresh paper venue in virtual time from the market's start."""
    on = made or stage()

    async def main(clock: VirtualClock) -> Answer:
        return await with_venue(PaperVenue(PaperExchange(on, terms), clock), clock)

    return run_virtual(on.feed.stamps[0], main)


def hours_on(clock: VirtualClock, hours: float) -> Awaitable[None]:
    """Wait so many hours."""
    return clock.sleep_until(clock.now_ns() + round(hours * HOUR_NS))


def of_account(venue: PaperVenue) -> list[Filled | CashBooked]:
    """Every row of the margin account."""
    return venue.world.holdings.rows["coinm"].rows
