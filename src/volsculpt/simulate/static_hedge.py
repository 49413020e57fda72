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

TRIES = 8  # targets
NEAR = 5e-4  # of a ratio: nearer to what was held no target is looked for
BESIDE = 5e-3  # of a ratio: farther from it what is held is told


class StaticHedge(NamedTuple):
    """Steady ratios, one a hedge; what runs held on average; and what these ratios come to."""

    ratios: Array
    held: Array
    there: Array


def mean_of(columns: Sequence[Array]) -> Array:
    """The mean of each hedge over all rows that have a figure; 0 where none has one."""
    rows = np.concatenate(columns)
    there = np.isfinite(rows)
    found: Array = np.where(there, rows, 0.0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    return found


def mean_held(runs: Sequence[Ran]) -> Array:
    """The mean of each ratio that was held, over all steps at which there was something to hedge.

    0 where there never was. Worked: held 0.2, 0.4 and nothing -> 0.3.
    """
    return mean_of([ran.series.held[1:] for ran in runs])


def static_hedge(starts: Sequence[RunStart], runs: Sequence[Ran]) -> StaticHedge:
    """The steady ratios whose hedge holds on average what runs held, over all of them together.

    Fees, lots, limits and the way back into a band leave a hedge beside its target, so targets are
    tried: what the runs aimed at on average, which is that of a fixed hedge, what they held, and
    from there on what was missed is added, twice as much of it where that changed nothing. The
    nearest is taken. Worked: 0.496 held of 0.5; a target of 0.496 holds 0.492, one of 0.5 holds
    0.496.

    Args: starts, runs: of one mandate through one time or several.
    """
    limits = starts[0].spec.setup.limits
    held = mean_held(runs)
    found, least, step, before = StaticHedge(held, held, held), math.inf, 1.0, None
    mean_target = mean_of([ran.targets[1:] for ran in runs])
    for turn in range(TRIES):
        mean_target = np.clip(mean_target, limits.min_ratio, limits.max_ratio)
        there = mean_held([static_run(start, mean_target, noted=True) for start in starts])
        missed = held - there
        off = float(np.abs(missed).max())
        if off < least:
            found, least = StaticHedge(mean_target, held, there), off
        if least <= NEAR:
            break
        step = 2.0 * step if before is not None and np.allclose(there, before) else 1.0
        mean_target, before = (held if turn == 0 else mean_target + step * missed), there
    return found


def static_run(start: RunStart, ratios: Array, noted: bool = False) -> Ran:
    """The same book, contracts, fees and band at steady ratios, one a hedge.

    It opens to them at the first step, band or not: a yardstick that stood beside its ratio from
    the start would be another one.

    Args: ratios: one a hedge; noted: False keeps its wealth alone.
    """
    steps = len(start.spec.aligned.stamp_ns) - 1
    steady = np.broadcast_to(ratios[None, :, None], (steps, len(ratios), 1)).copy()
    return run_history(start, compiled_run(), ratios=steady, noted=noted, opens=True)


def static_words(setup: Setup, static: StaticHedge) -> str:
    """What the ratios of a static hedge are, and what it holds where it comes no nearer.

    Worked: "the mean held ratio: BTC 52.5 %"; "the mean held ratio: BTC 49.2 % (it holds 44 %)".
    """
    words = []
    for one, ratio, there in zip(setup.hedges, static.held, static.there, strict=True):
        beside = f" (it holds {percent(round(there, 3))})" if abs(there - ratio) > BESIDE else ""
        words.append(f"{one.underlying} {percent(round(ratio, 3))}{beside}")
    return f"the mean held ratio: {', '.join(words)}"
