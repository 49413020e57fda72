"""What a reader of a plan should look at: thin margin, unknown figures, lone risks."""

from volsculpt.book.exposure import leg_value
from volsculpt.book.group import group_gross
from volsculpt.book.state import State
from volsculpt.contracts.payoff import INVERSE
from volsculpt.decide.step import Decision
from volsculpt.report.rows import ExposureRow, MarginRow

SAFE_LEVERAGE = 3.0
WORRY_LEVERAGE = 4.0


def margin_warnings(
    decision: Decision, after: State, rows: list[MarginRow], assumed: tuple[str, ...]
) -> list[str]:
    """Groups that lack coins once the orders fill, and accounts that do not exist yet.

    rows: the margin rows of the stage after, one a group.
    """
    warnings = []
    for group, row in enumerate(rows):
        gross = group_gross(decision.flat.layout, after, decision.quoted.quote, group)
        coming = decision.flat.state.incoming[group]
        lacking = max(0.0, gross / SAFE_LEVERAGE - row.equity_coin - coming)
        more = f"{lacking:.8g} {row.currency}"
        where = f"'{row.account}' ({row.group})"
        if row.account in assumed:
            warnings.append(
                f"assumed_account: '{row.account}' does not exist yet; to carry this plan at "
                f"{SAFE_LEVERAGE:g}x leverage it needs {more}"
            )
        elif gross > 0.0 and row.equity_coin <= row.maintenance_coin:
            warnings.append(
                f"margin_shortfall: {where} would be liquidated at once: equity "
                f"{row.equity_coin:.8g}, maintenance {row.maintenance_coin:.8g} {row.currency}; "
                f"{more} more bring it to {SAFE_LEVERAGE:g}x leverage"
            )
        elif gross > WORRY_LEVERAGE * row.equity_coin and not decision.rules.planned[group]:
            warnings.append(
                f"margin_thin: {where} stands at {gross / row.equity_coin:.3g}x leverage; {more} "
                f"more bring it to {SAFE_LEVERAGE:g}x, or add a [[collateral]] plan"
            )
        if decision.answer.lacking[group] > 0.0:
            warnings.append(
                f"sources_short: {where} needs {decision.answer.lacking[group]:.8g} more than its "
                f"[[collateral]] sources hold"
            )
    return warnings


def tier_warnings(decision: Decision, after: State) -> list[str]:
    """Positions larger than the margin tiers that could be sourced: maintenance may be more."""
    warnings = []
    flat, quote = decision.flat, decision.quoted.quote
    for leg, (account, contract) in enumerate(flat.legs):
        known = contract.margin.known_to if contract.margin is not None else None
        if known is None or contract.margin is None:
            continue
        size = abs(after.contracts[leg])
        if contract.margin.unit == "value":
            size = abs(leg_value(flat.layout, after, quote, leg))
        if size > known:
            unit = "contracts" if contract.margin.unit == "contracts" else contract.settle
            warnings.append(
                f"tiers_unknown: {contract.key} on {account}: margin is known only up to "
                f"{known:g} {unit}; above it the venue may ask for more than shown"
            )
    return warnings


def book_warnings(decision: Decision, rows: list[ExposureRow]) -> list[str]:
    """Coins nothing can hedge, and contracts that are no longer alive."""
    warnings = [
        f"unhedgeable: {row.currency} has neither a contract at your venues nor a proxy"
        for row in rows
        if row.unhedgeable_usd
    ]
    for account, contract in decision.flat.legs:
        if contract.expiry_ns is not None and contract.expiry_ns <= decision.time_ns:
            warnings.append(
                f"expired: {contract.symbol} on {account} expired before this moment; take it "
                f"out of the mandate and book its delivery as a balance"
            )
    return warnings


def depeg_note(decision: Decision) -> list[str]:
    """A linear hedge leaves its owner long the stablecoin it settles in: say how much."""
    flat, legs = decision.flat, decision.flat.layout.legs
    stable: dict[str, float] = {}
    for leg, (_, contract) in enumerate(flat.legs):
        goal = decision.work.goal.contracts[leg]
        if goal < 0.0 and legs.payoff[leg] != INVERSE and contract.quote != "USD":
            mark = decision.quoted.quote.mark[leg]
            notional = -goal * contract.multiplier * mark
            stable[contract.quote] = stable.get(contract.quote, 0.0) + notional
    return [
        f"the linear shorts leave you long {usd:,.0f} {name}: if {name} loses its peg, so do you"
        for name, usd in stable.items()
    ]
