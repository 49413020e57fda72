"""From mandates walked through folds to their evaluation; `evaluation_report` makes one.

Everything is taken in the order of names, so that the order in which mandates were given changes no
figure. Folds are linked: what a book made in one goes on in the next, day by day.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from volsculpt.report.evaluation import EvaluationReport
from volsculpt.report.rows.backtest import FigureUnit, urgent_first
from volsculpt.report.rows.backtest_build import (
    REDUCTIONS,
    VOLATILITY,
    Histories,
    differences,
    figure_warnings,
    histories,
    intervals,
    reduction,
    summary,
    value_of,
)
from volsculpt.report.rows.evaluation import (
    BookPath,
    BootstrapTerms,
    Claim,
    DeflatedRow,
    EvidenceRow,
    FigureRow,
    FoldRow,
    GainRow,
    MandateRow,
    Of,
    Variants,
    WorkRow,
)
from volsculpt.report.rows.evaluation_parts import forecast_rows, pair_rows, part_rows
from volsculpt.report.rows.evaluation_target import FreeDays, free_figures
from volsculpt.report.rows.evaluation_words import all_warnings, verdict
from volsculpt.report.stats.bootstrap import LEVEL, NO_INTERVAL, Resampled
from volsculpt.report.stats.deflated import (
    ReturnShape,
    deflated_sharpe,
    luckiest_sharpe,
    scatter_of,
    shape_of,
)
from volsculpt.report.stats.effectiveness import funding_earned, hedge_cost, turnover
from volsculpt.report.stats.evidence import is_evidence, is_real_gain, standing_of
from volsculpt.report.stats.metrics import Sample
from volsculpt.report.stats.returns import Growth, daily, years_between
from volsculpt.simulate.record import BacktestRecord
from volsculpt.simulate.walk_forward import WalkForward
from volsculpt.units import DRAWS, iso

CLAIMS: dict[Claim, str] = {  # claim -> the figure whose resampled histories speak for it
    "variance": "variance_reduction",
    "bad_days": "hedged-static.cvar",
    "sharpe": "hedged-static.sharpe",
}
Measure = Callable[[BacktestRecord], float | None]
TAKEN: tuple[tuple[str, FigureUnit, Measure], ...] = (  # figures of each fold, a year
    ("turnover", "x", turnover),
    ("cost", "ratio a year", hedge_cost),
    ("funding_earned", "ratio a year", funding_earned),
)


@dataclass(frozen=True, slots=True)
class Walked:
    """A mandate's walk, its books linked over all folds, and their resampled figures.

    free: of the days on which a volatility that was asked for could be kept.
    """

    walk: WalkForward
    held: Histories
    found: Resampled
    free: FreeDays | None


def evaluation_report(
    walks: Sequence[WalkForward], besides: int = 0, draws: int = DRAWS, seed: int = 0
) -> EvaluationReport:
    """All figures of an evaluation. Raises ReportError where arrays contradict each other.

    Args: walks: of mandates with names of their own; besides: variants that were tried and are not
    shown; draws, seed: of the bootstrap, 0 draws leave intervals and evidence out.
    """
    made = [walked(one, draws, seed) for one in sorted(walks, key=lambda one: one.name)]
    tried = Variants(len(made), besides, len(made) + besides)
    deflated = deflated_rows(made, tried.variants)
    evidence = [row for one in made for row in evidence_rows(one, tried.variants, deflated)]
    held = {one.walk.name: one.held for one in made}
    first, last = made[0].walk.records[0], made[0].walk.records[-1]
    begins, ends = int(first.stamps_ns[0]), int(last.stamps_ns[-1])
    pairs, notes = pair_rows([one.walk for one in made], held, tried.variants, draws, seed)
    warnings = [*all_warnings([one.walk for one in made]), *_figure_notes(made, draws)]
    return EvaluationReport(
        begins=iso(begins),
        ends=iso(ends),
        years=years_between(begins, ends),
        folds=fold_rows(made[0].walk.records),
        mandates=[mandate_row(one) for one in made],
        figures=[row for one in made for row in figure_rows(one)],
        gains=[row for one in made for row in gain_rows(one)],
        work=[row for one in made for row in work_rows(one)],
        parts=[row for one in made for row in part_rows(one.walk, one.held, draws, seed)],
        pairs=pairs,
        forecasts=forecast_rows([one.walk for one in made]),
        deflated=deflated,
        evidence=evidence,
        tried=tried,
        bootstrap=BootstrapTerms(LEVEL, draws, seed),
        verdict=verdict(evidence, tried.variants),
        warnings=urgent_first(list(dict.fromkeys(warnings))),
        notes=[
            *notes,
            *dict.fromkeys(n for one in made for r in one.walk.records for n in r.notes),
        ],
        paths=tuple(path for one in made for path in book_paths(one)),
    )


def walked(walk: WalkForward, draws: int, seed: int) -> Walked:
    """A walk with its books linked and resampled."""
    held = linked(walk.records)
    return Walked(walk, held, intervals(held, draws, seed), free_figures(walk, held, draws, seed))


def _figure_notes(made: Sequence[Walked], draws: int) -> Iterator[str]:
    """What a reader must know of the figures of each mandate."""
    for one in made:
        for warning in figure_warnings(one.held, one.found, draws):
            code, _, text = warning.partition(": ")
            yield f"{code}: {one.walk.name}: {text}"


# --- folds, one after the other -------------------------------------------------------


def linked(records: Sequence[BacktestRecord]) -> Histories:
    """The books of all folds as one history each, in US dollars."""
    grown = [histories(one, in_coins=False).paths for one in records]
    paths = {book: linked_path([fold[book] for fold in grown]) for book in grown[0]}
    days = {book: daily(path) for book, path in paths.items()}
    samples = {
        book: Sample(days[book].returns, path.years)
        for book, path in paths.items()
        if path.end != "ruined"
    }
    return Histories("USD", paths, days, samples)


def linked_path(paths: Sequence[Growth]) -> Growth:
    """Growth of folds one after the other, up to where one of them ends early.

    A fold begins at the stamp that the one before ends at. Worked: factors 1.1 and 0.9 -> both.
    """
    ended = [place for place, path in enumerate(paths) if path.end != "complete"]
    taken = paths[: ended[0] + 1] if ended else paths
    stamps = [taken[0].stamps_ns, *(path.stamps_ns[1:] for path in taken[1:])]
    factors = np.concatenate([path.factors for path in taken])
    return Growth(np.concatenate(stamps), factors, taken[-1].end)


def fold_rows(records: Sequence[BacktestRecord]) -> list[FoldRow]:
    """From when to when."""
    return [
        FoldRow(place, iso(int(one.stamps_ns[0])), iso(int(one.stamps_ns[-1])))
        for place, one in enumerate(records, 1)
    ]


def book_paths(one: Walked) -> Iterator[BookPath]:
    """What 1 US dollar became in each book, at the end of each day; 1 at the start."""
    for book, path in one.held.paths.items():
        days = one.held.days[book]
        end_ns = np.concatenate([path.stamps_ns[:1], days.end_ns])
        yield BookPath(one.walk.name, book, end_ns, np.cumprod(np.append(1.0, 1.0 + days.returns)))


# --- rows of each mandate -------------------------------------------------------------


def mandate_row(one: Walked) -> MandateRow:
    """What was asked, and how it ended."""
    walk, path = one.walk, one.held.paths["hedged"]
    static = walk.records[0].static_words
    days = one.held.days["hedged"].returns.size
    return MandateRow(walk.name, list(walk.coins), static, walk.volatility, days, path.end)


def figure_rows(one: Walked) -> list[FigureRow]:
    """Every metric of every book."""
    return [
        FigureRow(one.walk.name, r.book, r.metric, r.unit, r.value, r.low, r.high, r.is_indicative)
        for r in summary(one.held, one.found)
    ]


def gain_rows(one: Walked) -> list[GainRow]:
    """Every metric of the hedged book less that of the others."""
    return [
        GainRow(one.walk.name, r.against, r.metric, r.unit, r.value, r.low, r.high, r.is_indicative)
        for r in differences(one.held, one.found)
    ]


def work_rows(one: Walked) -> Iterator[WorkRow]:
    """Risk taken away, volatility beside the one asked for, and what it took a year."""
    name = one.walk.name
    for figure in REDUCTIONS:
        span = one.found.intervals.get(figure, NO_INTERVAL)
        yield WorkRow(name, figure, "ratio", reduction(one.held, figure), span.low, span.high)
    wanted = one.walk.volatility
    if wanted is not None:
        span = one.found.intervals.get("hedged.volatility", NO_INTERVAL)
        reached = value_of(one.held, "hedged", VOLATILITY)
        over = [None if end is None else end / wanted for end in (reached, span.low, span.high)]
        yield WorkRow(name, "volatility_asked", "ratio", wanted, None, None)
        yield WorkRow(name, "volatility_over_asked", "ratio", *over)
    if one.free is not None:
        yield WorkRow(name, "free_days", "number", float(one.free.days), None, None)
        yield WorkRow(name, "free_volatility_over_asked", "ratio", *one.free.over_target)
    for figure, unit, measure in TAKEN:
        rates = [(measure(fold), _years(fold)) for fold in one.walk.records]
        yield WorkRow(name, figure, unit, over_time(rates), None, None)


def _years(record: BacktestRecord) -> float:
    return years_between(int(record.stamps_ns[0]), int(record.stamps_ns[-1]))


def over_time(rates: Sequence[tuple[float | None, float]]) -> float | None:
    """The mean of rates a year over time, None where one of them is not known.

    Worked: 2 for half a year and 1 for one and a half -> 1.25.
    """
    available = [(rate, years) for rate, years in rates if rate is not None]
    if len(available) < len(rates):
        return None
    return sum(rate * years for rate, years in available) / sum(years for _, years in available)


# --- what may be luck -----------------------------------------------------------------


def shapes(one: Walked) -> dict[Of, ReturnShape]:
    """The hedged book's days in four figures, and those of what it is more than the static one."""
    complete = one.held.complete
    if not {"hedged", "static"} <= complete.keys():
        return {}
    gain = complete["hedged"] - complete["static"]
    found: dict[Of, ReturnShape | None] = {
        "hedged": shape_of(complete["hedged"]),
        "gain": shape_of(gain),
    }
    return {of: shape for of, shape in found.items() if shape is not None}


