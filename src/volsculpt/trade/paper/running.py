"""A desk on a paper venue, from start to stop: the market, the clock, the ledger, the session."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from volsculpt.errors import HistoryError, MandateError
from volsculpt.ledger.ledger import Ledger, open_ledger
from volsculpt.mandate.objects import Mandate
from volsculpt.text import moment
from volsculpt.trade.clock import Clock, PacedClock, run_virtual
from volsculpt.trade.control.control_socket import Control, socket_path
from volsculpt.trade.control.notify import Notifier
from volsculpt.trade.control.session import OnStep, Session
from volsculpt.trade.desk import Desk, Stepped
from volsculpt.trade.paper.faults import Faults, FaultyVenue
from volsculpt.trade.paper.kinship import check_kinship
from volsculpt.trade.paper.opening import PaperMarket, connect, with_bars
from volsculpt.trade.paper.takeover import as_begun
from volsculpt.trade.paper.terms import PaperTerms
from volsculpt.trade.venue import Venue
from volsculpt.units import iso

SOME_TROUBLE = Faults(
    lost_request=0.02,
    lost_answer=0.02,
    rejected=0.02,
    cut=0.02,
    failed_read=0.01,
    missing_mark=0.01,
    late_rows=0.02,
    outage=0.002,
)
MEMORY = "memory:"


class Watcher(Protocol):
    """Who looks on."""

    def ready(self, desk: Desk) -> None:
        """The desk is about to start."""
        ...

    def stepped(self, made: Stepped) -> None:
        """A step was made."""
        ...

    def stopped(self, desk: Desk) -> None:
        """The desk has stopped; its ledger is still open."""
        ...


@dataclass(slots=True)
class Last:
    """Looks on in silence, and takes down how the desk stands when it has stopped.

    read_status: read of the desk while its ledger is still open; status: what it gave.
    """

    read_status: Callable[[Desk], dict[str, Any]]
    status: dict[str, Any] = field(default_factory=dict)

    def ready(self, desk: Desk) -> None:
        """Nothing to do."""

    def stepped(self, made: Stepped) -> None:
        """Nothing to do."""

    def stopped(self, desk: Desk) -> None:
        """The desk is asked once."""
        self.status = self.read_status(desk)


@dataclass(frozen=True, slots=True)
class PaperRun:
    """What is asked of a paper run. speed None: as fast as it goes; 1.0: real time.

    ledger: a path or an address; beside a file stand its journal, socket and kill switch.
    """

    ledger: str
    terms: PaperTerms = field(default_factory=PaperTerms)
    speed: float | None = None
    steps: int | None = None
    until_ns: int | None = None
    trouble_seed: int | None = None
    metrics_port: int | None = None
    health: Path | None = None

    @property
    def file(self) -> Path | None:
        """The ledger's file; None for memory or a database server."""
        return None if "://" in self.ledger or self.ledger == MEMORY else Path(self.ledger)

    @property
    def journal(self) -> Path | None:
        """What the paper venue was asked; None where nothing of it is kept."""
        return beside(self.file, "venue") if self.file is not None else None

    def as_begun(self, mandate: Mandate) -> Mandate:
        """The mandate that the market is opened for: with what the venue could trade before."""
        return as_begun(mandate, self.journal)


def beside(file: Path, what: str) -> Path:
    """A file that goes with a ledger. Worked: the kill of a.ledger is a.ledger.kill."""
    return file.with_name(f"{file.name}.{what}")


