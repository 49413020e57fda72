"""Where coins of a plan are bound: pledged for loans, or locked until a time."""

from volsculpt.report.document import Cells, Column, Line, Section, capped_grid, grid_of
from volsculpt.report.rows.plan import LockedRow, PlanRows
from volsculpt.text import (
    NONE,
    amount,
    coins,
    given,
    moment,
    percent,
    price,
    signed_percent,
    signed_usd,
)
from volsculpt.watch.loans import LoanRow


def _level(row: LoanRow, ltv: float | None, at: float | None, move: float | None) -> str:
    """A level of a loan. Worked: "70 %: BTC 57,142.86 (-4.76 %)"."""
    if ltv is None:
        return NONE
    if at is None or move is None:
        return percent(ltv)
    return f"{percent(ltv)}: {row.coin} {price(round(at, 2) or at)} ({signed_percent(move)})"


def _listed(held: dict[str, float]) -> str:
    return ", ".join(amount(number, name) for name, number in held.items()) or "nothing"


LOANS: Cells[LoanRow] = (
    (Column("loan", left=True), lambda row: row.account),
    (Column("owed", left=True), lambda row: _listed(row.owed)),
    (
        Column("pledged", "coins the lender keeps, which stay yours", left=True),
        lambda row: _listed(row.pledged),
    ),
    (
        Column("owed/pledged", "the loan-to-value: what is owed over what is pledged"),
        lambda row: given(row.ltv, percent, NONE),
    ),
    (
        Column("more asked at", "where the lender asks for more coins", left=True),
        lambda row: _level(row, row.call_ltv, row.call_price, row.call_move),
    ),
    (
        Column("sold at", "where the lender sells the pledged coins", left=True),
        lambda row: _level(row, row.liquidation_ltv, row.liquidation_price, row.liquidation_move),
    ),
    (
        Column("interest USD a day", spare=1),
        lambda row: given(row.interest_usd_per_day, signed_usd, "not given"),
    ),
)


def loans(plan: PlanRows) -> Section:
    """Each loan beside the margin groups: what is owed and pledged, and its own levels."""
    if not plan.loans:
        return Section("Loans", [])
    due = [
        Line(f"{row.account}: to be paid back by {moment(row.due)}")
        for row in plan.loans
        if row.due is not None
    ]
    return Section("Loans", [*capped_grid(grid_of(plan.loans, LOANS), "loans"), *due])


LOCKED: Cells[LockedRow] = (
    (Column("account", left=True), lambda row: row.account),
    (Column("locked"), lambda row: amount(row.coins, row.currency)),
    (Column("free from", left=True), lambda row: moment(row.until)),
    (Column("in days"), lambda row: coins(round(row.days, 1))),
    (
        Column("source of", "margin accounts whose collateral plan waits for it", left=True),
        lambda row: ", ".join(row.source_of) or NONE,
    ),
)


def locked(plan: PlanRows) -> Section:
    """Coins that are owned and hedged, and back nothing before they can move."""
    if not plan.locked:
        return Section("Coins that cannot move yet", [])
    return Section("Coins that cannot move yet", capped_grid(grid_of(plan.locked, LOCKED), "rows"))
