"""The desk on a paper venue: what it does with what is missing, lost, or there already."""

import asyncio
import math
from dataclasses import replace

import pytest

from tests.trade.desks import KEY, TEXT, Bench, intents, new_desk, run, small
from tests.trade.plain_terms import plain_terms
from volsculpt.errors import LedgerError
from volsculpt.ledger.events import Acknowledged, Filled, Intended, Operated, Refused, Stated
from volsculpt.ledger.ledger import open_ledger
from volsculpt.ledger.store import MemoryStore
from volsculpt.trade.control.operate import operate
from volsculpt.trade.paper.faults import Faults
from volsculpt.trade.venue import NotDone, OrderRequest, OutcomeUnknown
from volsculpt.units import HOUR_NS

SLOT = ("coinm", KEY)

LOOSE = """
[guard]
max_order_usd = 1e9
max_daily_usd = 1e12
"""


def contracts(bench: Bench) -> float:
    """Contracts the venue truly holds."""
    return bench.world.holdings.positions("coinm").get(KEY, (0.0, 0.0))[0]


def levels(bench: Bench) -> dict[str, str]:
    """Open alerts by key."""
    return {key: one.level for key, one in bench.ledger.books.alerts.items()}


def test_a_hedge_is_built_and_kept() -> None:
    """Three orders of at most 5,000 USD, then nothing; books and venue agree."""

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(8)
        books = bench.ledger.books
        assert [one.contracts for one in intents(bench)] == [-5000.0, -5000.0, -2668.0]
        assert books.positions[SLOT].contracts == contracts(bench) == -12668.0
        assert not books.slots
        assert not books.alerts

    run(work)


def test_what_is_not_read_is_not_traded() -> None:
    """A failed balance read is not a balance of 0, and a mark that is no number forces nothing."""
    for fault in ("failed_balance", "missing_balance", "missing_mark", "wrong_mark", "late_rows"):

        async def work(bench: Bench, fault: str = fault) -> None:
            await bench.desk.start()
            await bench.hours(4)
            held, count = contracts(bench), len(bench.ledger.books.orders)
            bench.venue = fault_in(bench, fault)
            await bench.hours(3)
            assert contracts(bench) == held
            assert len(bench.ledger.books.orders) == count
            if fault != "late_rows":  # nothing happened that could come late
                assert levels(bench)

        run(work, mandate=small(TEXT.replace("trigger = 0.02", "trigger = 0.2")))


def fault_in(bench: Bench, kind: str) -> object:
    """The bench's desk, restarted on a venue that always fails in one way."""
    from volsculpt.trade.paper.faults import FaultyVenue

    venue = FaultyVenue(bench.venue, bench.clock, replace(Faults(), **{kind: 1.0}), 1)
    bench.desk = new_desk(bench.mandate, bench.ledger, venue, bench.clock)
    return venue


def test_a_fresh_ledger_adopts_what_the_venue_holds() -> None:
    """A lost ledger does not open a second short: the first is found and taken over."""

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(5)
        held = contracts(bench)
        bench.ledger = open_ledger(MemoryStore())
        bench.desk = new_desk(bench.mandate, bench.ledger, bench.venue, bench.clock)
        await bench.desk.start()
        await bench.hours(2)
        assert contracts(bench) == held
        assert bench.ledger.books.positions[SLOT].contracts == held
        assert not bench.ledger.books.orders
        adopted = [one.event for one in bench.ledger.entries(kinds=("statement",))]
        assert [one.account for one in adopted if isinstance(one, Stated) and one.adopted] == [
            "vault",
            "coinm",
        ]

    run(work)


@pytest.mark.parametrize("reason", ["liquidation", "adl", "trade"])
def test_a_position_lost_behind_the_desk_is_seen_and_told(reason: str) -> None:
    """Liquidated, deleveraged or closed by hand: alerted in the next cycle, then hedged again."""

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(5)
        held = contracts(bench)
        await bench.venue.upset("coinm", KEY, 1.0, reason)  # type: ignore[arg-type]
        assert contracts(bench) == 0.0
        await bench.hours(1)
        assert levels(bench)[f"lost:coinm|{KEY}|{reason}"] == "critical"
        await bench.hours(4)
        assert contracts(bench) == pytest.approx(held, rel=0.05)
        stays = {f"lost:coinm|{KEY}|{reason}"} if reason != "trade" else set()
        assert set(levels(bench)) == stays

    run(work)


def test_a_position_older_than_the_history_is_the_statements() -> None:
    """After a pause longer than the venue keeps fills, its statement is taken, and told."""

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(5)
        held = contracts(bench)
        bench.restart()
        await bench.venue.upset("coinm", KEY, 0.5)
        await bench.clock.sleep_until(bench.clock.now_ns() + 30 * HOUR_NS)
        await bench.desk.start()
        gaps = [one for one in bench.ledger.entries(kinds=("alert",)) if "gap:" in str(one.event)]
        assert gaps
        assert bench.ledger.books.positions[SLOT].contracts == contracts(bench)
        await bench.hours(3)
        assert contracts(bench) == pytest.approx(held, rel=0.05)

    run(work, terms=replace(plain_terms(), history_ns=10 * HOUR_NS))


