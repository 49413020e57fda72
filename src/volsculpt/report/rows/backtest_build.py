"""From the arrays of a backtest to its report: the one constructor is `backtest_report`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from volsculpt.errors import ReportError
from volsculpt.report.backtest import BacktestReport
from volsculpt.report.rows.backtest import (
    AttributionRow,
    BookRow,
    Bootstrap,
    DifferenceRow,
    EffectivenessRow,
    FallRow,
    FigureUnit,
    SummaryRow,
    urgent_first,
)
from volsculpt.report.rows.backtest_calendar import (
    fall_rows,
    month_rows,
    rolling_figures,
    year_rows,
)
from volsculpt.report.rows.backtest_events import events_of
from volsculpt.report.stats.bootstrap import (
    FEWEST_DAYS,
    LEVEL,
    NO_INTERVAL,
    Resampled,
    Samples,
    resample,
)
from volsculpt.report.stats.effectiveness import (
    cvar_reduction,
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
    variance_reduction,
)
from volsculpt.report.stats.metrics import METRICS, Metric, Sample
from volsculpt.report.stats.returns import (
    Daily,
    Floats,
    Growth,
    Ints,
    daily,
    falls,
    finite,
    growth,
    years_between,
)
from volsculpt.simulate.record import PARTS, BacktestRecord, HedgePath, checked
from volsculpt.units import DRAWS, iso

VOLATILITY = next(metric for metric in METRICS if metric.name == "volatility")
AGREE = 1e-9  # how closely the parts must add up to the change of wealth
FRACTIONS = 1e-12  # of wealth: what sums of binary fractions leave
IN_COINS = ("total_growth", "cagr", "volatility", "max_drawdown")
LOST = ("total_growth", "cagr", "max_drawdown")  # what is -1 when everything was lost
REDUCTIONS = {"variance_reduction": variance_reduction, "cvar_reduction": cvar_reduction}


def backtest_report(inputs: BacktestRecord, draws: int = DRAWS, seed: int = 0) -> BacktestReport:
    """All figures of a backtest. Raises ReportError where arrays contradict each other.

    draws, seed: of the bootstrap; 0 draws leave the intervals out.
    """
    checked(inputs)
    dollars, coins = histories(inputs, in_coins=False), histories(inputs, in_coins=True)
    found = intervals(dollars, draws, seed)
    fallen = {book: fall_rows(book, path) for book, path in dollars.paths.items()}
    first, last = int(inputs.stamps_ns[0]), int(inputs.stamps_ns[-1])
    return BacktestReport(
        name=inputs.name,
        coin=inputs.coin,
        begins=iso(first),
        ends=iso(last),
        years=years_between(first, last),
        days=max(one.returns.size for one in dollars.days.values()),
        books=[book_row(inputs, dollars.paths[book], book, fallen[book]) for book in inputs.books],
        summary=[*summary(dollars, found), *summary(coins, found)],
        differences=differences(dollars, found),
        by_month=[row for book, days in dollars.days.items() for row in month_rows(book, days)],
        by_year=[row for book, days in dollars.days.items() for row in year_rows(book, days)],
        falls=[row for found_falls in fallen.values() for row in found_falls],
        attribution=attribution(inputs),
        effectiveness=effectiveness(inputs, dollars, found),
        events=events_of(inputs.events),
        bootstrap=Bootstrap(LEVEL, found.draws, found.block_days, seed),
        warnings=urgent_first([*inputs.warnings, *figure_warnings(dollars, found, draws)]),
        notes=list(inputs.notes),
        inputs=inputs,
        drawdown={book: falls(path.index) for book, path in dollars.paths.items()},
        rolling=rolling_figures({book: dollars.days[book] for book in dollars.samples}),
    )


# --- figures of each book, and of the books against each other ------------------------


@dataclass(frozen=True, slots=True)
class Histories:
    """Growth and days of each book in one currency; samples only where the path is not ruined."""

    currency: str
    paths: dict[str, Growth]
    days: dict[str, Daily]
    samples: dict[str, Sample]

    @property
    def complete(self) -> dict[str, Floats]:
        """Daily returns of the books that reached the end: these can be resampled together."""
        return {
            book: self.days[book].returns
            for book, path in self.paths.items()
            if path.end == "complete"
        }


def histories(inputs: BacktestRecord, in_coins: bool) -> Histories:
    """The books of a backtest in US dollars, or in its coin at the index of each stamp."""
    price = inputs.price_usd if in_coins else np.ones(inputs.stamps_ns.size)
    flows = inputs.flows_usd / np.concatenate([price[:1], price[:-1]])
    paths = {
        book: growth(inputs.stamps_ns, wealth / price, flows)
        for book, wealth in inputs.books.items()
    }
    days = {book: daily(path) for book, path in paths.items()}
    samples = {
        book: Sample(days[book].returns, path.years)
        for book, path in paths.items()
        if path.end != "ruined"
    }
    return Histories(inputs.coin if in_coins else "USD", paths, days, samples)


def intervals(dollars: Histories, draws: int, seed: int) -> Resampled:
    """Intervals of all metrics, differences and reductions that can be resampled together."""
    books = dollars.complete
    if not books or draws == 0:
        return Resampled({}, 1.0, 0)
    years = next(dollars.paths[book].years for book in books)
    wanted = {
        f"{book}.{metric.name}": _figure_of(book, metric) for book in books for metric in METRICS
    }
    if "hedged" in books:
        others = [book for book in books if book != "hedged"]
        wanted |= {
            f"hedged-{other}.{metric.name}": _difference_to(other, metric)
            for other in others
            for metric in METRICS
        }
        wanted |= REDUCTIONS if "unhedged" in books else {}
    return resample(books, years, wanted, seed, draws)


def _figure_of(book: str, metric: Metric) -> Callable[[Samples], Floats]:
    return lambda samples: metric.over(samples[book])


def _difference_to(other: str, metric: Metric) -> Callable[[Samples], Floats]:
    return lambda samples: np.asarray(metric.over(samples["hedged"]) - metric.over(samples[other]))


def summary(held: Histories, found: Resampled) -> list[SummaryRow]:
    """One row a book and metric. In coins: growth and risk only, without intervals."""
    in_dollars = held.currency == "USD"
    rows = []
    for book in held.paths:
        for metric in METRICS:
            if in_dollars or metric.name in IN_COINS:
                key = f"{book}.{metric.name}" if in_dollars else ""
                figure = _figure(metric, value_of(held, book, metric), found, key)
                rows.append(SummaryRow(book, held.currency, *figure))
    return rows


def _figure(
    metric: Metric, value: float | None, found: Resampled, key: str
) -> tuple[str, FigureUnit, float | None, float | None, float | None, bool]:
    """The fields that rows of a metric end with; key: of its interval."""
    span = found.intervals.get(key, NO_INTERVAL)
    return metric.name, metric.unit, value, span.low, span.high, metric.indicative


def value_of(held: Histories, book: str, metric: Metric) -> float | None:
    """A metric of a book; -1 for growth and fall where everything was lost, else None there."""
    if book in held.samples:
        return metric.of(held.samples[book])
    return -1.0 if metric.name in LOST else None


def differences(dollars: Histories, found: Resampled) -> list[DifferenceRow]:
    """One row a metric and a book that the hedged one is compared with."""
    rows = []
    for other in dollars.paths:
        if other == "hedged":
            continue
        for metric in METRICS:
            hedged, rest = value_of(dollars, "hedged", metric), value_of(dollars, other, metric)
            value = None if hedged is None or rest is None else hedged - rest
            figure = _figure(metric, value, found, f"hedged-{other}.{metric.name}")
            rows.append(DifferenceRow(other, *figure))
    return rows


def reduction(dollars: Histories, name: str) -> float | None:
    """A reduction of risk over the days there were; None where a book did not reach the end."""
    if not {"hedged", "unhedged"} <= dollars.complete.keys():
        return None
    return finite(float(REDUCTIONS[name](dollars.samples)))


# --- the other rows -------------------------------------------------------------------


def book_row(inputs: BacktestRecord, path: Growth, book: str, fallen: Sequence[FallRow]) -> BookRow:
    """Wealth at both ends, and the deepest fall at any step.

    Args: path: the book's; book: its name; fallen: its falls, the deepest first.
    """
    wealth = inputs.books[book]
    fall = fallen[0] if fallen else None
    return BookRow(
        book=book,
        start_usd=float(wealth[0]),
        end_usd=float(wealth[-1]),
        start_coin=float(wealth[0] / inputs.price_usd[0]),
        end_coin=float(wealth[-1] / inputs.price_usd[-1]),
        path=path.end,
        path_ends=iso(path.stamps_ns[-1]),
        fall_ratio=0.0 if fall is None else fall.fall_ratio,
        fall_high=None if fall is None else fall.fall_high,
        fall_low=None if fall is None else fall.fall_low,
        fall_recovered=None if fall is None else fall.fall_recovered,
        fall_days=0.0 if fall is None else fall.fall_days,
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
        made.append(EffectivenessRow(name, None, "ratio", value, span.low, span.high))
    for hedge in inputs.hedges:
        made += hedge_rows(inputs.stamps_ns, hedge)
    return [
        *made,
        *volatility_rows(inputs, dollars, found),
        EffectivenessRow("time_in_position", None, "ratio", time_in_position(inputs)),
        EffectivenessRow("turnover", None, "x", turnover(inputs)),
        EffectivenessRow("cost", None, "ratio a year", hedge_cost(inputs)),
        EffectivenessRow("funding_earned", None, "ratio a year", funding_earned(inputs)),
        *group_rows(inputs),
    ]


def hedge_rows(stamps_ns: Ints, hedge: HedgePath) -> list[EffectivenessRow]:
    """How near a hedge stayed to its target."""
    of, gap, out = hedge.underlying, mean_gap(stamps_ns, hedge), outside_band(stamps_ns, hedge)
    return [
        EffectivenessRow("mean_gap", of, "ratio", gap),
        EffectivenessRow("time_outside_band", of, "ratio", out),
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
            of, (low, high) = hedge.underlying, hedge.limits
            without = days_without_target(stamps, hedge)
            made += [
                EffectivenessRow("volatility_wanted", of, "ratio", hedge.volatility),
                EffectivenessRow("days_at_min_ratio", of, "number", days_at(stamps, hedge, low)),
                EffectivenessRow("days_at_max_ratio", of, "number", days_at(stamps, hedge, high)),
                EffectivenessRow("days_without_target", of, "number", without),
            ]
    if not made:
        return []
    realised = value_of(dollars, "hedged", VOLATILITY)
    span = found.intervals.get("hedged.volatility", NO_INTERVAL)
    whole = EffectivenessRow("volatility_realised", None, "ratio", realised, span.low, span.high)
    return [whole, *made]


def group_rows(inputs: BacktestRecord) -> list[EffectivenessRow]:
    """The worst moments of each margin group."""
    made = []
    for group in inputs.groups:
        near = nearest(inputs.stamps_ns, group)
        most = most_leverage(inputs.stamps_ns, group)
        made.append(_worst_row("nearest_liquidation", group.name, "ratio", near))
        made.append(_worst_row("max_leverage", group.name, "x", most))
    return made


def _worst_row(
    figure: str, of: str, unit: FigureUnit, worst: tuple[float, int] | None
) -> EffectivenessRow:
    """A figure at its worst, and when; neither where it never existed."""
    value, at = (None, None) if worst is None else (worst[0], iso(worst[1]))
    return EffectivenessRow(figure, of, unit, value, at=at)


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
