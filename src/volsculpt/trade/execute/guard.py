"""The guard: the last look at an order before anything leaves. Pure; it refuses, never resizes.

An order that moves the held ratio toward its target while lowering the futures of its margin
group passes every check but stale data, a taken slot and the kill switch.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NewType

from volsculpt.book.exposure import coins_per_contract, fair_mark, venue_contracts
from volsculpt.book.fill import fill
from volsculpt.book.group import group_equity, group_gross
from volsculpt.book.liquidation import NEVER, nearest_factor
from volsculpt.book.state import SLOT_FREE, State, copy_state
from volsculpt.contracts.orders import is_reduction
from volsculpt.decide.finish import contract_usd
from volsculpt.decide.step import Decision
from volsculpt.mandate.desk import GuardRules
from volsculpt.text import duration, leverage, percent, usd
from volsculpt.units import DAY_NS, HOUR_NS

TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Proposed:
    """An order that was decided: row of its leg, signed contracts, face in US dollars."""

    leg: int
    account: str
    contract: str
    contracts: float
    face_usd: float
    price: float
    reduce_only: bool


Approved = NewType("Approved", Proposed)  # only what the guard let pass may be sent


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an order may not leave: the rule, and a sentence with the figures."""

    rule: str
    why: str


@dataclass(slots=True)
class Facts:
    """What the guard reads beside the decision. Ages in ns; what has none is missing.

    recent: (time, US dollars) of orders intended in the last day, oldest first.
    """

    now_ns: int
    killed: bool = False
    latches: Mapping[str, str] = field(default_factory=dict)
    price_ages_ns: Mapping[str, int] = field(default_factory=dict)
    statement_ages_ns: Mapping[str, int] = field(default_factory=dict)
    recent: list[tuple[int, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Case:
    """One order before the guard: the decision, the book before and after it."""

    decision: Decision
    order: Proposed
    before: State
    after: State
    rules: GuardRules
    facts: Facts


def proposed(decision: Decision) -> list[Proposed]:
    """The orders of a decision, reductions first, so that they are never held up by increases."""
    flat, quote = decision.flat, decision.quoted.quote
    found = []
    for leg, (account, contract) in enumerate(flat.legs):
        contracts = decision.answer.trade[leg]
        if contracts == 0.0:
            continue
        face = abs(contracts) * contract_usd(flat.layout, quote, leg)
        reduces = is_reduction(venue_contracts(flat.state, leg), contracts) == 1
        made = (leg, account, contract.key, contracts, face, quote.mark[leg], reduces)
        found.append(Proposed(*made))
    return sorted(found, key=lambda one: not one.reduce_only)


def judged(
    decision: Decision, rules: GuardRules, facts: Facts
) -> tuple[list[Approved], list[tuple[Proposed, Refusal]]]:
    """(orders that may leave, orders refused and why); each sees the ones let pass before it."""
    passed: list[Approved] = []
    refused: list[tuple[Proposed, Refusal]] = []
    flat, state = decision.flat, copy_state(decision.flat.state)
    for order in proposed(decision):
        after = copy_state(state)
        rate = flat.layout.legs.taker[order.leg]
        fill(flat.layout, after, order.leg, order.contracts, order.price, rate)
        why = refusal(Case(decision, order, state, after, rules, facts))
        if why is not None:
            refused.append((order, why))
            continue
        state = after
        facts.recent.append((facts.now_ns, order.face_usd))
        passed.append(Approved(order))
    return passed, refused


def refusal(case: Case) -> Refusal | None:
    """Why an order may not leave; None when it may."""
    for rule, check in ALWAYS.items():
        why = check(case)
        if why is not None:
            return Refusal(rule, why)
    if is_safer(case):
        return None
    for rule, check in CHECKS.items():
        why = check(case)
        if why is not None:
            return Refusal(rule, why)
    return None


def is_safer(case: Case) -> bool:
    """Whether an order moves the hedge toward its target and lowers the futures of its group."""
    flat, quote, rules = case.decision.flat, case.decision.quoted.quote, case.decision.rules
    leg, group = case.order.leg, flat.layout.legs.group[case.order.leg]
    before = group_gross(flat.layout, case.before, quote, group)
    after = group_gross(flat.layout, case.after, quote, group)
    if after >= before:
        return False
    for pool in range(rules.pools):
        if leg in rules.use_leg[rules.pool_from[pool] : rules.pool_to[pool]]:
            coins = case.order.contracts * coins_per_contract(flat.layout, quote, leg)
            held = case.decision.answer.before[pool]
            goal = case.decision.answer.want[pool]
            lot = flat.layout.legs.lot[leg] * abs(coins_per_contract(flat.layout, quote, leg))
            return abs(held + coins - goal) <= abs(held - goal) + lot * TOLERANCE
    return False


# --- checks: each answers a sentence when it refuses -------------------------------------------


def _killed(case: Case) -> str | None:
    return "the kill switch is set: remove its file to send again" if case.facts.killed else None


def _slot(case: Case) -> str | None:
    if case.decision.flat.state.slot[case.order.leg] == SLOT_FREE:
        return None
    return f"{case.order.contract}: its order slot is not free, or its data is missing"


def _stale(case: Case) -> str | None:
    most = case.rules.oldest_price_ns(case.order.contract)
    age = case.facts.price_ages_ns.get(case.order.contract)
    if age is None or age > most:
        old = "" if age is None else f", the last is {duration(age)} old"
        return f"{case.order.contract}: no price within {duration(most)}{old}"
    most = case.rules.max_statement_age_ns
    age = case.facts.statement_ages_ns.get(case.order.account)
    if age is None or age > most:
        return f"{case.order.account}: no statement within {duration(most)}"
    return None


def _latched(case: Case) -> str | None:
    for latch, why in case.facts.latches.items():
        return f"latched by {latch} ({why}); `volsculpt resume --reset` lets it trade again"
    return None


def _size(case: Case) -> str | None:
    if case.order.face_usd <= case.rules.max_order_usd:
        return None
    return f"{usd(case.order.face_usd)} USD is over max_order_usd {usd(case.rules.max_order_usd)}"


def _rate(case: Case) -> str | None:
    since = case.facts.now_ns - HOUR_NS
    count = sum(1 for stamp, _ in case.facts.recent if stamp > since)
    if count < case.rules.max_orders_per_hour:
        return None
    return f"{count} orders within an hour: max_orders_per_hour is {case.rules.max_orders_per_hour}"


def _daily(case: Case) -> str | None:
    since = case.facts.now_ns - DAY_NS
    traded = sum(face for stamp, face in case.facts.recent if stamp > since)
    if traded + case.order.face_usd <= case.rules.max_daily_usd:
        return None
    return (
        f"{usd(traded + case.order.face_usd)} USD within 24 hours is over max_daily_usd "
        f"{usd(case.rules.max_daily_usd)}"
    )


def _gap(case: Case) -> str | None:
    flat, quote = case.decision.flat, case.decision.quoted.quote
    leg = case.order.leg
    fair = fair_mark(flat.layout, quote, leg)
    gap = abs(quote.mark[leg] / fair - 1.0)
    if gap <= case.rules.max_price_gap:
        return None
    most = percent(case.rules.max_price_gap)
    return f"its price is {percent(gap)} from its index: max_price_gap is {most}"


def _leverage(case: Case) -> str | None:
    flat, quote = case.decision.flat, case.decision.quoted.quote
    group = flat.layout.legs.group[case.order.leg]
    gross = group_gross(flat.layout, case.after, quote, group)
    equity = group_equity(flat.layout, case.after, quote, group)
    if gross <= case.rules.max_leverage * equity * (1.0 + TOLERANCE):
        return None
    shown = leverage(gross / equity) if equity > 0.0 else "without equity"
    return (
        f"its margin group would stand {shown}: max_leverage is {leverage(case.rules.max_leverage)}"
    )


def _distance(case: Case) -> str | None:
    flat, quote = case.decision.flat, case.decision.quoted.quote
    group = flat.layout.legs.group[case.order.leg]
    found, factor = nearest_factor(flat.layout, case.after, quote, group, -1, 1)
    least = case.rules.min_liquidation_distance
    if found == NEVER or abs(factor - 1.0) >= least * (1.0 - TOLERANCE):
        return None
    return (
        f"its margin group would be liquidated {percent(abs(factor - 1.0))} away: "
        f"min_liquidation_distance is {percent(least)}"
    )


GuardCheck = Callable[[Case], str | None]
ALWAYS: dict[str, GuardCheck] = {"kill": _killed, "slot": _slot, "stale": _stale}
CHECKS: dict[str, GuardCheck] = {
    "latch": _latched,
    "size": _size,
    "rate": _rate,
    "daily": _daily,
    "price": _gap,
    "leverage": _leverage,
    "distance": _distance,
}
KEYS = {  # of [guard], by the check that reads it
    "size": "max_order_usd",
    "rate": "max_orders_per_hour",
    "daily": "max_daily_usd",
    "price": "max_price_gap",
    "leverage": "max_leverage",
    "distance": "min_liquidation_distance",
}
REMEDIES = {  # of each rule; the kill switch and latches have alerts of their own
    "slot": "it is tried again once its last order is final",
    "stale": "it is tried again once fresh data come; if they do not, look at the venue",
    "size": "raise it in [guard], or set a smaller max_order_usd in [limits], which divides orders",
    "rate": "it is tried again later; raise it in [guard] if so many are meant",
    "daily": "it is tried again later; raise it in [guard] if so much is meant",
    "price": "look at the venue's prices; raise it in [guard] if they are right",
    "leverage": "add collateral, or raise it in [guard]",
    "distance": "add collateral, or lower it in [guard]",
}
