"""What the charts of a backtest draw, worked out once for the browser and for the picture."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from volsculpt.report.arrays import Floats, Ints, Truths, floats
from volsculpt.report.backtest_inputs import BacktestInputs, HedgePath, OrderEvent
from volsculpt.report.backtest_rows import BacktestRows
from volsculpt.report.backtest_words import BOOKS, PARTS_IN_WORDS
from volsculpt.report.blocks import clean
from volsculpt.report.series import short
from volsculpt.report.thinning import kept_places

Unit = Literal["USD", "coin", "percent", "x"]
Kind = Literal["line", "band", "up", "down", "cross", "bar"]

MOST_TRACES = 6
MOST_MARKS = 400
BLUE, ORANGE, PURPLE, GREEN, RED = "#2a78d6", "#c77700", "#8b6bd1", "#259455", "#c9402f"
GREY, TEAL, PINK = "#7d8996", "#1b8f9c", "#b8508f"
PALETTE = (BLUE, ORANGE, PURPLE, GREEN, TEAL, PINK)
COLOR_OF_BOOK = {"hedged": BLUE, "unhedged": ORANGE, "static": PURPLE}


@dataclass(frozen=True, slots=True)
class Trace:
    """One thing drawn. y in the chart's unit, NaN a gap; `top` of a band; `labels` of bars.

    dash: drawn broken, so that lines differ without colour.
    """

    name: str
    kind: Kind
    color: str
    x_ns: Ints
    y: Floats
    top: Floats | None = None
    labels: tuple[str, ...] = ()
    dash: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart. key: its published name; note: a sentence below it, empty when none is needed."""

    key: str
    title: str
    unit: Unit
    traces: list[Trace]
    note: str = ""


def charts(report: BacktestRows) -> list[Chart]:
    """Every chart that has something to draw, in the order of the page."""
    makers: list[Callable[[BacktestRows], Chart]] = [
        wealth_usd,
        wealth_coin,
        drawdown,
        ratio,
        exposure,
        attribution,
        costs,
        margin,
        leverage,
        distance,
        trades,
    ]
    made = [maker(report) for maker in makers]
    return [chart for chart in made if any(_is_there(trace) for trace in chart.traces)]


def _is_there(trace: Trace) -> bool:
    return bool(np.isfinite(trace.y).any())


def wealth_usd(report: BacktestRows) -> Chart:
    """Wealth of the books in US dollars, flows included."""
    stamps = report.inputs.stamps_ns
    lines = [_book_line(book, stamps, y) for book, y in report.inputs.books.items()]
    return Chart("wealth_usd", "Wealth in USD", "USD", lines)


def wealth_coin(report: BacktestRows) -> Chart:
    """The same in coins."""
    inputs = report.inputs
    lines = [
        _book_line(book, inputs.stamps_ns, wealth / inputs.price_usd)
        for book, wealth in inputs.books.items()
    ]
    return Chart("wealth_coin", f"Wealth in {clean(inputs.coin)}", "coin", lines)


def drawdown(report: BacktestRows) -> Chart:
    """How far each book stood below its highest, flows left out."""
    lines = [
        _book_line(book, report.inputs.stamps_ns[: fall.size], fall)
        for book, fall in report.drawdown.items()
    ]
    note = "Wealth in USD below its highest so far, deposits and withdrawals left out."
    return Chart("drawdown", "Drawdown", "percent", lines, note)


def _book_line(book: str, stamps: Ints, figures: Floats) -> Trace:
    dashed = book != "hedged"
    return Trace(BOOKS[book], "line", COLOR_OF_BOOK[book], stamps, figures, dash=dashed)


