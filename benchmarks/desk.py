"""What the desk costs: quote to durable intent, a year replayed, 500 mandates, a month's memory.

python benchmarks/desk.py [intent | replay | mandates | memory]: prints the figures asked for.
"""

import asyncio
import os
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from volsculpt.decide.step import Decision
from volsculpt.ledger.entry import PostingRow, Row
from volsculpt.ledger.ledger import Ledger, open_ledger
from volsculpt.ledger.store import MemoryStore
from volsculpt.mandate.load import parse_mandate
from volsculpt.mandate.objects import Mandate
from volsculpt.market.synthetic import synthetic
from volsculpt.trade.clock import VirtualClock, run_virtual
from volsculpt.trade.control.replay import replayed
from volsculpt.trade.desk import Desk, Stepped
from volsculpt.trade.observe.assemble import Assembled
from volsculpt.trade.observe.snapshot import Snapshot
from volsculpt.trade.paper.opening import PaperMarket, connect, paper_market
from volsculpt.trade.paper.terms import PaperTerms
from volsculpt.units import HOUR_NS

TEXT = """
version = 1
name = "bench"
[[account]]
name = "vault"
kind = "cold"
balances = {{ BTC = 2.0 }}
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = {{ BTC = 2.5 }}
[[hedge]]
underlying = "BTC"
policy = "fixed"
ratio = 0.6
band = {{ trigger = {band}, settle = 0.0 }}
use = [{{ account = "coinm", contract = "BTC/USD:BTC" }}]
[guard]
max_orders_per_hour = 1000
max_daily_usd = 1e12
"""
Work = Callable[[Desk, VirtualClock], Awaitable[None]]
NO_SPAN = (None, None, None)
MEGABYTE = 1024.0


def mandate(band: float = 0.02) -> Mandate:
    """A mandate that trades seldom, or, with a narrow band, all the time."""
    return parse_mandate(TEXT.format(band=band))


def market(asked: Mandate, hours: int) -> PaperMarket:
    """Its market."""
    return paper_market(asked, synthetic(3, hours).history, None, NO_SPAN)


def with_desk(
    asked: Mandate,
    on: PaperMarket,
    ledger: Ledger,
    work: Callable[[Desk, VirtualClock], Awaitable[None]],
) -> None:
    """Run something with a desk in virtual time."""

    async def main(clock: VirtualClock) -> None:
        desk = Desk(asked, ledger, connect(asked, on, PaperTerms(), clock), clock)
        await desk.start()
        await work(desk, clock)

    run_virtual(on.stamps_ns[0], main)


