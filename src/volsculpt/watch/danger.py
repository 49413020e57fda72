"""Margin groups near their end, now or once the orders fill, and what mends each."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from volsculpt.book.exposure import venue_contracts
from volsculpt.book.state import State
from volsculpt.decide.step import Decision
from volsculpt.text import coins, contracts, percent, price
from volsculpt.watch.breach import MarginStatus, main_leg, margin_status
from volsculpt.watch.coins import SAFE_LEVERAGE as SAFE_LEVERAGE
from volsculpt.watch.coins import (
    free_elsewhere,
    in_coins_that_count,
    safe_leverage,
)
from volsculpt.watch.coins import rounded_up as rounded_up
from volsculpt.watch.cure import coins_that_end, contracts_that_end, with_coins
from volsculpt.watch.filled import arrived
from volsculpt.watch.level import DangerLevel, level_of

MOVE = "MOVE "
AS_TOLD = ", as told below"  # where the plan itself moves the coins


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


@dataclass(frozen=True, slots=True)
class _Danger:
    """A danger before its words: of which stage, how the group stands then, and in which book."""

    level: DangerLevel
    stage: Literal["now", "after_orders"]
    found: MarginStatus
    mended: bool = False

    @property
    def rank(self) -> tuple[bool, float]:
        """The worst first."""
        breach = self.found.breach
        return self.level != "critical", abs(breach.move) if breach is not None else 0.0


def dangers(
    decision: Decision, after: State, levels: Mapping[str, DangerLevel | None] | None = None
) -> list[DangerRow]:
    """One row a group in danger, the worst first. after: the book once the orders fill.

    levels: as reported before, by "account|group".
    """
    found, taken = list[_Danger](), dict[tuple[str, str], float]()
    for group, label in enumerate(decision.flat.groups):
        before = (levels or {}).get(f"{label.account}|{label.group}")
        danger = _of_group(decision, after, group, before)
        found += [danger] if danger is not None else []
    return [_row(decision, after, one, taken) for one in sorted(found, key=lambda one: one.rank)]


def _of_group(
    decision: Decision, after: State, group: int, before: DangerLevel | None
) -> _Danger | None:
    """The danger a group is in now, or else once the orders fill."""
    flat, quote = decision.flat, decision.quoted.quote
    leg = main_leg(flat, (flat.state, after), quote, group)
    now = margin_status(flat, flat.state, quote, group, leg)
    late = margin_status(flat, after, quote, group, leg)
    level, level_late = level_of(decision, now, before), level_of(decision, late, before)
    same = now.leverage == late.leverage
    if level_late is not None and (level is None or (level == "warning" and not same)):
        return _Danger(level_late, "after_orders", late)
    return None if level is None else _Danger(level, "now", now, mended=level_late is None)


def _row(
    decision: Decision, after: State, danger: _Danger, taken: dict[tuple[str, str], float]
) -> DangerRow:
    """A danger with its remedy.

    Args: after: the book once the orders fill; taken: coins that remedies before take, by account
    and currency; this one's are added.
    """
    found, decision = danger.found, in_coins_that_count(decision, danger.found.row)
    state = after if danger.stage == "after_orders" else decision.flat.state
    state = state._replace(incoming=decision.flat.state.incoming)
    needed = coins_that_end(decision, state, found, danger.level) or 0.0
    label, then = decision.flat.groups[found.row], with_coins(decision, state, found, needed)
    made = DangerRow(
        level=danger.level,
        stage=danger.stage,
        account=label.account,
        group=label.group,
        currency=decision.flat.currencies[decision.rules.move_currency[found.row]],
        coins=needed,
        leverage=round(then.leverage or safe_leverage(decision, found.row), 9),
        liquidation_move=found.breach.move if found.breach is not None else None,
        text="",
        mended=danger.mended,
    )
    free = _free(decision, after, made, found, taken)
    when = "" if made.stage == "now" else "once the orders fill, "
    advice = remedy(decision, state, made, found, free)
    return replace(
        made, text=f"{advice}: {when}{consequence(found, label.account, decision, state)}"
    )


def _free(
    decision: Decision,
    after: State,
    made: DangerRow,
    found: MarginStatus,
    taken: dict[tuple[str, str], float],
) -> dict[str, float]:
    """Coins by account that may come to a group, now and after this plan, beside other remedies.

    Args: after: the book once the orders fill; made, found: the danger; taken: as `_row` has it.
    """
    there = free_elsewhere(decision, found.row, decision.flat.state, arrived(decision, after))
    free, left = dict[str, float](), 0.0 if made.mended else made.coins
    if decision.answer.top_up[found.row] > 0.0:
        left = 0.0
    for account, held in there.items():
        place = account, made.currency
        if held > taken.get(place, 0.0):
            free[account] = held - taken.get(place, 0.0)
            taken[place] = taken.get(place, 0.0) + min(left, free[account])
            left -= min(left, free[account])
    return free


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
    listed = ", ".join(f"{name} has {coins(held)} {made.currency}" for name, held in free.items())
    listed = f" ({listed})" if listed else ""
    moved = decision.answer.top_up[found.row]
    if moved > 0.0:
        what = f"{MOVE}{coins(rounded_up(moved))} {made.currency} TO {place}{when}{AS_TOLD}"
        more = rounded_up(_beyond(decision, state, made, found, moved))
        return f"{what}, AND ADD {coins(more)} {made.currency}{listed}" if more > 0.0 else what
    what = f"{coins(rounded_up(made.coins))} {made.currency} TO {place}{when}{listed}"
    if made.mended:
        return f"SEND THE ORDERS BELOW, OR ADD {what}"
    if made.stage == "after_orders" or sum(free.values()) >= made.coins:
        return f"ADD {what}"
    return f"ADD {what}{_smaller(decision, state, made, found)}"


def _beyond(
    decision: Decision, state: State, made: DangerRow, found: MarginStatus, moved: float
) -> float:
    """Coins that end a danger beyond those that the plan moves: none where they do.

    Args: state: the book in danger, where it stands as found; made: its row; moved: coins.
    """
    is_over = level_of(decision, with_coins(decision, state, found, moved)) is None
    return 0.0 if is_over or made.mended else max(0.0, made.coins - moved)


def moved_by_desk(text: str) -> str:
    """A danger in words where the desk moves the coins itself: nothing of that is the owner's."""
    if not text.startswith(MOVE):
        return text
    return f"THE DESK MOVES {text.removeprefix(MOVE)}"


def _smaller(decision: Decision, state: State, made: DangerRow, found: MarginStatus) -> str:
    """What to close instead, where the coins are not there: ", OR BUY BACK 7,600 contracts of X".

    Nothing where closing its main leg does not end the danger.
    """
    count = contracts_that_end(decision, state, found, made.level)
    if count <= 0.0:
        return ""
    verb = "BUY BACK" if state.contracts[found.leg] < 0.0 else "SELL"
    return f", OR {verb} {contracts(count)} of {decision.flat.legs[found.leg][1].symbol}"


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
