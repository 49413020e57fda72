"""A backtest as a page: what happened first, then how sure it is, then why, then what it took."""

from collections.abc import Mapping

from volsculpt.report.document import Column, Grid, Line, LineKind, Page, Section, clean, warned
from volsculpt.report.pages.backtest_calendar import by_month, by_year, worst_falls
from volsculpt.report.pages.backtest_tables import (
    BOOKS,
    METRICS_IN_WORDS,
    POINTS,
    attributed,
    effective,
    events,
    in_unit,
    range_text,
)
from volsculpt.report.rows.backtest import (
    BacktestRows,
    BookRow,
    DifferenceRow,
    SummaryRow,
    headline,
    is_synthetic,
    parted,
)
from volsculpt.text import (
    coins,
    day,
    days_words,
    duration,
    measured,
    moment,
    percent,
    signed_percent,
    usd,
)
from volsculpt.units import DAY_NS

CLOSES = (
    "wealth at midnight (UTC) below its highest midnight before; the deepest fall at the top is "
    "at any step, and can be deeper."
)
MEANT = (
    "Growth leaves deposits and withdrawals out. Risk is of daily closes (UTC), a year has 365 "
    "days, the riskless rate is zero; a loss is negative everywhere."
)


def content(report: BacktestRows) -> Page:
    """The page of a backtest; sections without content are left out."""
    urgent, other = parted(report.warnings)
    sections = [
        Section("Read this first", warned(urgent)),
        happened(report),
        in_dollars(report),
        changed(report),
        by_month(report),
        by_year(report),
        worst_falls(report),
        in_coins(report),
        attributed(report),
        effective(report),
        events(report),
        Section("Warnings", warned(other)),
        Section("Notes", [Line(clean(text), "bullet") for text in notes(report)]),
    ]
    return Page(clean(report.name), lead(report), [one for one in sections if one.items])


def lead(report: BacktestRows) -> str:
    """From when to when."""
    kind = "synthetic backtest" if is_synthetic(report) else "backtest"
    span = f"{kind} from {moment(report.begins)} to {moment(report.ends)}, {years_words(report)}"
    return f"{headline(report.warnings)}{span}"


def years_words(report: BacktestRows) -> str:
    """How long it was."""
    if report.years >= 1.0:
        return measured(report.years, 2, "year")
    return measured(report.days, 0, "day")


# --- what happened --------------------------------------------------------------------


def happened(report: BacktestRows) -> Section:
    """A sentence for each book."""
    return Section(
        "What happened", [Line(book_sentence(report, row), _tone(row)) for row in report.books]
    )


def _tone(row: BookRow) -> LineKind:
    return "action" if row.book == "hedged" else "plain"


def book_sentence(report: BacktestRows, row: BookRow) -> str:
    """One book: from what to what, its growth, its deepest fall."""
    growth = {(one.book, one.metric): one.value for one in report.summary if one.currency == "USD"}
    total, yearly = growth[row.book, "total_growth"], growth[row.book, "cagr"]
    rate = (
        "" if yearly is None or report.years < 1.0 else f", {in_unit(yearly, 'ratio', True)} a year"
    )
    moved = "" if total is None else f" ({in_unit(total, 'ratio', True)}{rate})"
    words = f"{BOOKS[row.book]}: {usd(row.start_usd)} -> {usd(row.end_usd)} USD{moved}"
    return f"{words[0].upper()}{words[1:]}. {fall_words(row)}"


def fall_words(row: BookRow) -> str:
    """The deepest fall, from when to when."""
    span, depth = fall_span(row), signed_percent(round(row.fall_ratio, 4))
    if not span:
        return "It never stood below an earlier high."
    return f"Deepest fall at any step {depth}, {span}."


def fall_span(row: BookRow) -> str:
    """From when to when a book fell deepest, and if that was made good; "" if it never fell."""
    if row.fall_high is None or row.fall_low is None:
        return ""
    when = f"{day(row.fall_high)} to {day(row.fall_low)}"
    again = "not made good" if row.fall_recovered is None else "made good"
    return f"{when}; {again} after {days_words(row.fall_days)}"


