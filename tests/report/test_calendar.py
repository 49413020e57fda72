"""A backtest by month and year, its deepest falls, and rolling windows."""

import dataclasses
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report import backtests
from volsculpt.report.pages.backtest_calendar import by_month
from volsculpt.report.rows.backtest_calendar import METRIC, rolling_figures
from volsculpt.report.stats.calendar import ROLLING_DAYS, months_of, rolling, sample_of, years_of
from volsculpt.report.stats.returns import (
    Daily,
    Floats,
    Growth,
    daily,
    deepest_falls,
    falls,
    floats,
    growth,
)
from volsculpt.units import DAY_NS

BEGIN_2021 = 18_628 * DAY_NS
REPORT = backtests.report_of(backtests.inputs(), draws=0)
RUINED = dataclasses.replace(
    backtests.inputs(), unhedged_usd=np.linspace(3e5, -10.0, REPORT.inputs.stamps_ns.size)
)


def path_of(wealth: list[float]) -> Growth:
    """A path of such wealth, a stamp a day, from the begin of 2021."""
    stamps = BEGIN_2021 + np.arange(len(wealth)) * DAY_NS
    return growth(stamps, floats(wealth), np.zeros(len(wealth)))


# --- months and years -----------------------------------------------------------------


def test_the_midnight_that_begins_a_month_ends_a_day_of_the_one_before() -> None:
    """So does the midnight that begins a year."""
    ends = np.array([BEGIN_2021, BEGIN_2021 + DAY_NS])
    assert years_of(ends).tolist() == [2020, 2021]
    assert (months_of(ends) % 12 + 1).tolist() == [12, 1]


@pytest.mark.parametrize("book", ["hedged", "unhedged", "static"])
def test_months_multiply_to_years_and_years_to_the_whole(book: str) -> None:
    """Nothing lies between them, deposits left out; the whole is what the summary says."""
    grown: dict[int, float] = {}
    for row in REPORT.by_month:
        if row.book == book:
            grown[row.year] = grown.get(row.year, 1.0) * (1.0 + row.growth)
    told = {row.year: row.growth for row in REPORT.by_year if row.book == book}
    assert {year: factor - 1.0 for year, factor in grown.items()} == pytest.approx(told)
    key = (book, "USD", "total_growth")
    (total,) = (o.value for o in REPORT.summary if (o.book, o.currency, o.metric) == key)
    assert math.prod(grown.values()) - 1.0 == pytest.approx(total)
    assert sum(row.days for row in REPORT.by_year if row.book == book) == REPORT.days


def test_a_book_that_lost_all_ends_its_calendar() -> None:
    """Its last month and year are -100 %, with no ratio; nothing follows, and no window is told."""
    report = backtests.report_of(RUINED, draws=0)
    years = [row for row in report.by_year if row.book == "unhedged"]
    months = [row for row in report.by_month if row.book == "unhedged"]
    assert (months[-1].growth, years[-1].growth) == (-1.0, -1.0)
    assert (years[-1].volatility, years[-1].sharpe, years[-1].max_drawdown) == (None, None, None)
    assert set(report.rolling.columns) == {
        *("volatility.hedged", "volatility.static", "sharpe.hedged", "sharpe.static")
    }


def test_a_month_without_a_day_is_no_zero() -> None:
    """The run ends in February 2022: March has a dash, and no colour."""
    grid = by_month(REPORT).items[0]
    assert grid.rows[-1][0] == "2022"  # type: ignore[union-attr]
    assert grid.rows[-1][3:13] == ("-",) * 10  # type: ignore[union-attr]
    assert grid.heat[-1][3:] == (None,) * 11  # type: ignore[union-attr]


