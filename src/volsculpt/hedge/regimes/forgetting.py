"""Whether what a framework's fold remembers still depends on where it was begun.

Beside the fold runs the set of all memories it could have, whatever it had before its first look:
an interval of the ratio passed on, and of each condition that may be named an interval of since
when. Each look maps the set as it maps a memory. Once one memory is left, every fold that was begun
earlier has it too.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

from volsculpt.hedge.regimes.framework import Framework, RegimeAssessment
from volsculpt.hedge.regimes.steady import leader

MARGIN = 1e-12  # wider than any rounding of a ratio


class Possible(NamedTuple):
    """Memories that hold all that may be: ratios [low, high], names with since [first, last], ns.

    Worked: a look that sees 0.30 after nothing, hysteresis 0.05: ratios [0.25, 0.35].
    """

    low: float
    high: float
    names: Mapping[str, tuple[float, float]]

    @property
    def is_one(self) -> bool:
        """Whether it is a single memory."""
        ((first, last),) = self.names.values() if len(self.names) == 1 else [(0.0, 1.0)]
        return self.low == self.high and first == last


def narrowed(
    framework: Framework, before: Possible | None, assessment: RegimeAssessment, time_ns: int
) -> Possible | None:
    """The memories that are possible after a look; as they were where the regime is unknown.

    Args: before: None: any memory, and none; assessment: the look; time_ns: ns UTC.
    """
    if assessment.ratio is None:
        return before
    if before is None:
        before = Possible(
            -math.inf, math.inf, dict.fromkeys(assessment.shares, (-math.inf, time_ns))
        )
    low, high = _ratios(before, assessment.ratio, framework.hysteresis)
    return Possible(low, high, _names(framework, before, assessment, time_ns))


def _ratios(before: Possible, ratio: float, hysteresis: float) -> tuple[float, float]:
    """What may be passed on: what lay near enough stays, all else becomes the one seen."""
    low, high = before.low, before.high
    if low - ratio > hysteresis or ratio - high > hysteresis:
        return ratio, ratio
    if ratio - low > hysteresis:
        low, high = ratio - hysteresis - MARGIN, max(high, ratio)
    if high - ratio > hysteresis:
        low, high = min(low, ratio), ratio + hysteresis + MARGIN
    return low, high


def _names(
    framework: Framework, before: Possible, assessment: RegimeAssessment, time_ns: int
) -> dict[str, tuple[float, float]]:
    """What may be named: whatever has waited becomes the leader, if it leads enough."""
    name, by = leader(assessment.shares)
    if by < framework.lead:
        return dict(before.names)
    waited_ns = time_ns - framework.min_dwell_ns
    found: dict[str, tuple[float, float]] = {}
    leads = [before.names[name]] if name in before.names else []
    for one, (first, last) in before.names.items():
        if one == name:
            continue
        leads += [(time_ns, time_ns)] if first <= waited_ns else []
        if last > waited_ns:
            found[one] = (max(first, waited_ns), last)
    if leads:
        found[name] = (min(first for first, _ in leads), max(last for _, last in leads))
    return found
