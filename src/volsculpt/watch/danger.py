"""Margin groups near their end, now or once the orders fill, and what mends each."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from volsculpt.book.exposure import leg_value, venue_contracts
from volsculpt.book.group import unit_usd
from volsculpt.book.state import State
from volsculpt.decide.build import is_locked
from volsculpt.decide.collateral import coins_for, unit_of_coin
from volsculpt.decide.lots import lots_up
from volsculpt.decide.margin_need import Within, lacking
from volsculpt.decide.step import Decision
from volsculpt.text import coins, contracts, percent, price
from volsculpt.watch.breach import Ends, MarginStatus, ends_of, main_leg, margin_status

DangerLevel = Literal["critical", "warning"]
SAFE_LEVERAGE = 3.0  # what a group is brought to where the mandate states nothing
WORRY_LEVERAGE = 4.0
WARNING_DISTANCE = 0.25
CRITICAL_DISTANCE = 0.10
EASE = 1.1
MOVE = "MOVE "
AS_TOLD = ", as told below"  # where the plan itself moves the coins
MOST_NAMED = 5  # accounts that have coins
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


class FreeCoins:
    """Coins that back nothing and may leave, by currency and account, read off a book once."""

    def __init__(self, decision: Decision) -> None:
        self._found: dict[int, dict[str, float]] = {}
        layout, state = decision.flat.layout, decision.flat.state
        accounts = decision.setup.book.by_name()
        for row, label in enumerate(decision.flat.wallets):
            backs = layout.wallet_group[row] >= 0 or layout.wallet_wrapped[row] == 1
            stays = label.in_transit or is_locked(accounts.get(label.account), decision.time_ns)
            if not backs and not stays and state.wallet[row] > 0.0:
                of_coin = self._found.setdefault(layout.wallet_currency[row], {})
                of_coin[label.account] = state.wallet[row]

    def elsewhere(self, decision: Decision, group: int) -> dict[str, float]:
        """Coins of a group's moving currency by account, its own left out. group: its row."""
        own, coin = decision.flat.groups[group].account, decision.rules.move_currency[group]
        found = self._found.get(coin, {})
        return {account: held for account, held in found.items() if account != own}


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

    And to what its venue would open it at; judged as every limit is, by `lacking`. Worked: a short
    of 2.272727 ETH on 0.050505 ETH of equity, to 3x: 0.707071.

    Args: group: its row; leverage: gross over equity, > 0.
    """
    layout, quote = decision.flat.layout, decision.quoted.quote
    unit = unit_of_coin(layout, quote, decision.rules, group)
    if unit <= 0.0:
        return 0.0
    within = Within(leverage, decision.setup.limits.min_liquidation_distance or 0.0, 1)
    short = lacking(decision.problem, state, group, within)
    short -= decision.flat.state.incoming[group] * unit
    return coins_for(decision.problem, state, group, short) if short > 0.0 else 0.0


def in_coins_that_count(decision: Decision, group: int) -> Decision:
    """The decision with a currency that counts as margin, where coins of its own count nothing.

    Of those that the unified account knows, the one that counts most; as it is if there is none.
    """
    layout, rules = decision.flat.layout, decision.rules
    if unit_of_coin(layout, decision.quoted.quote, rules, group) > 0.0:
        return decision
    first = group * layout.currencies
    weights = layout.group_weight[first : first + len(decision.flat.currencies)]
    moves = list(rules.move_currency)
    moves[group] = max(range(len(weights)), key=lambda row: weights[row])
    coming = list(decision.flat.state.incoming)
    coming[group] = 0.0  # they are of the coins that count nothing
    flat = replace(decision.flat, state=decision.flat.state._replace(incoming=coming))
    return replace(decision, flat=flat, rules=rules._replace(move_currency=moves))


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
    decision: Decision,
    after: State,
    levels: Mapping[str, DangerLevel | None] | None = None,
    ends: Ends | None = None,
) -> list[DangerRow]:
    """One row a group in danger, the worst first. after: the book once the orders fill.

    Args: levels: as reported before, by "account|group"; ends: of both books, where they are
    looked for already.
    """
    found, ends = list[DangerRow](), ends or ends_of(decision, after)
    free = FreeCoins(decision)
    for group, label in enumerate(decision.flat.groups):
        before = (levels or {}).get(f"{label.account}|{label.group}")
        row = _of_group(decision, ends, group, before, free)
        found += [row] if row is not None else []
    return sorted(found, key=lambda one: (one.level != "critical", abs(one.liquidation_move or 0)))


def _of_group(
    decision: Decision, ends: Ends, group: int, before: DangerLevel | None, free: FreeCoins
) -> DangerRow | None:
    """The danger a group is in now, or else once the orders fill."""
    flat, quote, after = decision.flat, decision.quoted.quote, ends.after.state
    leg = main_leg(flat, (flat.state, after), quote, group)
    now, late = margin_status(ends.now, group, leg), margin_status(ends.after, group, leg)
    level, level_late = level_of(decision, now, before), level_of(decision, late, before)
    same = now.leverage == late.leverage
    if level_late is not None and (level is None or (level == "warning" and not same)):
        return _danger(decision, after, late, level_late, "after_orders", free)
    if level is None:
        return None
    return _danger(decision, flat.state, now, level, "now", free, level_late is None)


def _danger(
    decision: Decision,
    state: State,
    found: MarginStatus,
    level: DangerLevel,
    stage: Literal["now", "after_orders"],
    free: FreeCoins,
    mended: bool = False,
) -> DangerRow:
    """The danger of one group in one state, with its remedy."""
    most = safe_leverage(decision, found.row, found.leverage)
    decision = in_coins_that_count(decision, found.row)
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
    after = "" if stage == "now" else "once the orders fill, "
    advice = remedy(decision, state, made, found, free)
    return replace(
        made, text=f"{advice}: {after}{consequence(found, label.account, decision, state)}"
    )


def remedy(
    decision: Decision,
    state: State,
    made: DangerRow,
    found: MarginStatus,
    free_coins: FreeCoins,
) -> str:
    """What to do, first. Worked: "ADD 0.7071 ETH TO futures NOW (vault has 2.22 ETH)".

    Args: state: the book that is in danger; made: the row, but for its text; found: how its group
    stands; free_coins: of the book held.
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
    free = free_coins.elsewhere(decision, found.row)
    listed = f" ({who_has(free, made.currency)})" if free else ""
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


def who_has(free: Mapping[str, float], currency: str) -> str:
    """Who has how many coins; of many accounts the largest. Worked: "vault has 2.22 ETH"."""
    told = list(free.items())
    if len(told) > MOST_NAMED:
        told = sorted(told, key=lambda one: -one[1])[:MOST_NAMED]
    more = len(free) - len(told)
    listed = ", ".join(f"{name} has {coins(held)} {currency}" for name, held in told)
    return f"{listed} and {more:,} more accounts" if more > 0 else listed


def rounded_up(amount: float) -> float:
    """Up to four significant digits. Worked: 0.7070707 is 0.7071."""
    if amount <= 0.0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(amount)) - 3)
    return math.ceil(amount / unit - 1e-9) * unit


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
    return all(venue_contracts(state, leg) <= 0.0 for leg in decision.flat.legs_of(group))
