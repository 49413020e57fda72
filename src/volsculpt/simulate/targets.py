"""The ratio of every hedge at every step, where it depends on time and market alone."""

from collections.abc import Sequence

import numpy as np

from volsculpt.errors import PolicyError
from volsculpt.hedge.aim import HedgeSummary, Overlays, aim_one
from volsculpt.hedge.spec import CallablePolicy, Hedge
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
        for step, stamp in enumerate(stamps_ns.tolist()):
            answer, _ = aim_one(hedge, None, features[step], summary, stamp, overlays, bounds)
            if answer.ratio is None:
                raise PolicyError(
                    f"hedge {hedge.underlying}: its policy knows no ratio at step {step}; start "
                    f"the backtest later"
                )
            found[step, row] = answer.ratio
    return found
