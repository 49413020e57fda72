"""The rows of a backtest, with the published names, and nothing that shows them.

Units are in the names, or in the row's `unit`. None is printed as null: a thing that does not
exist, never a zero. Times are text in UTC; in `series` they are milliseconds since 1970.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Literal

import numpy as np

from volsculpt.report.rows.backtest_events import Events
from volsculpt.report.stats.returns import End, Floats, Ints, floats
from volsculpt.simulate.record import BacktestRecord, arrays_of
from volsculpt.units import iso

SCHEMA = 1

FigureUnit = Literal["ratio", "number", "ratio a year", "x"]


@dataclass(frozen=True, slots=True)
class BookRow:
    """Wealth of one book at both ends, and its deepest fall at any step, flows left out."""

    book: str
    start_usd: float
    end_usd: float
    start_coin: float
    end_coin: float
    path: End
    path_ends: str
    fall_ratio: float
    fall_high: str | None
    fall_low: str | None
    fall_recovered: str | None
    fall_days: float


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One metric of one book, in one currency; the interval holds 90 % of resampled histories."""

    book: str
    currency: str
    metric: str
    unit: FigureUnit
    value: float | None
    low: float | None
    high: float | None
    is_indicative: bool


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """A metric of the hedged book less that of another, in USD, over the same resampled days."""

    against: str
    metric: str
    unit: FigureUnit
    value: float | None
    low: float | None
    high: float | None
    is_indicative: bool


@dataclass(frozen=True, slots=True)
class MonthRow:
    """Growth of one book in a calendar month (UTC), flows left out; the months multiply to all.

    month: 1 to 12. days: with a return; fewer than the month has where the run begins or ends.
    """

    book: str
    year: int
    month: int
    days: int
    growth: float


@dataclass(frozen=True, slots=True)
class YearRow:
    """One book in a calendar year (UTC), of daily returns; None where a figure does not exist."""

    book: str
    year: int
    days: int
    growth: float
    volatility: float | None
    max_drawdown: float | None
    sharpe: float | None


@dataclass(frozen=True, slots=True)
class FallRow:
    """One of the deepest falls of a book, at any step, flows left out. place: 1 is the deepest."""

    book: str
    place: int
    fall_ratio: float
    fall_high: str
    fall_low: str
    fall_recovered: str | None
    fall_days: float


@dataclass(frozen=True, slots=True)
class Rolling:
    """Figures of the last `window_days` days, at the end of each day; empty where there are fewer.

    columns: by metric and book, as long as end_ns.
    """

    window_days: int
    end_ns: Ints
    columns: dict[str, Floats]


@dataclass(frozen=True, slots=True)
class AttributionRow:
    """A part of the change of the hedged book's wealth; shares add up to 1."""

    part: str
    usd: float
    share: float | None


@dataclass(frozen=True, slots=True)
class EffectivenessRow:
    """One figure of the hedge. of: the coin or margin group; at: when, for extremes."""

    figure: str
    of: str | None
    unit: FigureUnit
    value: float | None
    low: float | None = None
    high: float | None = None
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """How the intervals were made; draws 0 is without."""

    level: float
    draws: int
    block_days: float
    seed: int


