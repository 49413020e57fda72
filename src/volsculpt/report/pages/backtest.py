"""A backtest as a page: what happened first, then how sure it is, then why, then what it took."""

from collections.abc import Mapping, Sequence

from volsculpt.report.document import Column, Grid, Line, LineKind, Page, Section, clean, without
from volsculpt.report.pages.backtest_words import (
    BOOKS,
    GROUP_FIGURES,
    HEDGE_FIGURES,
    METRICS_IN_WORDS,
    NONE,
    PARTS_EXPLAINED,
    PARTS_IN_WORDS,
    VOLATILITY_FIGURES,
    WHOLE_FIGURES,
    in_unit,
    range_text,
)
from volsculpt.report.rows.backtest import (
    BacktestRows,
    BookRow,
    DifferenceRow,
    EffectivenessRow,
    SummaryRow,
    headline,
    is_synthetic,
    parted,
)
from volsculpt.text import (
    coins,
    moment,
    percent,
    price,
    signed_percent,
    signed_usd,
    trimmed,
    usd,
)

MOST_EVENTS = 10
CLOSES = (
    "wealth at midnight (UTC) below its highest midnight before; the deepest fall at the top is "
    "at any step, and can be deeper."
)
MEANT = (
    "Growth leaves deposits and withdrawals out. Risk is of daily closes (UTC), a year has 365 "
    "days, the riskless rate is zero; a loss is negative everywhere."
)

ATTRIBUTION = (
    Column("part", left=True),
    Column("USD", "+ added to wealth, - took from it"),
    Column("share", "of the change of wealth"),
    Column("what it is", left=True),
)
WHOLE = (Column("figure", left=True), Column("value"), Column("range"))
HEDGES = (
    Column("hedge", left=True),
    Column("off target", "how far held lay from target, on average over time"),
    Column("outside band", "share of the time, from a breach to the fill that ends it"),
)
VOLATILITIES = (
    Column("vol-target hedge", left=True),
    Column("wanted", "volatility of wealth a year that the hedge aims at"),
    Column("days lowest", "days its target stood at the lowest ratio allowed"),
    Column("days highest", "days its target stood at the highest ratio allowed"),
    Column("without", "days without a forecast: it kept what it held"),
)
GROUPS = (
    Column("margin group", left=True),
    Column("nearest", "the smallest move of the price that would have liquidated the group"),
    Column("when", of="nearest"),
    Column("leverage", "at its highest"),
    Column("when", of="leverage"),
)
FILLS = (
    Column("time, UTC", left=True),
    Column("what", left=True),
    Column("contract", left=True),
    Column("account", left=True),
    Column("price"),
    Column("USD"),
    Column("cost", "fee and slippage, USD"),
    Column("why", "the hedge held and its target, when the order was decided", left=True),
)
CLOSED = (
    Column("time, UTC", left=True),
    Column("group", left=True),
    Column("price"),
    Column("lost, USD"),
)


def content(report: BacktestRows) -> Page:
    """The page of a backtest; sections without content are left out."""
    urgent, other = parted(report.warnings)
    sections = [
        Section("Read this first", warned(urgent)),
        happened(report),
        in_dollars(report),
        changed(report),
        in_coins(report),
        attributed(report),
        effective(report),
        events(report),
        Section("Warnings", warned(other)),
        Section("Notes", [Line(clean(text), "bullet") for text in notes(report)]),
    ]
    return Page(clean(report.name), lead(report), [one for one in sections if one.items])


def warned(texts: list[str]) -> list[Line | Grid]:
    """Warnings as lines."""
    return [Line(clean(text), "warning") for text in texts]


def lead(report: BacktestRows) -> str:
    """From when to when."""
    years = f"{trimmed(report.years, 2)} years" if report.years >= 1.0 else f"{report.days} days"
    kind = "synthetic backtest" if is_synthetic(report) else "backtest"
    span = f"{kind} from {moment(report.begins)} to {moment(report.ends)}, {years}"
    return f"{headline(report.warnings)}{span}"


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
    if row.fall_high is None or row.fall_low is None:
        return "It never stood below an earlier high."
    when = f"{row.fall_high[:10]} to {row.fall_low[:10]}"
    again = "not made good" if row.fall_recovered is None else "made good"
    depth = signed_percent(round(row.fall_ratio, 4))
    return f"Deepest fall at any step {depth}, {when}; {again} after {days_words(row.fall_days)}."


