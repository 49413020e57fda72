"""Hedge ratios beside each other: the published rows, and how they are made."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from volsculpt.contracts.spec import Contract, Payoff
from volsculpt.errors import EstimateError
from volsculpt.hedge.estimators.estimator import Estimator
from volsculpt.hedge.estimators.every import ESTIMATORS, estimator_class
from volsculpt.hedge.estimators.inverse import InverseClosedForm
from volsculpt.hedge.estimators.kelly import growth_optimal
from volsculpt.hedge.estimators.liquidation import LiquidationAware
from volsculpt.hedge.estimators.moves import Moves
from volsculpt.hedge.estimators.naive import Naive
from volsculpt.hedge.estimators.walk import walk_forward
from volsculpt.market.gate import Floats
from volsculpt.report.stats.bootstrap import LEVEL, Interval, Samples, resample
from volsculpt.report.stats.effectiveness import variance_reduction

Verdict = Literal["reference", "less", "more", "no difference", "not known"]
Progress = Callable[[int, int, Path], None]
SEED = 20_240_101
FEWEST = 120  # rows; half of them are for the first fit
HELD = "unhedged"  # what the bootstrap calls the coins alone


@dataclass(frozen=True, slots=True)
class RatioRow:
    """One estimator on one contract. variance_left: hedged over unhedged, a ratio; 1 is no hedge.

    moves: whether the ratio changes with each step; `ratio` is then the one to hold next, and no
    fixed one. difference: variance left less that of the naive ratio, out of sample.
    turnover_annual: ratio traded in a year, cost_annual_ratio: its taker fees over what is held.
    What does not exist is None, with the reason in `note`.
    """

    estimator: str
    ratio: float | None = None
    ratio_std: float | None = None
    variance_left_in: float | None = None
    variance_left_out: float | None = None
    variance_left_out_low: float | None = None
    variance_left_out_high: float | None = None
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    verdict: Verdict = "not known"
    turnover_annual: float | None = None
    cost_annual_ratio: float | None = None
    leverage: float | None = None
    liquidation_probability: float | None = None
    note: str = ""
    moves: bool = False


@dataclass(frozen=True, slots=True)
class RatioTable:
    """All estimators of one hedge by one contract, over the same rows.

    dropped: steps without prices of both at the same moment. growth_exposure: Kelly's share of
    wealth in the coin, growth_exposure_std its standard error.
    """

    underlying: str
    contract: str
    payoff: Payoff
    own: bool
    from_: str
    to: str
    tested_from: str
    rows: int
    tested_rows: int
    dropped: int
    refit_rows: int
    comparisons: int
    growth_exposure: float
    growth_exposure_std: float
    estimators: list[RatioRow]
    sentence: str = ""
    warnings: list[str] = field(default_factory=list)

    def published(self) -> dict[str, Any]:
        """The object that is printed with --json."""
        found = asdict(self)
        return {name.rstrip("_"): value for name, value in found.items()}


@dataclass(frozen=True, slots=True)
class FailedPair:
    """A coin by a contract that has no table, and why."""

    underlying: str
    contract: str
    reason: str


class FittedEstimate(NamedTuple):
    """An estimator's fit, and what it left in the sample and out of it."""

    fitted: Estimator
    left_in: float
    held: Floats


class Trial(NamedTuple):
    """What is compared, and how. rows_a_year: of the step; first: rows of the first fit.

    wanted: estimators by name beside the naive one; none: all.
    """

    contract: Contract
    own: bool
    moves: Moves
    first: int
    refit_rows: int
    rows_a_year: float
    wanted: tuple[str, ...] = ()


def estimators_for(trial: Trial) -> list[Estimator]:
    """All that suit the contract: the inverse form is for the coin's own inverse contract.

    Raises EstimateError for a name that is wanted and is none.
    """
    wanted = {estimator_class(name) for name in trial.wanted} or set(ESTIMATORS)
    made: list[Estimator] = []
    for kind in (one for one in ESTIMATORS if one is Naive or one in wanted):
        if kind is InverseClosedForm:
            if trial.own and trial.contract.payoff == "inverse":
                made.append(InverseClosedForm(premium=trial.moves.premium))
        elif kind is LiquidationAware:
            made.append(LiquidationAware(horizon=7, payoff=trial.contract.payoff))
        else:
            made.append(kind())
    return made


