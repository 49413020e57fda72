"""Margin groups near their end, now or once the orders fill, and what mends each."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from volsculpt.book.exposure import venue_contracts
from volsculpt.book.state import State
from volsculpt.decide.step import Decision
from volsculpt.text import coins, contracts, percent, safe_price
from volsculpt.watch.breach import Ends, MarginStatus, ends_of, main_leg, margin_status, tick_of
from volsculpt.watch.coins import rounded_up, who_has
from volsculpt.watch.level import DangerLevel, level_of
from volsculpt.watch.remedy import Danger, Remedy, remedies_of
from volsculpt.watch.withdrawals import kept_words

ORDERS, POSTS = "SEND THE ORDERS", "POST THE COINS"  # what the plan tells itself
MOVE, WAIT = "MOVE ", "WAIT FOR "
BEFORE_ORDERS = " BEFORE THE ORDERS"
AS_PLANNED = ", as told below"  # where the plan itself moves the coins


@dataclass(frozen=True, slots=True)
class Closing:
    """Contracts to close of a position that is held."""

    contract: str
    side: Literal["buy", "sell"]
    contracts: float


@dataclass(frozen=True, slots=True)
class DangerRow:
    """A margin group near its end, now or once the orders fill, and what mends it.

    coins: what brings it to `leverage`. liquidation_move: of all coins, at which an exchange
    closes it; None where its margin is gone already, or nothing does. mended: the orders of this
    very decision leave it safe. add_coin: to bring once this decision's own orders are filled and
    its coins have moved. close: instead of that, where those coins are not there;
    close_max_leverage: to be stated in [limits] with it, or the next decision trades it back.
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
    add_coin: float = 0.0
    close: list[Closing] = field(default_factory=list)
    close_max_leverage: float | None = None


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
    found, ends = list[Danger](), ends or ends_of(decision, after)
    for group, label in enumerate(decision.flat.groups):
        before = (levels or {}).get(f"{label.account}|{label.group}")
        danger = _of_group(decision, ends, group, before)
        found += [danger] if danger is not None else []
    found.sort(key=lambda one: one.rank)
    return [_row(after, one) for one in remedies_of(decision, after, found)]


def _of_group(
    decision: Decision, ends: Ends, group: int, before: DangerLevel | None
) -> Danger | None:
    """The danger a group is in now, or else once the orders fill."""
    flat, quote, after = decision.flat, decision.quoted.quote, ends.after.state
    leg = main_leg(flat, (flat.state, after), quote, group)
    now, late = margin_status(ends.now, group, leg), margin_status(ends.after, group, leg)
    level, level_late = level_of(decision, now, before), level_of(decision, late, before)
    same = now.leverage == late.leverage
    if level_late is not None and (level is None or (level == "warning" and not same)):
        return Danger(level_late, "after_orders", late)
    return None if level is None else Danger(level, "now", now, mended=level_late is None)


def _row(after: State, remedy: Remedy) -> DangerRow:
    """A danger with its remedy. after: the book once the orders fill."""
    decision, danger = remedy.decision, remedy.danger
    flat, found, now = decision.flat, danger.found, danger.stage == "now"
    label, state = flat.groups[found.row], flat.state if now else after
    made = DangerRow(
        level=danger.level,
        stage=danger.stage,
        account=label.account,
        group=label.group,
        currency=flat.currencies[decision.rules.move_currency[found.row]],
        coins=remedy.coins,
        leverage=remedy.leverage,
        liquidation_move=found.breach.move if found.breach is not None else None,
        text="",
        mended=danger.mended,
        add_coin=remedy.add,
        close=_closings(remedy),
        close_max_leverage=remedy.limit,
    )
    when = "" if now else "once the orders fill, "
    end = consequence(found, label.account, decision, state)
    has_less = sum(remedy.free.values()) < remedy.add
    kept = kept_words(decision, found.row) if has_less else ""
    return replace(made, text=f"{advice(made, remedy)}: {when}{end}{kept}")


def _closings(remedy: Remedy) -> list[Closing]:
    """What to close, the main contract first."""
    decision, main = remedy.decision, remedy.danger.found.leg
    return [
        Closing(
            contract=decision.flat.legs[leg][1].symbol,
            side="sell" if decision.flat.state.contracts[leg] > 0.0 else "buy",
            contracts=count,
        )
        for leg, count in sorted(remedy.closes.items(), key=lambda one: one[0] != main)
    ]


