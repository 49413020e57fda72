"""The volatility that was asked for, on the days on which it could be kept."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from volsculpt.report.rows.backtest_build import Histories
from volsculpt.report.rows.evaluation_parts import resampled
from volsculpt.report.stats.bootstrap import NO_INTERVAL
from volsculpt.report.stats.metrics import Sample
from volsculpt.report.stats.returns import Floats, Ints, Truths, finite
from volsculpt.report.stats.target import free_days, over_target
from volsculpt.simulate.record import BacktestRecord
from volsculpt.simulate.walk_forward import WalkForward
from volsculpt.units import DAYS_PER_YEAR


class FreeDays(NamedTuple):
    """How many days were free of limits, and volatility over asked on them: value, low, high."""

    days: int
    over_target: tuple[float | None, float | None, float | None]


def free_figures(walk: WalkForward, held: Histories, draws: int, seed: int) -> FreeDays | None:
    """Of a mandate that asks for one volatility; None for another, or where the book ended early.

    Args: walk: its folds; held: their books, linked; draws, seed: of the bootstrap.
    """
    target = walk.volatility
    if target is None or "hedged" not in held.complete:
        return None
    free = free_of(walk.records, held.days["hedged"].end_ns)
    return FreeDays(int(free.sum()), spanned(held.complete["hedged"][free], target, draws, seed))


def free_of(records: Sequence[BacktestRecord], end_ns: Ints) -> Truths:
    """Which days were free, over all folds; the hedge is the one that asks for a volatility."""
    stamps, targets = [], []
    for record in records:
        (hedge,) = (one for one in record.hedges if one.volatility is not None)
        stamps.append(record.stamps_ns[:-1])
        targets.append(hedge.target_ratio[:-1])
    return free_days(np.concatenate(stamps), np.concatenate(targets), hedge.limits, end_ns)


def spanned(
    returns: Floats, target: float, draws: int, seed: int
) -> tuple[float | None, float | None, float | None]:
    """Volatility of some days over the one asked for: value, low, high; None of too few.

    Args: returns: of those days; target: a year; draws, seed: of the bootstrap.
    """
    if returns.size < 2:
        return None, None, None
    wanted = {"over": over_target(target)}
    sample = Sample(returns, returns.size / DAYS_PER_YEAR)
    found = resampled({"hedged": returns}, wanted, draws, seed)
    span = found.intervals.get("over", NO_INTERVAL)
    return finite(float(wanted["over"]({"hedged": sample}))), span.low, span.high