def test_an_unexplained_difference_blocks_until_it_is_accepted() -> None:
    """Coins that came from nowhere are told, nothing is traded, and an operator takes them over."""

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(1)
        count = len(bench.ledger.books.orders)
        bench.world.holdings.move("coinm", "BTC", 0.25)
        await bench.hours(2)
        assert levels(bench)["balance:coinm|BTC"] == "critical"
        assert len(bench.ledger.books.orders) == count
        assert "coinm" in await operate(bench.desk, "accept", {}, "me")
        await bench.hours(2)
        assert not levels(bench)
        assert len(bench.ledger.books.orders) > count

    run(work)


class Silent:
    """A venue that carries out the first order and says nothing, then hides it for a while."""

    def __init__(self, venue: object, hidden: int, lost: bool = False) -> None:
        self.venue, self.hidden, self.lost = venue, hidden, lost
        self.sent: list[str] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self.venue, name)

    async def send(self, request: OrderRequest) -> object:
        """The first one ends unknown."""
        self.sent.append(request.client_id)
        if len(self.sent) > 1:
            return await self.venue.send(request)  # type: ignore[attr-defined]
        if not self.lost:
            await self.venue.send(request)  # type: ignore[attr-defined]
        raise OutcomeUnknown("no answer")

    async def find_order(self, account: str, client_id: str) -> object:
        """Not there, for a while."""
        self.hidden -= 1
        if self.hidden >= 0:
            return None
        return await self.venue.find_order(account, client_id)  # type: ignore[attr-defined]


@pytest.mark.parametrize("lost", [False, True])
def test_an_unknown_order_is_looked_up_and_never_sent_again(lost: bool) -> None:
    """Its slot stays taken until the venue has it, or it can no longer arrive."""

    async def work(bench: Bench) -> None:
        venue = Silent(bench.venue, hidden=0, lost=lost)
        bench.desk = new_desk(bench.mandate, bench.ledger, venue, bench.clock)  # type: ignore[arg-type]
        await bench.desk.start()
        await bench.hours(1)
        first = venue.sent[0]
        order = bench.ledger.books.orders[first]
        assert (order.state, order.outcome) == (
            ("unknown", "unknown") if lost else ("done", "filled")
        )
        await bench.hours(1)
        assert bench.ledger.books.orders[first].outcome == ("absent" if lost else "filled")
        await bench.hours(4)
        assert len(venue.sent) == len(set(venue.sent))
        assert contracts(bench) == bench.ledger.books.positions[SLOT].contracts

    run(work)


def test_a_slot_stays_taken_while_its_order_may_still_arrive() -> None:
    """Within its validity an order that is nowhere blocks its leg."""

    async def work(bench: Bench) -> None:
        venue = Silent(bench.venue, hidden=99, lost=True)
        bench.desk = new_desk(bench.mandate, bench.ledger, venue, bench.clock)  # type: ignore[arg-type]
        await bench.desk.start()
        await bench.hours(1)
        await bench.clock.sleep_until(bench.clock.now_ns() + 30 * 10**9)
        await bench.desk.step()
        assert len(venue.sent) == 1
        assert bench.ledger.books.slots[SLOT] == venue.sent[0]
        await bench.clock.sleep_until(bench.clock.now_ns() + 40 * 10**9)
        await bench.desk.step()
        await bench.desk.step()
        assert len(venue.sent) > 1

    run(work)


def test_a_kill_between_intent_and_sending_is_found_out() -> None:
    """What was intended and never sent is looked up after the restart, then given up."""

    async def work(bench: Bench) -> None:
        class Gone(Exception):
            pass

        async def die(request: OrderRequest) -> object:
            raise Gone

        await bench.desk.start()
        bench.venue.send = die  # type: ignore[method-assign,assignment]
        with pytest.raises(Gone):
            await bench.hours(1)
        del bench.venue.send  # type: ignore[method-assign]
        assert list(bench.ledger.books.slots) == [SLOT]
        desk = bench.restart()
        await desk.start()
        assert list(bench.ledger.books.slots) == [SLOT]
        await bench.hours(5)
        told = [one.event for one in bench.ledger.entries(kinds=("acknowledgement",))]
        assert isinstance(told[0], Acknowledged)
        assert told[0].outcome == "absent"
        assert contracts(bench) == bench.ledger.books.positions[SLOT].contracts < -12_000

    run(work)


