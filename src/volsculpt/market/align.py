"""Series of different frequency on one clock, with nothing seen early.

    aligned = align(history, clock_of(history))

Two kinds of arrays. At stamps (a row more than there are steps): what is known at that
instant. Inside steps (a row per step [t, t + step)): the open that orders fill at, known at
t, and the high and low that liquidation looks at, known at t + step. No figure known by a
time depends on anything that became known later (a law of the tests).

A mark between its observations is index * last mark/index; where none was ever stored the
last traded price stands for it. An index older than the observation of a contract on the
coin moves with that contract, with the freshest of several, and the others move with it.
`source` says which it was, row by row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from volsculpt.contracts.expiries import parse_symbol
from volsculpt.errors import HistoryError
from volsculpt.market.asof import (
    NEVER,
    TimeGrid,
    extremes,
    last_price_observation,
    opens_at,
)
from volsculpt.market.doubts import funding_doubts
from volsculpt.market.funding_rows import funding_rows
from volsculpt.market.gate import Flags, Floats, Stamps, frozen
from volsculpt.market.history import History, common_span, finest_step_ns
from volsculpt.market.indexes import Indexes
from volsculpt.market.marks import CARRIED, LAST, OWN, UNKNOWN, Codes, Marks, SourcedValue, index_at
from volsculpt.market.series import Bars
from volsculpt.market.times import interval_text
from volsculpt.units import iso


@dataclass(frozen=True, slots=True, eq=False)
class AlignedValues:
    """What is known at each stamp: a row per stamp, a column per currency or contract.

    value: NaN where nothing is known. age_ns: time since its own observation, -1 for never.
    available: there is a figure and its age is allowed. source: UNKNOWN, OWN, LAST or CARRIED.
    """

    value: Floats
    age_ns: Stamps
    available: Flags
    source: Codes


@dataclass(frozen=True, slots=True, eq=False)
class Inside:
    """What happens in each step: a row per step, a column per contract.

    open: OWN where a bar opens exactly then, so that orders can fill; CARRIED elsewhere, the
    mark, for estimates only. high, low: the mark's (OWN), the last price's (LAST), or the
    index's times the basis (CARRIED).
    """

    open: Floats
    open_source: Codes
    high: Floats
    low: Floats
    range_source: Codes


@dataclass(frozen=True, slots=True, eq=False)
class AlignedFunding:
    """Funding at each stamp: a row per stamp, a column per contract.

    paid: sum of the rates stamped in (stamp before, stamp]. count: how many. missing: how
    many the history lacks there; it is about the data, not known at that time. last_rate,
    last_hours: the newest rate and its interval, NaN before the first. stored: per contract,
    whether there is any.
    """

    paid: Floats
    count: Stamps
    missing: Stamps
    last_rate: Floats
    last_hours: Floats
    inside_last: Floats
    stored: tuple[bool, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """A history on one clock; every array is read-only.

    index: US dollars for one unit of each currency. mark: of each contract, in its quote.
    """

    clock: TimeGrid
    stamp_ns: Stamps
    currencies: tuple[str, ...]
    contracts: tuple[str, ...]
    index: AlignedValues
    mark: AlignedValues
    inside: Inside
    funding: AlignedFunding
    warnings: tuple[str, ...]
    is_synthetic: bool


def clock_of(
    history: History,
    from_ns: int | None = None,
    to_ns: int | None = None,
    step_ns: int | None = None,
) -> TimeGrid:
    """A clock over the span that all prices have in common, in steps of the shortest bar.

    What is given is used instead. Stamps are whole steps from the first. Raises
    HistoryError when no step fits.

    Args: from_ns, to_ns: ns UTC; step_ns: ns; None = found from the history.
    """
    start, end = common_span(history) if None in (from_ns, to_ns) else (0, 0)
    step = finest_step_ns(history) if step_ns is None else step_ns
    start = start if from_ns is None else from_ns
    end = end if to_ns is None else to_ns
    if step <= 0 or end - start < step:
        raise HistoryError(
            f"from {iso(start)} to {iso(end)} there is no step of {interval_text(step)}"
        )
    return TimeGrid(start, start + (end - start) // step * step, step)


def align(
    history: History,
    clock: TimeGrid,
    *,
    currencies: tuple[str, ...] | None = None,
    contracts: tuple[str, ...] | None = None,
    max_age_ns: int | None = None,
) -> Aligned:
    """Put a history on a clock.

    Args: currencies, contracts ("venue:symbol"): the columns; left out, all of the history,
    and what the contracts are quoted and settled in. max_age_ns: older figures count as
    unknown. Raises HistoryError naming a coin or contract without a series.
    """
    keys = history.contracts if contracts is None else contracts
    indexes = Indexes(history)
    names = _currencies(history, keys, currencies)
    if not names and not keys:
        raise HistoryError("nothing to align: name a currency or a contract")
    stamps: Stamps = frozen(clock.stamps)
    marks = [Marks(history, key) for key in keys]
    needed = dict.fromkeys([*names, *(one.symbol.base for one in marks)])
    spots = {name: index_at(indexes, name, stamps, marks) for name in needed}
    placed = [_fair(one, indexes, spots, stamps) for one in marks]
    inside = [_inside(history, *one, stamps) for one in zip(marks, placed, strict=True)]
    warnings = [*indexes.warnings, *(line for one in marks for line in one.warnings)]
    paid = [history.funding[key] for key in keys if key in history.funding]
    warnings += [line for one in paid for line in funding_doubts(one)]
    return Aligned(
        clock,
        stamps,
        names,
        keys,
        _aligned_values([spots[name] for name in names], stamps, max_age_ns),
        _aligned_values(placed, stamps, max_age_ns),
        _inside_table(inside, clock.steps),
        _funding_table(history, keys, stamps),
        tuple(dict.fromkeys(warnings)),
        history.is_synthetic,
    )


def _currencies(
    history: History, keys: tuple[str, ...], currencies: tuple[str, ...] | None
) -> tuple[str, ...]:
    """The currencies of the columns: as asked, else all that prices or contracts name."""
    if currencies is not None:
        return currencies
    parts = [parse_symbol(key.partition(":")[2]) for key in keys]
    named = {name for part in parts for name in (part.base, part.quote, part.settle)}
    return tuple(sorted((named | set(history.index)) - {"USD"}))


def _columns(columns: Sequence[npt.NDArray[Any]], rows: int, kind: type = np.float64) -> Any:  # noqa: ANN401
    """Columns side by side, read-only; an empty table when there are none."""
    table = np.column_stack(columns) if columns else np.empty((rows, 0))
    return frozen(table.astype(kind, copy=False))


def _aligned_values(
    columns: Sequence[SourcedValue], stamps: Stamps, max_age_ns: int | None
) -> AlignedValues:
    """The columns as one table; figures that are too old count as unknown."""
    rows = len(stamps)
    value: Floats = _columns([one.value for one in columns], rows)
    at: Stamps = _columns([one.observed.at_ns for one in columns], rows, np.int64)
    age = np.where(at == NEVER, np.int64(NEVER), stamps[:, None] - at)
    available = (age >= 0) & np.isfinite(value)
    if max_age_ns is not None:
        available &= age <= max_age_ns
    code: Codes = _columns([one.code for one in columns], rows, np.int8)
    return AlignedValues(value, frozen(age), frozen(available), code)


def _inside_table(columns: list[Inside], steps: int) -> Inside:
    """The contracts side by side."""
    return Inside(
        _columns([one.open for one in columns], steps),
        _columns([one.open_source for one in columns], steps, np.int8),
        _columns([one.high for one in columns], steps),
        _columns([one.low for one in columns], steps),
        _columns([one.range_source for one in columns], steps, np.int8),
    )


def _funding_table(history: History, keys: tuple[str, ...], stamps: Stamps) -> AlignedFunding:
    """The contracts' funding side by side."""
    rows = [funding_rows(history.funding.get(key), stamps) for key in keys]
    size = len(stamps)
    return AlignedFunding(
        _columns([one.paid for one in rows], size),
        _columns([one.stamps_in for one in rows], size, np.int64),
        _columns([one.missing for one in rows], size, np.int64),
        _columns([one.last_rate for one in rows], size),
        _columns([one.last_hours for one in rows], size),
        frozen(np.array([one.inside_last for one in rows])),
        tuple(key in history.funding for key in keys),
    )


