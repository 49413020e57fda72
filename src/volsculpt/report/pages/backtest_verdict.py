"""A backtest in fifteen lines: what it ran on, what came of it, what it cost, how sure it is."""

from collections.abc import Iterator

from volsculpt.market.market_paths import which_market
from volsculpt.report.document import Line, Page, Section, clean, warned
from volsculpt.report.pages.backtest import fall_span, years_words
from volsculpt.report.pages.backtest_tables import (
    PARTS,
    POINTS,
    in_unit,
    range_text,
)
from volsculpt.report.rows.backtest import (
    BacktestRows,
    BookRow,
    DifferenceRow,
    EffectivenessRow,
    SummaryRow,
    growth_metric,
    headline,
    is_synthetic,
    urgent_first,
)
from volsculpt.report.stats.bootstrap import FEWEST_DAYS
from volsculpt.text import counted, day, moment, percent, price, signed_percent, signed_usd, usd

COSTS = ("fees", "slippage", "transfers")
RISKS = {"variance_reduction": "the variance", "cvar_reduction": "the worst days' loss"}
OTHERS = {"unhedged": "no hedge", "static": "a static one of that mean ratio"}
MOST_WARNINGS = 2
CENT = 0.005
WHOLE_DOLLARS = 1_000.0  # figures of this size are told without cents
MORE = "all tables: --full; charts: --report page.html; every figure: --json"


def verdict(report: BacktestRows) -> Page:
    """The page of one screen; `pages.backtest.content` is the whole one."""
    items = [
        Line(market_words(report), "warning" if is_synthetic(report) else "plain"),
        Line(wealth_words(report), "action"),
        *(Line(text) for text in fall_words(report)),
        end_line(report),
        Line(source_words(report)),
        *(Line(text) for text in taken_words(report)),
        *(Line(text) for text in sure_words(report)),
        *warnings_of(report),
        Line(MORE, "legend"),
    ]
    return Page(clean(report.name), span_words(report), [Section("", items)])


def span_words(report: BacktestRows) -> str:
    """From when to when, behind what a reader must see before any figure."""
    span = f"{day(report.begins)} to {day(report.ends)}, {years_words(report)}"
    return f"{headline(report.warnings)}backtest from {span}"


def market_words(report: BacktestRows) -> str:
    """Whether prices were real."""
    if is_synthetic(report):
        words = which_market(report.warnings)
        return f"the prices are made up{words}: this proves nothing about real ones"
    return "Real prices, as stored."


def wealth_words(report: BacktestRows) -> str:
    """What became of the hedged book, and how the others grew."""
    rows = {row.book: row for row in report.books}
    own, rate = rows["hedged"], _rate(report)
    others = [
        f"{book} {signed}"
        for book in rows
        if book != "hedged" and (signed := _growth(report, book)) is not None
    ]
    words = f"{usd(own.start_usd)} -> {usd(own.end_usd)} USD"
    gained = _growth(report, "hedged")
    beside = f"; {', '.join(others)}" if others else ""
    return f"{words}." if gained is None else f"{words}, {gained}{rate}{beside}."


def short_verdict(report: BacktestRows) -> str:
    """Growth and worst fall of the hedged book, and of no hedge, in half a line.

    Worked: "Hedged +2.56 % a year, worst fall -39.2 %; unhedged -2.2 %, worst fall -77.3 %".
    """
    lines = list[str]()
    for row in report.books:
        if row.book != "static":
            grown_ = _growth(report, row.book)
            gained = "" if grown_ is None else f"{grown_}{'' if lines else _rate(report)}, "
            lines.append(f"{row.book} {gained}worst fall {_depth(row)}")
    whole = "; ".join(lines)
    return f"{headline(report.warnings)}{whole[0].upper()}{whole[1:]}"


def _rate(report: BacktestRows) -> str:
    return " a year" if report.years >= 1.0 else ""


def _growth(report: BacktestRows, book: str) -> str | None:
    """The growth of a book in words; None where there is none."""
    row = grown(report, book)
    return None if row.value is None else in_unit(row.value, row.unit, True)


def grown(report: BacktestRows, book: str) -> SummaryRow:
    """The growth of a book in US dollars."""
    wanted = (book, "USD", growth_metric(report))
    return next(row for row in report.summary if (row.book, row.currency, row.metric) == wanted)


def fall_words(report: BacktestRows) -> Iterator[str]:
    """The worst fall of the hedged book, and that of no hedge."""
    rows = {row.book: row for row in report.books}
    own, bare = rows["hedged"], rows.get("unhedged")
    beside = "" if bare is None else f" (unhedged {_depth(bare)})"
    span = fall_span(own)
    if not span:
        yield f"It never stood below an earlier high{beside}."
        return
    yield f"Worst fall {_depth(own)}{beside}, {span}."


