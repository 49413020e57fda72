"""What the charts of a backtest draw, worked out once for the browser and for the picture."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from volsculpt.contracts.expiries import coin_of
from volsculpt.report.charts import hedge as hedge_series
from volsculpt.report.charts.chart import (
    BLUE,
    GREEN,
    GREY,
    INK,
    MOST_PANELS,
    OCHRE,
    PURPLE,
    SKY,
    VERMILION,
    AxisUnit,
    Chart,
    Panel,
    Trace,
    TraceKind,
    and_more,
    short,
    with_content,
)
from volsculpt.report.document import clean
from volsculpt.report.pages.backtest_tables import BOOKS, PARTS
from volsculpt.report.rows.backtest import BacktestRows, is_synthetic
from volsculpt.report.rows.backtest_events import FillRow
from volsculpt.report.stats.returns import Floats, Ints, Truths, floats
from volsculpt.simulate.record import BacktestRecord

MOST_MARKS = 400
# colour and width: a thin dark line on a thick light one shows both where they are the same
LOOK_OF_BOOK = {"hedged": (SKY, 4.0), "unhedged": (VERMILION, 1.5), "static": (INK, 0.9)}
EARNED = (("funding", BLUE), ("basis", SKY))
PAID = (
    ("fees", VERMILION),
    ("slippage", OCHRE),
    ("transfers", GREEN),
    ("interest", PURPLE),
)
LOST = (("liquidation", PURPLE),)
STATIC_WORDS = "The thin line, often right on the thick hedged one, is the static hedge."
TIMED_WORDS = "Below is what the hedged book has more than it: what timing earned."


def backtest_charts(report: BacktestRows) -> list[Chart]:
    """Every chart that has something to draw, in the order of the page."""
    makers: list[Callable[[BacktestRows], Chart]] = [
        wealth_usd,
        wealth_coin,
        drawdown,
        rolling_volatility,
        rolling_sharpe,
        hedge_series.ratio,
        hedge_series.exposure,
        attribution,
        costs,
        hedge_series.margin,
        hedge_series.leverage,
        hedge_series.distance,
        trades,
    ]
    made = [with_content(maker(report)) for maker in makers]
    suffix = " (synthetic)" if is_synthetic(report) else ""
    return [replace(one, title=f"{one.title}{suffix}") for one in made if one is not None]


# --- the books ------------------------------------------------------------------------


def wealth_usd(report: BacktestRows) -> Chart:
    """Wealth of the books in US dollars, flows included, and what the static one lacks."""
    inputs = report.inputs
    panels = _wealth_panels(inputs, np.ones(inputs.stamps_ns.size), "USD")
    reading = "What each book was worth, deposits and withdrawals included."
    return Chart("wealth_usd", "Wealth in USD", _with_timing(reading, inputs), panels)


def wealth_coin(report: BacktestRows) -> Chart:
    """The same in coins."""
    inputs, coin = report.inputs, clean(report.inputs.coin)
    panels = _wealth_panels(inputs, inputs.price_usd, coin)
    reading = (
        f"The same wealth divided by the price of {coin}: unhedged coins alone draw a level line."
    )
    return Chart("wealth_coin", f"Wealth in {coin}", _with_timing(reading, inputs), panels)


def _with_timing(reading: str, inputs: BacktestRecord) -> str:
    books = _with_static(reading, inputs)
    return books if inputs.static_usd is None else f"{books} {TIMED_WORDS}"


def _with_static(reading: str, inputs: BacktestRecord) -> str:
    return reading if inputs.static_usd is None else f"{reading} {STATIC_WORDS}"


def _wealth_panels(inputs: BacktestRecord, price: Floats, unit: str) -> list[Panel]:
    """Wealth of all books; below, what the hedged one has more than the static one."""
    kind: AxisUnit = "USD" if unit == "USD" else "coin"
    stamps = inputs.stamps_ns
    lines = [_book_line(book, stamps, y / price) for book, y in inputs.books.items()]
    if inputs.static_usd is None:
        return [Panel("", kind, unit, lines, is_level=True)]
    more = (inputs.hedged_usd - inputs.static_usd) / price
    line = Trace("hedged less static", "line", GREEN, stamps, more)
    less = Panel("hedged less static hedge", kind, unit, [line])
    return [Panel("", kind, unit, lines, is_level=True), less]


def drawdown(report: BacktestRows) -> Chart:
    """How far each book stood below its highest, flows left out."""
    lines = [
        _book_line(book, report.inputs.stamps_ns[: fall.size], fall)
        for book, fall in report.drawdown.items()
    ]
    reading = (
        "How far wealth in USD stood below its highest so far, deposits and withdrawals left out; "
        "at zero it is at a new high."
    )
    reading = _with_static(reading, report.inputs)
    return Chart("drawdown", "Drawdown", reading, [Panel("", "percent", "%", lines)])


def rolling_volatility(report: BacktestRows) -> Chart:
    """How much each book moved in the days up to each."""
    days = report.rolling.window_days
    reading = (
        f"Volatility of daily returns over the {days} days up to each, as of a year: how rough it "
        "was then. Where the hedged line runs below the unhedged one, the hedge took risk away."
    )
    reading = _with_static(reading, report.inputs)
    panels = [Panel("", "percent", "% a year", _rolling_lines(report, "volatility"))]
    return Chart("rolling_volatility", f"Volatility of {days} days", reading, panels)


def rolling_sharpe(report: BacktestRows) -> Chart:
    """What each book earned for its risk in the days up to each."""
    days = report.rolling.window_days
    reading = (
        f"Sharpe ratio of the {days} days up to each: mean return over its deviation, as of a "
        "year. Above zero money was made. So few days say little of what comes."
    )
    reading = _with_static(reading, report.inputs)
    panels = [Panel("", "number", "Sharpe ratio", _rolling_lines(report, "sharpe"))]
    return Chart("rolling_sharpe", f"Sharpe ratio of {days} days", reading, panels)


def _rolling_lines(report: BacktestRows, metric: str) -> list[Trace]:
    """A line a book that has such figures."""
    found = ((book, report.rolling.columns.get(f"{metric}.{book}")) for book in report.inputs.books)
    return [
        _book_line(book, report.rolling.end_ns, figures)
        for book, figures in found
        if figures is not None
    ]


def _book_line(book: str, stamps: Ints, figures: Floats) -> Trace:
    color, width = LOOK_OF_BOOK[book]
    return Trace(BOOKS[book], "line", color, stamps, figures, width=width)


# --- where the change of wealth came from ---------------------------------------------


def costs(report: BacktestRows) -> Chart:
    """Funding and basis, costs, and liquidations, each on an axis of its own: sizes differ."""
    panels = [
        Panel("earned or paid", "USD", "USD", _tally_lines(report.inputs, EARNED)),
        Panel("costs", "USD", "USD", _tally_lines(report.inputs, PAID)),
        Panel("lost in liquidations", "USD", "USD", _tally_lines(report.inputs, LOST)),
    ]
    reading = "Summed up from the start: a line that rises is earned, one that falls is paid."
    return Chart("costs", "Funding, basis and costs so far", reading, panels)


def _tally_lines(inputs: BacktestRecord, shown: tuple[tuple[str, str], ...]) -> list[Trace]:
    """A line for each part that is not zero throughout."""
    return [
        Trace(PARTS[part][0], "line", color, inputs.stamps_ns, tally - tally[0])
        for part, color in shown
        if np.any((tally := getattr(inputs.tallies, part)) != tally[0])
    ]


def attribution(report: BacktestRows) -> Chart:
    """What the change of the hedged book's wealth is made of, as bars."""
    rows = [row for row in report.attribution if row.usd != 0.0]
    positions = np.arange(len(rows), dtype=np.int64)
    words = tuple(PARTS[row.part][0] for row in rows)
    bar = Trace("USD", "bar", BLUE, positions, floats([row.usd for row in rows]), labels=words)
    reading = "Bars to the right added to wealth, bars to the left took from it."
    return Chart(
        "attribution", "Change of wealth by part", reading, [Panel("", "USD", "USD", [bar])]
    )


