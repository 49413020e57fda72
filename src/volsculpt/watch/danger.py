"""Margin groups near their end, now or once the orders fill, and what mends each."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from volsculpt.book.exposure import venue_contracts
from volsculpt.book.state import State
from volsculpt.decide.step import Decision
from volsculpt.text import coins, contracts, percent, price
from volsculpt.watch.breach import Ends, MarginStatus, ends_of, main_leg, margin_status
from volsculpt.watch.coins import (
    FreeCoins,
    in_coins_that_count,
    rounded_up,
    safe_leverage,
    who_has,
)
from volsculpt.watch.cure import coins_that_end, contracts_that_end, with_coins
from volsculpt.watch.filled import arrived
from volsculpt.watch.level import DangerLevel, level_of
from volsculpt.watch.withdrawals import kept_words

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
    decision: Decision,
    after: State,
    levels: Mapping[str, DangerLevel | None] | None = None,
    ends: Ends | None = None,
) -> list[DangerRow]:
    """One row a group in danger, the worst first. after: the book once the orders fill.

    Args: levels: as reported before, by "account|group"; ends: of both books, where they are
    looked for already.
    """
    found, ends = list[_Danger](), ends or ends_of(decision, after)
    for group, label in enumerate(decision.flat.groups):
        before = (levels or {}).get(f"{label.account}|{label.group}")
        danger = _of_group(decision, ends, group, before)
        found += [danger] if danger is not None else []
    if not found:
        return []
    free = _Free(decision, after)
    return [_row(decision, after, one, free) for one in sorted(found, key=lambda one: one.rank)]


def _of_group(
    decision: Decision, ends: Ends, group: int, before: DangerLevel | None
) -> _Danger | None:
    """The danger a group is in now, or else once the orders fill."""
    flat, quote, after = decision.flat, decision.quoted.quote, ends.after.state
    leg = main_leg(flat, (flat.state, after), quote, group)
    now, late = margin_status(ends.now, group, leg), margin_status(ends.after, group, leg)
    level, level_late = level_of(decision, now, before), level_of(decision, late, before)
    same = now.leverage == late.leverage
    if level_late is not None and (level is None or (level == "warning" and not same)):
        return _Danger(level_late, "after_orders", late)
    return None if level is None else _Danger(level, "now", now, mended=level_late is None)


def _row(decision: Decision, after: State, danger: _Danger, free: "_Free") -> DangerRow:
    """A danger with its remedy.

    Args: after: the book once the orders fill; free: coins that remedies before leave; this one's
    are taken.
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
    there = free.taken_by(decision, made, found)
    when = "" if made.stage == "now" else "once the orders fill, "
    advice = remedy(decision, state, made, found, there)
    kept = kept_words(decision, found.row) if sum(there.values()) < made.coins else ""
    told = f"{advice}: {when}{consequence(found, label.account, decision, state)}{kept}"
    return replace(made, text=told)


class _Free:
    """Coins that may come to groups now and after a plan, each told to one danger only."""

    def __init__(self, decision: Decision, after: State) -> None:
        """after: the book once the orders fill."""
        self._there = FreeCoins(decision, decision.flat.state, arrived(decision, after))
        self._taken: dict[tuple[str, str], float] = {}

    def taken_by(
        self, decision: Decision, made: DangerRow, found: MarginStatus
    ) -> dict[str, float]:
        """Coins by account that may come to a group beside other remedies; it takes what it needs.

        Args: made, found: the danger.
        """
        free, left = dict[str, float](), 0.0 if made.mended else made.coins
        if decision.answer.top_up[found.row] > 0.0:
            left = 0.0
        for account, held in self._there.elsewhere(decision, found.row).items():
            place = account, made.currency
            taken = self._taken.get(place, 0.0)
            if held > taken:
                free[account] = held - taken
                self._taken[place] = taken + min(left, free[account])
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
    listed = f" ({who_has(free, made.currency)})" if free else ""
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
    return all(venue_contracts(state, leg) <= 0.0 for leg in decision.flat.legs_of(group))