def test_flatten_closes_in_parts_what_is_more_than_a_market_order() -> None:
    """Bybit takes 25,000,000 contracts with a price and 5,000,000 at market."""
    large = TEXT.replace("BTC = 2.0", "BTC = 1_500.0").replace("BTC = 1.0", "BTC = 900.0")
    large = large.replace("max_order_usd = 5_000", "") + LOOSE

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(3)
        held = contracts(bench)
        assert held < -5_000_000
        said = await operate(bench.desk, "flatten", {"confirmed": True}, "me")
        parts = math.ceil(-held / 5_000_000)
        assert said == f"{parts} closing orders sent, paused; nothing is left open"
        assert contracts(bench) == 0.0
        sent = [one for one in intents(bench) if one.limit_price is None]
        assert [one.contracts for one in sent[:-1]] == [5_000_000.0] * (parts - 1)

    run(work, small(large))


def test_pause_resume_override_and_flatten() -> None:
    """What a person asks holds from the next step on, and is in the ledger."""

    async def work(bench: Bench) -> None:
        desk = bench.desk
        await desk.start()
        await operate(desk, "pause", {}, "me")
        await bench.hours(2)
        assert contracts(bench) == 0.0
        await operate(desk, "resume", {}, "me")
        await bench.hours(4)
        assert contracts(bench) < -12_000
        until = bench.clock.now_ns() + 6 * HOUR_NS
        await operate(desk, "override", {"ratio": 0.2, "until_ns": until, "note": "vote"}, "me")
        await bench.hours(5)
        assert desk.last is not None
        assert desk.last.decision is not None
        assert desk.last.decision.aims[0].ratio == 0.2
        assert -6_000 < contracts(bench) < -3_000
        await bench.hours(5)
        assert contracts(bench) < -12_000
        with pytest.raises(LedgerError, match="confirm"):
            await operate(desk, "flatten", {}, "me")
        assert "nothing is left open" in await operate(desk, "flatten", {"confirmed": True}, "me")
        assert contracts(bench) == 0.0
        await bench.hours(2)
        assert contracts(bench) == 0.0
        done = [one.event.action for one in bench.ledger.entries(kinds=("operator",))]  # type: ignore[union-attr]
        assert done == "start pause resume override pause flatten".split()

    run(work)


def test_the_guard_refuses_and_says_why() -> None:
    """An order over the guard's limit is not sent, and stands in the ledger with its reason."""
    text = TEXT + "[guard]\nmax_order_usd = 1_000\n"

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(2)
        assert contracts(bench) == 0.0
        refused = [one.event for one in bench.ledger.entries(kinds=("refusal",))]
        assert isinstance(refused[0], Refused)
        assert refused[0].rule == "size"
        assert levels(bench) == {f"guard:coinm|{KEY}|size": "warning"}

    run(work, mandate=small(text))


def test_a_refused_order_is_final() -> None:
    """What the venue certainly did not take frees its slot at once."""

    async def work(bench: Bench) -> None:
        async def refuse(request: OrderRequest) -> object:
            raise NotDone("not now")

        await bench.desk.start()
        bench.venue.send = refuse  # type: ignore[method-assign,assignment]
        await bench.hours(1)
        assert not bench.ledger.books.slots
        del bench.venue.send  # type: ignore[method-assign]
        await bench.hours(5)
        assert contracts(bench) < -12_000

    run(work)


def test_intents_are_on_disk_before_anything_leaves() -> None:
    """When an order reaches the venue its intent is in the ledger already."""

    async def work(bench: Bench) -> None:
        seen: list[bool] = []
        send = bench.venue.send

        async def watched(request: OrderRequest) -> object:
            ids = [row.body for row in bench.store.rows(1, ("intent",))]
            seen.append(any(request.client_id in body for body in ids))
            return await send(request)

        await bench.desk.start()
        bench.venue.send = watched  # type: ignore[method-assign,assignment]
        await bench.hours(3)
        assert seen == [True, True, True]
        kinds = [type(one.event) for one in bench.ledger.entries(kinds=("intent", "fill"))]
        assert kinds == [Intended, Filled] * 3

    run(work)


def test_a_second_start_notes_what_the_mandate_changed() -> None:
    """Coins of a cold account that the owner changed in the file are booked as a flow."""

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        bench.mandate = small(TEXT.replace("{ BTC = 2.0 }", "{ BTC = 2.5 }"))
        await bench.restart().start()
        assert bench.ledger.books.balances["vault", "BTC"] == 2.5
        assert len(list(bench.ledger.entries(kinds=("flow",)))) == 1
        assert isinstance(next(bench.ledger.entries(kinds=("operator",))).event, Operated)

    run(work)


def test_virtual_time_waits_for_nobody() -> None:
    """A venue that never answers counts as missing after the time-out, and nothing hangs."""

    async def work(bench: Bench) -> None:
        async def never(account: str) -> object:
            await asyncio.sleep(10**6)
            return None

        await bench.desk.start()
        await bench.hours(4)
        held = contracts(bench)
        bench.venue.statement = never  # type: ignore[method-assign,assignment]
        await bench.hours(1)
        assert contracts(bench) == held
        assert levels(bench)["read:coinm"] == "warning"

    run(work)
