"""What the futures of a plan earn or cost while they are held."""

from volsculpt.report.document import Cells, Column, Grid, Line, Section, capped_grid
from volsculpt.report.rows.plan import CarryRow, PlanRows
from volsculpt.text import NONE, coins, given, signed_percent, signed_usd

TITLE, UNKNOWN = "What the futures earn or cost", "not given"

CARRY: Cells[CarryRow] = (
    (Column("contract", left=True), lambda row: row.contract),
    (
        Column("funding/year", "paid between longs and shorts, + to shorts"),
        lambda row: _rate(row.funding_annual, row.days_to_expiry is None),
    ),
    (
        Column("basis/year", "premium of a dated future over the coin"),
        lambda row: _rate(row.basis_annual, row.days_to_expiry is not None),
    ),
    (
        Column("days left"),
        lambda row: given(row.days_to_expiry, lambda days: coins(round(days, 1)), NONE),
    ),
    (
        Column("USD a day", "what the position earns (+) or costs (-)"),
        lambda row: given(row.hold_usd_per_day, signed_usd),
    ),
)
THEN = Column("then", "the same once coins have moved and the orders after them are filled")


def carry(plan: PlanRows) -> Section:
    """What each contract earns or costs once the orders are filled, and once coins have moved."""
    if not plan.carry:
        return Section(TITLE, [])
    columns = tuple(column for column, _ in CARRY)
    rows = [tuple(words(row) for _, words in CARRY) for row in plan.carry]
    if plan.then is not None:
        late = {row.contract: given(row.hold_usd_per_day, signed_usd) for row in plan.then.carry}
        columns = (*columns, THEN)
        rows = [(*row, late.get(row[0], NONE)) for row in rows]
    items = capped_grid(Grid(columns, rows), "contracts")
    return Section(TITLE, [*items, *_unknown(plan)])


def _unknown(plan: PlanRows) -> list[Line]:
    """How a funding rate that is not given is given."""
    lacking = [
        row.contract
        for row in plan.carry
        if row.days_to_expiry is None and row.funding_annual is None
    ]
    if not lacking:
        return []
    others = " and likewise for the others" if len(lacking) > 1 else ""
    flag = f"`plan --funding {lacking[0]}=RATE`"
    return [Line(f"funding is counted with {flag}, that of a stamp{others}")]


def _rate(a_year: float | None, is_paid: bool) -> str:
    """A yearly rate; "not given" where the contract has such a rate, else none."""
    return given(a_year, signed_percent, UNKNOWN if is_paid else NONE)
