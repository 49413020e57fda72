"""Hedging in full, but only once a day or once a week: between, what is held is kept."""

import volsculpt as vs

DAY_NS = 86_400_000_000_000
HOLD = vs.Aim(ratio=None)


def _every(period_ns: int, time_ns: int, memory: object) -> tuple[object, object]:
    """1.0 when a period has gone by since the last time, else hold; the memory is that time."""
    if isinstance(memory, int) and time_ns - memory < period_ns:
        return HOLD, memory
    return 1.0, time_ns


def daily(time_ns: int, features: object, book: object, memory: object) -> tuple[object, object]:
    """To the target once a day."""
    return _every(DAY_NS, time_ns, memory)


def weekly(time_ns: int, features: object, book: object, memory: object) -> tuple[object, object]:
    """To the target once a week."""
    return _every(7 * DAY_NS, time_ns, memory)
