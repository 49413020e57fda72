"""A backtest by month and by year, and its deepest falls."""

import math
from collections.abc import Iterable
from itertools import groupby

from volsculpt.report.document import Cells, Column, Grid, Line, Section, grid_of
from volsculpt.report.pages.backtest_tables import BOOKS, in_unit
from volsculpt.report.rows.backtest import BacktestRows, FallRow, MonthRow, YearRow
from volsculpt.text import NONE, day, days_words, signed_percent

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
MULTIPLIED = (
    "Growth of the hedged book, %: deposits and withdrawals left out; the months of a year "
    "multiply to it, and the years to the whole. The first and last month may be parts of one."
)
CALENDAR_FALL = "fall: of daily closes within the year."
APART = (
    "Falls of the hedged book at any step, deposits and withdrawals left out; none lies in another."
)


def by_month(report: BacktestRows) -> Section:
    """A row a year, a column a month, of the hedged book."""
    own = [row for row in report.by_month if row.book == "hedged"]
    years = {row.year: row for row in report.by_year if row.book == "hedged"}
    largest = max((abs(row.growth) for row in own), default=0.0) or 1.0
    rows, heat = [], []
    for year, months in groupby(own, key=lambda row: row.year):
        grown = _of_months(months)
        rows.append((str(year), *map(_points, grown), _points(years[year].growth)))
        heat.append((None, *(_heat(one, largest) for one in grown), None))
    columns = (Column("year", left=True), *map(Column, MONTHS), Column("all"))
    grid = Grid(columns, rows, narrow="cut", heat=heat)
    return Section("Month by month", [grid, Line(MULTIPLIED, "legend")] if rows else [])


def _of_months(rows: Iterable[MonthRow]) -> list[float | None]:
    """Growth in each of twelve months; None where the run had no day."""
    found = {row.month: row.growth for row in rows}
    return [found.get(month) for month in range(1, 13)]


def _points(growth: float | None) -> str:
    """Worked: 0.1234 -> "+12.3", None -> "-"."""
    return NONE if growth is None else signed_percent(round(growth, 3)).removesuffix(" %")


def _heat(growth: float | None, largest: float) -> float | None:
    """How strong a cell's colour is: of the root, so that usual months are seen too."""
    if growth is None:
        return None
    return math.copysign(math.sqrt(abs(growth) / largest), growth)


def by_year(report: BacktestRows) -> Section:
    """A row a year, growth and fall of each book."""
    books = [row.book for row in report.books]
    found = {(row.book, row.year): row for row in report.by_year}
    columns = [Column("year", left=True)]
    for book in books:
        columns += [Column(BOOKS[book]), Column("fall", of=BOOKS[book])]
    years = list(dict.fromkeys(row.year for row in report.by_year))
    cells = [
        (str(year), *(cell for book in books for cell in _year_cells(found.get((book, year)))))
        for year in years
    ]
    grid = Grid(tuple(columns), cells, narrow="cut")
    return Section("Year by year", [grid, Line(CALENDAR_FALL, "legend")] if len(years) > 1 else [])


def _year_cells(row: YearRow | None) -> tuple[str, str]:
    """Growth and fall; dashes after a book ended."""
    if row is None:
        return NONE, NONE
    return in_unit(row.growth, "ratio", True), in_unit(row.max_drawdown, "ratio")


FALLS: Cells[FallRow] = (
    (Column("fall", left=True), lambda row: in_unit(row.fall_ratio, "ratio")),
    (Column("high"), lambda row: day(row.fall_high)),
    (Column("low"), lambda row: day(row.fall_low)),
    (Column("made good"), lambda row: _made_good(row)),
    (Column("lasted"), lambda row: days_words(row.fall_days)),
)


def _made_good(row: FallRow) -> str:
    return "not yet" if row.fall_recovered is None else day(row.fall_recovered)


def worst_falls(report: BacktestRows) -> Section:
    """The deepest falls of the hedged book."""
    own = [row for row in report.falls if row.book == "hedged"]
    items = (grid_of(own, FALLS, "cut"), Line(APART, "legend"))
    return Section("The deepest falls", items if own else ())
