"""The figures of each book and of the books against each other, with their intervals."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from volsculpt.report.rows.backtest import DifferenceRow, SummaryRow
from volsculpt.report.stats.bootstrap import NO_INTERVAL, Interval, Resampled, Samples, resample
from volsculpt.report.stats.effectiveness import cvar_reduction, variance_reduction
from volsculpt.report.stats.metrics import METRICS, Metric, Sample
from volsculpt.report.stats.returns import Daily, Floats, Growth, daily, finite, growth
from volsculpt.simulate.record import BacktestRecord

IN_COINS = ("total_growth", "cagr", "volatility", "max_drawdown")
LOST = ("total_growth", "cagr", "max_drawdown")  # what is -1 when everything was lost
REDUCTIONS = {"variance_reduction": variance_reduction, "cvar_reduction": cvar_reduction}


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
    flows = inputs.flows_usd / price
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
                span = found.intervals.get(key, NO_INTERVAL)
                rows.append(_summary_row(held, book, metric, span))
    return rows


def _summary_row(held: Histories, book: str, metric: Metric, span: Interval) -> SummaryRow:
    return SummaryRow(
        book,
        held.currency,
        metric.name,
        metric.unit,
        value_of(held, book, metric),
        span.low,
        span.high,
        metric.indicative,
    )


def value_of(held: Histories, book: str, metric: Metric) -> float | None:
    """A metric of a book; -1 for growth and fall where everything was lost, else None there."""
    if book in held.samples:
        return metric.of(held.samples[book])
    return -1.0 if metric.name in LOST else None


def differences(dollars: Histories, found: Resampled) -> list[DifferenceRow]:
    """One row a metric and a book that the hedged one is compared with."""
    rows = []
    for other in dollars.paths:
        if other != "hedged":
            rows += [_difference_row(dollars, other, metric, found) for metric in METRICS]
    return rows


def _difference_row(
    dollars: Histories, other: str, metric: Metric, found: Resampled
) -> DifferenceRow:
    span = found.intervals.get(f"hedged-{other}.{metric.name}", NO_INTERVAL)
    hedged, rest = value_of(dollars, "hedged", metric), value_of(dollars, other, metric)
    value = None if hedged is None or rest is None else hedged - rest
    return DifferenceRow(
        other, metric.name, metric.unit, value, span.low, span.high, metric.indicative
    )


def reduction(dollars: Histories, name: str) -> float | None:
    """A reduction of risk over the days there were; None where a book did not reach the end."""
    if not {"hedged", "unhedged"} <= dollars.complete.keys():
        return None
    return finite(float(REDUCTIONS[name](dollars.samples)))