def deflated_rows(made: Sequence[Walked], variants: int) -> list[DeflatedRow]:
    """The deflated Sharpe ratios of each mandate and of its gain on the static hedge."""
    shaped = [(one.walk.name, shapes(one)) for one in made]
    rows = []
    for name, own in shaped:
        for of, shape in own.items():
            sharpes = [other[of].sharpe for _, other in shaped if of in other]
            scatter = scatter_of(sharpes, shape.days)
            lucky = luckiest_sharpe(variants, scatter)
            sure = deflated_sharpe(shape, variants, scatter)
            rows.append(DeflatedRow(name, of, *shape, lucky, sure))
    return rows


def evidence_rows(
    one: Walked, variants: int, deflated: Sequence[DeflatedRow]
) -> Iterator[EvidenceRow]:
    """Which claims for a mandate are more than luck."""
    sure = {row.mandate: row.deflated_sharpe for row in deflated if row.of == "gain"}
    gains = {
        f"hedged-{row.against}.{row.metric}": row.value for row in differences(one.held, one.found)
    }
    for claim, figure in CLAIMS.items():
        value = gains[figure] if figure in gains else reduction(one.held, figure)
        luck = one.found.luck.get(figure)
        share, below = (None, None) if luck is None else luck
        holds = is_evidence(share, variants)
        if claim == "sharpe":
            holds = is_real_gain(share, sure.get(one.walk.name))
        standing = standing_of(value, below, variants, holds=holds)
        yield EvidenceRow(one.walk.name, claim, value, share, holds, standing)
