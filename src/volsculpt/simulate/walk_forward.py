"""A mandate run through stretch after stretch of history, beside one static hedge in all of them.

Each stretch (a fold) begins as a backtest begins: with the mandate's own book, the decision of its
first moment, and all that was known before it. The static hedge has one ratio for all folds, the
mean over all of them, so that holding more in one fold than in another is timing too.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np

from volsculpt.errors import ContractError, HistoryError, MandateError
from volsculpt.hedge.feature import Feature
from volsculpt.hedge.features.volatility import riskmetrics
from volsculpt.hedge.market_features import Features, features_at
from volsculpt.hedge.spec import Hedge
from volsculpt.hedge.stored import observed_for
from volsculpt.mandate.history import made_up_for, open_market
from volsculpt.mandate.objects import Mandate
from volsculpt.market.gate import Floats
from volsculpt.market.history import History
from volsculpt.market.times import interval_text
from volsculpt.simulate.compiled import compiled_run
from volsculpt.simulate.conditions import ConditionPath, condition_paths
from volsculpt.simulate.history_run import run_history
from volsculpt.simulate.ran import Ran
from volsculpt.simulate.record import BacktestRecord
from volsculpt.simulate.run import Prepared, RunRequest, prepared, recorded_beside
from volsculpt.simulate.static_hedge import static_hedge
from volsculpt.text import duration
from volsculpt.units import DAY_NS, iso

LEAST_DAYS = 2  # of a fold: a single day has no volatility
YARDSTICKS: Mapping[str, Feature] = {  # what any forecast of volatility is held against
    f"EWMA {decay:g}": riskmetrics(decay) for decay in (0.94, 0.97)
}


@dataclass(frozen=True, slots=True)
class ForecastPath:
    """What a policy reckoned with at each stamp: volatility a year of a coin, NaN for nothing."""

    underlying: str
    sigma: Floats


@dataclass(frozen=True, slots=True)
class Fold:
    """One stretch: its backtest, and the forecasts of those policies that make any.

    yardsticks: plain forecasts of the same coins, by name.
    """

    record: BacktestRecord
    forecasts: tuple[ForecastPath, ...]
    yardsticks: Mapping[str, tuple[ForecastPath, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WalkForward:
    """A mandate through all folds. coins: those it hedges, by name. volatility: asked for.

    volatility: None where no hedge asks for one, or more than one does: each is of all wealth.
    conditions: the market of each coin at each midnight, by the package's framework.
    """

    name: str
    coins: tuple[str, ...]
    volatility: float | None
    folds: tuple[Fold, ...]
    conditions: tuple[ConditionPath, ...] = ()

    @property
    def records(self) -> tuple[BacktestRecord, ...]:
        """The backtest of each fold."""
        return tuple(fold.record for fold in self.folds)


def fold_ends(from_ns: int, to_ns: int, folds: int, step_ns: int | None = None) -> list[int]:
    """The first moment, those at which one fold ends and the next begins, and the last; ns UTC.

    Whole days and whole steps from the first moment, so that no move falls between two folds; the
    last fold takes what is over. Raises HistoryError where a fold would have fewer than two days,
    or no whole days of whole steps. Worked: 10 days in 3 folds -> after 0, 3, 7 and 10 days; 30
    days in steps of 7 hours -> after 0, 7, 21 and 30 days.

    Args: from_ns, to_ns: ns UTC; folds: how many; step_ns: of the run, None: one that divides days.
    """
    days = (to_ns - from_ns) // DAY_NS
    if folds < 1 or days < LEAST_DAYS * folds:
        raise HistoryError(
            f"{iso(from_ns)} to {iso(to_ns)} is {days} days, too few for {folds} folds of "
            f"{LEAST_DAYS} days or more; name a longer span, or fewer folds with --folds"
        )
    unit_ns = DAY_NS if step_ns is None else math.lcm(DAY_NS, step_ns)
    units = (to_ns - from_ns) // unit_ns
    if folds > 1 and units < folds:
        raise HistoryError(
            f"steps of {interval_text(step_ns or DAY_NS)} end with a day every "
            f"{duration(unit_ns)} alone, too seldom for {folds} folds in {days} days; take a "
            f"--step that divides a day, as 8h does, a longer span, or fewer folds with --folds"
        )
    return [*(from_ns + round(units * k / folds) * unit_ns for k in range(folds)), to_ns]


def walks_of(
    mandates: Sequence[Mandate],
    history: History | None,
    data: str | Path | None,
    request: RunRequest,
    folds: int,
) -> tuple[WalkForward, ...]:
    """Every mandate through the same folds. MandateError for none, or where two have one name.

    Args: mandates: one or more; history, data, request, folds: as `walk_forward` takes them.
    """
    by_name: dict[str, Mandate] = {}
    if not mandates:
        raise MandateError("there is no mandate to evaluate; name one or more files")
    for one in mandates:
        if one.name in by_name:
            both = " and ".join(str(m.path or "no file") for m in (by_name[one.name], one))
            raise MandateError(
                f"name = {one.name!r}: two mandates are called so ({both}); one given twice says "
                f"nothing, and two that differ need names of their own"
            )
        by_name[one.name] = one
    return tuple(walk_forward(one, history, data, request, folds) for one in mandates)


def walk_forward(
    mandate: Mandate,
    history: History | None,
    data: str | Path | None,
    request: RunRequest,
    folds: int,
) -> WalkForward:
    """Run a mandate through folds of a history, and a static hedge beside it.

    Raises HistoryError and ContractError, with the fold in which it was; and what a backtest does.

    Args: mandate: checked; history, data: given, or the folder of a store, both None: the synthetic
    market; request: the whole span, and costs; folds: how many, 1 is a plain backtest.
    """
    if history is None and data is None:  # one for all folds
        history = made_up_for(mandate, request.span)[1]
    from_ns, to_ns = _span(mandate, history, data, request)
    ends, step_ns = fold_ends(from_ns, to_ns, folds, request.span[2]), request.span[2]
    made, runs = [], []
    for place, (start, end) in enumerate(pairwise(ends), 1):
        one = RunRequest((start, end, step_ns), request.costs, request.allow_missing_funding)
        where = f"{mandate.name}, fold {place} of {folds}, {iso(start)} to {iso(end)}"
        ready, ran = _run(mandate, history, data, one, where)
        made.append(ready)
        runs.append(ran)
    static = static_hedge([ready.start for ready in made], runs)
    found = [
        Fold(recorded_beside(ready, ran, static), forecasts, yardstick_paths(ready, forecasts))
        for ready, ran in zip(made, runs, strict=True)
        for forecasts in [forecast_paths(ready)]
    ]
    every_wanted = [one.policy.volatility_wanted() for one in mandate.hedges]
    wanted = [one for one in every_wanted if one is not None]
    coins = tuple(sorted({one.underlying for one in mandate.hedges}))
    whole = history or (made[0].history if data is None else Path(data))
    conditions = condition_paths(whole, coins, ends[0], ends[-1])
    volatility = wanted[0] if len(wanted) == 1 else None
    return WalkForward(mandate.name, coins, volatility, tuple(found), conditions)


def _span(
    mandate: Mandate, history: History | None, data: str | Path | None, request: RunRequest
) -> tuple[int, int]:
    """Both ends of the whole time; what is not named is what the history has."""
    first, last, _ = request.span
    if first is None or last is None:
        stamps = open_market(mandate, history, data, request.span)[0].stamp_ns
        first = int(stamps[0]) if first is None else first
        last = int(stamps[-1]) if last is None else last
    return first, last


def _run(
    mandate: Mandate,
    history: History | None,
    data: str | Path | None,
    request: RunRequest,
    where: str,
) -> tuple[Prepared, Ran]:
    """One fold, run. where: what errors begin with."""
    try:
        ready = prepared(mandate, history, data, request)
        return ready, run_history(ready.start, compiled_run())
    except HistoryError as error:
        raise HistoryError(f"{where}: {error}") from None
    except ContractError as error:
        raise ContractError(f"{where}: {error}") from None


def forecast_paths(ready: Prepared) -> tuple[ForecastPath, ...]:
    """What each policy reckoned with at every stamp; policies without a forecast are left out."""
    features = ready.spec.features
    if features is None:
        return ()
    paths = [ForecastPath(one.underlying, _sigma(one, features)) for one in ready.mandate.hedges]
    return tuple(path for path in paths if np.isfinite(path.sigma).any())


def _sigma(hedge: Hedge, features: Sequence[Features]) -> Floats:
    """The forecasts of one hedge's policy."""
    return _floats([hedge.policy.volatility_forecast(hedge.underlying, one) for one in features])


def _floats(figures: Sequence[float | None]) -> Floats:
    """As an array, NaN for nothing."""
    return np.array([np.nan if one is None else one for one in figures], dtype=np.float64)


def yardstick_paths(
    ready: Prepared, forecasts: Sequence[ForecastPath]
) -> dict[str, tuple[ForecastPath, ...]]:
    """Plain forecasts of the coins that a policy forecasts, from what is known at every stamp."""
    coins = dict.fromkeys(one.underlying for one in forecasts)
    if not coins:
        return {}
    needs = dict.fromkeys(coins, tuple(YARDSTICKS.values()))
    stamps = ready.spec.aligned.stamp_ns.tolist()
    features = features_at(observed_for(ready.history, needs, stamps), needs, stamps)
    return {
        name: tuple(
            ForecastPath(coin, _floats([one.value(coin, feature) for one in features]))
            for coin in coins
        )
        for name, feature in YARDSTICKS.items()
    }
