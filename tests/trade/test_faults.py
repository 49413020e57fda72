"""Each fault happens, alone, from its seed, and only those that should touch the truth do."""

import asyncio
import math
from collections import Counter
from dataclasses import replace

import pytest

from tests.trade.papers import BOOK, KEY, hours_on, order, stage
from volsculpt.errors import VenueError
from volsculpt.ledger.events import Filled
from volsculpt.trade.clock import VirtualClock, run_virtual
from volsculpt.trade.paper.faults import KINDS, Faults, FaultyVenue
from volsculpt.trade.paper.terms import PaperTerms
from volsculpt.trade.paper.venue import PaperVenue
from volsculpt.trade.paper.world import PaperExchange
from volsculpt.trade.venue import NotDone, OutcomeUnknown
from volsculpt.units import SECOND_NS

TERMS = PaperTerms(depth=())
TOUCHES_THE_TRUTH = {
    "lost_request",
    "late_request",
    "rejected",
    "cut",
    "transfer_refused",
    "outage",
    "rate_limited",
    "closed_behind",
    "delayed_answer",
}
Told = list[tuple[str, object]]


async def day(venue: FaultyVenue, clock: VirtualClock) -> Told:
    """A day that asks everything every hour; every answer, or the name of the error."""
    told: Told = []
    cursor: str | None = None

    async def ask(what: str, call: object) -> object:
        try:
            answer: object = await call  # type: ignore[misc]
        except VenueError as error:
            answer = type(error).__name__
        told.append((what, answer))
        return answer

    for hour in range(24):
        await hours_on(clock, 1)
        await ask("time", venue.time_ns())
        await ask("prices", venue.prices([KEY]))
        await ask("statement", venue.statement("coinm"))
        await ask("send", venue.send(order(f"o{hour}", -200.0)))
        await ask("rest", venue.send(order(f"r{hour}", -10.0, 9_999.9)))
        await ask("open", venue.open_orders("coinm"))
        await ask("find", venue.find_order("coinm", f"o{hour}"))
        await ask("cancel", venue.cancel("coinm", f"r{hour}"))
        await ask("transfer", venue.transfer(f"t{hour}", "vault", "coinm", "BTC", 0.01))
        await ask("find transfer", venue.find_transfer(f"t{hour}"))
        rows = await ask("happened", venue.activity("coinm", cursor))
        cursor = getattr(rows, "cursor", cursor)
        await ask("everything", venue.activity("coinm", None))
    return told


def ran(faults: Faults, seed: int = 1) -> tuple[Told, Counter[str], PaperExchange]:
    """A day with faults, what came of the dice, and the world afterwards."""
    on = stage(BOOK)

    async def main(clock: VirtualClock) -> tuple[Told, Counter[str], PaperExchange]:
        world = PaperExchange(on, TERMS)
        venue = FaultyVenue(PaperVenue(world, clock), clock, faults, seed)
        told = await day(venue, clock)
        await hours_on(clock, 2)
        world.pass_time(clock.now_ns())
        return told, venue.dice.counts, world

    return run_virtual(on.feed.stamps[0], main)


def truth(world: PaperExchange) -> tuple[object, object]:
    """What the accounts really hold, and every row."""
    rows = {name: kept.rows for name, kept in world.holdings.rows.items()}
    return list(world.holdings.state.wallet), rows


CALM = ran(Faults())


@pytest.mark.parametrize("kind", KINDS)
def test_each_fault_happens(kind: str) -> None:
    """At one call in three it shows in the answers; the truth changes only where it should."""
    told, activity, world = ran(Faults(**{kind: 1 / 3}))
    assert set(activity) == {kind}
    assert activity[kind] > 0
    differs = repr(told) != repr(CALM[0])
    assert differs == (kind != "doubled_request")
    if kind not in TOUCHES_THE_TRUTH:
        assert truth(world) == truth(CALM[2])


def test_the_seed_is_everything() -> None:
    """Same seed, same day to the last bit; another seed, another day."""
    storm = Faults(**dict.fromkeys(KINDS, 0.05))
    one, other = ran(storm, 5), ran(storm, 6)
    again = ran(storm, 5)
    assert repr(one[0]) == repr(again[0])
    assert truth(one[2]) == truth(again[2])
    assert repr(one[0]) != repr(other[0])


def test_kinds_do_not_disturb_each_other() -> None:
    """Raising one rate leaves when another falls where it was, per call it can befall."""
    alone = ran(Faults(failed_balance=0.3))[1]["failed_balance"]
    both = ran(Faults(failed_balance=0.3, missing_mark=0.5))[1]["failed_balance"]
    assert alone == both


def test_a_lost_answer_is_a_done_order() -> None:
    """Nobody knows, and it is there; a lost request is not, and a late one comes later."""

    def sent(faults: Faults) -> tuple[object, object]:
        async def main(clock: VirtualClock) -> tuple[object, object]:
            venue = FaultyVenue(PaperVenue(PaperExchange(on, TERMS), clock), clock, faults, 1)
            await hours_on(clock, 1)
            with pytest.raises(OutcomeUnknown):
                await venue.send(order("a", -100.0))
            now = await venue.find_order("coinm", "a")
            await clock.sleep_until(clock.now_ns() + 31 * SECOND_NS)
            return now, await venue.find_order("coinm", "a")

        on = stage(BOOK)
        return run_virtual(on.feed.stamps[0], main)

    assert None not in sent(Faults(lost_answer=1.0))
    assert sent(Faults(lost_request=1.0)) == (None, None)
    now, later = sent(Faults(late_request=1.0))
    assert now is None
    assert later is not None