async def steps(desk: Desk, clock: VirtualClock, count: int) -> None:
    """So many hours."""
    for _ in range(count):
        await clock.sleep_until((clock.now_ns() // HOUR_NS + 1) * HOUR_NS)
        await desk.step()


def at(share: float, values: list[float]) -> float:
    """A quantile, in milliseconds."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] * 1e3


# --- quote to intent -------------------------------------------------------------------------


class Stopwatch:
    """Times a desk from the end of its look to its durable intents, commits apart."""

    def __init__(self, desk: Desk, ledger: Ledger) -> None:
        self.ours: list[float] = []
        self.disk: list[float] = []
        self.commits: list[int] = []
        self._taken, self._written = desk._snapshot, desk._written
        self._commit = ledger.store.commit
        self._begun, self._spent, self._count = 0.0, 0.0, 0
        desk._snapshot, desk._written = self.snapshot, self.write  # type: ignore[method-assign]
        ledger.store.commit = self.commit  # type: ignore[method-assign]

    async def snapshot(self) -> Snapshot:
        """A look; the watch starts at its end."""
        found = await self._taken()
        self._begun, self._spent, self._count = time.perf_counter(), 0.0, 0
        return found

    def commit(
        self, rows: Sequence[Row], documents: Mapping[str, str], postings: Sequence[PostingRow]
    ) -> None:
        """A commit; its time is the disk's."""
        begun = time.perf_counter()
        self._commit(rows, documents, postings)
        self._spent += time.perf_counter() - begun
        self._count += 1

    def write(self, found: Snapshot, assembled: Assembled, decision: Decision) -> Stepped:
        """The intents are durable when it returns."""
        done = self._written(found, assembled, decision)
        took = time.perf_counter() - self._begun
        if done.sent:
            self.ours.append(took - self._spent)
            self.disk.append(self._spent)
            self.commits.append(self._count)
        return done


def intent() -> None:
    """Commits from the look to the durable intent, our time in it, and the disk's beside it."""
    asked = mandate(0.0001)
    on = market(asked, 24 * 45)
    watches: list[Stopwatch] = []
    with tempfile.TemporaryDirectory() as place:
        with open_ledger(Path(place) / "a.ledger") as ledger:

            async def work(desk: Desk, clock: VirtualClock) -> None:
                watches.append(Stopwatch(desk, ledger))
                await steps(desk, clock, 24 * 40)

            with_desk(asked, on, ledger, work)
        watch = watches[0]
        raw = fsyncs(Path(place) / "raw", len(watch.disk))
    print(f"intents measured            {len(watch.ours)}")
    print(f"commits, each one fsync     {min(watch.commits)} to {max(watch.commits)}")
    print(f"ours          p50 {at(0.5, watch.ours):.2f} ms   p99 {at(0.99, watch.ours):.2f} ms")
    print(f"commit        p50 {at(0.5, watch.disk):.2f} ms   p99 {at(0.99, watch.disk):.2f} ms")
    print(f"raw fsync     p50 {at(0.5, raw):.2f} ms   p99 {at(0.99, raw):.2f} ms")


def fsyncs(path: Path, count: int) -> list[float]:
    """Seconds of so many writes of 8 KiB, each synced."""
    found = []
    with path.open("wb") as file:
        for _ in range(count):
            file.write(b"x" * 8192)
            file.flush()
            begun = time.perf_counter()
            os.fsync(file.fileno())
            found.append(time.perf_counter() - begun)
    return found


# --- a year ----------------------------------------------------------------------------------


def replay() -> None:
    """A year of hourly decisions, made and made again."""
    asked = mandate()
    on, ledger = market(asked, 24 * 370), open_ledger(MemoryStore())
    begun = time.perf_counter()
    with_desk(asked, on, ledger, lambda desk, clock: steps(desk, clock, 24 * 365))
    made = time.perf_counter() - begun
    print(f"a year of hourly steps      {made:.1f} s, {made / 8760 * 1e3:.2f} ms each")
    begun = time.perf_counter()
    found = replayed(ledger)
    print(f"replayed as it was          {time.perf_counter() - begun:.1f} s, {found.same} the same")
    begun = time.perf_counter()
    replayed(ledger, mandate(0.05))
    print(f"under another mandate       {time.perf_counter() - begun:.1f} s")


# --- many ------------------------------------------------------------------------------------


def mandates(count: int = 500, hours: int = 6) -> None:
    """So many desks in one process, each with its own ledger file, stepping every hour."""
    asked = mandate()
    on = market(asked, 24 * 10)
    before = resident()

    async def main(clock: VirtualClock) -> None:
        desks = []
        for number in range(count):
            ledger = open_ledger(Path(place) / f"{number}.ledger")
            desks.append(Desk(asked, ledger, connect(asked, on, PaperTerms(), clock), clock))
            await desks[-1].start()
        begun = time.process_time()
        for _ in range(hours):
            await clock.sleep_until((clock.now_ns() // HOUR_NS + 1) * HOUR_NS)
            await asyncio.gather(*(desk.step() for desk in desks))
        spent = (time.process_time() - begun) / hours
        print(f"{count} mandates              {spent:.2f} s of processor an hour of all")
        print(f"memory                      {resident() - before:.0f} MB more than before")

    with tempfile.TemporaryDirectory() as place:
        run_virtual(on.stamps_ns[0], main)


def memory() -> None:
    """Memory over a simulated month of hourly steps on a ledger file."""
    asked = mandate()
    on = market(asked, 24 * 45)

    async def work(desk: Desk, clock: VirtualClock) -> None:
        for day in (1, 10, 20, 30):
            done = {1: 1, 10: 9, 20: 10, 30: 10}[day]
            await steps(desk, clock, 24 * done)
            print(f"memory after day {day:<2}         {resident():.1f} MB")

    with (
        tempfile.TemporaryDirectory() as place,
        open_ledger(Path(place) / "a.ledger") as ledger,
    ):
        with_desk(asked, on, ledger, work)


def resident() -> float:
    """Megabytes in memory now."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * resource.getpagesize() / MEGABYTE / MEGABYTE
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE


PARTS = {"intent": intent, "replay": replay, "mandates": mandates, "memory": memory}

if __name__ == "__main__":
    for name in sys.argv[1:] or PARTS:
        PARTS[name]()
