"""The ratio of every hedge at every step, where it depends on time and market alone."""

from collections.abc import Sequence

import numpy as np

from volsculpt.errors import PolicyError
from volsculpt.hedge.aim import HedgeSummary, Overlays, aim_one
from volsculpt.hedge.spec import CallablePolicy, FixedPolicy, Hedge, SeriesPolicy
from volsculpt.simulate.lanes import Array


def blind_summary(hedge: Hedge) -> HedgeSummary:
    """What a policy that looks at time and market alone is told of the book: nothing."""
    return HedgeSummary(hedge.underlying, 0.0, 0.0, 0.0, 0.0, None, 0.0)


def is_scheduled(hedge: Hedge) -> bool:
    """True for a policy that must be asked with the real book, between segments."""
    return isinstance(hedge.policy, CallablePolicy)


def targets(
    hedges: Sequence[Hedge],
    overlays: Overlays,
    stamps_ns: Array,
    features: Sequence[object],
    bounds: tuple[float, float],
) -> Array:
    """(step, hedge) ratios decided at the end of each step; NaN for scheduled policies.

    stamps_ns: the end of each step. features: what is known then, one a step. The same `aim`
    answers as in a plan. Raises PolicyError when a policy knows no ratio at some step.
    """
    found = np.full((len(stamps_ns), len(hedges)), np.nan)
    for row, hedge in enumerate(hedges):
        if is_scheduled(hedge):
            continue
        summary = blind_summary(hedge)
        stamps = stamps_ns.tolist()
        for step in steps_of_change(hedge, overlays, stamps_ns):
            answer, _ = aim_one(
                hedge, None, features[step], summary, stamps[step], overlays, bounds
            )
            if answer.ratio is None:
                raise PolicyError(
                    f"hedge {hedge.underlying}: its policy knows no ratio at step {step}; start "
                    f"the backtest later"
                )
            found[step:, row] = answer.ratio
    return found


def steps_of_change(hedge: Hedge, overlays: Overlays, stamps_ns: Array) -> list[int]:
    """The steps at which a policy can answer otherwise than at the step before.

    Of a fixed ratio and of a series: the first step, and the first at or after each time that the
    series or an overlay names. Any other policy may change at every step.
    """
    if not isinstance(hedge.policy, FixedPolicy | SeriesPolicy):
        return list(range(len(stamps_ns)))
    times = list(hedge.policy.times_ns) if isinstance(hedge.policy, SeriesPolicy) else []
    for tilt in overlays.tilts:
        times += [tilt.from_ns, tilt.to_ns]
    for event in overlays.events:
        times += [event.from_ns, event.to_ns]
    times += [override.until_ns for override in overlays.overrides]
    steps = np.searchsorted(stamps_ns, np.array(times, dtype=np.int64), side="left")
    return sorted({0, *(step for step in steps.tolist() if step < len(stamps_ns))})