def rows_of(trial: Trial, progress: Progress) -> list[RatioRow]:
    """Every estimator fitted, walked forward, and held against the naive ratio.

    A difference is real where the paired interval of it, from histories resampled by blocks of
    the same rows for all, leaves out 0; it is made as wide as so many comparisons ask (Bonferroni:
    90 % for all of them together).
    """
    tried: dict[str, FittedEstimate | str] = {}
    every = estimators_for(trial)
    for done, one in enumerate(every):
        tried[one.NAME] = attempt(one, trial)
        progress(done + 1, len(every), Path(one.NAME))
    there = {name: one for name, one in tried.items() if isinstance(one, FittedEstimate)}
    ranges = intervals(trial, there)
    return [
        row_of(name, one, trial, ranges)
        if isinstance(one, FittedEstimate)
        else RatioRow(name, note=one, moves=estimator_class(name).MOVES)
        for name, one in tried.items()
    ]


def attempt(one: Estimator, trial: Trial) -> FittedEstimate | str:
    """What an estimator found; where it cannot be fitted, why."""
    moved, held = trial.moves.moved[:, None], trial.moves.held
    try:
        walked = walk_forward(one, moved, held, trial.first, trial.refit_rows)[:, 0]
        one.fit(moved, held)
        path = one.path(moved, held)[:-1, 0]
    except EstimateError as error:
        return str(error)
    there = np.isfinite(path)
    inside = held[there] - path[there] * trial.moves.paid[there]
    return FittedEstimate(one, float(np.var(inside) / np.var(held[there])), walked)


def hedged_returns(trial: Trial, ratios: Floats) -> Floats:
    """Of the rows that are out of sample."""
    tested = slice(trial.first, None)
    return np.asarray(trial.moves.held[tested] - ratios * trial.moves.paid[tested])


class VarianceRanges(NamedTuple):
    """Variance left out of sample by estimator, its interval, and that of its difference."""

    left: dict[str, float]
    interval: dict[str, Interval]
    difference: dict[str, Interval]


def left_of(name: str) -> Callable[[Samples], Floats]:
    """Variance left by an estimator, as a statistic of a bootstrap."""
    return lambda samples: 1.0 - variance_reduction({HELD: samples[HELD], "hedged": samples[name]})


def beyond_naive(name: str) -> Callable[[Samples], Floats]:
    """Variance left by an estimator less that by the naive ratio."""
    own, naive = left_of(name), left_of(Naive.NAME)
    return lambda samples: own(samples) - naive(samples)


def intervals(trial: Trial, tried: dict[str, FittedEstimate]) -> VarianceRanges:
    """By a paired block bootstrap of the rows that are out of sample."""
    books = {name: hedged_returns(trial, one.held) for name, one in tried.items()}
    alone = trial.moves.held[trial.first :]
    books[HELD] = alone
    left = {name: float(np.var(books[name]) / np.var(alone)) for name in tried}
    years = len(alone) / trial.rows_a_year
    lefts = resample(books, years, {name: left_of(name) for name in tried}, SEED)
    others = {name: beyond_naive(name) for name in tried if name != Naive.NAME}
    level = 1.0 - (1.0 - LEVEL) / max(len(others), 1)
    differences = resample(books, years, others, SEED, level=level)
    return VarianceRanges(left, lefts.intervals, differences.intervals)


def verdict_of(name: str, interval: Interval | None) -> Verdict:
    """What the interval of a difference says. Worked: -0.02 to -0.01 -> "less"."""
    if name == Naive.NAME:
        return "reference"
    if interval is None or interval.low is None or interval.high is None:
        return "not known"
    if interval.high < 0.0:
        return "less"
    return "more" if interval.low > 0.0 else "no difference"


def row_of(name: str, tried: FittedEstimate, trial: Trial, ranges: VarianceRanges) -> RatioRow:
    """One estimator's row. Args: name: its own; tried: what it found; trial; ranges: intervals."""
    range_, difference = ranges.interval[name], ranges.difference.get(name)
    one, fee = tried.fitted, trial.contract.fees.taker
    years = len(tried.held) / trial.rows_a_year
    turnover = float(np.sum(np.abs(np.diff(tried.held)))) / years
    aware = one if isinstance(one, LiquidationAware) else None
    return RatioRow(
        estimator=name,
        ratio=float(one.ratio_[0]),
        ratio_std=float(one.ratio_std_[0]),
        variance_left_in=tried.left_in,
        variance_left_out=ranges.left[name],
        variance_left_out_low=range_.low,
        variance_left_out_high=range_.high,
        difference=None if difference is None else ranges.left[name] - ranges.left[Naive.NAME],
        difference_low=None if difference is None else difference.low,
        difference_high=None if difference is None else difference.high,
        verdict=verdict_of(name, difference),
        turnover_annual=turnover,
        cost_annual_ratio=None if fee is None else turnover * fee,
        leverage=None if aware is None else aware.leverage_,
        liquidation_probability=None if aware is None else aware.liquidation_probability_,
        moves=one.MOVES,
    )


def growth_of(moves: Moves) -> tuple[float, float]:
    """Kelly's exposure and its standard error."""
    found = growth_optimal(moves.held)
    return found.exposure, found.std
