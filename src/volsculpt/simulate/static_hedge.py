"""The static hedge beside a run: steady ratios that hold on average what the run held."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from volsculpt.decide.step import Setup
from volsculpt.simulate.compiled import compiled_run
from volsculpt.simulate.history_run import run_history
from volsculpt.simulate.lanes import Array
from volsculpt.simulate.ran import Ran
from volsculpt.simulate.run_start import RunStart
from volsculpt.text import percent

CORRECTIONS = 2  # targets that are tried


class StaticHedge(NamedTuple):
    """Steady ratios, one a hedge, and the mean held ratios that they are to come to."""

    ratios: Array
    held: Array


def mean_held(runs: Sequence[Ran]) -> Array:
    """The mean of each ratio that was held, over all steps at which there was something to hedge.

    0 where there never was. Worked: held 0.2, 0.4 and nothing -> 0.3.
    """
    held = np.concatenate([ran.series.held[1:] for ran in runs])
    there = np.isfinite(held)
    found: Array = np.where(there, held, 0.0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    return found


def static_hedge(starts: Sequence[RunStart], runs: Sequence[Ran]) -> StaticHedge:
    """The steady ratios whose hedge holds on average what runs held, over all of them together.

    Fees, lots and the way back into a band leave a hedge beside its target: what it misses is
    added to the target, where that comes nearer. Worked: 0.496 held of 0.5; a target of 0.496
    holds 0.492, one of 0.5 holds 0.496.

    Args: starts, runs: of one mandate through one time or several.
    """
    limits = starts[0].asked.setup.limits
    held = asked = ratios = mean_held(runs)
    least = math.inf
    for _ in range(CORRECTIONS):
        missed = held - mean_held([static_run(start, asked, noted=True) for start in starts])
        if float(np.abs(missed).sum()) < least:
            ratios, least = asked, float(np.abs(missed).sum())
        asked = np.clip(asked + missed, limits.min_ratio, limits.max_ratio)
    return StaticHedge(ratios, held)


def static_run(start: RunStart, ratios: Array, noted: bool = False) -> Ran:
    """The same book, contracts, fees and band at steady ratios, one a hedge.

    It opens to them at the first step, band or not: a yardstick that stood beside its ratio from
    the start would be another one.

    Args: ratios: one a hedge; noted: False keeps its wealth alone.
    """
    steps = len(start.asked.aligned.stamp_ns) - 1
    steady = np.broadcast_to(ratios[None, :, None], (steps, len(ratios), 1)).copy()
    return run_history(start, compiled_run(), ratios=steady, noted=noted, opens=True)


def static_words(setup: Setup, ratios: Array) -> str:
    """What the ratios of a static hedge are. Worked: "the mean held ratio: BTC 52.5 %"."""
    pairs = zip(setup.hedges, ratios, strict=True)
    words = ", ".join(f"{one.underlying} {percent(round(ratio, 3))}" for one, ratio in pairs)
    return f"the mean held ratio: {words}"