@dataclass(frozen=True, slots=True)
class BacktestRows:
    """All that a backtest says; `BacktestReport` adds what shows it.

    drawdown: of each book at every step, for the figure; shorter where the path ended.
    """

    name: str
    coin: str
    begins: str
    ends: str
    years: float
    days: int
    books: list[BookRow]
    summary: list[SummaryRow]
    differences: list[DifferenceRow]
    by_month: list[MonthRow]
    by_year: list[YearRow]
    falls: list[FallRow]
    attribution: list[AttributionRow]
    effectiveness: list[EffectivenessRow]
    events: Events
    bootstrap: Bootstrap
    warnings: list[str]
    notes: list[str]
    inputs: BacktestRecord
    drawdown: dict[str, Floats]
    rolling: Rolling

    def as_dict(self, series: bool = True, cash: bool = True) -> dict[str, Any]:
        """The published object, `schema` first; what is not wanted is null.

        series: `series` and `rolling`; cash: `events.cash`, a row for each payment.
        """
        published = self if cash else replace(self, events=replace(self.events, cash=[]))
        plain = {
            one.name: _plain(getattr(published, one.name))
            for one in fields(self)
            if one.name not in ("inputs", "drawdown", "rolling")
        }
        if not cash:
            plain["events"]["cash"] = None
        return {
            "schema": SCHEMA,
            **plain,
            "rolling": rolling_dict(self.rolling) if series else None,
            "series": series_dict(self) if series else None,
        }


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Rows as dictionaries, lists of them as lists; stamps of events as text, `time`."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not is_dataclass(value):
        return value
    found = {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    return {"time": iso(found.pop("time_ns")), **found} if "time_ns" in found else found


def series_dict(rows: BacktestRows) -> dict[str, Any]:
    """Every array of the backtest at every stamp, by its place; null where NaN."""
    inputs = rows.inputs
    columns = {place: listed(array) for place, array, _ in arrays_of(inputs)}
    lost = inputs.stamps_ns.size
    for book, fall in rows.drawdown.items():
        columns[f"drawdown.{book}"] = listed(floats([*fall, *[np.nan] * (lost - fall.size)]))
    return {"time_ms": milliseconds(inputs.stamps_ns), "columns": columns}


def rolling_dict(rolling: Rolling) -> dict[str, Any]:
    """Figures of rolling windows by metric and book; null where NaN."""
    columns = {name: listed(figures) for name, figures in rolling.columns.items()}
    days = {"window_days": rolling.window_days, "time_ms": milliseconds(rolling.end_ns)}
    return days | {"columns": columns}


def listed(array: Floats) -> list[float | None]:
    """An array as a list, None where it is not finite."""
    found: list[float | None] = array.tolist()
    for place in np.flatnonzero(~np.isfinite(array)):
        found[place] = None
    return found


def milliseconds(stamps_ns: Ints) -> list[int]:
    """Stamps that every reader of JSON can hold. Worked: 1,500,000,000 -> 1500."""
    found: list[int] = (stamps_ns // 1_000_000).tolist()
    return found


def growth_metric(report: BacktestRows) -> str:
    """The metric that tells growth: a year's, of less than a year in all."""
    return "cagr" if report.years >= 1.0 else "total_growth"


def is_synthetic(report: BacktestRows) -> bool:
    """True when the market of a run was made up, as its first warning then says."""
    return any(line.startswith("synthetic") for line in report.warnings)


# --- warnings that a reader must see before any figure --------------------------------

URGENT = {
    "never_hedged": "NEVER HEDGED",
    "moved_start": "BEGINS LATER THAN ASKED",
    "early_end": "ENDS SOONER THAN ASKED",
    "price_gap": "THROUGH A GAP IN ITS PRICES",
}


def code_of(warning: str) -> str:
    """What a warning begins with. Worked: "early_end: ends at ..." -> "early_end"."""
    return warning.partition(":")[0]


def parted(warnings: Sequence[str]) -> tuple[list[str], list[str]]:
    """The urgent warnings, and the rest."""
    first = [one for one in warnings if code_of(one) in URGENT]
    return first, [one for one in warnings if code_of(one) not in URGENT]


def urgent_first(warnings: Sequence[str]) -> list[str]:
    """Warnings, the urgent ones in front."""
    first, rest = parted(warnings)
    return [*first, *rest]


def headline(warnings: Sequence[str]) -> str:
    """What stands in the first line of all. Worked: "NEVER HEDGED: "; "" where all is well."""
    codes = {code_of(one) for one in warnings}
    return "".join(f"{words}: " for code, words in URGENT.items() if code in codes)
