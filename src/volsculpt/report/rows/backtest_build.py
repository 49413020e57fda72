"""From the arrays of a backtest to its report: the one constructor is `backtest_report`."""

from volsculpt.errors import ReportError
from volsculpt.report.backtest import BacktestReport
from volsculpt.report.rows import backtest as rows
from volsculpt.report.rows.backtest import (
    AttributionRow,
    BookRow,
    EffectivenessRow,
    urgent_first,
)
from volsculpt.report.rows.backtest_summary import (
    REDUCTIONS,
    Histories,
    differences,
    histories,
    intervals,
    reduction,
    summary,
    value_of,
)
from volsculpt.report.stats.bootstrap import DRAWS, FEWEST_DAYS, LEVEL, NO_INTERVAL, Resampled
from volsculpt.report.stats.effectiveness import (
    days_at,
    days_without_target,
    funding_earned,
    hedge_cost,
    mean_gap,
    most_leverage,
    nearest,
    outside_band,
    time_in_position,
    turnover,
)
from volsculpt.report.stats.metrics import METRICS
from volsculpt.report.stats.returns import Ints, deepest, falls, years_between
from volsculpt.simulate.record import PARTS, BacktestRecord, HedgePath, checked
from volsculpt.units import iso

VOLATILITY = next(metric for metric in METRICS if metric.name == "volatility")
AGREE = 1e-9  # how closely the parts must add up to the change of wealth
FRACTIONS = 1e-12  # of wealth: what sums of binary fractions leave


def backtest_report(inputs: BacktestRecord, draws: int = DRAWS, seed: int = 0) -> BacktestReport:
    """All figures of a backtest. Raises ReportError where arrays contradict each other.

    draws, seed: of the bootstrap; 0 draws leave the intervals out.
    """
    checked(inputs)
    dollars, coins = histories(inputs, in_coins=False), histories(inputs, in_coins=True)
    found = intervals(dollars, draws, seed)
    first, last = int(inputs.stamps_ns[0]), int(inputs.stamps_ns[-1])
    return BacktestReport(
        name=inputs.name,
        coin=inputs.coin,
        begins=iso(first),
        ends=iso(last),
        years=years_between(first, last),
        days=max(one.returns.size for one in dollars.days.values()),
        books=[book_row(inputs, dollars, book) for book in inputs.books],
        summary=[*summary(dollars, found), *summary(coins, found)],
        differences=differences(dollars, found),
        attribution=attribution(inputs),
        effectiveness=effectiveness(inputs, dollars, found),
        events=rows.Events(
            list(inputs.orders),
            list(inputs.refusals),
            list(inputs.liquidations),
            list(inputs.transfers),
            list(inputs.flows),
        ),
        bootstrap=rows.Bootstrap(LEVEL, found.draws, found.block_days, seed),
        warnings=urgent_first([*inputs.warnings, *figure_warnings(dollars, found, draws)]),
        notes=list(inputs.notes),
        inputs=inputs,
        drawdown={book: falls(path.index) for book, path in dollars.paths.items()},
    )


def book_row(inputs: BacktestRecord, dollars: Histories, book: str) -> BookRow:
    """Wealth at both ends, and the deepest fall at any step."""
    wealth, path = inputs.books[book], dollars.paths[book]
    fall = deepest(path)
    recovered = None if fall is None or fall.recovered_ns is None else iso(fall.recovered_ns)
    return BookRow(
        book=book,
        start_usd=float(wealth[0]),
        end_usd=float(wealth[-1]),
        start_coin=float(wealth[0] / inputs.price_usd[0]),
        end_coin=float(wealth[-1] / inputs.price_usd[-1]),
        path=path.end,
        path_ends=iso(path.stamps_ns[-1]),
        fall_ratio=0.0 if fall is None else fall.depth,
        fall_high=None if fall is None else iso(fall.high_ns),
        fall_low=None if fall is None else iso(fall.low_ns),
        fall_recovered=recovered,
        fall_days=0.0 if fall is None else fall.days,
    )


def attribution(inputs: BacktestRecord) -> list[AttributionRow]:
    """What each tally added to wealth; ReportError when together they miss the change of wealth.

    They may miss it by a billionth of the change, or of the largest part where parts cancel out,
    and by what binary fractions of the wealth itself leave: a cent of 1e10 USD.
    """
    grown = {part: getattr(inputs.tallies, part) for part in PARTS}
    parts = {part: float(tally[-1] - tally[0]) for part, tally in grown.items()}
    change, whole = float(inputs.hedged_usd[-1] - inputs.hedged_usd[0]), sum(parts.values())
    size = max(abs(change), *map(abs, parts.values()))
    noise = FRACTIONS * float(abs(inputs.hedged_usd).max())
    if abs(whole - change) > AGREE * size + noise:
        raise ReportError(
            f"tallies add up to {whole!r} USD but wealth changed by {change!r}: every change of "
            f"the hedged book belongs to one of {', '.join(PARTS)}"
        )
    clear = abs(change) > AGREE * size
    return [
        AttributionRow(part, usd, usd / change if clear else None) for part, usd in parts.items()
    ]


