"""Margin groups near their end, now or once the orders fill, and what mends each."""

import math
from dataclasses import replace

from volsculpt.book.group import at as value_at
from volsculpt.book.group import excess_terms, group_equity, group_gross, power
from volsculpt.book.state import State
from volsculpt.decide.collateral import unit_of_coin
from volsculpt.decide.step import Decision
from volsculpt.report.numbers import coins, percent, price
from volsculpt.report.rows import DangerRow, MarginRow

SAFE_LEVERAGE = 3.0  # what a group is brought to where the mandate states nothing
WORRY_LEVERAGE = 4.0
WARNING_DISTANCE = 0.25
CRITICAL_DISTANCE = 0.10
OF_LIMIT = 0.95  # a stated distance is kept up to its own dead zone


def safe_leverage(decision: Decision, group: int, now: float | None) -> float:
    """What a group is brought to: its plan's third leverage, else the limit, else 3.

    A limit that it keeps already mends nothing. now: its leverage, None without equity.
    """
    if decision.rules.planned[group] == 1:
        stated = decision.rules.band_third[group]
    else:
        stated = decision.setup.limits.max_leverage or SAFE_LEVERAGE
    return stated if now is None or now > stated else min(stated, SAFE_LEVERAGE)


def coins_needed(decision: Decision, state: State, group: int, leverage: float) -> float:
    """Coins of the moving currency that bring a group to a leverage and the stated distance.

    Worked: a short of 2.272727 ETH on 0.050505 ETH of equity, to 3x: 0.707071.
    """
    layout, quote = decision.flat.layout, decision.quoted.quote
    unit = unit_of_coin(layout, quote, decision.rules, group)
    equity = group_equity(layout, state, quote, group)
    lacking = group_gross(layout, state, quote, group) / leverage - equity
    distance = decision.setup.limits.min_liquidation_distance or 0.0
    for factor in (1.0 + distance, 1.0 - distance):
        if distance > 0.0 and factor > 0.0:
            there = value_at(excess_terms(layout, state, quote, group, factor, -1, 1), factor)
            moved = power(factor, layout.moves[decision.rules.move_currency[group]])
            lacking = max(lacking, -there / moved)
    on_way = decision.flat.state.incoming[group] * unit
    return max(0.0, lacking - on_way) / unit if unit > 0.0 else 0.0


def level_of(decision: Decision, row: MarginRow) -> str | None:
    """How near its end a group is: critical, warning, or None.

    Under 10 % away, or no more margin than needed, is critical; under 25 % away, or above 4x,
    a warning. Keeping a smaller distance that the mandate states is none.
    """
    if row.leverage is None or row.equity_coin <= row.maintenance_coin:
        return "critical"
    stated = decision.setup.limits.min_liquidation_distance
    near = WARNING_DISTANCE if stated is None else min(WARNING_DISTANCE, OF_LIMIT * stated)
    if row.liquidation_distance is not None and row.liquidation_distance < near:
        return "critical" if row.liquidation_distance < CRITICAL_DISTANCE else "warning"
    allowed = decision.setup.limits.max_leverage or WORRY_LEVERAGE
    return "warning" if row.leverage > max(WORRY_LEVERAGE, allowed) * (1.0 + 1e-9) else None


def danger_rows(decision: Decision, after: State, rows: list[MarginRow]) -> list[DangerRow]:
    """One row a group in danger, the worst first; rows: before and after of each group."""
    found = []
    for group in range(len(decision.flat.groups)):
        before, late = rows[2 * group], rows[2 * group + 1]
        row = _danger(decision, decision.flat.state, before, group, "now")
        if row is None or (row.level == "warning" and not _same(before, late)):
            row = _danger(decision, after, late, group, "after_orders") or row
        if row is not None:
            mended = row.stage == "now" and _danger(decision, after, late, group, "now") is None
            found.append(
                replace(row, text=f"SEND THE ORDERS BELOW, OR {row.text}") if mended else row
            )
    return sorted(found, key=lambda one: (one.level != "critical", abs(one.liquidation_move or 0)))