def advice(made: DangerRow, remedy: Remedy) -> str:
    """What to do, first. Worked: "ADD 0.7071 ETH TO futures NOW (vault has 2.22 ETH)".

    made: its row, without its text.
    """
    isolated = made.group not in (made.currency, "unified")
    place = f"{made.account} ({made.group})" if isolated else made.account
    when = " NOW" if made.level == "critical" else ""
    when = BEFORE_ORDERS if made.stage == "after_orders" else when
    instead = closing_words(made)
    added = f"ADD {coins(rounded_up(made.add_coin))} {made.currency}"
    listed = f" ({who_has(remedy.free, made.currency)})" if remedy.free else ""
    moved = f"{MOVE}{coins(rounded_up(remedy.moved))} {made.currency} TO {place}"
    own = [moved] if remedy.moved > 0.0 else []
    own += [ORDERS] if remedy.by_orders else [POSTS] if remedy.by_posts else []
    first = f"{' AND '.join(own)}{when}{AS_PLANNED}" if own else ""
    if made.add_coin > 0.0:
        where = f" TO {place}{when}" if remedy.moved <= 0.0 else ""
        first = f"{first}, AND " if first else ""
        return f"{first}{added}{where}{listed}{_or(instead)}"
    if first:
        return first
    coming = remedy.decision.flat.state.incoming[remedy.group]
    if coming > 0.0:
        what = f"{coins(coming)} {made.currency} ON THEIR WAY TO {place}"
        return f"{WAIT}{what}{_or(instead)}{when}"
    return f"{instead or 'CLOSE POSITIONS'} ON {place}{when}"


def _or(instead: str) -> str:
    return f", OR {instead}" if instead else ""


def closing_words(made: DangerRow) -> str:
    """What to close, nothing where there is none. Worked: "BUY BACK 7,600 contracts of X"."""
    verbs, parts, last = {"buy": "BUY BACK ", "sell": "SELL "}, list[str](), ""
    for one in made.close:
        verb = "" if one.side == last else verbs[one.side]
        parts.append(f"{verb}{contracts(one.contracts)} of {one.contract}")
        last = one.side
    if parts and made.close_max_leverage is not None:
        parts.append(f"SET max_leverage = {made.close_max_leverage:g} IN [limits]")
    return " AND ".join(parts)


def desk_words(text: str, carried: bool) -> str:
    """A danger in words where the desk sends the orders: nothing of that is the owner's.

    carried: it moves the coins too. Worked: "SEND THE ORDERS NOW, as told below, AND ADD 1 BTC" is
    "ADD 1 BTC".
    """
    above, below, rest = text.partition(AS_PLANNED)
    if not below:
        return text
    for own in (ORDERS, POSTS):
        above = above.replace(f" AND {own}", "")
    if above.startswith((ORDERS, POSTS)):
        does = above.replace("SEND", "SENDS").replace("POST", "POSTS")
        return rest.removeprefix(", AND ") if rest.startswith(",") else f"THE DESK {does}{rest}"
    return f"THE DESK MOVES {above.removeprefix(MOVE)}{rest}" if carried else f"{above}{rest}"


def is_the_desks(made: DangerRow, carried: bool) -> bool:
    """Whether a desk that sends its orders leaves nothing of what ends a danger to its owner.

    carried: it moves the coins too. Coins on their way are waited for by it as well.
    """
    above, below, _ = made.text.partition(AS_PLANNED)
    if made.text.startswith(WAIT):
        return not made.close
    return bool(below) and made.add_coin <= 0.0 and (carried or not above.startswith(MOVE))


def consequence(found: MarginStatus, account: str, decision: Decision, state: State) -> str:
    """What happens otherwise: at which move, or that the margin is gone.

    Args: account: its name.
    """
    hedge = _is_short(decision, state, found.row)
    ends = "closes your hedge" if hedge else "closes your position"
    if found.leverage is None:
        return f"its margin is used up, {account} owns nothing more, and the exchange {ends}"
    if found.is_breached:
        return f"its margin is less than the exchange needs, which {ends} at once"
    if found.breach is None:
        return f"it stands at {coins(round(found.leverage, 1))}x leverage"
    move, at = found.breach.move, found.breach.price
    side = "rise" if move > 0.0 else "fall"
    where = found.breach.contract or found.breach.coin
    price_text = safe_price(at, move, tick_of(decision.flat, found.leg))
    return f"a {side} of {percent(abs(move))} (to {price_text}, {where}) {ends}"


def _is_short(decision: Decision, state: State, group: int) -> bool:
    """True when all contracts of a group are short."""
    return all(venue_contracts(state, leg) <= 0.0 for leg in decision.flat.legs_of(group))
