"""Virtual time: exact to the nanosecond, in order, quick, and asyncio's own timeouts run on it."""

import asyncio
import threading

import pytest

from volsculpt.trade.clock import PacedClock, VirtualClock, run_virtual
from volsculpt.units import DAY_NS, SECOND_NS

START_NS = 1_577_840_400_000_000_001


def test_time_jumps_to_who_wakes_first() -> None:
    """Sleepers wake at their very nanosecond; those of one moment in the order they slept."""
    woken: list[tuple[str, int]] = []

    async def sleeper(clock: VirtualClock, name: str, after: int) -> None:
        await clock.sleep_until(START_NS + after)
        woken.append((name, clock.now_ns() - START_NS))

    async def main(clock: VirtualClock) -> int:
        wishes = [("a", 5), ("b", DAY_NS * 365), ("c", 5), ("d", 3), ("e", -9)]
        await asyncio.gather(*(sleeper(clock, *wish) for wish in wishes))
        return clock.now_ns() - START_NS

    assert run_virtual(START_NS, main) == DAY_NS * 365
    assert woken == [("e", 0), ("d", 3), ("a", 5), ("c", 5), ("b", DAY_NS * 365)]


def test_timeouts_run_on_it() -> None:
    """asyncio.timeout and asyncio.sleep wait in the same time, and a sleep cut short is gone."""

    async def main(clock: VirtualClock) -> tuple[int, int]:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(10):
                await clock.sleep_until(START_NS + DAY_NS)
        first = clock.now_ns() - START_NS
        await asyncio.sleep(0.5)
        return first, clock.now_ns() - START_NS

    first, second = run_virtual(START_NS, main)
    assert first == pytest.approx(10 * SECOND_NS, abs=100)
    assert second == pytest.approx(10.5 * SECOND_NS, abs=200)


def test_threads_are_waited_for() -> None:
    """With nobody asleep and a thread at work, time stands still until it is done."""

    async def main(clock: VirtualClock) -> tuple[int, int]:
        gate = threading.Event()
        work = asyncio.get_running_loop().run_in_executor(None, gate.wait, 5.0)
        await clock.sleep_until(START_NS + 7)
        gate.set()
        return int(await work), clock.now_ns() - START_NS

    assert run_virtual(START_NS, main) == (1, 7)


def test_paced_clocks_go_on() -> None:
    """They never go back, a moment that has passed is not waited for, and time is scaled."""

    async def main() -> tuple[int, int]:
        slow, fast = PacedClock(START_NS), PacedClock(START_NS, speed=1e6)
        begun = slow.now_ns()
        await slow.sleep_until(begun - SECOND_NS)
        await slow.sleep_until(begun + 1_000_000)
        await fast.sleep_until(START_NS + 3600 * SECOND_NS)
        return slow.now_ns() - begun, fast.now_ns() - START_NS

    slow, fast = asyncio.run(main())
    assert slow >= 1_000_000
    assert fast >= 3600 * SECOND_NS
    with pytest.raises(ValueError, match="above 0"):
        PacedClock(START_NS, 0.0)
