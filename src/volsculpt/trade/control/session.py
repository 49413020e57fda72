"""A desk over time: a step each `every`, a snapshot while orders are under way."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from volsculpt.errors import LedgerWriteError
from volsculpt.ledger.events import Alerted, Operated
from volsculpt.mandate.desk import next_step_ns
from volsculpt.trade.clock import Clock
from volsculpt.trade.control.operate import operate
from volsculpt.trade.control.wellness import FAILED, Wellness, wellness_of
from volsculpt.trade.desk import Desk, Stepped
from volsculpt.trade.observe.observed import Alert
from volsculpt.units import SECOND_NS

SOONEST_NS = SECOND_NS  # from one look to the next
FOLLOW_MOST_NS = 60 * SECOND_NS  # longest pause between two looks at an order
OnStep = Callable[[Stepped], None]
HEALTH_REMEDY = (
    "whoever watches that file takes it for dead; free space or let it be written, or start the "
    "desk with another"
)
ENDED = "the desk ends here and sends nothing more; what is in the ledger is whole"
CONSOLE_REMEDY = "`volsculpt status` tells what it does; open its terminal or its pipe anew"


@dataclass
class Session:
    """A running desk.

    The first step is at once, then at whole multiples of `every`, so a restart keeps the rhythm.
    until_ns, steps: when to end; None: until `stop`. health: file that is touched with each
    step; what cannot be told, there or by on_step, is an alert. `lock`: one thing at a time, a
    step or what a person asks. failed: the ledger took no more of what a person asked.
    """

    desk: Desk
    clock: Clock
    until_ns: int | None = None
    steps: int | None = None
    on_step: OnStep | None = None
    health: Path | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    failed: LedgerWriteError | None = None

    async def run(self) -> int:
        """Start, step until the end, note the stop; how many steps were made.

        Raises LedgerWriteError, once all who can be told know it: nothing is sent that is not
        written, so a desk ends there.
        """
        try:
            return await self._lived()
        except LedgerWriteError as error:
            ended = LedgerWriteError(f"{error}; {ENDED}")
            await self._tell_end(str(ended))
            raise ended from error

    async def _lived(self) -> int:
        """All steps until the end."""
        async with self.lock:
            await self.desk.start()
        done = 0
        while not self.stopping.is_set() and (self.steps is None or done < self.steps):
            next_ns = self._next_ns()
            if self.until_ns is not None and next_ns > self.until_ns:
                break
            if not await self._wait(next_ns):
                break
            async with self.lock:
                made = await self.desk.step()
            done += 1
            await self._report(made)
        if self.failed is not None:
            raise self.failed
        for _ in range(2):  # that one way failed is told by the others, which may fail too
            await self.desk.channels.settled()
            await self._note_failing()
        await self.desk.channels.settled()
        async with self.lock:
            self.desk.append([Operated("stop")])
        return done

    def stop(self) -> None:
        """End after what is being done."""
        self.stopping.set()

    async def command(self, verb: str, arguments: Mapping[str, Any], who: str) -> str:
        """What a person asks, between steps."""
        async with self.lock:
            try:
                return await operate(self.desk, verb, arguments, who)
            except LedgerWriteError as error:
                self.failed = error
                self.stopping.set()
                raise

    def _next_ns(self) -> int:
        """The next time to decide; a fresh ledger begins at once."""
        if self.desk.ledger.books.last_decision_ns is None and self.desk.last is None:
            return self.clock.now_ns()
        return next_step_ns(self.clock.now_ns(), self.desk.mandate.desk.every_ns)

    async def _wait(self, next_ns: int) -> bool:
        """Follow what is under way until the next step; False when stopped meanwhile.

        What is sent in parts or over time is looked at when it says; an order whose outcome does
        not come after ever longer pauses, the first again once something came.
        """
        pause = follow = self.desk.mandate.desk.follow_ns
        looked = self.clock.now_ns()
        while (due := self.desk.looks_ns(looked, pause)) is not None and due < next_ns:
            if not await self._sleep(max(due, looked + SOONEST_NS)):
                return False
            looked = self.clock.now_ns()
            async with self.lock:
                came = await self.desk.tend()
            pause = follow if came else min(2 * pause, max(follow, FOLLOW_MOST_NS))
        return await self._sleep(next_ns)

    async def _sleep(self, until_ns: int) -> bool:
        """Sleep until a time or until stopped; whether it goes on."""
        sleeping = asyncio.ensure_future(self.clock.sleep_until(until_ns))
        stopping = asyncio.ensure_future(self.stopping.wait())
        await asyncio.wait({sleeping, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (sleeping, stopping):
            task.cancel()
        return not self.stopping.is_set()

    async def _tell_end(self, text: str) -> None:
        """Tell, by every way but the ledger, that the desk ends as it can write no more."""
        now = self.clock.now_ns()
        self._write_health(now, Wellness(FAILED, text))
        end = Alert("ledger:write", "critical", text)
        self.desk.emit([Alerted(end.key, end.level, end.text)], now)
        await self.desk.channels.settled()

    async def _report(self, made: Stepped) -> None:
        """Tell of a step, and that the desk is well; who cannot be told never stops it."""
        self._write_health(made.time_ns, wellness_of(self.desk, self.clock.now_ns()))
        await self._note_failing()
        if self.on_step is not None:
            with self.desk.channels.tried("console", "standard error", CONSOLE_REMEDY):
                self.on_step(made)
            await self._note_failing()

    def _write_health(self, time_ns: int, how: Wellness) -> None:
        """Write the time of a step, and how the desk is, for whoever watches.

        Args: time_ns: ns UTC; how: it is.
        """
        if self.health is None:
            return
        with self.desk.channels.tried("health", f"--health {self.health}", HEALTH_REMEDY):
            self.health.write_text(f"{time_ns}\n{how.text}\n", encoding="utf-8")

    async def _note_failing(self) -> None:
        """Write at once what cannot be told, as the step that follows may be far."""
        if self.desk.channels.failing:
            async with self.lock:
                self.desk.note(self.desk.channels.failing.values())
