"""The tables of a backtest: where wealth came from, how well the hedge worked, what happened.

And its words: books, metrics, parts, figures, and numbers in their units.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from volsculpt.report.document import (
    Cells,
    Column,
    Grid,
    Line,
    Section,
    clean,
    grid_of,
    without,
)
from volsculpt.report.rows.backtest import AttributionRow, BacktestRows, EffectivenessRow
from volsculpt.report.rows.backtest_events import FillRow, LiquidationRow, RefusalRow
from volsculpt.report.stats.metrics import METRICS
from volsculpt.text import (
    NONE,
    coins,
    counted,
    leverage,
    minute_below,
    percent,
    price,
    signed_percent,
    signed_usd,
    three_digits,
    trimmed,
    usd,
)

MOST_EVENTS = 10
POINTS = "points"  # the unit of a difference of two percentages
BOOKS = {"hedged": "hedged", "unhedged": "unhedged", "static": "static hedge"}
METRICS_IN_WORDS = {metric.name: metric.words for metric in METRICS}
# part -> (in words, what it is)
PARTS: dict[str, tuple[str, str]] = {
    "spot": ("coins", "the price of the coins owned"),
    "futures": ("futures", "the same move on the contracts"),
    "basis": ("basis", "futures prices moving away from the coin's"),
    "funding": ("funding", "received less paid"),
    "fees": ("fees", "to the exchange, for trades"),
    "slippage": ("slippage", "filled worse than the mark"),
    "liquidation": ("liquidation", "taken by liquidations"),
    "transfers": ("transfers", "for moving coins"),
    "interest": ("interest", "on what is owed in loans"),
    "flows": ("paid in or out", "deposits less withdrawals"),
}
WHOLE_FIGURES = {
    "variance_reduction": "variance taken away",
    "cvar_reduction": "worst days smaller by",
    "volatility_realised": "volatility of wealth a year",
    "time_in_position": "time with futures",
    "turnover": "traded a year, times wealth",
    "cost": "costs a year, of wealth",
    "funding_earned": "funding a year, of wealth",
}
# figure -> its column; the first column names what it is of
HEDGE_FIGURES = {
    "mean_gap": Column("off target", "how far held lay from target, on average over time"),
    "time_outside_band": Column(
        "outside band", "share of the time, from a breach to the fill that ends it"
    ),
}
VOLATILITY_FIGURES = {
    "volatility_wanted": Column("wanted", "volatility of wealth a year that the hedge aims at"),
    "days_at_min_ratio": Column("days lowest", "days its target stood at the lowest ratio allowed"),
    "days_at_max_ratio": Column(
        "days highest", "days its target stood at the highest ratio allowed"
    ),
    "days_without_target": Column("without", "days without a forecast: it kept what it held"),
}
GROUPS = (
    Column("margin group", left=True),
    Column("nearest", "the smallest move of the price that would have liquidated the group"),
    Column("when, UTC", of="nearest"),
    Column("leverage", "at its highest"),
    Column("when, UTC", of="leverage"),
)


# --- numbers in their units -----------------------------------------------------------


def in_unit(value: float | None, unit: str, signed: bool = False) -> str:
    """A figure in its unit, or in points of it.

    Worked: 0.5, "ratio" -> "50 %", "points" -> "50 points"; 1.234, "number" -> "1.23".
    """
    if value is None:
        return NONE
    if unit == "number":
        return f"{'+' if signed and round(value, 2) > 0.0 else ''}{trimmed(value, 2)}"
    if unit == "x":
        return leverage(value)
    decimals = 3 if abs(value) >= 1.0 else 4 if abs(value) >= 0.001 else 6
    text = (signed_percent if signed else percent)(round(value, decimals) + 0.0)
    return f"{text.removesuffix(' %')} points" if unit == POINTS else text


def range_text(low: float | None, high: float | None, unit: str, indicative: bool = False) -> str:
    """An interval to three digits: more would be luck. `~` before one that is a hint.

    Worked: -0.1, 0.20123, "ratio" -> "-10 to 20.1 %".

    Args: low, high: ends, None = not known; unit: as `in_unit` takes it; indicative: a hint.
    """
    if low is None or high is None:
        return NONE
    ends = [in_unit(three_digits(end), unit) for end in (low, high)]
    text = f"{ends[0].removesuffix(' %').removesuffix(f' {POINTS}')} to {ends[1]}"
    return f"~ {text}" if indicative else text


# --- where wealth came from, and how well the hedge worked ----------------------------


ATTRIBUTION: Cells[AttributionRow] = (
    (Column("part", left=True), lambda row: PARTS[row.part][0]),
    (Column("USD", "+ added to wealth, - took from it"), lambda row: signed_usd(row.usd)),
    (Column("share", "of the change of wealth"), lambda row: in_unit(row.share, "ratio")),
    (Column("what it is", left=True), lambda row: PARTS[row.part][1]),
)


def attributed(report: BacktestRows) -> Section:
    """The parts of the change of wealth, and their sum."""
    parts = grid_of(report.attribution, ATTRIBUTION, "fold")
    total = sum(row.usd for row in report.attribution)
    whole = "100 %" if any(row.share is not None for row in report.attribution) else NONE
    last = ("together", signed_usd(total), whole, "the change of the hedged book's wealth")
    grid = replace(parts, rows=[*parts.rows, last])
    return Section("Where the change of wealth came from", [grid])


def effective(report: BacktestRows) -> Section:
    """Whether the hedge did its work: of the whole book, of each hedge, of each margin group."""
    rows = report.effectiveness
    grids = [
        whole_grid(rows),
        hedge_grid(rows, "hedge", HEDGE_FIGURES),
        hedge_grid(rows, "vol-target hedge", VOLATILITY_FIGURES),
        group_grid(rows),
    ]
    return Section("How well the hedge worked", [grid for grid in grids if grid.rows])


WHOLE: Cells[EffectivenessRow] = (
    (Column("figure", left=True), lambda row: WHOLE_FIGURES[row.figure]),
    (Column("value"), lambda row: in_unit(row.value, row.unit)),
    (Column("range"), lambda row: _range(row)),
)


def whole_grid(rows: Sequence[EffectivenessRow]) -> Grid:
    """Figures of the whole book."""
    grid = grid_of([row for row in rows if row.figure in WHOLE_FIGURES], WHOLE, "cut")
    return _without_empty_last(grid)


def _range(row: EffectivenessRow) -> str:
    return "" if row.low is None else range_text(row.low, row.high, row.unit)


def _without_empty_last(grid: Grid) -> Grid:
    """The grid without its last column where no row has anything in it."""
    return grid if any(row[-1] for row in grid.rows) else without(grid, {len(grid.columns) - 1})


def hedge_grid(rows: Sequence[EffectivenessRow], head: str, figures: Mapping[str, Column]) -> Grid:
    """Some figures of each hedge that has them, under a head for the hedges."""
    found = _by_owner(rows, tuple(figures))
    cells = [(of, *(in_unit(row.value, row.unit) for row in own)) for of, own in found]
    return Grid((Column(head, left=True), *figures.values()), cells, narrow="cut")


def group_grid(rows: Sequence[EffectivenessRow]) -> Grid:
    """The worst moments of each margin group; a group that no move could liquidate says never."""
    cells = []
    for of, (near, most) in _by_owner(rows, ("nearest_liquidation", "max_leverage")):
        nearest = "never" if near.value is None else in_unit(near.value, near.unit)
        figures = [nearest, _when(near), in_unit(most.value, most.unit), _when(most)]
        cells.append((of, *figures))
    return Grid(GROUPS, cells, narrow="cut")


def _when(row: EffectivenessRow) -> str:
    return minute_below(row.at) if row.at else ""


def _by_owner(
    rows: Sequence[EffectivenessRow], figures: Sequence[str]
) -> list[tuple[str, list[EffectivenessRow]]]:
    """Rows of some figures by what they are of, in the order of the figures.

    Two owners of one name stay two: their rows follow one another.
    """
    columns = [[row for row in rows if row.figure == figure] for figure in figures]
    return [(clean(own[0].of or ""), list(own)) for own in zip(*columns, strict=True)]


# --- events ---------------------------------------------------------------------------


def events(report: BacktestRows) -> Section:
    """How much happened, every liquidation up to a few, and the largest fills."""
    happened = report.events
    counts = [
        counted(len(happened.orders), "fill"),
        counted(len(happened.liquidations), "liquidation"),
        counted(len(happened.transfers), "transfer"),
        counted(len(happened.flows), "deposit or withdrawal", "deposits and withdrawals"),
    ]
    if happened.refusals:
        counts.insert(1, counted(len(happened.refusals), "refused order"))
    items: list[Line | Grid] = [Line(f"{', '.join(counts)}.")]
    if happened.liquidations:
        items += [Line(_first_words("Liquidations", len(happened.liquidations))), _closed(report)]
    if happened.refusals:
        items += [Line(_first_words("Refused orders", len(happened.refusals))), _refused(report)]
    if happened.orders:
        items += [Line(_first_words("Largest fills", len(happened.orders))), _fills(report)]
    return Section("Events", items)


def _first_words(name: str, count: int) -> str:
    return f"{name}:" if count <= MOST_EVENTS else f"{name}, {MOST_EVENTS} of {count:,}:"


CLOSED: Cells[LiquidationRow] = (
    (Column("time, UTC", left=True), lambda one: minute_below(one.time)),
    (Column("group", left=True), lambda one: clean(f"{one.account} {one.group}")),
    (Column("price"), lambda one: price(one.price)),
    (Column("lost, USD"), lambda one: usd(one.lost_usd)),
)
TRADED: Cells[FillRow | RefusalRow] = (
    (Column("contract", left=True), lambda one: clean(one.contract)),
    (Column("account", left=True), lambda one: clean(one.account)),
    (Column("price"), lambda one: price(one.price)),
)
REFUSALS: Cells[RefusalRow] = (
    (Column("time, UTC", left=True), lambda one: minute_below(one.time)),
    (Column("order", left=True), lambda one: side_words(one.contracts)),
    *TRADED,
    (Column("why", left=True), lambda one: clean(one.reason)),
)
WHY = Column("why", "the hedge held and its target, when the order was decided", left=True)
FILLS: Cells[FillRow] = (
    (Column("time, UTC", left=True), lambda one: minute_below(one.time)),
    (Column("what", left=True), lambda one: side_words(one.contracts)),
    *TRADED,
    (Column("USD"), lambda one: usd(one.value_usd)),
    (Column("cost", "fee and slippage, USD"), lambda one: usd(one.fee_usd + one.slippage_usd)),
    (WHY, lambda one: clean(one.reason)),
)


def _closed(report: BacktestRows) -> Grid:
    worst = sorted(report.events.liquidations, key=lambda one: one.lost_usd)[:MOST_EVENTS]
    return grid_of(sorted(worst, key=lambda one: one.time), CLOSED, "fold")


def _refused(report: BacktestRows) -> Grid:
    return grid_of(report.events.refusals[:MOST_EVENTS], REFUSALS, "fold")


def _fills(report: BacktestRows) -> Grid:
    largest = sorted(report.events.orders, key=lambda one: -one.value_usd)[:MOST_EVENTS]
    ordered = sorted(largest, key=lambda one: one.time)
    return _without_empty_last(grid_of(ordered, FILLS, "fold"))


def side_words(contracts: float) -> str:
    """Worked: -0.5 -> "sell 0.5"."""
    return f"{'buy' if contracts > 0.0 else 'sell'} {coins(abs(contracts))}"
