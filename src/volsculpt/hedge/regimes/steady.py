"""What keeps the answer of a framework steady: a fold over what it saw, one look after another.

The ratio passed on changes only when the one seen is farther from it than `hysteresis`; the
condition that is named only when another leads all others by `lead` and the last one has been
named for `min_dwell`. An unknown regime changes neither.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from volsculpt.hedge.regimes.framework import Framework, RegimeAssessment


class RegimeMemory(NamedTuple):
    """The ratio passed on, the condition named and since when, the last look that knew enough.

    Times are ns UTC.
    """

    ratio: float
    named: str
    since_ns: int
    known_ns: int


def followed(
    framework: Framework, memory: RegimeMemory | None, assessment: RegimeAssessment, time_ns: int
) -> RegimeMemory | None:
    """The memory after a look at `time_ns`; as it was where the regime is unknown.

    Worked: hysteresis 0.05, passed on 0.30: a ratio of 0.35 leaves it, 0.36 becomes it.

    Args: memory: before, None at first; assessment: the look; time_ns: ns UTC.
    """
    if assessment.ratio is None:
        return memory
    if memory is None:
        return RegimeMemory(assessment.ratio, leader(assessment.shares)[0], time_ns, time_ns)
    moved = abs(assessment.ratio - memory.ratio) > framework.hysteresis
    ratio = assessment.ratio if moved else memory.ratio
    name, by = leader(assessment.shares)
    waited = time_ns - memory.since_ns >= framework.min_dwell_ns
    if name != memory.named and by >= framework.lead and waited:
        return RegimeMemory(ratio, name, time_ns, time_ns)
    return RegimeMemory(ratio, memory.named, memory.since_ns, time_ns)


def leader(shares: Mapping[str, float]) -> tuple[str, float]:
    """The greatest share, and by how much it leads; of equals the first.

    Worked: range 0.5, bearish 0.2, no regime 0.3 -> range, by 0.2.
    """
    ordered = sorted(shares, key=lambda name: -shares[name])
    return ordered[0], shares[ordered[0]] - shares[ordered[1]]


def memory_of(stored: Mapping[str, Any] | None) -> RegimeMemory | None:
    """A memory again, out of plain values."""
    return None if stored is None else RegimeMemory(**stored)
