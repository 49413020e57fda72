"""The one clock of trading: time at the pace of ours, time made faster, or time that jumps.

    answer = run_virtual(start_ns, lambda clock: desk(clock))

In virtual time nobody waits: when every task sleeps, the clock jumps to the first that wakes.
Timeouts of asyncio itself run on it too, so code under test needs no other names.
"""

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine
from heapq import heappop, heappush
from typing import Any, Protocol, TypeVar

from volsculpt.units import SECOND_NS

T = TypeVar("T")


class Clock(Protocol):
    """What time it is, and how to wait. ns UTC."""

    def now_ns(self) -> int:
        """The time now."""
        ...

    async def sleep_until(self, ns: int) -> None:
        """Come back at a time, or at once when it has passed."""
        ...


class PacedClock:
    """Time that starts at `start_ns` when it is made and runs `speed` times as fast as ours.

    It stands still while the process does not run: a made-up market waits for its desk.
    """

    def __init__(self, start_ns: int, speed: float = 1.0) -> None:
        if not speed > 0.0:
            raise ValueError(f"a clock runs forward: speed is {speed}, and must be above 0")
        self._start_ns, self._speed = start_ns, speed
        self._begun_ns = time.monotonic_ns()

    def now_ns(self) -> int:
        """The time now."""
        passed = time.monotonic_ns() - self._begun_ns
        return self._start_ns + round(passed * self._speed)

    async def sleep_until(self, ns: int) -> None:
        """Come back at a time, or at once when it has passed."""
        while (left := ns - self.now_ns()) > 0:
            await asyncio.sleep(max(left / self._speed / SECOND_NS, 1e-6))


class VirtualClock:
    """Time that jumps to the next moment anybody waits for. Made by `run_virtual`."""

    def __init__(self, start_ns: int) -> None:
        self._start_ns = self._now_ns = start_ns
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = 0

    def now_ns(self) -> int:
        """The time now."""
        return self._now_ns

    async def sleep_until(self, ns: int) -> None:
        """Come back at a time, or at once, after all that is ready, when it has passed."""
        if ns <= self._now_ns:
            await asyncio.sleep(0)
            return
        wake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heappush(self._waiting, (ns, self._count, wake))
        await wake

    def seconds(self) -> float:
        """Seconds since the start, for the event loop."""
        return (self._now_ns - self._start_ns) / SECOND_NS

    def jump(self, timeout: float | None) -> bool:
        """Go on to who wakes first, at most `timeout` seconds; False when nobody waits."""
        while self._waiting and self._waiting[0][2].done():
            heappop(self._waiting)
        latest = None if timeout is None else self._now_ns + round(timeout * SECOND_NS) + 1
        if self._waiting and (latest is None or self._waiting[0][0] <= latest):
            self._now_ns, _, wake = heappop(self._waiting)
            wake.set_result(None)
            return True
        if latest is None:
            return False
        self._now_ns = latest
        return True


class _JumpingSelector(selectors.DefaultSelector):
    """A selector that moves the clock where another would wait."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> Any:  # noqa: ANN401
        """What is ready now; if nothing may be, time goes on. Threads are waited for."""
        if timeout is not None and timeout <= 0.0:
            return super().select(0)
        ready = super().select(0)
        if ready or self._clock.jump(timeout):
            return ready
        return super().select(timeout)


class _VirtualLoop(asyncio.SelectorEventLoop):
    """asyncio's loop on a virtual clock."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(_JumpingSelector(clock))
        self._virtual = clock

    def time(self) -> float:
        """Seconds of the virtual clock."""
        return self._virtual.seconds()

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Wait for the threads, however long: virtual time would run out before they end.

        timeout: what the runner allows since Python 3.12, in seconds; not kept here.
        """
        await super().shutdown_default_executor()


def run_virtual(start_ns: int, main: Callable[[VirtualClock], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine in time that jumps, from `start_ns` on; its answer.

    Tasks left over are cancelled. Two that wake at the same time wake in the order they fell
    asleep, so the same program runs the same way every time.
    """
    clock = VirtualClock(start_ns)
    with asyncio.Runner(loop_factory=lambda: _VirtualLoop(clock)) as runner:
        return runner.run(main(clock))
