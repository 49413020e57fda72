"""The ratio of every hedge at every step, where it depends on time and market alone."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from volsculpt.errors import PolicyError
from volsculpt.hedge.aim import (
    Overlays,
    macro_overlays,
    overlay_times,
    policy_aim,
    settled,
    speaks,
)
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.policy import HedgeSummary
from volsculpt.hedge.spec import Hedge
from volsculpt.simulate.lanes import Array
from volsculpt.units import DAY_NS


def blind_summary(hedge: Hedge) -> HedgeSummary:
    """What a policy that looks at time and market alone is told of the book: nothing."""
    return HedgeSummary(hedge.underlying, 0.0, 0.0, 0.0, 0.0, None, 0.0)


class BlindTargets(NamedTuple):
    """What policies that look at time and market alone say at the end of each step.

    ratio: (step, hedge); NaN where the book must be asked, and where there is no answer, so that
    what is held is kept. on_book: (step, hedge) booleans: where there is none and an overlay is in
    force, which then starts from what is held.
    """

    ratio: Array
    on_book: Array


def targets(
    hedges: Sequence[Hedge],
    overlays: Overlays,
    stamps_ns: Array,
    features: Sequence[Features] | None,
    bounds: tuple[float, float],
) -> BlindTargets:
    """What is decided at the end of each step; the same `aim` answers as in a plan.

    Of policies that ask for the book all is NaN. Raises PolicyError when a file of ratios begins
    later than the first step ends.

    Args: hedges: columns of the answer; stamps_ns: ns UTC, features: what is known at each, both
    one more than there are steps, None = nothing; bounds: (min_ratio, max_ratio).
    """
    found = np.full((len(stamps_ns) - 1, len(hedges)), np.nan)
    on_book = np.zeros(found.shape, dtype=np.bool_)
    ends = stamps_ns[1:]
    for row, hedge in enumerate(hedges):
        if hedge.asks_book:
            continue
        summary = blind_summary(hedge)
        steps = steps_of_change(hedge, overlays, ends)
        times = ends[steps].tolist()
        for (step, until), now in zip(pairwise([*steps, len(ends)]), times, strict=True):
            available = features[step + 1] if features is not None else None
            aim, _ = policy_aim(hedge, now, available, summary, None)
            first = hedge.policy.first_ns()
            if aim.ratio is None and first is not None and now < first:
                raise PolicyError(
                    f"hedge {hedge.underlying}: its policy knows no ratio at step {step}; start "
                    f"the backtest later"
                )
            answer = settled(hedge, aim, summary, now, overlays, bounds, available)
            found[step:until, row] = answer.ratio if aim.ratio is not None else np.nan
            on_book[step:until, row] = aim.ratio is None and speaks(hedge, now, overlays)
    return BlindTargets(found, on_book)


def steps_of_change(hedge: Hedge, overlays: Overlays, stamps_ns: Array) -> list[int]:
    """The steps at which a policy can answer otherwise than at the step before.

    Of a policy that names the times: the first step, and the first at or after each time that it or
    an overlay names; of a macro overlay that is each midnight UTC. Any other policy may change at
    every step.
    """
    named = hedge.policy.change_times_ns()
    if named is None:
        return list(range(len(stamps_ns)))
    times = [*named, *overlay_times(hedge, overlays)]
    if macro_overlays(hedge, overlays):
        times += range(-(-int(stamps_ns[0]) // DAY_NS) * DAY_NS, int(stamps_ns[-1]) + 1, DAY_NS)
    steps = np.searchsorted(stamps_ns, np.array(times, dtype=np.int64), side="left")
    return sorted({0, *(step for step in steps.tolist() if step < len(stamps_ns))})
