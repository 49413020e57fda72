"""An evaluation as a page: side by side, each mandate, by fold and year, tries, one sentence."""

from collections.abc import Iterator, Sequence

from volsculpt.report.document import (
    Cells,
    Column,
    Grid,
    Line,
    Page,
    Section,
    clean,
    grid_of,
    warned,
    without,
)
from volsculpt.report.pages.backtest_tables import BOOKS, METRICS_IN_WORDS, in_unit, range_text
from volsculpt.report.rows.backtest import FigureUnit, headline, parted
from volsculpt.report.rows.evaluation import (
    DeflatedRow,
    EvaluationRows,
    EvidenceRow,
    FigureRow,
    ForecastRow,
    GainRow,
    MandateRow,
    PairRow,
    PartRow,
)
from volsculpt.report.stats.bootstrap import FEWEST_DAYS
from volsculpt.text import NONE, day, moment, percent, significant, trimmed

SHOWN = ("cagr", "volatility", "max_drawdown", "cvar", "sharpe", "calmar")
CLAIMS = {
    "variance": "varies less than no hedge",
    "bad_days": "milder bad days than the static hedge",
    "sharpe": "more Sharpe than the static hedge",
}
MOST_IN_VERDICT = 2
OF = {"hedged": "its returns", "gain": "gain on static"}
MEANT = (
    "Every fold begins with the mandate's own book and the decision of its first moment, knowing "
    "what was known before it; its days are linked to those of the fold before. The static hedge "
    "holds the mean ratio over all folds, which nobody could have known. Costs are on in all "
    "hedged books. Risk is of daily closes (UTC), a year has 365 days, the riskless rate is zero."
)


def content(report: EvaluationRows) -> Page:
    """The page of an evaluation; sections without content are left out."""
    urgent, other = parted(report.warnings)
    sections = [
        Section("Read this first", warned(urgent)),
        side_by_side(report),
        *(one_mandate(report, row) for row in report.mandates),
        in_parts(report, "year", "By calendar year"),
        in_parts(report, "fold", "By fold"),
        in_parts(report, "condition", "By market condition"),
        each_other(report),
        forecasts(report),
        tries(report),
        Section("Warnings", warned(other)),
        Section("Notes", [Line(clean(text), "bullet") for text in (MEANT, *report.notes)]),
        Section("What is evidence, and what may be luck", judged(report)),
    ]
    names = ", ".join(clean(row.mandate) for row in report.mandates)
    return Page(names, lead(report), [one for one in sections if one.items], verdict(report))


def verdict(report: EvaluationRows) -> str:
    """What each of the first mandates came to, in half a line.

    Worked: "history: 81.12 % of the variance taken away, fall -38.82 %, Sharpe 0.67".
    """
    lines = list[str]()
    for row in report.mandates[:MOST_IN_VERDICT]:
        away, _, _, fall, sharpe, *_ = came_to(report, row)
        lines.append(
            f"{clean(row.mandate)}: {away} of the variance taken away, fall {fall}, Sharpe {sharpe}"
        )
    more = len(report.mandates) - MOST_IN_VERDICT
    return "; ".join([*lines, *([f"and {more} more"] if more > 0 else [])])


def lead(report: EvaluationRows) -> str:
    """From when to when, in how many folds."""
    folds = f"{len(report.folds)} folds" if len(report.folds) > 1 else "one fold"
    made_up = any(line.startswith("synthetic") for line in report.warnings)
    kind = "synthetic evaluation" if made_up else "evaluation"
    span = f"{kind} from {moment(report.begins)} to {moment(report.ends)}, {folds}"
    return f"{headline(report.warnings)}{span}"


# --- side by side ---------------------------------------------------------------------


