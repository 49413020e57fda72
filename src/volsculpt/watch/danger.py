"""Margin groups near their end, now or once the orders fill, and what mends each."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from volsculpt.book.exposure import leg_value, venue_contracts
from volsculpt.book.group import unit_usd
from volsculpt.book.state import State
from volsculpt.decide.lots import lots_up
from volsculpt.decide.step import Decision
from volsculpt.text import coins, contracts, percent, price
from volsculpt.watch.breach import MarginStatus, main_leg, margin_status
from volsculpt.watch.coins import SAFE_LEVERAGE as SAFE_LEVERAGE
from volsculpt.watch.coins import (
    coins_needed,
    free_elsewhere,
    in_coins_that_count,
    safe_leverage,
)
from volsculpt.watch.coins import rounded_up as rounded_up
from volsculpt.watch.filled import arrived

DangerLevel = Literal["critical", "warning"]
WORRY_LEVERAGE = 4.0
WARNING_DISTANCE = 0.25
CRITICAL_DISTANCE = 0.10
EASE = 1.1
MOVE = "MOVE "
AS_TOLD = ", as told below"  # where the plan itself moves the coins
OF_LIMIT = 0.95  # a stated distance is kept up to its own dead zone


@dataclass(frozen=True, slots=True)
class DangerRow:
    """A margin group near its end, now or once the orders fill, and what mends it.

    coins: what brings it to `leverage`. liquidation_move: of all coins, at which an exchange
    closes it; None where its margin is gone already, or nothing does. mended: the orders of this
    very decision leave it safe.
    """

    level: DangerLevel
    stage: Literal["now", "after_orders"]
    account: str
    group: str
    currency: str
    coins: float
    leverage: float
    liquidation_move: float | None
    text: str
    mended: bool = False


def level_of(
    decision: Decision, found: MarginStatus, before: DangerLevel | None = None
) -> DangerLevel | None:
    """How near its end a group is: critical, warning, or None.

    Under 10 % away, or no more margin than needed, is critical; under 25 % away, or above 4x,
    a warning. Keeping a smaller distance that the mandate states is none. What was `before`
    already stays so until it is a tenth beyond that, so that it does not come and go.
    """
    ease = EASE if before is not None else 1.0
    if found.gross <= 0.0:
        return None
    leverage = found.leverage
    if leverage is None or found.equity <= found.maintenance:
        return "critical"
    stated = decision.setup.limits.min_liquidation_distance
    near = WARNING_DISTANCE if stated is None else min(WARNING_DISTANCE, OF_LIMIT * stated)
    if found.breach is not None and abs(found.breach.move) < near * ease:
        end = CRITICAL_DISTANCE * (EASE if before == "critical" else 1.0)
        return "critical" if abs(found.breach.move) < end else "warning"
    allowed = decision.setup.limits.max_leverage or WORRY_LEVERAGE
    return "warning" if leverage > max(WORRY_LEVERAGE, allowed) * (1.0 + 1e-9) / ease else None


def dangers(
    decision: Decision, after: State, levels: Mapping[str, DangerLevel | None] | None = None
) -> list[DangerRow]:
    """One row a group in danger, the worst first. after: the book once the orders fill.

    levels: as reported before, by "account|group".
    """
    found = []
    for group, label in enumerate(decision.flat.groups):
        before = (levels or {}).get(f"{label.account}|{label.group}")
        row = _of_group(decision, after, group, before)
        found += [row] if row is not None else []
    return sorted(found, key=lambda one: (one.level != "critical", abs(one.liquidation_move or 0)))


def _of_group(
    decision: Decision, after: State, group: int, before: DangerLevel | None
) -> DangerRow | None:
    """The danger a group is in now, or else once the orders fill."""
    flat, quote = decision.flat, decision.quoted.quote
    leg = main_leg(flat, (flat.state, after), quote, group)
    now = margin_status(flat, flat.state, quote, group, leg)
    late = margin_status(flat, after, quote, group, leg)
    level, level_late = level_of(decision, now, before), level_of(decision, late, before)
    same = now.leverage == late.leverage
    if level_late is not None and (level is None or (level == "warning" and not same)):
        return _danger(decision, after, late, level_late, "after_orders")
    if level is None:
        return None
    return _danger(decision, after, now, level, "now", mended=level_late is None)


def _danger(
    decision: Decision,
    after: State,
    found: MarginStatus,
    level: DangerLevel,
    stage: Literal["now", "after_orders"],
    mended: bool = False,
) -> DangerRow:
    """The danger of one group now or once the orders fill, with its remedy.

    Args: after: the book once they fill; found: how it stands at that stage; level, stage, mended:
    as its row has them.
    """
    most = safe_leverage(decision, found.row)
    if found.leverage is not None and found.leverage <= most:
        most = min(most, SAFE_LEVERAGE)  # a limit that it keeps already mends nothing
    decision = in_coins_that_count(decision, found.row)
    state = after if stage == "after_orders" else decision.flat.state
    state = state._replace(incoming=decision.flat.state.incoming)
    label = decision.flat.groups[found.row]
    made = DangerRow(
        level=level,
        stage=stage,
        account=label.account,
        group=label.group,
        currency=decision.flat.currencies[decision.rules.move_currency[found.row]],
        coins=coins_needed(decision, state, found.row, most),
        leverage=most,
        liquidation_move=found.breach.move if found.breach is not None else None,
        text="",
        mended=mended,
    )
    when = "" if stage == "now" else "once the orders fill, "
    late = arrived(decision, after)
    free = free_elsewhere(decision, found.row, decision.flat.state, late)
    advice = remedy(decision, state, made, found, free)
    return replace(
        made, text=f"{advice}: {when}{consequence(found, label.account, decision, state)}"
    )


def remedy(
    decision: Decision,
    state: State,
    made: DangerRow,
    found: MarginStatus,
    free: Mapping[str, float],
) -> str:
    """What to do, first. Worked: "ADD 0.7071 ETH TO futures NOW (vault has 2.22 ETH)".

    Args: state: the book in danger, where it stands as found; free: coins by account that may come.
    """
    isolated = made.group not in (made.currency, "unified")
    place = f"{made.account} ({made.group})" if isolated else made.account
    when = " NOW" if made.level == "critical" else ""
    when = " BEFORE THE ORDERS" if made.stage == "after_orders" else when
    if made.coins <= 0.0:
        smaller = _smaller(decision, state, made, found)
        coming = decision.flat.state.incoming[found.row]
        if coming > 0.0:
            what = f"{coins(coming)} {made.currency} ON THEIR WAY TO {place}"
            return f"WAIT FOR {what}{smaller}{when}"
        smaller = smaller.removeprefix(", OR ")
        return f"{smaller or 'CLOSE POSITIONS'} ON {place}{when}"
    moved = decision.answer.top_up[found.row]
    amount = coins(rounded_up(moved if moved > 0.0 else made.coins))
    what = f"{amount} {made.currency} TO {place}{when}"
    if moved > 0.0:
        return f"{MOVE}{what}{AS_TOLD}"
    listed = ", ".join(f"{name} has {coins(held)} {made.currency}" for name, held in free.items())
    listed = f" ({listed})" if listed else ""
    if made.mended:
        return f"SEND THE ORDERS BELOW, OR ADD {what}{listed}"
    if made.stage == "after_orders" or sum(free.values()) >= made.coins:
        return f"ADD {what}{listed}"
    return f"ADD {what}{listed}{_smaller(decision, state, made, found)}"


def moved_by_desk(text: str) -> str:
    """A danger in words where the desk moves the coins itself: nothing of that is the owner's."""
    if not text.startswith(MOVE):
        return text
    return f"THE DESK MOVES {text.removeprefix(MOVE)}"