def _same(before: MarginRow, late: MarginRow) -> bool:
    """True when the orders leave a group as it is."""
    return before.leverage == late.leverage


def _danger(
    decision: Decision, state: State, row: MarginRow, group: int, stage: str
) -> DangerRow | None:
    """The danger of one group in one state; None when it stands safely, or holds nothing."""
    gross = group_gross(decision.flat.layout, state, decision.quoted.quote, group)
    level = level_of(decision, row) if gross > 0.0 else None
    if level is None:
        return None
    most = safe_leverage(decision, group, row.leverage)
    name = decision.flat.currencies[decision.rules.move_currency[group]]
    made = DangerRow(
        level="critical" if level == "critical" else "warning",
        stage="now" if stage == "now" else "after_orders",
        account=row.account,
        group=row.group,
        currency=name,
        coins=coins_needed(decision, state, group, most),
        leverage=most,
        liquidation_move=row.liquidation_move,
        text="",
    )
    after = "" if made.stage == "now" else "once the orders fill, "
    told = f"{remedy(made, decision, group)}: {after}{consequence(row, decision, state, group)}"
    return replace(made, text=told)


def remedy(made: DangerRow, decision: Decision, group: int) -> str:
    """What to do, first. Worked: "ADD 0.7071 ETH TO futures NOW (vault has 2.22 ETH)"."""
    isolated = made.group not in (made.currency, "unified")
    place = f"{made.account} ({made.group})" if isolated else made.account
    when = " NOW" if made.level == "critical" else ""
    when = " BEFORE THE ORDERS" if made.stage == "after_orders" else when
    what = f"{coins(rounded_up(made.coins))} {made.currency} TO {place}{when}"
    if decision.answer.top_up[group] > 0.0:
        return f"MOVE {what}, as told below"
    return f"ADD {what}{_elsewhere(decision, made, group)}"


def free_elsewhere(decision: Decision, group: int) -> dict[str, float]:
    """Coins of a group's moving currency by account, where they back nothing."""
    layout, flat = decision.flat.layout, decision.flat
    own = flat.groups[group].account
    return {
        label.account: flat.state.wallet[row]
        for row, label in enumerate(flat.wallets)
        if layout.wallet_group[row] < 0
        and layout.wallet_currency[row] == decision.rules.move_currency[group]
        and layout.wallet_wrapped[row] == 0
        and label.account != own
        and not label.in_transit
        and flat.state.wallet[row] > 0.0
    }


def _elsewhere(decision: Decision, made: DangerRow, group: int) -> str:
    """Where coins of the currency are that back nothing: " (vault has 2.22 ETH)"."""
    free = free_elsewhere(decision, group)
    told = ", ".join(f"{name} has {coins(held)} {made.currency}" for name, held in free.items())
    return f" ({told})" if told else ""


def rounded_up(amount: float) -> float:
    """Up to four significant digits. Worked: 0.7070707 is 0.7071."""
    if amount <= 0.0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(amount)) - 3)
    return math.ceil(amount / unit - 1e-9) * unit


def consequence(row: MarginRow, decision: Decision, state: State, group: int) -> str:
    """What happens otherwise: at which move, or that the margin is gone."""
    ends = "closes your hedge" if _is_short(decision, state, group) else "closes your position"
    move, at = row.liquidation_move, row.liquidation_price
    if row.leverage is None:
        return f"its margin is used up, {row.account} owns nothing more, and the exchange {ends}"
    if row.equity_coin <= row.maintenance_coin:
        return f"its margin is less than the exchange needs, which {ends} at once"
    if move is None or at is None:
        return f"it stands at {coins(round(row.leverage, 1))}x leverage"
    side = "rise" if move > 0.0 else "fall"
    where = row.liquidation_contract or row.liquidation_coin
    return f"a {side} of {percent(abs(move))} (to {price(round(at, 2) or at)}, {where}) {ends}"


def _is_short(decision: Decision, state: State, group: int) -> bool:
    """True when all contracts of a group are short."""
    of_group = decision.flat.layout.legs.group
    held = [q for leg, q in enumerate(state.contracts) if of_group[leg] == group and q != 0.0]
    return all(q < 0.0 for q in held)