def test_an_order_is_hidden_only_while_it_is_young() -> None:
    """What is not there after late_ns never was: the desk may take that for final."""

    async def main(clock: VirtualClock) -> tuple[object, object]:
        faults = Faults(hidden_order=1.0)
        venue = FaultyVenue(PaperVenue(PaperExchange(on, TERMS), clock), clock, faults, 1)
        await hours_on(clock, 1)
        await venue.send(order("a", -100.0))
        young = await venue.find_order("coinm", "a")
        await clock.sleep_until(clock.now_ns() + faults.late_ns)
        return young, await venue.find_order("coinm", "a")

    on = stage(BOOK)
    young, old = run_virtual(on.feed.stamps[0], main)
    assert young is None
    assert old is not None


def test_a_cut_order_tells_what_it_was_asked_for() -> None:
    """Of 201 the venue fills 100 and cancels the rest, and every later look says the same."""

    async def main(clock: VirtualClock) -> None:
        venue = FaultyVenue(PaperVenue(PaperExchange(on, TERMS), clock), clock, Faults(cut=1.0), 1)
        await hours_on(clock, 1)
        told = await venue.send(order("a", -201.0))
        assert (told.contracts, told.filled_contracts, told.outcome) == (
            -201.0,
            -100.0,
            "cancelled",
        )
        assert await venue.find_order("coinm", "a") == told
        assert await venue.send(order("a", -201.0)) == told
        assert (await venue.statement("coinm")).positions[KEY][0] == -100.0

    on = stage(BOOK)
    run_virtual(on.feed.stamps[0], main)


@pytest.mark.parametrize("doubled", [0.0, 0.4])
def test_rows_repeat_and_move_but_none_is_lost(doubled: float) -> None:
    """Doubled, reordered and late rows: following the cursor still meets every row."""
    faults = Faults(doubled_rows=doubled, reordered_rows=0.4, late_rows=0.4, failed_read=0.2)
    on = stage(BOOK)

    async def main(clock: VirtualClock) -> tuple[set[str], set[str], int]:
        world = PaperExchange(on, TERMS)
        venue = FaultyVenue(PaperVenue(world, clock), clock, faults, 3)
        cursor, met, seen = None, set(), 0
        for hour in range(60):
            await hours_on(clock, 1)
            if hour < 40:
                await venue.venue.send(order(f"o{hour}", -20.0))
            try:
                rows = await venue.activity("coinm", cursor)
            except NotDone:
                continue
            cursor, seen = rows.cursor, seen + len(rows.fills)
            met |= {row.lot_id for row in rows.fills} | {row.cash_id for row in rows.cash}
        there = {
            row.lot_id if isinstance(row, Filled) else row.cash_id
            for row in world.holdings.rows["coinm"].rows
        }
        return met, there, seen

    met, there, seen = run_virtual(on.feed.stamps[0], main)
    assert met == there
    assert (seen > 40) == (doubled > 0.0)


def test_skew_moves_every_stamp_alike() -> None:
    """A clock that is off is off in every answer, by the same amount."""
    told, _, world = ran(Faults(skew_ns=40 * SECOND_NS), 2)
    plain = dict(CALM[0])
    skew = dict(told)["time"] - plain["time"]  # type: ignore[operator]
    assert 0 < abs(skew) <= 40 * SECOND_NS
    for what in ("statement", "find", "find transfer"):
        shown, true = dict(told)[what], plain[what]
        assert shown == replace(true, stamp_ns=true.stamp_ns + skew)  # type: ignore[attr-defined,type-var]
    assert truth(world) == truth(CALM[2])


def test_a_venue_calms_down() -> None:
    """In the middle of an outage, with everything failing: from then on it only answers."""

    async def main(clock: VirtualClock) -> tuple[int, int]:
        faults = Faults(outage=1.0, failed_read=1.0, skew_ns=40 * SECOND_NS)
        venue = FaultyVenue(PaperVenue(PaperExchange(on, TERMS), clock), clock, faults, 2)
        with pytest.raises(NotDone):
            await venue.time_ns()
        venue.end_faults()
        assert (await venue.statement("coinm")).positions == {}
        return await venue.time_ns() - clock.now_ns(), venue.dice.skew_ns

    on = stage(BOOK)
    off, skew = run_virtual(on.feed.stamps[0], main)
    assert off == skew != 0


def test_wrong_marks_are_not_numbers() -> None:
    """What is shown instead of a mark can be told from one."""

    async def main(clock: VirtualClock) -> None:
        plain = PaperVenue(PaperExchange(on, TERMS), clock)
        venue = FaultyVenue(plain, clock, Faults(wrong_mark=1.0), 1)
        (seen,) = await venue.prices([KEY])
        assert math.isnan(seen.mark)
        venue = FaultyVenue(plain, clock, Faults(missing_mark=1.0), 1)
        assert list(await venue.prices([KEY])) == []
        stale = FaultyVenue(plain, clock, Faults(stale_price=1.0), 1)
        first = await stale.prices([KEY])
        await asyncio.sleep(3600)
        assert list(await stale.prices([KEY])) == list(first)

    on = stage(BOOK)
    run_virtual(on.feed.stamps[0], main)