def _smaller(decision: Decision, state: State, made: DangerRow, found: MarginStatus) -> str:
    """What to close instead, where the coins are not there: ", OR BUY BACK 7,600 contracts of X".

    Of a position of its own margin a part closed takes its part of the margin along, so all. What
    is not own cannot be closed, and buying back beside another's long helps nothing.
    """
    layout, quote, legs = decision.flat.layout, decision.quoted.quote, decision.flat.layout.legs
    if found.leg < 0 or state.contracts[found.leg] * venue_contracts(state, found.leg) <= 0.0:
        return ""
    held, leg = abs(state.contracts[found.leg]), found.leg
    worth = abs(leg_value(layout, state, quote, leg)) / held
    worth *= unit_usd(layout, quote, found.row, leg)
    over = found.gross - made.leverage * max(0.0, found.equity)
    count = over / (worth * max(0.1, 1.0 - made.leverage * legs.taker[leg]))
    count = min(held, lots_up(count / legs.lot[leg]) * legs.lot[leg])
    if found.equity <= 0.0 or legs.posted_wallet[leg] >= 0:
        count = held
    verb = "BUY BACK" if state.contracts[leg] < 0.0 else "SELL"
    return f", OR {verb} {contracts(count)} of {decision.flat.legs[leg][1].symbol}"


def consequence(found: MarginStatus, account: str, decision: Decision, state: State) -> str:
    """What happens otherwise: at which move, or that the margin is gone.

    Args: account: its name.
    """
    hedge = _is_short(decision, state, found.row)
    ends = "closes your hedge" if hedge else "closes your position"
    if found.leverage is None:
        return f"its margin is used up, {account} owns nothing more, and the exchange {ends}"
    if found.equity <= found.maintenance:
        return f"its margin is less than the exchange needs, which {ends} at once"
    if found.breach is None:
        return f"it stands at {coins(round(found.leverage, 1))}x leverage"
    move, at = found.breach.move, found.breach.price
    side = "rise" if move > 0.0 else "fall"
    where = found.breach.contract or found.breach.coin
    return f"a {side} of {percent(abs(move))} (to {price(round(at, 2) or at)}, {where}) {ends}"


def _is_short(decision: Decision, state: State, group: int) -> bool:
    """True when all contracts of a group are short."""
    of_group = decision.flat.layout.legs.group
    legs = [leg for leg in range(len(decision.flat.legs)) if of_group[leg] == group]
    return all(venue_contracts(state, leg) <= 0.0 for leg in legs)