# --- trades ---------------------------------------------------------------------------


def trades(report: BacktestRows) -> Chart:
    """Every fill and liquidation on the price of its coin, a panel a coin."""
    inputs = report.inputs
    prices = coin_prices(inputs)
    shown = list(prices)[:MOST_PANELS]
    panels = [_trades_panel(report, coin, prices[coin], len(shown) > 1) for coin in shown]
    reading = "Orders that were filled, larger marks for larger ones; a cross is a liquidation."
    if _most_on_a_side(report.events.orders) > MOST_MARKS:
        reading += " Where trades are dense, the largest are marked."
    elsewhere = sum(base_of(one.contract) not in prices for one in report.events.orders)
    if elsewhere:
        reading += f" {elsewhere:,} fills of contracts on other coins are not drawn."
    title = "Trades on the price" if len(shown) > 1 else f"Trades on the price of {shown[0]}"
    more = and_more(len(prices) - len(shown), "coins")
    return Chart("trades", title, reading + more, panels)


def coin_prices(inputs: BacktestRecord) -> dict[str, Floats]:
    """Index of each hedged coin; of the coin the report counts in where there is none."""
    prices = {
        clean(one.underlying): one.price_usd for one in inputs.hedges if one.price_usd is not None
    }
    return prices or {clean(inputs.coin): inputs.price_usd}


