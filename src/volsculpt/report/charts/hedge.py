"""Charts of the hedge itself: ratio, exposure, margin, leverage, distance to liquidation."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from volsculpt.report.charts.chart import (
    BLUE,
    GREY,
    INK,
    LOOKS,
    MOST_PANELS,
    MOST_TRACES,
    NEVER_AT,
    PALETTE,
    VERMILION,
    Chart,
    Panel,
    Trace,
    and_more,
    foremost,
    numbered,
    short,
)
from volsculpt.report.document import clean
from volsculpt.report.rows.backtest import BacktestRows
from volsculpt.report.stats.returns import Floats, Ints, Truths
from volsculpt.simulate.record import BacktestRecord, GroupPath, HedgePath
from volsculpt.text import percent, trimmed

FARTHEST = 1.0  # a price that has to double or vanish is far enough
WILD = 3.0  # an axis ends where figures beyond would flatten all others by this
OPENING = 0.05  # share of the stamps that may count as the opening of the hedge
STEPS = (0.1, 0.2, 0.4, 0.6, 0.8, FARTHEST)  # where the axis of distances may end


def ratio(report: BacktestRows) -> Chart:
    """Held ratio against target, with the band in which nothing is traded; a panel a hedge."""
    inputs = report.inputs
    hedges = inputs.hedges[:MOST_PANELS]
    reading = (
        "The share of the coin whose price risk futures take away. Inside the band nothing is "
        "traded; a held line that leaves it is brought back by the next order."
    )
    return Chart(
        "ratio",
        "Hedge ratio: held against target",
        reading + _opened_words(inputs) + and_more(len(inputs.hedges) - len(hedges), "hedges"),
        [_ratio_panel(inputs, hedge, alone=len(hedges) == 1) for hedge in hedges],
    )


def _ratio_panel(inputs: BacktestRecord, hedge: HedgePath, alone: bool) -> Panel:
    stamps, target = inputs.stamps_ns, hedge.target_ratio
    low, high = target - hedge.under, target + hedge.over
    traces = [
        Trace("band", "band", GREY, stamps, low, top=high),
        Trace("held", "line", BLUE, stamps, opened(inputs, hedge.held_ratio)),
        Trace("target", "line", INK, stamps, target, look="dash", width=1.2),
    ]
    title = "" if alone else short(hedge.underlying)
    return Panel(title, "percent", "hedged, %", traces)


def opening(inputs: BacktestRecord) -> int:
    """The first stamp with a contract held, where none is at the start and that is early; else 0.

    Before it nothing was hedged yet, which would flatten all that follows.
    """
    size = inputs.stamps_ns.size
    held = [leg.contracts != 0.0 for leg in inputs.legs]
    first = min((int(np.argmax(one)) for one in held if one.any()), default=0)
    return first if first <= max(2.0, OPENING * size) else 0


def opened(inputs: BacktestRecord, figures: Floats) -> Floats:
    """Figures without those before the opening of the hedge."""
    shown = figures.copy()
    shown[: opening(inputs)] = np.nan
    return shown


def _opened_words(inputs: BacktestRecord) -> str:
    return " Drawn from the first fill on." if opening(inputs) else ""


def exposure(report: BacktestRows) -> Chart:
    """What moves with the price of each hedged coin, in US dollars; the largest when many."""
    inputs = report.inputs
    sizes = [float(np.abs(one.delta_usd).mean()) for one in inputs.hedges]
    hedges = foremost(inputs.hedges, MOST_TRACES, sizes)
    named = [(one.underlying, opened(inputs, one.delta_usd)) for one in hedges]
    lines = _lines(inputs.stamps_ns, named)
    reading = (
        "What still moves with the price of a coin, futures counted: at 50,000 USD a fall of 1 % "
        "costs 500 USD. At zero the price does not matter; below, a fall earns."
    )
    return Chart(
        "exposure",
        "Exposure left after the hedge",
        reading + _opened_words(inputs) + and_more(len(inputs.hedges) - len(hedges), "hedges"),
        [Panel("", "USD", "USD", lines)],
    )


def _lines(stamps: Ints, named: Sequence[tuple[str, Floats]]) -> list[Trace]:
    """A line each, told apart by colour and, beyond three, by dashes."""
    names = numbered([name for name, _ in named])
    return [
        Trace(name, "line", color, stamps, figures, look=look)
        for name, (_, figures), color, look in zip(names, named, PALETTE, LOOKS, strict=False)
    ]


def margin(report: BacktestRows) -> Chart:
    """Equity of each margin group, and what its exchange asks for; a panel a group."""
    inputs = report.inputs
    groups = _busiest(inputs.groups, MOST_PANELS)
    reading = (
        "A group whose equity falls to what is needed is closed by its exchange. Steps are coins "
        "moved in or out."
    )
    return Chart(
        "margin",
        "Margin: equity against what is needed",
        reading + and_more(len(inputs.groups) - len(groups), "groups"),
        [_margin_panel(inputs.stamps_ns, group) for group in groups],
    )


def _margin_panel(stamps: Ints, group: GroupPath) -> Panel:
    unit = clean(group.currency)
    traces = [
        Trace("equity", "line", BLUE, stamps, group.equity_coin),
        Trace("needed", "line", VERMILION, stamps, group.maintenance_coin, look="dash"),
    ]
    return Panel(short(group.name), "coin", unit, traces)


def _busiest(groups: Sequence[GroupPath], most: int) -> list[GroupPath]:
    """Those that need margin most of the time when there are many, in their order."""
    needed = [int(np.count_nonzero(one.maintenance_coin)) for one in groups]
    return foremost(groups, most, needed)


def leverage(report: BacktestRows) -> Chart:
    """Leverage of each margin group."""
    inputs = report.inputs
    groups = _busiest(inputs.groups, MOST_TRACES)
    named = [(one.name, opened(inputs, one.leverage)) for one in groups]
    lines = _lines(inputs.stamps_ns, named)
    reading = "Value of a group's contracts over its equity: at 2x a move of 1 % moves equity 2 %."
    span, words = wild_span([trace.y for trace in lines])
    words += _opened_words(inputs) + and_more(len(inputs.groups) - len(groups), "groups")
    return Chart(
        "leverage",
        "Leverage",
        reading + words,
        [Panel("", "x", "times equity", lines, span)],
    )


def wild_span(lines: Sequence[Floats]) -> tuple[tuple[float, float] | None, str]:
    """Where the axis ends when few figures are far above all others, and the sentence for it."""
    finite = np.concatenate([np.zeros(1), *(line[np.isfinite(line)] for line in lines)])
    usual, most = float(np.quantile(finite, 0.99)), float(finite.max())
    if usual <= 0.0 or most <= WILD * usual:
        return None, ""
    top = 1.5 * usual
    return (0.0, top), f" The axis ends at {trimmed(top, 1)}x; the highest was {trimmed(most, 1)}x."


def distance(report: BacktestRows) -> Chart:
    """How far the price had to move to liquidate each group; the axis ends where that is far."""
    inputs = report.inputs
    groups = _busiest(inputs.groups, MOST_TRACES)
    top = _top([group.liquidation_distance for group in groups])
    lines = _lines(
        inputs.stamps_ns,
        [(one.name, _capped_distance(one.liquidation_distance, top)) for one in groups],
    )
    traces = [
        replace(line, true=group.liquidation_distance)
        for line, group in zip(lines, groups, strict=True)
    ]
    reading = (
        "The move of the price that would close the group: near zero is dangerous. At the line "
        "'never' no move could, or no contracts were held."
    )
    return Chart(
        "distance",
        "Distance to liquidation",
        reading + and_more(len(inputs.groups) - len(groups), "groups"),
        [Panel("", "percent", "move of the price, %", traces, (0.0, 1.18 * top), _ticks(top))],
    )


def _top(distances: Sequence[Floats]) -> float:
    """The end of the axis: the first of `STEPS` that holds every distance, or the last."""
    highest = [float(line[np.isfinite(line)].max(initial=0.0)) for line in distances]
    most = max(highest, default=0.0)
    return next((step for step in STEPS if most <= step), FARTHEST)


def _capped_distance(distance_ratio: Floats, top: float) -> Floats:
    never: Truths = ~np.isfinite(distance_ratio)
    return np.where(never, NEVER_AT * top, np.minimum(distance_ratio, top))


def _ticks(top: float) -> tuple[tuple[float, str], ...]:
    """Quarters of the axis, its end, and never."""
    ticks = [top * quarter / 4.0 for quarter in range(5)]
    words = [percent(place) for place in ticks]
    if top == FARTHEST:
        words[-1] += " or more"
    return (*zip(ticks, words, strict=True), (NEVER_AT * top, "never"))