def run_paper(
    mandate: Mandate,
    market: PaperMarket,
    run: PaperRun,
    watcher: Watcher | None = None,
) -> int:
    """Run a desk on paper until its market ends, or as long as asked; how many steps it made.

    A ledger that exists is gone on with. Raises LedgerError (in use, broken, older than the venue's
    journal or not of it), VenueError (the journal is of another market), MandateError (it sweeps
    funding, which is only backtested), HistoryError (it is to stop before it begins).

    Args: watcher: told of each step, where given.
    """
    if mandate.book.sweeps:
        raise MandateError(
            "[[sweep]]: a desk does not sweep funding; leave the table out, and funding stays "
            "in its margin account"
        )
    need_later(run.until_ns, market.stamps_ns[0], "the market of this run begins at")
    with open_ledger(run.ledger) as ledger:
        begin = max(market.stamps_ns[0], last_ns(ledger))
        need_later(run.until_ns, begin, f"the ledger {run.ledger} has got to")

        async def main(clock: Clock) -> int:
            desk = opened(mandate, market, run, ledger, clock)
            with closing(desk.connections):
                if watcher is None:
                    return await attended(desk, clock, market, run, None)
                watcher.ready(desk)
                done = await attended(desk, clock, market, run, watcher.stepped)
                watcher.stopped(desk)
                return done

        if run.speed is None:
            return run_virtual(begin, main)
        return asyncio.run(main(PacedClock(begin, run.speed)))


def need_later(until_ns: int | None, begin_ns: int, what: str) -> None:
    """Raise HistoryError where a run is to stop before it begins, or went on to already.

    Args: until_ns, begin_ns: ns UTC; what: begins then, as the sentence starts.
    """
    if until_ns is not None and until_ns < begin_ns:
        raise HistoryError(
            f"--until {moment(iso(until_ns))}: {what} {moment(iso(begin_ns))}, so no step would be "
            f"made; name a later time"
        )


def last_ns(ledger: Ledger) -> int:
    """When the last event of a ledger was written; 0 for an empty one."""
    seq = ledger.head[0]
    return next(ledger.entries(seq)).time_ns if seq else 0


def opened(
    mandate: Mandate, market: PaperMarket, run: PaperRun, ledger: Ledger, clock: Clock
) -> Desk:
    """The desk on its paper venues; a fast one tells only what it is asked.

    Args: clock: the desk's and the venues'.
    """
    file, journal = run.file, run.journal
    wrapped: Callable[[Venue], Venue] | None = None
    if run.trouble_seed is not None:
        seed = run.trouble_seed
        wrapped = lambda venue: FaultyVenue(venue, clock, SOME_TROUBLE, seed)  # noqa: E731
    if journal is not None:
        check_kinship(journal, ledger)
    connections = connect(mandate, market, run.terms, clock, journal, wrapped)
    notifier = Notifier(mandate.name, mandate.desk)
    switch = kill_file(mandate, file)
    bars = with_bars(mandate, market)
    desk = Desk(bars, ledger, connections, clock, notifier.emit, switch, market.knowledge())
    desk.channels = notifier.channels
    return desk


def kill_file(mandate: Mandate, ledger: Path | None) -> Path | None:
    """The kill switch: the mandate's own file, else the one beside the ledger."""
    if mandate.guard.kill_file is not None:
        folder = mandate.path.parent if mandate.path is not None else Path()
        return folder / mandate.guard.kill_file
    return beside(ledger, "kill") if ledger is not None else None


async def attended(
    desk: Desk, clock: Clock, market: PaperMarket, run: PaperRun, on_step: OnStep | None
) -> int:
    """The session of a desk, with its socket and metrics; signals stop it in order.

    Args: on_step: called after each step, where given.
    """
    end = market.stamps_ns[-1] - 1  # at the last stamp the market is over
    until = end if run.until_ns is None else min(end, run.until_ns)
    session = Session(desk, clock, until, run.steps, on_step, run.health)
    async with AsyncExitStack() as stack:
        if run.file is not None:
            await stack.enter_async_context(Control(session, socket_path(run.file)))
        if run.metrics_port is not None:
            from volsculpt.trade.control.metrics import Metrics  # its library loads in 0.1 s

            await stack.enter_async_context(Metrics(desk, run.metrics_port))
        await stack.enter_async_context(stopped_by_signals(session))
        return await session.run()


@asynccontextmanager
async def stopped_by_signals(session: Session) -> AsyncIterator[None]:
    """SIGINT and SIGTERM end a session after what is being done."""
    loop = asyncio.get_running_loop()
    with suppress(RuntimeError, ValueError):
        for one in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(one, session.stop)
    try:
        yield
    finally:
        with suppress(RuntimeError, ValueError):
            for one in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(one)