def base_of(contract: str) -> str:
    """The coin, as charts write it. Worked: "bybit:BTC/USD:BTC" -> "BTC"."""
    return clean(coin_of(contract))


def _most_on_a_side(orders: Sequence[FillRow]) -> int:
    sold = sum(one.contracts < 0.0 for one in orders)
    return max(sold, len(orders) - sold)


def _trades_panel(report: BacktestRows, coin: str, price: Floats, titled: bool) -> Panel:
    """The price of a coin, and what was traded on it."""
    inputs, events = report.inputs, report.events
    fills = [one for one in events.orders if base_of(one.contract) == coin]
    sides: list[tuple[str, TraceKind, str, list[FillRow]]] = [
        ("sold", "down", VERMILION, [one for one in fills if one.contracts < 0.0]),
        ("bought", "up", BLUE, [one for one in fills if one.contracts > 0.0]),
    ]
    largest = max((one.value_usd for one in fills), default=0.0)
    traces = [Trace("price", "line", GREY, inputs.stamps_ns, price, width=1.3)]
    traces += [_fills(inputs, price, largest, *side) for side in sides if side[3]]
    accounts = {leg.account for leg in inputs.legs if base_of(leg.contract) == coin}
    ended = [one.time_ns for one in events.liquidations if one.account in accounts or not accounts]
    if ended:
        closed = np.array(ended, dtype=np.int64)
        at = price_at(inputs, price, closed)
        traces.append(Trace("liquidated", "cross", PURPLE, closed, at))
    return Panel(short(coin) if titled else "", "USD", "USD", traces, is_level=True)


def _fills(
    inputs: BacktestRecord,
    price: Floats,
    largest: float,
    name: str,
    kind: TraceKind,
    color: str,
    fills: list[FillRow],
) -> Trace:
    """Marks for fills of one side; at most one of each stretch of time when there are many."""
    times = np.array([one.time_ns for one in fills], dtype=np.int64)
    worth = floats([one.value_usd for one in fills])
    if times.size > MOST_MARKS:
        kept = largest_of_each(times, worth)
        times, worth = times[kept], worth[kept]
    sizes = np.sqrt(worth / largest) if largest > 0.0 else np.ones(worth.size)
    return Trace(name, kind, color, times, price_at(inputs, price, times), sizes=sizes)


def largest_of_each(times: Ints, sizes: Floats) -> Truths:
    """Which events are the largest in their stretch of time, of `MOST_MARKS` equal stretches."""
    spans = max(int(times.max() - times.min()), 1)
    stretch = (times - times.min()) * (MOST_MARKS - 1) // spans
    order = np.lexsort((-sizes, stretch))
    first = np.append([True], np.diff(stretch[order]) != 0)
    found = np.zeros(times.size, dtype=np.bool_)
    found[order[first]] = True
    return found


def price_at(inputs: BacktestRecord, price: Floats, times_ns: Ints) -> Floats:
    """A price at times: that of the stamp at or before each, or of the first stamp."""
    place = np.searchsorted(inputs.stamps_ns, times_ns, side="right") - 1
    return np.asarray(price[np.maximum(place, 0)])
