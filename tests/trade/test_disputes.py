"""What a venue says of an order is held against what was intended."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.ledger.samples import PERPETUAL, filled, intended
from tests.trade.desks import Bench, intents, new_desk, run
from volsculpt.ledger.booking import book
from volsculpt.ledger.books import Books
from volsculpt.ledger.disputes import against_intent
from volsculpt.ledger.entry import Entry
from volsculpt.ledger.events import Event, Filled, Operated
from volsculpt.trade.control.operate import operate
from volsculpt.trade.venue import OrderReport, OrderRequest, Venue, VenueActivity

OTHER = "bybit:ETH/USD:ETH"
Lie = Callable[[OrderReport], OrderReport]
LIES: dict[str, Lie] = {
    "contract": lambda one: replace(one, contract=OTHER),
    "side": lambda one: replace(one, contracts=-one.contracts),
    "filled on the other side": lambda one: replace(one, filled_contracts=-one.filled_contracts),
    "more": lambda one: replace(one, contracts=2.0 * one.contracts),
    "more filled": lambda one: replace(one, filled_contracts=one.contracts - 1.0),
    "another order": lambda one: replace(one, client_id="other"),
}


class Lying:
    """A venue that says something else of orders, or of fills, while it lies."""

    def __init__(self, venue: Venue, lie: Lie | None = None, times: float = 1.0) -> None:
        self.venue, self.lie, self.times = venue, lie, times

    def __getattr__(self, name: str) -> object:
        return getattr(self.venue, name)

    def _told(self, report: OrderReport) -> OrderReport:
        return report if self.lie is None else self.lie(report)

    async def send(self, request: OrderRequest) -> OrderReport:
        """Sent as it is, told otherwise."""
        return self._told(await self.venue.send(request))

    async def find_order(self, account: str, client_id: str) -> OrderReport | None:
        """The order, told otherwise."""
        found = await self.venue.find_order(account, client_id)
        return None if found is None else self._told(found)

    async def activity(self, account: str, cursor: str | None) -> VenueActivity:
        """Fills of so many times their contracts."""
        found = await self.venue.activity(account, cursor)
        fills = tuple(replace(one, contracts=one.contracts * self.times) for one in found.fills)
        return replace(found, fills=fills)


def disputes(bench: Bench) -> dict[str, str]:
    """Open alerts of the kind, with their levels."""
    alerts = bench.ledger.books.alerts.values()
    return {one.key: one.level for one in alerts if one.key.startswith("dispute:")}


def lying(bench: Bench, lie: Lie | None = None, times: float = 1.0) -> Lying:
    """The bench's desk anew, on a venue that lies."""
    venue = Lying(bench.venue, lie, times)
    bench.desk = new_desk(bench.mandate, bench.ledger, venue, bench.clock)  # type: ignore[arg-type]
    return venue


@pytest.mark.parametrize("lie", LIES)
def test_a_report_against_its_intent_is_told_and_stops_the_slot(lie: str) -> None:
    """Critical at once, and no second order, however long it says so; over with the truth."""

    async def work(bench: Bench) -> None:
        venue = lying(bench, LIES[lie])
        await bench.desk.start()
        await bench.hours(6)
        (sent,) = intents(bench)
        assert disputes(bench) == {f"dispute:{sent.client_id}": "critical"}
        assert not any(one.startswith("order:") for one in bench.ledger.books.alerts)
        assert bench.ledger.books.orders[sent.client_id].alive
        venue.lie = None
        await bench.hours(3)
        assert not disputes(bench)
        assert not bench.ledger.books.orders[sent.client_id].alive

    run(work)


def test_more_filled_than_intended_is_told_and_stops_the_slot() -> None:
    """Its fills are booked, for the venue is the truth; nothing follows until it is accepted."""

    async def work(bench: Bench) -> None:
        venue = lying(bench, times=1.5)
        await bench.desk.start()
        await bench.hours(4)
        (sent,) = intents(bench)
        assert disputes(bench) == {f"dispute:{sent.client_id}": "critical"}
        held = bench.ledger.books.positions["coinm", PERPETUAL].contracts
        assert held == pytest.approx(1.5 * sent.contracts)
        venue.times = 1.0
        await operate(bench.desk, "accept", {}, "ann")
        await bench.hours(2)
        assert not disputes(bench)
        stated = await bench.venue.statement("coinm")
        held = bench.ledger.books.positions["coinm", PERPETUAL].contracts
        assert held == stated.positions[PERPETUAL][0]
        assert len(intents(bench)) > 1

    run(work)


def booked(*events: Event) -> Books:
    """What these add up to."""
    books = Books()
    for n, event in enumerate(events, 1):
        book(books, Entry(n, n, event, ""))
    return books


ORDER = intended("a", contracts=-10_000.0)


def part(lot: str, contracts: float, **other: object) -> Filled:
    """A fill of the order."""
    return filled(lot, contracts, client_id="a", **other)


@pytest.mark.parametrize(
    ("fills", "is_odd"),
    [
        ([part("1", -4_000.0), part("2", -6_000.0)], False),
        ([part("1", -6_000.0), part("2", -6_000.0)], True),
        ([part("1", -6_000.0), part("1", -6_000.0)], False),  # one lot told twice
        ([part("1", 10.0)], True),
        ([part("1", -6_000.0), part("2", 1_000.0)], True),
        ([part("1", -10.0, contract=OTHER)], True),
        ([part("1", -10.0, account="coinm2")], True),
    ],
)
def test_fills_are_held_against_the_intent(fills: list[Filled], is_odd: bool) -> None:
    """Side, contract, account, and how many in all; a person's word ends it."""
    books = booked(ORDER, *fills)
    assert bool(books.disputes) == is_odd
    accepted = Operated("accept", {"account": "coinm"})
    assert not booked(ORDER, *fills, accepted).disputes
    elsewhere = Operated("accept", {"account": "vault"})
    assert bool(booked(ORDER, *fills, elsewhere).disputes) == is_odd


def test_what_is_filled_elsewhere_is_not_counted_to_the_order() -> None:
    """A fill of another contract brings the order no nearer to its end."""
    books = booked(ORDER, part("1", -10.0, contract=OTHER))
    assert books.orders["a"].booked_contracts == 0.0
    assert {OTHER, PERPETUAL} == {key for _, key in books.disputes["a"].legs}


def test_words_say_what_was_told_and_what_was_meant() -> None:
    """Both sizes, with their signs; fewer than intended may be."""
    assert against_intent(ORDER, PERPETUAL, -9_999.0, "filled") is None
    assert against_intent(ORDER, PERPETUAL, 0.0, "filled") is None
    assert against_intent(ORDER, PERPETUAL, -20_000.0, "filled") == (
        f"against its intent: the venue says -20,000 are filled, -10,000 contracts of {PERPETUAL} "
        f"were intended"
    )
