"""Ways of sending what was decided: at once, as maker for a while, or in slices over time.

    move = next_move(task, children, price, now_ns)

There is no state but what the ledger has: the task, and the orders sent for it so far. So a
desk that was killed goes on in the middle. A way divides a size and never changes it, and
never asks for a second order while one is alive or its outcome is unknown.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from volsculpt.contracts.lots import WHOLE, lots_down, lots_up
from volsculpt.contracts.orders import order_value
from volsculpt.contracts.payoff import PAYOFF_CODE
from volsculpt.contracts.spec import Contract
from volsculpt.mandate.send import SendRules
from volsculpt.trade.venue import VenuePrice

OF_BAND = 0.9


@dataclass(frozen=True, slots=True)
class Task:
    """What was decided of one leg: signed contracts, the price decided on, since when."""

    contract: Contract
    contracts: float
    reference_price: float
    begun_ns: int
    reduce_only: bool
    rules: SendRules


@dataclass(frozen=True, slots=True)
class Child:
    """One order sent for a task. is_refused: the venue never took it, or rejected it."""

    client_id: str
    filled_contracts: float
    state: Literal["open", "unknown", "cancelling", "final"]
    limit_price: float | None
    post_only: bool
    sent_ns: int
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class Send:
    """Send this order next; the account, the id and reduce-only are the task's."""

    contracts: float
    limit_price: float | None
    post_only: bool
    immediate: bool


@dataclass(frozen=True, slots=True)
class Cancel:
    """Cancel this order; what it filled until then counts."""

    client_id: str
    why: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing before this time, unless a report comes."""

    until_ns: int


@dataclass(frozen=True, slots=True)
class Over:
    """The task is over; what is left of it is for the next decision."""

    left_contracts: float
    why: str


Action = Send | Cancel | Wait | Over


def next_move(
    task: Task, children: Sequence[Child], price: VenuePrice | None, now_ns: int
) -> Action:
    """What to do now for a task.

    Worked: sell 1,000 decided at 60,000 by market, slippage 0.5 %: an immediate order at 59,700 or
    better.

    Args: children: its orders so far, oldest first; price: None, or without what a way needs of it,
    and nothing is sent; now_ns: ns UTC.
    """
    left = left_of(task, children)
    alive = next((child for child in children if child.state != "final"), None)
    if alive is not None and alive.state != "open":
        return Wait(now_ns + task.rules.reprice_ns)
    if alive is None and lots_of(task, left) == 0:
        return Over(left, "filled" if abs(left) <= WHOLE * task.contract.lot else "under a lot")
    if task.rules.way == "market":
        return _at_once(task, children, alive, left, now_ns)
    if task.rules.way == "chase":
        return _chase(task, children, alive, left, price, now_ns)
    return _slices(task, children, alive, left, price, now_ns)


def left_of(task: Task, children: Sequence[Child]) -> float:
    """Signed contracts not filled yet; never past the task, whatever reports say."""
    left = task.contracts - sum(child.filled_contracts for child in children)
    return left if left * task.contracts > 0.0 else 0.0


def lots_of(task: Task, contracts: float) -> int:
    """Whole lots that can be sent of a size; 0 when the venue takes no order as small.

    A task as a whole was judged when it was decided: one that closes may be of any size.
    """
    contract = task.contract
    lots = int(lots_down(abs(contracts) / contract.lot))
    if lots == 0 or abs(contracts) >= abs(task.contracts):
        return lots
    if lots * contract.lot < contract.least_contracts * (1.0 - WHOLE):
        return 0
    spared = task.reduce_only and contract.orders.reduce_only_exempt
    price, payoff = task.reference_price, PAYOFF_CODE[contract.payoff]
    worth = order_value(payoff, lots * contract.lot, contract.multiplier, price)
    least = contract.orders.least_value or 0.0
    return lots if spared or worth >= least * (1.0 - WHOLE) else 0


def limit_from(task: Task, price: float) -> float:
    """The worst price allowed from a price seen, on the tick, never beyond the slippage.

    Nor beyond nine tenths of what the venue takes from its mark, which may move until the order
    is there. Worked: a slippage of 10 % where 5 % are taken: a sell from 60,000 at 57,300.
    """
    orders = task.contract.orders
    side, most = (1.0, orders.price_up) if task.contracts > 0.0 else (-1.0, orders.price_down)
    slippage = min(task.rules.slippage, OF_BAND * most) if most else task.rules.slippage
    return on_tick(task, price * (1.0 + side * slippage))


def on_tick(task: Task, price: float) -> float:
    """A price on the tick, rounded to what is better for the task: a buy down, a sell up."""
    tick = task.contract.tick
    if not tick:
        return price
    count = price / tick
    whole = int(lots_down(count) if task.contracts > 0.0 else lots_up(count))
    return _times(whole, tick)


def _times(count: int, unit: float) -> float:
    """So many units, exact to the last digit where units divide 1. Worked: 3 x 0.1 = 0.3."""
    per_one = round(1.0 / unit)
    return count / per_one if per_one > 0 and abs(per_one * unit - 1.0) < 1e-12 else count * unit


def _sized(task: Task, lots: int) -> float:
    """Signed contracts of so many lots; the whole task to the last digit."""
    size = _times(lots, task.contract.lot)
    if abs(size - abs(task.contracts)) <= WHOLE * task.contract.lot:
        return task.contracts
    return math.copysign(size, task.contracts)


def _at_once(
    task: Task, children: Sequence[Child], alive: Child | None, left: float, now_ns: int
) -> Action:
    """One immediate order within the slippage of the price decided on."""
    if alive is not None:
        return Wait(now_ns + task.rules.reprice_ns)
    if children:
        return Over(left, "no more to be had within the slippage")
    limit = limit_from(task, task.reference_price)
    return Send(_sized(task, lots_of(task, left)), limit, False, True)


def _chase(
    task: Task,
    children: Sequence[Child],
    alive: Child | None,
    left: float,
    price: VenuePrice | None,
    now_ns: int,
) -> Action:
    """As maker at the best price of its own side, until time is up."""
    rules = task.rules
    end = task.begun_ns + rules.timeout_ns
    if now_ns >= end:
        return _after_chase(task, children, alive, left)
    own = _own_side(task, price)
    if alive is not None:
        free = alive.sent_ns + rules.reprice_ns
        if own is None or alive.limit_price is None or not _left_behind(task, alive, own):
            return Wait(end if own is not None else min(end, now_ns + rules.reprice_ns))
        return Cancel(alive.client_id, "the price moved away") if now_ns >= free else Wait(free)
    last = children[-1] if children else None
    if last is not None and last.is_refused and now_ns < last.sent_ns + rules.reprice_ns:
        return Wait(min(end, last.sent_ns + rules.reprice_ns))
    if own is None or _is_beyond(task, own, limit_from(task, task.reference_price)):
        return Wait(min(end, now_ns + rules.reprice_ns))
    return Send(_sized(task, lots_of(task, left)), own, True, False)


def _after_chase(task: Task, children: Sequence[Child], alive: Child | None, left: float) -> Action:
    """The maker's time is up: take the rest, once, or leave it."""
    crossed = any(not child.post_only for child in children)
    if alive is not None and alive.post_only:
        return Cancel(alive.client_id, "the chase is over")
    if alive is not None:
        return Wait(alive.sent_ns + task.rules.reprice_ns)
    if task.rules.after == "give_up" or crossed:
        return Over(left, "the chase is over")
    limit = limit_from(task, task.reference_price)
    return Send(_sized(task, lots_of(task, left)), limit, False, True)