def days_words(days: float) -> str:
    """Worked: 0.5 -> "12 hours", 400.2 -> "400 days"."""
    return f"{trimmed(days, 0)} days" if days >= 2.0 else f"{trimmed(24.0 * days, 0)} hours"


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
    meaning = Line("The hedged book less another, in points, over the same days.", "legend")
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
    return [
        in_unit(row.value, row.unit, signed),
        range_text(row.low, row.high, row.unit, row.is_indicative),
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
            f"of the real days ({trimmed(made.block_days, 1)} days on average), the same days for "
            f"every book; ~ is a hint only.",
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


def attributed(report: BacktestRows) -> Section:
    """The parts of the change of wealth, and their sum."""
    rows = [
        (
            PARTS_IN_WORDS[row.part],
            signed_usd(row.usd),
            NONE if row.share is None else in_unit(row.share, "ratio"),
            PARTS_EXPLAINED[row.part],
        )
        for row in report.attribution
    ]
    total = sum(row.usd for row in report.attribution)
    whole = "100 %" if any(row.share is not None for row in report.attribution) else NONE
    rows.append(("together", signed_usd(total), whole, "the change of the hedged book's wealth"))
    return Section("Where the change of wealth came from", [Grid(ATTRIBUTION, rows, narrow="fold")])


def effective(report: BacktestRows) -> Section:
    """Whether the hedge did its work: of the whole book, of each hedge, of each margin group."""
    rows = report.effectiveness
    grids = [whole_grid(rows), hedge_grid(rows), volatility_grid(rows), group_grid(rows)]
    return Section("How well the hedge worked", [grid for grid in grids if grid.rows])


def whole_grid(rows: Sequence[EffectivenessRow]) -> Grid:
    """Figures of the whole book."""
    cells = [
        (WHOLE_FIGURES[row.figure], in_unit(row.value, row.unit), _range(row))
        for row in rows
        if row.figure in WHOLE_FIGURES
    ]
    grid = Grid(WHOLE, cells, narrow="cut")
    return grid if any(row[-1] for row in cells) else without(grid, {len(WHOLE) - 1})


def _range(row: EffectivenessRow) -> str:
    return "" if row.low is None else range_text(row.low, row.high, row.unit)


def hedge_grid(rows: Sequence[EffectivenessRow]) -> Grid:
    """How well each hedge kept its target."""
    found = _by_owner(rows, HEDGE_FIGURES)
    cells = [(of, *(in_unit(row.value, row.unit) for row in own)) for of, own in found]
    return Grid(HEDGES, cells, narrow="cut")


def volatility_grid(rows: Sequence[EffectivenessRow]) -> Grid:
    """What each vol-target hedge wanted, and for how long it could not have it."""
    found = _by_owner(rows, VOLATILITY_FIGURES)
    cells = [(of, *(in_unit(row.value, row.unit) for row in own)) for of, own in found]
    return Grid(VOLATILITIES, cells, narrow="cut")


def group_grid(rows: Sequence[EffectivenessRow]) -> Grid:
    """The worst moments of each margin group; a group that no move could liquidate says never."""
    cells = []
    for of, (near, most) in _by_owner(rows, GROUP_FIGURES):
        nearest = "never" if near.value is None else in_unit(near.value, near.unit)
        figures = [nearest, _when(near), in_unit(most.value, most.unit), _when(most)]
        cells.append((of, *figures))
    return Grid(GROUPS, cells, narrow="cut")


def _when(row: EffectivenessRow) -> str:
    return utc(row.at) if row.at else ""


def _by_owner(
    rows: Sequence[EffectivenessRow], figures: Mapping[str, str]
) -> list[tuple[str, list[EffectivenessRow]]]:
    """Rows of some figures by what they are of, in the order of the figures.

    Two owners of one name stay two: their rows follow one another.
    """
    columns = [[row for row in rows if row.figure == figure] for figure in figures]
    return [(clean(own[0].of or ""), list(own)) for own in zip(*columns, strict=True)]


# --- events ---------------------------------------------------------------------------


def events(report: BacktestRows) -> Section:
    """How much happened, every liquidation up to a few, and the largest fills."""
    happened = report.events
    counts = [
        counted(len(happened.orders), "fill"),
        counted(len(happened.liquidations), "liquidation"),
        counted(len(happened.transfers), "transfer"),
        counted(len(happened.flows), "deposit or withdrawal", "deposits and withdrawals"),
    ]
    items: list[Line | Grid] = [Line(f"{', '.join(counts)}.")]
    if happened.liquidations:
        items += [Line(_first_words("Liquidations", len(happened.liquidations))), _closed(report)]
    if happened.orders:
        items += [Line(_first_words("Largest fills", len(happened.orders))), _fills(report)]
    return Section("Events", items)


def counted(count: int, one: str, many: str = "") -> str:
    """Worked: 1, "fill" -> "1 fill"; 0 -> "no fills"; 1200 -> "1,200 fills"."""
    name = one if count == 1 else many or f"{one}s"
    return f"{count:,} {name}" if count else f"no {name}"


def _first_words(name: str, count: int) -> str:
    return f"{name}:" if count <= MOST_EVENTS else f"{name}, {MOST_EVENTS} of {count:,}:"


def _closed(report: BacktestRows) -> Grid:
    worst = sorted(report.events.liquidations, key=lambda one: one.lost_usd)[:MOST_EVENTS]
    rows = [
        (utc(one.time), clean(f"{one.account} {one.group}"), price(one.price), usd(one.lost_usd))
        for one in sorted(worst, key=lambda one: one.time)
    ]
    return Grid(CLOSED, rows, narrow="fold")


def _fills(report: BacktestRows) -> Grid:
    largest = sorted(report.events.orders, key=lambda one: -one.value_usd)[:MOST_EVENTS]
    rows = [
        (
            utc(one.time),
            f"{'buy' if one.contracts > 0.0 else 'sell'} {coins(abs(one.contracts))}",
            clean(one.contract),
            clean(one.account),
            price(one.price),
            usd(one.value_usd),
            usd(one.fee_usd + one.slippage_usd),
            clean(one.reason),
        )
        for one in sorted(largest, key=lambda one: one.time)
    ]
    empty = not any(row[-1] for row in rows)
    grid = Grid(FILLS, rows, narrow="fold")
    return without(grid, {len(FILLS) - 1}) if empty else grid


def utc(stamp: str) -> str:
    """A time under a head that says UTC. Worked: "2024-05-20T08:00:00Z" -> "2024-05-20 08:00"."""
    return moment(stamp).removesuffix(" UTC")


def notes(report: BacktestRows) -> list[str]:
    """How the figures are meant, then what the backtest itself notes."""
    static = report.inputs.static_words
    return [MEANT, *([f"static hedge: {static}"] if static else []), *report.notes]
