"""What binds coins of a plan: pledged for loans, locked until a time, still to come by a date."""

from volsculpt.report.document import (
    Cells,
    Column,
    Line,
    Section,
    capped_grid,
    capped_lines,
    grid_of,
)
from volsculpt.report.rows.plan import LadderRow, LockedRow, PlanRows
from volsculpt.text import (
    NONE,
    amount,
    coins,
    day,
    given,
    moment,
    of_currency,
    percent,
    price,
    signed_percent,
    signed_usd,
)
from volsculpt.watch.loans import LoanRow
from volsculpt.watch.withdrawals import KeptRow


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


KEPT: Cells[KeptRow] = (
    (Column("account", left=True), lambda row: row.account),
    (Column("kept"), lambda row: amount(row.coins, row.currency)),
    (
        Column("lacking", "what of it is not there"),
        lambda row: of_currency(row.lacking, row.currency) if row.lacking > 0.0 else NONE,
    ),
    (Column("first leaves", left=True), lambda row: moment(row.first)),
    (Column("last leaves", left=True, spare=1), lambda row: moment(row.last)),
    (
        Column("source of", "margin accounts to which it is not moved", left=True),
        lambda row: ", ".join(row.source_of) or NONE,
    ),
)


def kept(plan: PlanRows) -> Section:
    """Coins that stay where they are, as they are to leave within `hold_for_withdrawals`."""
    title = "Kept for withdrawals"
    return Section(title, capped_grid(grid_of(plan.kept, KEPT), "rows") if plan.kept else [])


LADDER: Cells[LadderRow] = (
    (Column("coin", left=True), lambda row: row.underlying),
    (Column("comes by", left=True), lambda row: _dates(row)),
    (Column("coins"), lambda row: of_currency(row.coins, row.underlying)),
    (
        Column("carried by", left=True),
        lambda row: row.contract or "the others in use",
    ),
    (Column("on", left=True, spare=1), lambda row: row.account or NONE),
    (
        Column("to sell", "of it at the target"),
        lambda row: given(row.wanted_coin, lambda one: of_currency(one, row.underlying), NONE),
    ),
    (
        Column("sold", "by that contract once the orders are filled"),
        lambda row: given(row.sold_after_coin, lambda one: of_currency(one, row.underlying), NONE),
    ),
)


def _dates(row: LadderRow) -> str:
    """When the last of it comes, and how often. Worked: "2024-08-09, 3 times"."""
    if row.last is None:
        return "has arrived"
    return day(row.last) if row.count == 1 else f"{day(row.last)}, {row.count} times"


def ladder(plan: PlanRows) -> Section:
    """Income by its dates, each with the contract that carries it."""
    if not plan.ladder:
        return Section("Income by its dates", [])
    items = capped_grid(grid_of(plan.ladder, LADDER), "contracts")
    behind = [row for row in plan.ladder if is_elsewhere(row)]
    items += capped_lines([elsewhere_words(row) for row in behind], "bullet", "contracts")
    return Section("Income by its dates", items)


def is_elsewhere(row: LadderRow) -> bool:
    """Whether a contract carries less than its income asks for, by more than a hundredth of it."""
    if row.wanted_coin is None or row.sold_after_coin is None:
        return False
    return row.wanted_coin - row.sold_after_coin > max(0.01 * row.wanted_coin, 1e-9)


def elsewhere_words(row: LadderRow) -> str:
    """What of a rung stands elsewhere. Worked: "0.25 BTC of it are not sold by BTC-240628 …"."""
    missing = (row.wanted_coin or 0.0) - (row.sold_after_coin or 0.0)
    return (
        f"{amount(missing, row.underlying)} of it is not sold by {row.contract}: what is sold "
        f"already stays where it is, and what margin does not carry waits"
    )
