"""How events, overrides and limits change a ratio, in the order the design gives."""

from volsculpt.compilable import compilable

AT_LEAST = 0
AT_MOST = 1
SET = 2
MODE_CODE = {"at_least": AT_LEAST, "at_most": AT_MOST, "set": SET}


@compilable
def bounded(ratio: float, mode: int, bound: float) -> float:
    """One event on a ratio: at_least max, at_most min, set replace."""
    if mode == AT_LEAST:
        return max(ratio, bound)
    if mode == AT_MOST:
        return min(ratio, bound)
    return bound


@compilable
def clamped(ratio: float, lowest: float, highest: float) -> float:
    """The ratio within [lowest, highest]. Worked: 1.2 within [0, 1] is 1.0."""
    return min(highest, max(lowest, ratio))


@compilable
def in_force(time_ns: int, from_ns: int, to_ns: int) -> int:
    """1 inside the half-open interval [from_ns, to_ns)."""
    return 1 if from_ns <= time_ns < to_ns else 0