def _fair(
    mark: Marks, indexes: Indexes, columns: dict[str, SourcedValue], stamps: Stamps
) -> SourcedValue:
    """The contract at each stamp, between its own observations moved with the aligned index."""
    base, quote = columns[mark.symbol.base], columns.get(mark.symbol.quote)
    rate = quote.value if quote is not None else indexes.usd(mark.symbol.quote, stamps).value
    return mark.moved(stamps, base.value / rate * mark.symbol.coins, base.as_of_ns)


def _inside(history: History, mark: Marks, placed: SourcedValue, stamps: Stamps) -> Inside:
    """One contract in each step."""
    start, end = placed.value[:-1], placed.value[1:]
    high, low = np.fmax(start, end), np.fmin(start, end)
    code = np.where(np.isfinite(start), CARRIED, UNKNOWN).astype(np.int8)
    spot = history.index.get(mark.symbol.base)
    if isinstance(spot, Bars):
        highs, lows, there = extremes(spot, stamps)
        last = last_price_observation(spot, stamps)
        there &= last.available[:-1] & (last.at_ns[:-1] >= placed.observed.at_ns[:-1])
        basis = start / last.value[:-1]
        high = np.where(there, np.fmax(high, highs * basis), high)
        low = np.where(there, np.fmin(low, lows * basis), low)
    for series, source in ((history.last.get(mark.key), LAST), (history.mark.get(mark.key), OWN)):
        if isinstance(series, Bars):
            highs, lows, there = extremes(series, stamps)
            high = np.where(there, np.fmax(highs, end), high)
            low = np.where(there, np.fmin(lows, end), low)
            code[there] = source
    high[code == UNKNOWN] = np.nan
    low[code == UNKNOWN] = np.nan
    traded = history.last.get(mark.key, history.mark.get(mark.key))
    assert traded is not None
    opens, there = opens_at(traded, stamps[:-1])
    otherwise = np.where(np.isfinite(start), CARRIED, UNKNOWN)
    return Inside(
        np.where(there, opens, start),
        np.where(there, OWN, otherwise).astype(np.int8),
        high,
        low,
        code,
    )
