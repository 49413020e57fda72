"""The ratio of every hedge at every step, where it depends on time and market alone."""

from collections.abc import Sequence

import numpy as np

from volsculpt.errors import PolicyError
from volsculpt.hedge.aim import HedgeSummary, Overlays, aim_one
from volsculpt.hedge.features import Features
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
    features: Sequence[Features] | None,
    bounds: tuple[float, float],
) -> Array:
    """(step, hedge) ratios decided at the end of each step; the same `aim` answers as in a plan.

    NaN for scheduled policies, and where there is no answer yet: what is held is kept then.
    stamps_ns, features: of the run, one more than there are steps. Raises PolicyError when a
    file of ratios begins later than the run.
    """
    found = np.full((len(stamps_ns) - 1, len(hedges)), np.nan)
    for row, hedge in enumerate(hedges):
        if is_scheduled(hedge):
            continue
        summary = blind_summary(hedge)
        ends = stamps_ns[1:]
        stamps = ends.tolist()
        for step in steps_of_change(hedge, overlays, ends):
            known = features[step + 1] if features is not None else None
            answer, _ = aim_one(hedge, None, known, summary, stamps[step], overlays, bounds)
            found[step:, row] = answer.ratio if answer.ratio is not None else np.nan
            if answer.ratio is None and isinstance(hedge.policy, SeriesPolicy):
                raise PolicyError(
                    f"hedge {hedge.underlying}: its policy knows no ratio at step {step}; start "
                    f"the backtest later"
                )
    return found


def without_answer(ratios: Array, hedges: Sequence[Hedge]) -> Array:
    """(step, hedge) booleans: where a policy that is not scheduled had no answer."""
    return np.asarray(np.isnan(ratios) & [not is_scheduled(hedge) for hedge in hedges])


def pauses(paused: Array) -> dict[int, list[bool]]:
    """step -> which hedges keep what they hold from there on, at the start and where it changes.

    paused: (step, hedge) booleans. Without any, nothing.
    """
    if not paused.any():
        return {}
    changes = np.flatnonzero((paused[1:] != paused[:-1]).any(axis=1)) + 1
    return {step: paused[step].tolist() for step in (0, *changes.tolist())}


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