def _depth(row: BookRow) -> str:
    return signed_percent(round(row.fall_ratio, 4))


def end_line(report: BacktestRows) -> Line:
    """The first liquidation, else how near the nearest came."""
    closed = report.events.liquidations
    if closed:
        first, lost = closed[0], sum(one.lost_usd for one in closed)
        times = f"LIQUIDATED {counted(len(closed), 'time')}, first {moment(first.time)}"
        where = f"{clean(first.account)} at {price(first.price)}"
        return Line(f"{times}: {where}; {usd(-lost)} USD lost beyond the price.", "danger")
    near = [
        row
        for row in report.effectiveness
        if row.figure == "nearest_liquidation" and row.value is not None
    ]
    if not near:
        return Line("Never liquidated, and no move of the price would have done it.")
    one = min(near, key=_value)
    where = clean(one.of or "") + (f", {moment(one.at)}" if one.at else "")
    return Line(f"Never liquidated; nearest {in_unit(one.value, 'ratio')} away: {where}.")


def _value(row: EffectivenessRow) -> float:
    return 0.0 if row.value is None else row.value


def source_words(report: BacktestRows) -> str:
    """Where the change of wealth came from, the largest parts first, costs together."""
    usd_of = {row.part: row.usd for row in report.attribution}
    costs = sum(usd_of.pop(part, 0.0) for part in COSTS)
    parts = [(PARTS[part][0], figure) for part, figure in usd_of.items() if abs(figure) >= CENT]
    parts = sorted([*parts, ("costs", costs)], key=lambda part: -abs(part[1]))
    total = sum(row.usd for row in report.attribution)
    own = next(row for row in report.books if row.book == "hedged")
    if abs(total) >= WHOLE_DOLLARS:  # as the two figures above differ, rounded as they are
        total = round(own.end_usd) - round(own.start_usd)
    sources = ", ".join(f"{name} {signed_usd(figure)}" for name, figure in parts)
    happened = report.events
    moves = f"{counted(len(happened.orders), 'fill')}"
    moves += f" and {counted(len(happened.transfers), 'transfer')}"
    return f"What made it {signed_usd(total)} USD: {sources} ({moves})."


def taken_words(report: BacktestRows) -> Iterator[str]:
    """What the hedge took away: of risk, and of growth."""
    rows = {row.figure: row for row in report.effectiveness}
    taken = [
        f"{percent(round(row.value, 3))} of {words}"
        for figure, words in RISKS.items()
        if (row := rows.get(figure)) is not None and row.value is not None
    ]
    if report.days < FEWEST_DAYS:
        yield f"What it took away of risk is not told of fewer than {FEWEST_DAYS} days."
    elif taken:
        yield f"The hedge took away {' and '.join(taken)}."
    for against, words in OTHERS.items():
        found = difference(report, against)
        if found is not None and found.value is not None and not is_same(found):
            gained = in_unit(found.value, POINTS, True)
            yield f"Growth{_rate(report)} beside {words} {gained}{_luck(found)}."


def is_same(row: DifferenceRow) -> bool:
    """Whether two books never differed: that is no luck."""
    return row.value == 0.0 and not row.low and not row.high


def difference(report: BacktestRows, against: str) -> DifferenceRow | None:
    """The growth of the hedged book less that of another; None where there is none."""
    wanted = (against, growth_metric(report))
    return next((row for row in report.differences if (row.against, row.metric) == wanted), None)


def sure_words(report: BacktestRows) -> Iterator[str]:
    """The ranges of its growth and of its gains, and whether a gain may be luck."""
    own = grown(report, "hedged")
    if own.low is None:
        yield "How sure: it cannot be told without resampled histories."
        return
    level = percent(report.bootstrap.level)
    text = f"How sure: growth{_rate(report)} {range_text(own.low, own.high, 'ratio')} in {level}"
    yield f"{text} of {report.bootstrap.draws:,} resampled histories."


def _luck(row: DifferenceRow) -> str:
    """The range of a difference, and whether it may be luck."""
    if row.low is None or row.high is None:
        return ""
    luck = "may be luck" if row.low <= 0.0 <= row.high else "hardly luck"
    return f" ({range_text(row.low, row.high, POINTS).removesuffix(f' {POINTS}')}), {luck}"


def warnings_of(report: BacktestRows) -> Iterator[Line]:
    """Its first warnings, those that change everything in front, and how many more there are."""
    warnings = [one for one in urgent_first(report.warnings) if not one.startswith("synthetic")]
    yield from (line for line in warned(warnings[:MOST_WARNINGS]) if isinstance(line, Line))
    more = len(warnings) - MOST_WARNINGS
    if more > 0:
        yield Line(f"{counted(more, 'more warning')}: --full", "warning")
