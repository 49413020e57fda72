"""Orders in parts or over time keep their times, whatever happens between: looks, steps, kills."""

import asyncio
from itertools import pairwise

import pytest

from tests.trade.desks import KEY, TEXT, Bench, run, small
from tests.trade.plain_terms import plain_terms
from volsculpt.ledger.events import Alerted
from volsculpt.trade.control.session import Session
from volsculpt.trade.execute.orders import orders_of
from volsculpt.trade.execute.works import adrift
from volsculpt.units import HOUR_NS, MINUTE_NS, SECOND_NS

WHOLE = TEXT.replace("max_order_usd = 5_000", "max_order_usd = 500_000")
SLICES = WHOLE + '[send]\nway = "slices"\nslices = 6\nover = "30m"\n'
LONG = WHOLE + '[send]\nway = "slices"\nslices = 8\nover = "4h"\n'
CHASE = WHOLE + '[send]\nway = "chase"\ntimeout = "20m"\nreprice = "30s"\n'
EVERY = 5 * MINUTE_NS
PLACE = ("coinm", KEY)


async def lives(bench: Bench, *ends_ns: int) -> None:
    """A session after another, each killed at its end but the last, which is stopped then."""
    for end in ends_ns:
        session = Session(bench.desk, bench.clock)
        living = asyncio.ensure_future(session.run())
        await bench.clock.sleep_until(end)
        living.cancel()
        await asyncio.wait({living})
        if end != ends_ns[-1]:
            bench.restart()


def begun_ns(bench: Bench) -> int:
    """When the first order was meant."""
    return next(iter(bench.ledger.books.orders.values())).since_ns


def sent(bench: Bench) -> list[tuple[int, float]]:
    """(ns since the first, contracts) of every order."""
    begun = begun_ns(bench)
    orders = bench.ledger.books.orders.values()
    return [(one.since_ns - begun, one.intended.contracts) for one in orders]


@pytest.mark.parametrize("minutes", [(), (7,), (12,), (7, 12, 22)])
def test_slices_are_sent_at_their_times_killed_or_not(minutes: tuple[int, ...]) -> None:
    """Six parts in half an hour: one each five minutes, of a sixth, never two in one."""

    async def half_an_hour(bench: Bench) -> list[tuple[int, float]]:
        start = bench.clock.now_ns()
        await lives(bench, *(start + one * MINUTE_NS for one in minutes), start + 50 * MINUTE_NS)
        return sent(bench)

    parts = run(half_an_hour, small(SLICES))
    whole = sum(size for _, size in parts)
    assert len(parts) == 6
    for number, (since_ns, size) in enumerate(parts):
        assert abs(since_ns - number * EVERY) <= 10 * SECOND_NS
        assert abs(size - whole / 6) <= 1.0


def test_slices_longer_than_a_step_go_on_through_it() -> None:
    """Eight parts in four hours with a decision each hour: no decision begins them anew."""

    async def hours(bench: Bench) -> list[tuple[int, float]]:
        start = bench.clock.now_ns() // HOUR_NS * HOUR_NS
        await lives(bench, start + 95 * MINUTE_NS, start + 4 * HOUR_NS + 30 * MINUTE_NS)
        return sent(bench)

    parts = run(hours, small(LONG))
    assert len(parts) == 8
    for (before, _), (after, _) in pairwise(parts):
        assert abs(after - before - 30 * MINUTE_NS) <= 20 * SECOND_NS
    largest, least = max(abs(size) for _, size in parts), min(abs(size) for _, size in parts)
    assert largest < 1.2 * least


@pytest.mark.parametrize("minutes", [(), (9,), (3, 15)])
def test_a_chase_crosses_when_its_time_is_up_killed_or_not(minutes: tuple[int, ...]) -> None:
    """Twenty minutes as maker, then the rest at once: not an hour later, and not from the kill."""

    async def an_hour(bench: Bench) -> tuple[list[tuple[int, bool]], float]:
        start = bench.clock.now_ns()
        await lives(bench, *(start + one * MINUTE_NS for one in minutes), start + 50 * MINUTE_NS)
        begun, books = begun_ns(bench), bench.ledger.books
        orders = books.orders.values()
        held = books.positions[PLACE].contracts
        meant = next(iter(orders)).intended.task_contracts
        assert meant is not None
        return [(one.since_ns - begun, one.intended.post_only) for one in orders], held - meant

    orders, off = run(an_hour, small(CHASE), plain_terms(half_spread=0.004))
    crossed = [since_ns for since_ns, is_maker in orders if not is_maker]
    assert abs(off) < 1e-6
    assert len(crossed) == 1
    assert 0 <= crossed[0] - 20 * MINUTE_NS <= 60 * SECOND_NS


def test_an_order_that_rests_unowned_is_cancelled_and_told() -> None:
    """A resting order that no task is behind does not stay at the venue."""

    async def forgotten(bench: Bench) -> tuple[list[str], list[str]]:
        start = bench.clock.now_ns()
        await lives(bench, start + 2 * MINUTE_NS)
        assert bench.ledger.books.slots
        bench.desk.dispatch.works = []
        (client,) = adrift([], bench.ledger.books)
        await bench.desk.tend()
        alerts = [one.event for one in bench.ledger.entries(kinds=("alert",))]
        told = [one.key for one in alerts if isinstance(one, Alerted)]
        return list(bench.ledger.books.slots.values()), [
            key for key in told if key == f"adrift:{client}"
        ]

    alive, told = run(forgotten, small(CHASE), plain_terms(half_spread=0.004))
    assert alive == []
    assert len(told) == 1


def test_a_task_is_left_to_the_next_decision_where_another_hand_traded() -> None:
    """What a venue cut or a person closed is not sent on top of: the task is over."""

    async def cut(bench: Bench) -> tuple[int, int]:
        start = bench.clock.now_ns()
        await lives(bench, start + 7 * MINUTE_NS)
        before = len(bench.ledger.books.orders)
        assert orders_of(bench.desk.dispatch.works[0], bench.ledger.books)
        bench.venue._commands.upset(*PLACE, 0.5, "adl", bench.clock.now_ns())  # type: ignore[union-attr]
        await lives(bench, start + 40 * MINUTE_NS)
        return before, len(bench.ledger.books.orders)

    before, after = run(cut, small(SLICES))
    assert before == after