def side_by_side(report: EvaluationRows) -> Section:
    """What each mandate came to: a row each."""
    columns = (
        Column("mandate", left=True),
        Column("variance away", "share of the unhedged book's variance taken away"),
        Column("volatility", "reached, a year"),
        Column("asked", "the volatility that the policy was asked for"),
        Column("fall", "deepest, of daily closes"),
        Column("Sharpe"),
        Column("traded", "a year, times wealth"),
        Column("costs", "fees, slippage and transfers a year, of wealth"),
    )
    rows = [(clean(row.mandate), *came_to(report, row)) for row in report.mandates]
    return Section("Side by side", [Grid(columns, rows, narrow="cut")])


def came_to(report: EvaluationRows, row: MandateRow) -> tuple[str, ...]:
    """Variance taken away, volatility, what was asked, fall, Sharpe ratio, traded and paid."""
    name = row.mandate
    figures = {r.metric: r for r in report.figures if (r.mandate, r.book) == (name, "hedged")}
    work = {r.figure: r for r in report.work if r.mandate == name}
    kept = [figures[one] for one in ("volatility", "max_drawdown", "sharpe")]
    shown = [in_unit(one.value, one.unit) for one in kept]
    away = in_unit(work["variance_reduction"].value, "ratio")
    wanted = "" if row.volatility_asked is None else percent(row.volatility_asked)
    paid = [in_unit(work[one].value, work[one].unit) for one in ("turnover", "cost")]
    return away, shown[0], wanted, *shown[1:], *paid


# --- each mandate ---------------------------------------------------------------------


def one_mandate(report: EvaluationRows, row: MandateRow) -> Section:
    """A mandate's own figures, and what it gained on no hedge and on the static one."""
    figures = [one for one in report.figures if one.mandate == row.mandate]
    gains = [one for one in report.gains if one.mandate == row.mandate]
    items: list[Line | Grid] = [
        Line(f"Static hedge: {clean(row.static)}; {row.days} days.", "plain"),
        *_work_lines(report, row),
        _metric_grid(figures, gains),
    ]
    ranged = any(one.low is not None for one in figures)
    if ranged:
        items.append(Line(_range_words(report), "legend"))
    return Section(clean(row.mandate), items)


def _work_lines(report: EvaluationRows, row: MandateRow) -> Iterator[Line]:
    """Risk taken away, and volatility beside the one asked for, with ranges."""
    work = {one.figure: one for one in report.work if one.mandate == row.mandate}
    words = {"variance_reduction": "Variance taken away", "cvar_reduction": "Worst days smaller by"}
    for figure, name in words.items():
        one = work[figure]
        yield Line(f"{name}: {in_unit(one.value, one.unit)}{_within(one.low, one.high)}.")
    over = work.get("volatility_over_asked")
    if over is not None and over.value is not None:
        within = _within(over.low, over.high)
        yield Line(f"Volatility reached over asked: {in_unit(over.value, 'ratio')}{within}.")
    free = work.get("free_volatility_over_asked")
    if free is not None and free.value is not None:
        days, within = int(work["free_days"].value or 0), _within(free.low, free.high)
        text = f"{in_unit(free.value, 'ratio')}{within}"
        yield Line(f"On the {days} days without a limit in the way: {text}.")


def _within(low: float | None, high: float | None) -> str:
    """Worked: 0.5, 0.7 -> " (50 to 70 %)"."""
    return "" if low is None else f" ({range_text(low, high, 'ratio')})"


def _metric_grid(figures: Sequence[FigureRow], gains: Sequence[GainRow]) -> Grid:
    """The hedged book, and it less the others, a row a metric."""
    own = {one.metric: one for one in figures if one.book == "hedged"}
    less = {(one.against, one.metric): one for one in gains}
    others = list(dict.fromkeys(one.against for one in gains))
    ranged = any(one.low is not None for one in figures)
    columns = [Column("figure", left=True), Column("hedged")]
    columns += [Column("range", of="hedged")] if ranged else []
    for other in others:
        head = f"less {BOOKS[other]}"
        columns += [Column(head), *([Column("range", of=head)] if ranged else [])]
    rows = []
    for metric in SHOWN:
        cells = _cells(own[metric], signed=False)[: 1 + ranged]
        for other in others:
            cells += _cells(less[other, metric], signed=True)[: 1 + ranged]
        rows.append((METRICS_IN_WORDS[metric], *cells))
    return Grid(tuple(columns), rows, narrow="cut")


