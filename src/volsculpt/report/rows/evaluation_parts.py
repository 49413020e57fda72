"""An evaluation by fold and by year, mandate against mandate, and forecast against forecast."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from volsculpt.report.rows.backtest_build import Histories
from volsculpt.report.rows.evaluation import ForecastRow, PairRow, PartKind, PartRow
from volsculpt.report.stats.bootstrap import NO_INTERVAL, Resampled, Samples, Statistic, resample
from volsculpt.report.stats.calendar import years_of
from volsculpt.report.stats.effectiveness import variance_reduction
from volsculpt.report.stats.evidence import is_evidence
from volsculpt.report.stats.forecasts import Forecasts, compared, daily_forecasts
from volsculpt.report.stats.metrics import METRIC, Metric, Sample
from volsculpt.report.stats.returns import Floats, Ints, Truths, finite
from volsculpt.simulate.walk_forward import LEAST_DAYS, Fold, ForecastPath, WalkForward
from volsculpt.units import DAY_NS, DAYS_PER_YEAR

GAINS = ("sharpe", "cvar")
COMPARED = ("cagr", "volatility", "cvar", "sharpe")
THREE = ("hedged", "unhedged", "static")


class Place(NamedTuple):
    """A part, and which days are in it."""

    kind: PartKind
    part: int
    name: str
    days: Truths


def gain_of(metric: Metric, first: str, second: str) -> Statistic:
    """A metric of one book less that of another."""

    def over(samples: Samples) -> Floats:
        """For every resampled history."""
        return np.asarray(metric.over(samples[first]) - metric.over(samples[second]))

    return over


# --- by fold, by year -----------------------------------------------------------------


def fold_of(end_ns: Ints, begins_ns: Sequence[int]) -> Ints:
    """The fold (from 1) that each day's noon lies in, days by the midnight that ends them."""
    noons = end_ns - DAY_NS // 2
    return np.maximum(np.searchsorted(np.array(begins_ns), noons, side="right"), 1)


def part_rows(walk: WalkForward, held: Histories, draws: int, seed: int) -> Iterator[PartRow]:
    """A row for each fold, calendar year and market condition; none where a book ended early.

    Args: walk: its folds; held: their books, linked; draws, seed: of the bootstrap.
    """
    books = held.complete
    if any(book not in books for book in THREE):
        return
    for place in periods_of(walk, held.days["hedged"].end_ns):
        yield _part(walk.name, place, _taken(books, place.days), draws, seed)


def periods_of(walk: WalkForward, end_ns: Ints) -> Iterator[Place]:
    """Folds, years, and the conditions of each coin. end_ns: of each day."""
    folds = fold_of(end_ns, [int(one.stamps_ns[0]) for one in walk.records])
    kinds: tuple[tuple[PartKind, Ints], ...] = (("fold", folds), ("year", years_of(end_ns)))
    for kind, part in kinds:
        for one in np.unique(part).tolist():
            yield Place(kind, one, str(one), part == one)
    number = 0
    for path in walk.conditions:
        names = dict(zip(path.begins_ns, path.named, strict=True))
        named = np.array([names.get(one) or "" for one in (end_ns - DAY_NS).tolist()])
        for name in sorted(set(named.tolist()) - {""}):
            if (named == name).sum() >= LEAST_DAYS:
                number += 1
                yield Place("condition", number, f"{path.underlying} {name}", named == name)


def _taken(books: Mapping[str, Floats], days: Truths) -> dict[str, Floats]:
    return {book: books[book][days] for book in THREE}


def _part(name: str, place: Place, books: Mapping[str, Floats], draws: int, seed: int) -> PartRow:
    """Figures of some days."""
    days = books["hedged"].size
    samples = {book: Sample(returns, days / DAYS_PER_YEAR) for book, returns in books.items()}
    hedged = samples["hedged"]
    wanted = {name: gain_of(METRIC[name], "hedged", "static") for name in GAINS}
    found = resampled(books, wanted, draws, seed)
    gains = []
    for metric in GAINS:
        span = found.intervals.get(metric, NO_INTERVAL)
        gains += [finite(float(wanted[metric](samples))), span.low, span.high]
    figures = [METRIC[one].of(hedged) for one in ("volatility", "max_drawdown", "sharpe", "cvar")]
    taken_away = finite(float(variance_reduction(samples)))
    return PartRow(name, *place[:3], days, taken_away, *figures, *gains)