def test_the_colour_of_a_month_is_by_its_growth() -> None:
    """The largest is 1 in size, signs stay, and a larger month is no paler."""
    grid = by_month(REPORT).items[0]
    heat = [one for row in grid.heat for one in row if one is not None]  # type: ignore[union-attr]
    grown = [row.growth for row in REPORT.by_month if row.book == "hedged"]
    assert max(map(abs, heat)) == pytest.approx(1.0)
    assert np.argsort(heat).tolist() == np.argsort(grown).tolist()
    assert np.sign(heat).tolist() == np.sign(grown).tolist()


# --- falls ----------------------------------------------------------------------------


def test_falls_lie_apart() -> None:
    """Two falls with a high between them are two, one within another is none; deepest first."""
    found = deepest_falls(path_of([100, 90, 100, 60, 80, 70, 120, 108]), 5)
    assert [round(one.depth, 9) for one in found] == [-0.4, -0.1, -0.1]
    assert [one.days for one in found] == [4.0, 2.0, 1.0]
    assert [one.recovered_ns is None for one in found] == [False, False, True]


@given(wealth=st.lists(st.floats(1.0, 1e6), min_size=2, max_size=60), most=st.integers(1, 6))
def test_the_deepest_falls_of_any_path(wealth: list[float], most: int) -> None:
    """No deeper first, none overlaps, each as deep as the path is below its high there."""
    path = path_of(wealth)
    found, below = deepest_falls(path, most), falls(path.index)
    assert len(found) <= most
    assert all(one.depth <= other.depth for one, other in pairwise(found))
    begun = sorted((one.high_ns, one.recovered_ns or path.stamps_ns[-1]) for one in found)
    assert all(end <= begin for (_, end), (begin, _) in pairwise(begun))
    for one in found:
        assert below[np.flatnonzero(path.stamps_ns == one.low_ns)[0]] == one.depth < 0.0
    assert (found[0].depth if found else 0.0) == below.min()


def test_the_first_of_the_falls_is_the_one_the_books_tell() -> None:
    """One function finds both."""
    for book in REPORT.books:
        first = next(row for row in REPORT.falls if row.book == book.book)
        assert (first.fall_ratio, first.fall_high) == (book.fall_ratio, book.fall_high)


# --- rolling windows ------------------------------------------------------------------


def days_of(book: str) -> Daily:
    """The days of a book of the report."""
    made = REPORT.inputs
    return daily(growth(made.stamps_ns, made.books[book], made.flows_usd))


@pytest.mark.parametrize("name", ["volatility", "sharpe"])
def test_a_window_is_the_metric_of_its_days(name: str) -> None:
    """The first window ends with its last day; each figure is what the metric says of its days."""
    days = days_of("hedged")
    figures = REPORT.rolling.columns[f"{name}.hedged"]
    assert figures.size == REPORT.rolling.end_ns.size == days.returns.size - ROLLING_DAYS + 1
    for place in (0, 17, figures.size - 1):
        window: Floats = days.returns[place : place + ROLLING_DAYS]
        assert figures[place] == pytest.approx(METRIC[name].of(sample_of(window)))
        assert REPORT.rolling.end_ns[place] == days.end_ns[place + ROLLING_DAYS - 1]
    assert rolling(METRIC[name], days.returns).tolist() == figures.tolist()


def test_too_few_days_have_no_window() -> None:
    """Nothing is told of fewer days, and nothing drawn."""
    short = backtests.report_of(backtests.inputs(days=ROLLING_DAYS - 1), draws=0)
    assert (short.rolling.end_ns.size, short.rolling.columns) == (0, {})
    assert "rolling_volatility" not in {chart.key for chart in short.charts()}
    assert rolling_figures({}).columns == {}


def test_a_book_that_was_emptied_has_no_figure_afterwards() -> None:
    """Its column is as long as the others, NaN where it was no more."""
    whole = days_of("hedged")
    part = Daily(whole.end_ns[:200], whole.returns[:200], 0)
    found = rolling_figures({"hedged": whole, "static": part})
    figures = found.columns["volatility.static"]
    assert figures.size == found.end_ns.size
    assert np.flatnonzero(np.isfinite(figures)).tolist() == list(range(200 - ROLLING_DAYS + 1))