def _cells(row: FigureRow | GainRow, signed: bool) -> list[str]:
    interval = range_text(row.low, row.high, row.unit, row.is_indicative)
    return [in_unit(row.value, row.unit, signed), interval]


def _range_words(report: EvaluationRows) -> str:
    made = report.bootstrap
    return (
        f"range: the middle {percent(made.level)} of {made.draws:,} histories made of blocks of "
        f"the real days, the same days for every book; ~ is a hint only."
    )


# --- by fold and year -----------------------------------------------------------------


def _gain(value: float | None, unit: FigureUnit) -> str:
    return in_unit(value, unit, signed=True)


PARTS: Cells[PartRow] = (
    (Column("days"), lambda row: str(row.days)),
    (
        Column("var. away", "variance taken away"),
        lambda row: in_unit(row.variance_reduction, "ratio"),
    ),
    (Column("volatility"), lambda row: in_unit(row.volatility, "ratio")),
    (Column("Sharpe"), lambda row: in_unit(row.sharpe, "number")),
    (
        Column("gain", "of Sharpe on the static hedge"),
        lambda row: _gain(row.sharpe_gain, "number"),
    ),
    (
        Column("range", of="gain"),
        lambda row: range_text(row.sharpe_gain_low, row.sharpe_gain_high, "number"),
    ),
    (
        Column("bad days", "how much milder the worst 5 % of days are than the static hedge's"),
        lambda row: _gain(row.cvar_gain, "ratio"),
    ),
    (
        Column("range", of="bad days"),
        lambda row: range_text(row.cvar_gain_low, row.cvar_gain_high, "ratio"),
    ),
)
"""Columns of one part of a mandate, after the one that names it."""


def in_parts(report: EvaluationRows, kind: str, title: str) -> Section:
    """A row for each mandate and year, or fold; none where there is only one."""
    rows = [one for one in report.parts if one.kind == kind]
    if len({one.part for one in rows}) < 2:
        return Section(title, [])
    many = len(report.mandates) > 1
    named: Cells[PartRow] = (
        (
            Column(kind, left=True),
            lambda row: f"{clean(row.name)} {clean(row.mandate)}" if many else clean(row.name),
        ),
        *PARTS,
    )
    ordered = sorted(
        rows, key=lambda one: (one.part if kind != "condition" else 0, one.name, one.mandate)
    )
    grid = grid_of(ordered, named, "cut")
    if all(one.sharpe_gain_low is None for one in rows):
        grid = without(grid, {n for n, one in enumerate(grid.columns) if one.of})
    return Section(title, [grid, *fold_lines(report, kind)])


def fold_lines(report: EvaluationRows, kind: str) -> list[Line]:
    """When each fold begins; by what days are told apart."""
    if kind == "condition":
        words = "condition of the coin at the beginning of each day, by the package's framework."
        return [Line(words, "legend")]
    if kind != "fold":
        return []
    begins = ", ".join(f"{row.fold} from {day(row.begins)}" for row in report.folds)
    return [Line(f"folds: {begins}.", "legend")]


# --- mandate against mandate ----------------------------------------------------------


PAIRS: Cells[PairRow] = (
    (Column("first less second", left=True), lambda r: f"{clean(r.first)} less {clean(r.second)}"),
    (Column("figure", left=True), lambda row: METRICS_IN_WORDS[row.metric]),
    (Column("difference"), lambda row: in_unit(row.value, row.unit, signed=True)),
    (Column("range"), lambda row: range_text(row.low, row.high, row.unit)),
    (Column("is", left=True), lambda row: "evidence" if row.is_evidence else "may be luck"),
)
FORECASTS: Cells[ForecastRow] = (
    (Column("coin", left=True), lambda row: clean(row.coin)),
    (Column("first", left=True), lambda row: clean(row.first)),
    (Column("QLIKE", of="first"), lambda row: trimmed(row.first_qlike, 4)),
    (Column("second", left=True), lambda row: clean(row.second)),
    (Column("QLIKE", of="second"), lambda row: trimmed(row.second_qlike, 4)),
    (Column("days"), lambda row: str(row.days)),
    (
        Column("statistic", "Diebold-Mariano: + where the first lost more"),
        lambda row: NONE if row.statistic is None else trimmed(row.statistic, 2),
    ),
    (Column("p", "how often luck alone does as much"), lambda row: _probability(row.p_value)),
)