def resampled(
    books: Mapping[str, Floats], wanted: Mapping[str, Statistic], draws: int, seed: int
) -> Resampled:
    """Intervals of some figures of books, and none where no draws are asked for.

    Args: books: daily returns; wanted: figures by name; draws, seed: of the bootstrap.
    """
    if draws == 0:
        return Resampled({}, 1.0, 0)
    (days,) = {returns.size for returns in books.values()}
    return resample(books, days / DAYS_PER_YEAR, wanted, seed, draws)


# --- mandate against mandate ----------------------------------------------------------


def pair_rows(
    walks: Sequence[WalkForward],
    held: Mapping[str, Histories],
    variants: int,
    draws: int,
    seed: int,
) -> tuple[list[PairRow], list[str]]:
    """Each pair of mandates of the same coins, and a note on those that are not compared.

    Args: walks: in order of their names; held: their books, by name; variants: how many were tried;
    draws, seed: of the bootstrap.
    """
    rows: list[PairRow] = []
    notes = []
    for first, second in combinations(walks, 2):
        books = {one.name: held[one.name].complete.get("hedged") for one in (first, second)}
        there = {name: returns for name, returns in books.items() if returns is not None}
        if first.coins != second.coins:
            notes.append(
                f"{first.name} hedges {', '.join(first.coins)} and {second.name} "
                f"{', '.join(second.coins)}: they are not compared with each other, a difference "
                f"would be one of the coins"
            )
        elif len(there) == 2 and len({one.size for one in there.values()}) == 1:
            rows += _pair(first.name, second.name, there, variants, (draws, seed))
    return rows, notes


def _pair(
    first: str,
    second: str,
    books: Mapping[str, Floats],
    variants: int,
    resampling: tuple[int, int],
) -> Iterator[PairRow]:
    """The differences of two mandates. resampling: draws and seed of the bootstrap."""
    wanted = {name: gain_of(METRIC[name], first, second) for name in COMPARED}
    found = resampled(books, wanted, *resampling)
    samples = {name: Sample(days, days.size / DAYS_PER_YEAR) for name, days in books.items()}
    for name, figure in wanted.items():
        span, luck = found.intervals.get(name, NO_INTERVAL), found.luck.get(name)
        real = luck is not None and is_evidence(min(luck), variants)
        value = finite(float(figure(samples)))
        yield PairRow(first, second, name, METRIC[name].unit, value, span.low, span.high, real)


# --- forecast against forecast --------------------------------------------------------


def forecasts_of(
    walk: WalkForward, paths_of: Callable[[Fold], Sequence[ForecastPath]]
) -> dict[str, Forecasts]:
    """Forecasts of each coin that there are any of, over all folds. paths_of: those of a fold."""
    found: dict[str, list[Forecasts]] = {}
    for fold in walk.folds:
        prices = {one.underlying: one.price_usd for one in fold.record.hedges}
        for path in paths_of(fold):
            price = prices[path.underlying]
            if price is not None:
                days = daily_forecasts(fold.record.stamps_ns, path.sigma, price)
                found.setdefault(path.underlying, []).append(days)
    return {
        coin: Forecasts(*(np.concatenate(column) for column in zip(*days, strict=True)))
        for coin, days in found.items()
    }


def yardsticks_of(walk: WalkForward) -> dict[str, dict[str, Forecasts]]:
    """Plain forecasts of the same coins, by name."""
    return {name: forecasts_of(walk, yardstick(name)) for name in walk.folds[0].yardsticks}


def yardstick(name: str) -> Callable[[Fold], Sequence[ForecastPath]]:
    """Those of a fold by that name."""
    return lambda fold: fold.yardsticks[name]


def forecast_rows(walks: Sequence[WalkForward]) -> list[ForecastRow]:
    """Each pair of forecasts of one coin, then each against the yardsticks."""
    made = [(walk.name, forecasts_of(walk, lambda fold: fold.forecasts)) for walk in walks]
    pairs = list(combinations(made, 2))
    for (name, own), walk in zip(made, walks, strict=True):
        pairs += [((name, own), yardstick) for yardstick in yardsticks_of(walk).items()]
    rows = []
    for (first, one), (second, two) in pairs:
        for coin in sorted(one.keys() & two.keys()):
            found = compared(one[coin], two[coin])
            if found is not None:
                rows.append(ForecastRow(coin, first, second, *found))
    return rows
