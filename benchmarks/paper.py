"""What a call of the paper venue costs, and an hour of its market. Processor time, in-process.

python benchmarks/paper.py: prints a table of microseconds.
"""

import time
from collections.abc import Awaitable, Callable

from volsculpt.book.holdings import Account, Book
from volsculpt.contracts.catalog import load_catalog
from volsculpt.market.align import align, clock_of
from volsculpt.market.synthetic import synthetic
from volsculpt.trade.clock import VirtualClock, run_virtual
from volsculpt.trade.paper.faults import KINDS, Faults, FaultyVenue
from volsculpt.trade.paper.terms import PaperTerms
from volsculpt.trade.paper.venue import PaperVenue
from volsculpt.trade.paper.world import PaperExchange, Stage, stage_of
from volsculpt.trade.venue import OrderRequest, Venue
from volsculpt.units import HOUR_NS

KEY, ACCOUNT, CALLS, HOURS = "bybit:BTC/USD:BTC", "coinm", 2_000, 200


def stage() -> Stage:
    """Two coins in a vault, one at a venue, and a made-up month."""
    history = synthetic(3, 24 * 30).history.only([KEY])
    accounts = (
        Account("vault", "cold", balances={"BTC": 2.0}),
        Account(ACCOUNT, "margin", "bybit", "cross", {"BTC": 1.0}),
    )
    contract = load_catalog(None).get("bybit", "BTC/USD:BTC")
    return stage_of(Book(accounts), [(ACCOUNT, contract)], align(history, clock_of(history)))


async def timed(name: str, count: int, call: Callable[[int], Awaitable[object]]) -> None:
    """Print the microseconds of one call."""
    begun = time.process_time()
    for number in range(count):
        await call(number)
    spent = (time.process_time() - begun) / count * 1e6
    print(f"{name:<28}{spent:>8.1f} us")


async def measure(clock: VirtualClock, venue: Venue, world: PaperExchange) -> None:
    """Every kind of call, at one moment; then hours that pass with a position held."""

    async def send(number: int) -> object:
        size = 100.0 if number % 2 else -100.0
        request = OrderRequest(f"o{number}", ACCOUNT, KEY, size, None, False, False, True)
        return await venue.send(request)

    async def hour(number: int) -> object:
        await clock.sleep_until(clock.now_ns() + HOUR_NS)
        return await venue.time_ns()

    await clock.sleep_until(clock.now_ns() + HOUR_NS)
    await timed("prices", CALLS, lambda _: venue.prices([KEY]))
    await timed("statement", CALLS, lambda _: venue.statement(ACCOUNT))
    await timed("send, filled at once", CALLS, send)
    await timed("find_order", CALLS, lambda _: venue.find_order(ACCOUNT, "o1"))
    await timed("open_orders", CALLS, lambda _: venue.open_orders(ACCOUNT))
    await timed("happened", CALLS, lambda _: venue.activity(ACCOUNT, str(CALLS)))
    await venue.send(OrderRequest("held", ACCOUNT, KEY, -1000.0, None, False, False, True))
    await timed("an hour of the market", HOURS, hour)
    assert world.holdings.state.contracts[0] == -1000.0


def main() -> None:
    """Measure the venue alone, and under faults that are looked for and never come."""
    made = stage()

    async def plain(clock: VirtualClock) -> None:
        world = PaperExchange(made, PaperTerms(depth=()))
        await measure(clock, PaperVenue(world, clock), world)

    async def faulty(clock: VirtualClock) -> None:
        world = PaperExchange(made, PaperTerms(depth=()))
        never = Faults(**dict.fromkeys(KINDS, 1e-12))
        await measure(clock, FaultyVenue(PaperVenue(world, clock), clock, never, 1), world)

    print("the paper venue")
    run_virtual(made.feed.stamps[0], plain)
    print("\nthe same under faults")
    run_virtual(made.feed.stamps[0], faulty)


if __name__ == "__main__":
    main()