def each_other(report: EvaluationRows) -> Section:
    """Mandates of the same coins, pair by pair."""
    return Section(
        "Against each other", [grid_of(report.pairs, PAIRS, "fold")] if report.pairs else []
    )


def forecasts(report: EvaluationRows) -> Section:
    """Forecasts of volatility, pair by pair."""
    if not report.forecasts:
        return Section("Forecasts of volatility", [])
    words = (
        "QLIKE is the mean of ln(forecast) + came/forecast, variances of a day as rates a year: "
        "less is better. A p of 5 % or less says that one of the two was better on these days. "
        "EWMA 0.94 and 0.97 are RiskMetrics' forecasts from daily closes."
    )
    return Section(
        "Forecasts of volatility",
        [grid_of(report.forecasts, FORECASTS, "fold"), Line(words, "legend")],
    )


def _probability(share: float | None) -> str:
    """Worked: 0.0412 -> "4.1 %"; below a tenth of a percent, that."""
    if share is None:
        return NONE
    return "under 0.1 %" if share < 0.001 else f"{trimmed(100.0 * share, 1)} %"


# --- tries, and the sentence ----------------------------------------------------------


DEFLATED: Cells[DeflatedRow] = (
    (Column("mandate", left=True), lambda row: clean(row.mandate)),
    (Column("of", left=True), lambda row: OF[row.of]),
    (Column("daily Sharpe"), lambda row: significant(row.daily_sharpe, 3, 4)),
    (
        Column("by luck", "the daily Sharpe ratio that the best of so many variants shows by luck"),
        lambda row: significant(row.luckiest_sharpe, 3, 4),
    ),
    (Column("skew"), lambda row: trimmed(row.skew, 2)),
    (Column("kurtosis", "3 is a normal distribution's"), lambda row: trimmed(row.kurtosis, 1)),
    (
        Column("deflated", "probability that it is more than that luck; 95 % is asked for"),
        lambda row: percent(round(row.deflated_sharpe, 3)),
    ),
)
EVIDENCE: Cells[EvidenceRow] = (
    (Column("mandate", left=True), lambda row: clean(row.mandate)),
    (Column("claim", left=True), lambda row: CLAIMS[row.claim]),
    (Column("against", "share of histories against it"), lambda row: _probability(row.share)),
    (Column("is", left=True), lambda row: _is(row)),
)


def _is(row: EvidenceRow) -> str:
    return row.standing or "not known"


def tries(report: EvaluationRows) -> Section:
    """How many variants were tried, and what that makes of Sharpe ratios."""
    tried = report.tried
    words = (
        f"{tried.variants} tried: {tried.compared} compared here and {tried.besides} besides "
        f"(--trials). Whoever tries more finds more by luck."
    )
    grid = grid_of(report.deflated, DEFLATED, "cut")
    return Section("Sharpe ratios, deflated", [grid, Line(words, "legend")] if grid.rows else [])


def judged(report: EvaluationRows) -> list[Line | Grid]:
    """Each claim, the rule, and the sentence that it comes to."""
    rule = (
        "evidence: luck alone would do as much at most one time in twenty, all variants tried "
        "together; more Sharpe must also be deflated to 95 % or more. Against: the same of the "
        f"contrary. Of the rest what came out better may be luck; the others are no evidence "
        f"either way. It takes {FEWEST_DAYS} days."
    )
    grid = grid_of(report.evidence, EVIDENCE, "fold")
    return [grid, Line(rule, "legend"), Line(clean(report.verdict), "action")]
