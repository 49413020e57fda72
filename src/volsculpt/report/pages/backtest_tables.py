"""The tables of a backtest: where wealth came from, how well the hedge worked, what happened."""

from collections.abc import Mapping, Sequence

from volsculpt.report.document import Column, Grid, Line, Section, clean, without
from volsculpt.report.pages.backtest_words import (
    GROUP_FIGURES,
    HEDGE_FIGURES,
    NONE,
    PARTS_EXPLAINED,
    PARTS_IN_WORDS,
    VOLATILITY_FIGURES,
    WHOLE_FIGURES,
    in_unit,
    range_text,
)
from volsculpt.report.rows.backtest import (
    BacktestRows,
    EffectivenessRow,
)
from volsculpt.text import (
    coins,
    moment,
    price,
    signed_usd,
    usd,
)

MOST_EVENTS = 10

ATTRIBUTION = (
    Column("part", left=True),
    Column("USD", "+ added to wealth, - took from it"),
    Column("share", "of the change of wealth"),
    Column("what it is", left=True),
)
WHOLE = (Column("figure", left=True), Column("value"), Column("range"))
HEDGES = (
    Column("hedge", left=True),
    Column("off target", "how far held lay from target, on average over time"),
    Column("outside band", "share of the time, from a breach to the fill that ends it"),
)
VOLATILITIES = (
    Column("vol-target hedge", left=True),
    Column("wanted", "volatility of wealth a year that the hedge aims at"),
    Column("days lowest", "days its target stood at the lowest ratio allowed"),
    Column("days highest", "days its target stood at the highest ratio allowed"),
    Column("without", "days without a forecast: it kept what it held"),
)
GROUPS = (
    Column("margin group", left=True),
    Column("nearest", "the smallest move of the price that would have liquidated the group"),
    Column("when", of="nearest"),
    Column("leverage", "at its highest"),
    Column("when", of="leverage"),
)
FILLS = (
    Column("time, UTC", left=True),
    Column("what", left=True),
    Column("contract", left=True),
    Column("account", left=True),
    Column("price"),
    Column("USD"),
    Column("cost", "fee and slippage, USD"),
    Column("why", "the hedge held and its target, when the order was decided", left=True),
)
REFUSALS = (
    Column("time, UTC", left=True),
    Column("order", left=True),
    Column("contract", left=True),
    Column("account", left=True),
    Column("price"),
    Column("why", left=True),
)
CLOSED = (
    Column("time, UTC", left=True),
    Column("group", left=True),
    Column("price"),
    Column("lost, USD"),
)


def attributed(report: BacktestRows) -> Section:
    """The parts of the change of wealth, and their sum."""
    rows = [
        (
            PARTS_IN_WORDS[row.part],
            signed_usd(row.usd),
            NONE if row.share is None else in_unit(row.share, "ratio"),
            PARTS_EXPLAINED[row.part],
        )
        for row in report.attribution
    ]
    total = sum(row.usd for row in report.attribution)
    whole = "100 %" if any(row.share is not None for row in report.attribution) else NONE
    rows.append(("together", signed_usd(total), whole, "the change of the hedged book's wealth"))
    return Section("Where the change of wealth came from", [Grid(ATTRIBUTION, rows, narrow="fold")])


def effective(report: BacktestRows) -> Section:
    """Whether the hedge did its work: of the whole book, of each hedge, of each margin group."""
    rows = report.effectiveness
    grids = [
        whole_grid(rows),
        hedge_grid(rows, HEDGES, HEDGE_FIGURES),
        hedge_grid(rows, VOLATILITIES, VOLATILITY_FIGURES),
        group_grid(rows),
    ]
    return Section("How well the hedge worked", [grid for grid in grids if grid.rows])


def whole_grid(rows: Sequence[EffectivenessRow]) -> Grid:
    """Figures of the whole book."""
    cells = [
        (WHOLE_FIGURES[row.figure], in_unit(row.value, row.unit), _range(row))
        for row in rows
        if row.figure in WHOLE_FIGURES
    ]
    grid = Grid(WHOLE, cells, narrow="cut")
    return grid if any(row[-1] for row in cells) else without(grid, {len(WHOLE) - 1})


def _range(row: EffectivenessRow) -> str:
    return "" if row.low is None else range_text(row.low, row.high, row.unit)


def hedge_grid(
    rows: Sequence[EffectivenessRow], columns: tuple[Column, ...], figures: Mapping[str, str]
) -> Grid:
    """Some figures of each hedge that has them."""
    found = _by_owner(rows, figures)
    cells = [(of, *(in_unit(row.value, row.unit) for row in own)) for of, own in found]
    return Grid(columns, cells, narrow="cut")


def group_grid(rows: Sequence[EffectivenessRow]) -> Grid:
    """The worst moments of each margin group; a group that no move could liquidate says never."""
    cells = []
    for of, (near, most) in _by_owner(rows, GROUP_FIGURES):
        nearest = "never" if near.value is None else in_unit(near.value, near.unit)
        figures = [nearest, _when(near), in_unit(most.value, most.unit), _when(most)]
        cells.append((of, *figures))
    return Grid(GROUPS, cells, narrow="cut")


def _when(row: EffectivenessRow) -> str:
    return utc(row.at) if row.at else ""


def _by_owner(
    rows: Sequence[EffectivenessRow], figures: Mapping[str, str]
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


def counted(count: int, one: str, many: str = "") -> str:
    """Worked: 1, "fill" -> "1 fill"; 0 -> "no fills"; 1200 -> "1,200 fills"."""
    name = one if count == 1 else many or f"{one}s"
    return f"{count:,} {name}" if count else f"no {name}"


def _first_words(name: str, count: int) -> str:
    return f"{name}:" if count <= MOST_EVENTS else f"{name}, {MOST_EVENTS} of {count:,}:"


def _closed(report: BacktestRows) -> Grid:
    worst = sorted(report.events.liquidations, key=lambda one: one.lost_usd)[:MOST_EVENTS]
    rows = [
        (utc(one.time), clean(f"{one.account} {one.group}"), price(one.price), usd(one.lost_usd))
        for one in sorted(worst, key=lambda one: one.time)
    ]
    return Grid(CLOSED, rows, narrow="fold")


def _refused(report: BacktestRows) -> Grid:
    rows = [
        (
            utc(one.time),
            side_words(one.contracts),
            clean(one.contract),
            clean(one.account),
            price(one.price),
            clean(one.reason),
        )
        for one in report.events.refusals[:MOST_EVENTS]
    ]
    return Grid(REFUSALS, rows, narrow="fold")


def side_words(contracts: float) -> str:
    """Worked: -0.5 -> "sell 0.5"."""
    return f"{'buy' if contracts > 0.0 else 'sell'} {coins(abs(contracts))}"


def _fills(report: BacktestRows) -> Grid:
    largest = sorted(report.events.orders, key=lambda one: -one.value_usd)[:MOST_EVENTS]
    rows = [
        (
            utc(one.time),
            side_words(one.contracts),
            clean(one.contract),
            clean(one.account),
            price(one.price),
            usd(one.value_usd),
            usd(one.fee_usd + one.slippage_usd),
            clean(one.reason),
        )
        for one in sorted(largest, key=lambda one: one.time)
    ]
    empty = not any(row[-1] for row in rows)
    grid = Grid(FILLS, rows, narrow="fold")
    return without(grid, {len(FILLS) - 1}) if empty else grid


def utc(stamp: str) -> str:
    """A time under a head that says UTC. Worked: "2024-05-20T08:00:00Z" -> "2024-05-20 08:00"."""
    return moment(stamp).removesuffix(" UTC")
