"""A backtest by month and year, its deepest falls, and figures of rolling windows."""

from collections.abc import Iterator

import numpy as np

from volsculpt.report.rows.backtest import FallRow, MonthRow, Rolling, YearRow
from volsculpt.report.stats.calendar import (
    ROLLING_DAYS,
    growth_of,
    months_of,
    rolling,
    sample_of,
    spans,
    years_of,
)
from volsculpt.report.stats.metrics import METRIC, Metric
from volsculpt.report.stats.returns import Daily, Drawdown, Floats, Growth, deepest_falls
from volsculpt.units import iso

ROLLED = ("volatility", "sharpe")
MOST_FALLS = 5


def month_rows(book: str, days: Daily) -> Iterator[MonthRow]:
    """A row for each month with a day in it."""
    for month, returns in spans(days, months_of(days.end_ns)):
        year, place = divmod(month, 12)
        yield MonthRow(book, year + 1970, place + 1, returns.size, growth_of(returns))


def year_rows(book: str, days: Daily) -> Iterator[YearRow]:
    """A row for each calendar year with a day in it."""
    for year, returns in spans(days, years_of(days.end_ns)):
        found = [_figure(METRIC[one], returns) for one in ("volatility", "max_drawdown", "sharpe")]
        yield YearRow(book, year, returns.size, growth_of(returns), *found)


def _figure(metric: Metric, returns: Floats) -> float | None:
    """A figure of some days; None where everything was lost on one."""
    return None if returns.min() <= -1.0 else metric.of(sample_of(returns))


def fall_rows(book: str, path: Growth) -> list[FallRow]:
    """The deepest falls, the deepest first."""
    found = deepest_falls(path, MOST_FALLS)
    return [_fall_row(book, place, fall) for place, fall in enumerate(found, 1)]


def _fall_row(book: str, place: int, fall: Drawdown) -> FallRow:
    recovered = None if fall.recovered_ns is None else iso(fall.recovered_ns)
    times = iso(fall.high_ns), iso(fall.low_ns), recovered
    return FallRow(book, place, fall.depth, *times, fall.days)


def rolling_figures(days: dict[str, Daily]) -> Rolling:
    """Volatility and Sharpe ratio of each book over rolling windows; ruined books have none.

    Args: days: of the books that were not ruined; shorter where one was emptied.
    """
    longest = max((one.end_ns for one in days.values()), key=len, default=np.array([], np.int64))
    if longest.size < ROLLING_DAYS:
        return Rolling(ROLLING_DAYS, longest[:0], {})
    windows = longest.size - ROLLING_DAYS + 1
    columns = {
        f"{name}.{book}": _filled(rolling(METRIC[name], one.returns), windows)
        for name in ROLLED
        for book, one in days.items()
        if one.returns.size >= ROLLING_DAYS
    }
    return Rolling(ROLLING_DAYS, longest[ROLLING_DAYS - 1 :], columns)


def _filled(figures: Floats, size: int) -> Floats:
    """Figures of a book that ended early, NaN from there on."""
    return np.concatenate([figures, np.full(size - figures.size, np.nan)])