def _own_side(task: Task, price: VenuePrice | None) -> float | None:
    """The best price of the task's own side, on the tick; None when it is not known."""
    best = None if price is None else price.bid if task.contracts > 0.0 else price.ask
    return on_tick(task, best) if best is not None and best > 0.0 else None


def _left_behind(task: Task, alive: Child, own: float) -> bool:
    """Whether the best price has moved away from an order: it would not be first any more."""
    assert alive.limit_price is not None
    if _is_beyond(task, own, limit_from(task, task.reference_price)):
        return False
    gap = own - alive.limit_price
    return (gap if task.contracts > 0.0 else -gap) > WHOLE * (task.contract.tick or own)


def _is_beyond(task: Task, price: float, limit: float) -> bool:
    """Whether a price is worse than the limit."""
    return price > limit if task.contracts > 0.0 else price < limit


def _slices(
    task: Task,
    children: Sequence[Child],
    alive: Child | None,
    left: float,
    price: VenuePrice | None,
    now_ns: int,
) -> Action:
    """Equal parts over time; by each one's time all parts until then should have filled."""
    rules, whole = task.rules, lots_of(task, task.contracts)
    every = rules.over_ns // rules.slices
    passed = now_ns - task.begun_ns
    current = min(rules.slices - 1, passed // every)
    following = task.begun_ns + (current + 1) * every
    if alive is not None:
        return Wait(now_ns + rules.reprice_ns)
    if children and children[-1].sent_ns >= task.begun_ns + current * every:
        last = current == rules.slices - 1
        return Over(left, "the last slice is sent") if last else Wait(following)
    if passed >= rules.over_ns and children:
        return Over(left, "the time of the slices is over")
    gone = whole - lots_of(task, left)
    due = whole * (current + 1) // rules.slices - gone
    lots = lots_of(task, due * task.contract.lot) if due > 0 else 0
    if lots == 0:
        return Wait(following)
    if price is None or not price.mark > 0.0:
        return Wait(min(following, now_ns + rules.reprice_ns))
    return Send(_sized(task, lots), limit_from(task, price.mark), False, True)