# --- figures --------------------------------------------------------------------------


def in_dollars(report: BacktestRows) -> Section:
    """Metrics of the books in US dollars."""
    rows = {(one.book, one.metric): one for one in report.summary if one.currency == "USD"}
    books = [row.book for row in report.books]
    grid = _metric_grid(books, BOOKS, rows)
    return Section("Growth and risk in USD", [grid, *range_words(report)])


def changed(report: BacktestRows) -> Section:
    """What the hedge changed: the hedged book less the others."""
    rows = {(one.against, one.metric): one for one in report.differences}
    others = [row.book for row in report.books if row.book != "hedged"]
    heads = {other: f"less {BOOKS[other]}" for other in others}
    if not others:
        return Section("What the hedge changed", [])
    meaning = Line("The hedged book less another, over the same days.", "legend")
    items: list[Line | Grid] = [_metric_grid(others, heads, rows, is_difference=True), meaning]
    return Section("What the hedge changed", items)


def _metric_grid(
    books: list[str],
    heads: dict[str, str],
    rows: Mapping[tuple[str, str], SummaryRow | DifferenceRow],
    is_difference: bool = False,
) -> Grid:
    """A column and its range for each book, a row for each metric."""
    columns = [Column("figure", left=True)]
    ranges = any(row.low is not None for row in rows.values())
    for book in books:
        columns += [Column(heads[book]), *([Column("range", of=heads[book])] if ranges else [])]
    metrics = dict.fromkeys(metric for _, metric in rows)
    cells = []
    for metric in metrics:
        figures = [
            one
            for book in books
            for one in _value_and_range(rows[book, metric], is_difference)[: 1 + ranges]
        ]
        cells.append((METRICS_IN_WORDS[metric], *figures))
    return Grid(tuple(columns), cells, narrow="cut")


def _value_and_range(row: SummaryRow | DifferenceRow, signed: bool) -> list[str]:
    unit = POINTS if signed and row.unit != "number" else row.unit
    return [
        in_unit(row.value, unit, signed),
        range_text(row.low, row.high, unit, row.is_indicative),
    ]


def range_words(report: BacktestRows) -> list[Line]:
    """What a range is."""
    made = report.bootstrap
    closes = Line(f"{METRICS_IN_WORDS['max_drawdown']}: {CLOSES}", "legend")
    if not made.draws:
        return [closes]
    return [
        closes,
        Line(
            f"range: the middle {percent(made.level)} of {made.draws:,} histories made of blocks "
            f"of its days ({duration(round(made.block_days * DAY_NS))} on average), the same days "
            f"for every book; ~ is a hint only.",
            "legend",
        ),
    ]


def in_coins(report: BacktestRows) -> Section:
    """The same books counted in coins."""
    rows = [one for one in report.summary if one.currency != "USD"]
    books = list(dict.fromkeys(one.book for one in rows))
    columns = (Column("figure", left=True), *(Column(BOOKS[book]) for book in books))
    found = {(one.book, one.metric): in_unit(one.value, one.unit) for one in rows}
    metrics = list(dict.fromkeys(one.metric for one in rows))
    cells = [
        ("at the start", *(coins(round(row.start_coin, 8)) for row in report.books)),
        ("at the end", *(coins(round(row.end_coin, 8)) for row in report.books)),
    ]
    cells += [
        (METRICS_IN_WORDS[metric], *(found[book, metric] for book in books)) for metric in metrics
    ]
    grid = Grid(columns, cells, narrow="cut")
    return Section(f"Counted in {clean(report.coin)}", [grid] if rows else [])


def notes(report: BacktestRows) -> list[str]:
    """How the figures are meant, then what the backtest itself notes."""
    static = report.inputs.static_words
    return [MEANT, *([f"static hedge: {static}"] if static else []), *report.notes]