def effectiveness(
    inputs: BacktestRecord, dollars: Histories, found: Resampled
) -> list[EffectivenessRow]:
    """Risk taken away, target kept, costs, and how near liquidation came."""
    made = []
    for name in REDUCTIONS:
        span = found.intervals.get(name, NO_INTERVAL)
        value = reduction(dollars, name)
        made.append(EffectivenessRow(name, None, "ratio", value, span.low, span.high, None))
    for hedge in inputs.hedges:
        made += hedge_rows(inputs.stamps_ns, hedge)
    made += volatility_rows(inputs, dollars, found)
    made += [
        _plain("time_in_position", "ratio", time_in_position(inputs)),
        _plain("turnover", "x", turnover(inputs)),
        _plain("cost", "ratio a year", hedge_cost(inputs)),
        _plain("funding_earned", "ratio a year", funding_earned(inputs)),
    ]
    return made + group_rows(inputs)


def _plain(figure: str, unit: rows.FigureUnit, value: float | None) -> EffectivenessRow:
    return EffectivenessRow(figure, None, unit, value, None, None, None)


def hedge_rows(stamps_ns: Ints, hedge: HedgePath) -> list[EffectivenessRow]:
    """How near a hedge stayed to its target."""
    figures = {
        "mean_gap": mean_gap(stamps_ns, hedge),
        "time_outside_band": outside_band(stamps_ns, hedge),
    }
    return [
        EffectivenessRow(figure, hedge.underlying, "ratio", value, None, None, None)
        for figure, value in figures.items()
    ]


def volatility_rows(
    inputs: BacktestRecord, dollars: Histories, found: Resampled
) -> list[EffectivenessRow]:
    """Volatility of wealth as it came, beside what vol-target hedges wanted; none without them.

    And for how many days their targets stood at a limit, or there was none.
    """
    made: list[EffectivenessRow] = []
    stamps = inputs.stamps_ns
    for hedge in inputs.hedges:
        if hedge.volatility is not None:
            low, high = hedge.limits
            figures: list[tuple[str, rows.FigureUnit, float]] = [
                ("volatility_wanted", "ratio", hedge.volatility),
                ("days_at_min_ratio", "number", days_at(stamps, hedge, low)),
                ("days_at_max_ratio", "number", days_at(stamps, hedge, high)),
                ("days_without_target", "number", days_without_target(stamps, hedge)),
            ]
            made += [
                EffectivenessRow(figure, hedge.underlying, unit, value, None, None, None)
                for figure, unit, value in figures
            ]
    if not made:
        return []
    realised = value_of(dollars, "hedged", VOLATILITY)
    span = found.intervals.get("hedged.volatility", NO_INTERVAL)
    wealth = EffectivenessRow(
        "volatility_realised", None, "ratio", realised, span.low, span.high, None
    )
    return [wealth, *made]


def group_rows(inputs: BacktestRecord) -> list[EffectivenessRow]:
    """The worst moments of each margin group."""
    made = []
    for group in inputs.groups:
        found: list[tuple[str, rows.FigureUnit, tuple[float, int] | None]] = [
            ("nearest_liquidation", "ratio", nearest(inputs.stamps_ns, group)),
            ("max_leverage", "x", most_leverage(inputs.stamps_ns, group)),
        ]
        for figure, unit, worst in found:
            value, at = (None, None) if worst is None else (worst[0], iso(worst[1]))
            made.append(EffectivenessRow(figure, group.name, unit, value, None, None, at))
    return made


def figure_warnings(dollars: Histories, found: Resampled, draws: int) -> list[str]:
    """What a reader must know of the figures themselves."""
    ends = {"ruined": "lost all its wealth", "emptied": "was emptied by withdrawals"}
    warnings = [
        f"path_ended: the {book} book {ends[path.end]} at {iso(path.stamps_ns[-1])}; its figures "
        f"stop there and have no ranges"
        for book, path in dollars.paths.items()
        if path.end != "complete"
    ]
    gaps = max(one.missing for one in dollars.days.values())
    if gaps:
        warnings.append(f"missing_days: {gaps} days have no figure; the next day stands for them")
    if draws and not found.draws and dollars.complete:
        warnings.append(f"too_short: ranges need {FEWEST_DAYS} days or more")
    return warnings