def ratio(report: BacktestRows) -> Chart:
    """Held ratio against target, with the band in which nothing is traded."""
    inputs, traces = report.inputs, list[Trace]()
    alone = len(inputs.hedges) == 1
    for hedge, color in zip(inputs.hedges[: MOST_TRACES // 2], PALETTE, strict=False):
        traces += _ratio_traces(inputs.stamps_ns, hedge, color, alone)
    left_out = len(inputs.hedges) - MOST_TRACES // 2
    note = "The band is where nothing is traded."
    return Chart("ratio", "Hedge ratio", "percent", traces, note + _and_more(left_out, "hedges"))


def _ratio_traces(stamps: Ints, hedge: HedgePath, color: str, alone: bool) -> list[Trace]:
    prefix = "" if alone else f"{clean(hedge.underlying)} "
    target = hedge.target_ratio
    low, high = target - hedge.under, target + hedge.over
    ends = GREY if alone else color
    return [
        Trace(f"{prefix}band", "band", ends, stamps, low, top=high),
        Trace(f"{prefix}held", "line", color, stamps, hedge.held_ratio),
        Trace(f"{prefix}target", "line", ends, stamps, target, dash=True),
    ]


def edges(trace: Trace) -> tuple[Ints, Floats, Floats]:
    """Places that either edge of a band needs, and both edges there; NaN left out."""
    top = trace.y if trace.top is None else trace.top
    there = np.flatnonzero(np.isfinite(trace.y) & np.isfinite(top))
    kept = np.union1d(kept_places(trace.y[there]), kept_places(top[there]))
    places = there[kept]
    return places, trace.y[places], top[places]


def exposure(report: BacktestRows) -> Chart:
    """What moves with the price of each hedged coin, in US dollars."""
    named = ((hedge.underlying, hedge.delta_usd) for hedge in report.inputs.hedges)
    title = "Exposure: what moves with the price, USD"
    return _of_many(report, "exposure", title, "USD", named, "hedges")


def margin(report: BacktestRows) -> Chart:
    """Equity of each margin group, and what its exchange asks for."""
    inputs, traces = report.inputs, list[Trace]()
    groups = inputs.groups[: MOST_TRACES // 2]
    for group, color in zip(groups, PALETTE, strict=False):
        name, unit = short(group.name), clean(group.currency)
        equity, needed = group.equity_coin, group.maintenance_coin
        traces += [
            Trace(f"{name} equity, {unit}", "line", color, inputs.stamps_ns, equity),
            Trace(f"{name} needed, {unit}", "line", color, inputs.stamps_ns, needed, dash=True),
        ]
    note = "A group with less equity than needed is closed by its exchange."
    more = _and_more(len(inputs.groups) - len(groups), "groups")
    return Chart("margin", "Margin", "coin", traces, note + more)


def leverage(report: BacktestRows) -> Chart:
    """Leverage of each margin group."""
    named = ((group.name, group.leverage) for group in report.inputs.groups)
    return _of_many(report, "leverage", "Leverage", "x", named, "groups")


def distance(report: BacktestRows) -> Chart:
    """How far the price had to move to liquidate each group."""
    named = ((group.name, group.liquidation_distance) for group in report.inputs.groups)
    made = _of_many(report, "distance", "Distance to liquidation", "percent", named, "groups")
    note = "The move that would close the group; no line where no move could." + made.note
    return Chart(made.key, made.title, made.unit, made.traces, note)


def _of_many(
    report: BacktestRows,
    key: str,
    title: str,
    unit: Unit,
    named: Iterable[tuple[str, Floats]],
    plural: str,
) -> Chart:
    """A line each, for as many as can be told apart."""
    stamps, pairs = report.inputs.stamps_ns, list(named)
    lines = [
        Trace(short(name), "line", color, stamps, figures)
        for (name, figures), color in zip(pairs, PALETTE, strict=False)
    ]
    return Chart(key, title, unit, lines, _and_more(len(pairs) - len(lines), plural))


def _and_more(count: int, plural: str) -> str:
    return f" {count} more {plural} are not drawn." if count > 0 else ""


def costs(report: BacktestRows) -> Chart:
    """Funding, basis and costs, summed up."""
    inputs = report.inputs
    shown = ("funding", "basis", "fees", "slippage", "transfers", "liquidation")
    lines = [
        Trace(PARTS_IN_WORDS[part], "line", color, inputs.stamps_ns, tally - tally[0])
        for part, color in zip(shown, (GREEN, BLUE, RED, ORANGE, PURPLE, PINK), strict=True)
        if np.any((tally := getattr(inputs.tallies, part)) != tally[0])
    ]
    title = "Funding, basis and costs so far, USD"
    return Chart("costs", title, "USD", lines, "Above zero is earned, below is paid.")


def attribution(report: BacktestRows) -> Chart:
    """What the change of the hedged book's wealth is made of, as bars."""
    rows = [row for row in report.attribution if row.usd != 0.0]
    places = np.arange(len(rows), dtype=np.int64)
    words = tuple(PARTS_IN_WORDS[row.part] for row in rows)
    bar = Trace("USD", "bar", BLUE, places, floats([row.usd for row in rows]), labels=words)
    return Chart("attribution", "Change of wealth by part, USD", "USD", [bar])


def trades(report: BacktestRows) -> Chart:
    """Every fill and liquidation on the price of the coin."""
    inputs = report.inputs
    sides: list[tuple[str, Kind, str, list[OrderEvent]]] = [
        ("sold", "down", RED, [one for one in inputs.orders if one.contracts < 0.0]),
        ("bought", "up", GREEN, [one for one in inputs.orders if one.contracts > 0.0]),
    ]
    traces = [Trace("price", "line", GREY, inputs.stamps_ns, inputs.price_usd)]
    traces += [_fills(inputs, *side) for side in sides if side[3]]
    if inputs.liquidations:
        closed = np.array([one.time_ns for one in inputs.liquidations], dtype=np.int64)
        traces.append(Trace("liquidated", "cross", PINK, closed, price_at(inputs, closed)))
    many = max((len(side[3]) for side in sides), default=0) > MOST_MARKS
    note = "Where trades are dense, the largest are marked." if many else ""
    title = f"Trades on the price of {clean(inputs.coin)}, USD"
    return Chart("trades", title, "USD", traces, note)


def _fills(
    inputs: BacktestInputs, name: str, kind: Kind, color: str, fills: list[OrderEvent]
) -> Trace:
    """Marks for fills of one side; at most one of each stretch of time when there are many."""
    times = np.array([one.time_ns for one in fills], dtype=np.int64)
    sizes = floats([one.value_usd for one in fills])
    kept = times[largest_of_each(times, sizes)] if times.size > MOST_MARKS else times
    return Trace(name, kind, color, kept, price_at(inputs, kept))


def largest_of_each(times: Ints, sizes: Floats) -> Truths:
    """Which events are the largest in their stretch of time, of `MOST_MARKS` equal stretches."""
    spans = max(int(times.max() - times.min()), 1)
    stretch = (times - times.min()) * (MOST_MARKS - 1) // spans
    order = np.lexsort((-sizes, stretch))
    first = np.append([True], np.diff(stretch[order]) != 0)
    found = np.zeros(times.size, dtype=np.bool_)
    found[order[first]] = True
    return found


def price_at(inputs: BacktestInputs, times_ns: Ints) -> Floats:
    """Index at times: that of the stamp at or before each, or of the first stamp."""
    place = np.searchsorted(inputs.stamps_ns, times_ns, side="right") - 1
    return inputs.price_usd[np.maximum(place, 0)]
