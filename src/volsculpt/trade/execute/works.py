"""What is being sent in parts or over time: kept from decision to decision, rebuilt after a kill.

A work is an order the guard let pass. Where the next decision asks for more of the same it goes on
on its own schedule; an order it left alone is looked after until it ends; the rest is given up.
All of it can be read again from the ledger. Pure.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from volsculpt.contracts.lots import WHOLE
from volsculpt.contracts.spec import Contract
from volsculpt.ledger.books import Books, OrderBooked
from volsculpt.ledger.events import Decided, Intended, Json, Refused
from volsculpt.ledger.ledger import Ledger
from volsculpt.mandate.send import SendRules
from volsculpt.trade.connections import ContractOf
from volsculpt.trade.execute.orders import Working, children_of, held_contracts, orders_of
from volsculpt.trade.execute.sending import Over, Task, Wait, next_move
from volsculpt.trade.observe.observed import Alert
from volsculpt.trade.observe.ownership import PositionKey
from volsculpt.trade.venue import VenuePrice


def next_works(
    before: Sequence[Working],
    passed: Sequence[Working],
    cancelled: Collection[PositionKey],
    blocked: Collection[PositionKey],
    books: Books,
    now_ns: int,
) -> list[Working]:
    """What is being sent from a decision on.

    Args: before: until then; passed: what it asks for; cancelled: places whose orders it ends;
    blocked: places it could not decide on, where all stays as it is; now_ns: ns UTC.
    """
    wanted = {one.place: one for one in passed}
    found = []
    for work in before:
        fresh = wanted.get(work.place)
        if work.place in cancelled or not is_its_position(work, books):
            continue
        if fresh is not None:
            wanted[work.place] = _going_on(work, fresh, books, now_ns)
        elif work.place in blocked:
            found.append(work)
        elif work.place in books.slots:
            found.append(_what_is_alive(work, books))
    return [*found, *wanted.values()]


def _going_on(work: Working, fresh: Working, books: Books, now_ns: int) -> Working:
    """The same task with the rest that a later decision asks for; that alone where it is over."""
    before, later = work.task, fresh.task
    is_same = before.contracts * later.contracts > 0.0 and before.rules.way == later.rules.way
    if not is_same or later.rules.way == "market" or is_over(work, books, now_ns):
        return fresh
    whole = _filled(work, books) + later.contracts
    task = replace(later, contracts=whole, begun_ns=before.begun_ns)
    return replace(fresh, task=task, held_contracts=work.held_contracts)


def _what_is_alive(work: Working, books: Books) -> Working:
    """A task without the parts that were never sent: no later decision asked for them."""
    sent = sum(
        one.intended.contracts if one.alive else one.booked_contracts
        for one in orders_of(work, books)
    )
    return replace(work, task=replace(work.task, contracts=sent)) if sent else work


def _filled(work: Working, books: Books) -> float:
    """Signed contracts that came as fills of a task."""
    return sum(one.booked_contracts for one in orders_of(work, books))


def is_its_position(work: Working, books: Books) -> bool:
    """Whether a position is what its task made of it: nobody else traded, closed or cut it."""
    expected = work.held_contracts + _filled(work, books)
    return abs(held_contracts(books, work.place) - expected) <= WHOLE * work.task.contract.lot


def is_over(work: Working, books: Books, now_ns: int) -> bool:
    """Whether nothing is left to be sent or looked after of a work."""
    return isinstance(next_move(work.task, children_of(work, books), None, now_ns), Over)


def wakes_ns(
    works: Sequence[Working],
    books: Books,
    prices: Mapping[str, VenuePrice],
    looked_ns: int,
    now_ns: int,
) -> Iterator[int]:
    """When each work next has something to do (ns UTC), by the prices seen last.

    Something that could not be done at the last look is tried again after a while. One at the
    market has no times of its own, nor has an order whose outcome is not known.

    Args: works, books: as they are; prices: by contract; looked_ns: of that look; now_ns: ns UTC.
    """
    for work in works:
        children = children_of(work, books)
        alive = [one for one in children if one.state != "final"]
        if work.task.rules.way == "market" or any(one.state != "open" for one in alive):
            continue
        move = next_move(work.task, children, prices.get(work.task.contract.key), now_ns)
        if isinstance(move, Over):
            continue
        again = looked_ns + work.task.rules.reprice_ns
        until = move.until_ns if isinstance(move, Wait) else again
        yield min(until, again) if alive else until


def adrift(works: Sequence[Working], books: Books) -> list[str]:
    """Client ids of orders that rest at a venue, and that nothing looks after."""
    owned = {one.client_id for work in works for one in orders_of(work, books)}
    alive = (books.orders[client] for client in books.slots.values())
    return [
        one.client_id
        for one in alive
        if not one.intended.immediate and one.state in ("acked", "partial")
        if one.client_id not in owned
    ]


def adrift_alert(one: OrderBooked) -> Alert:
    """That an order was cancelled because nothing looked after it."""
    account, contract = one.place
    text = (
        f"{contract} on {account}: order {one.client_id} rested there with nothing to look after "
        f"it, so it is cancelled; the next decision sends what is still wanted"
    )
    return Alert(f"adrift:{one.client_id}", "warning", text)


# --- after a kill ------------------------------------------------------------------------


def rebuilt(
    ledger: Ledger, contract_of: ContractOf, rules: SendRules, stopped_seq: int
) -> list[Working]:
    """What was being sent when a desk was killed, as its ledger tells.

    A task of which no order was written yet is not among them: it is decided anew.

    Args: ledger: as it is; contract_of: contracts by key; rules: of the mandate; stopped_seq: the
    entry by which a person stopped all; 0: none.
    """
    books, found = ledger.books, dict[PositionKey, Working]()
    for order in reversed(books.orders.values()):
        if order.place not in found and order.seq > stopped_seq:
            contract = contract_of(order.intended.contract)
            if contract is not None and order.intended.task_ns is not None:
                found[order.place] = _work_of(order.intended, contract, rules)
    kept = [one for one in found.values() if is_its_position(one, books)]
    return _as_decided(ledger, kept) if kept and not books.paused else []


def _work_of(intent: Intended, contract: Contract, rules: SendRules) -> Working:
    """The work that an order is a part of."""
    assert intent.task_ns is not None
    assert intent.task_contracts is not None
    way = rules.way if intent.way not in ("market", "chase", "slices") else intent.way
    task = Task(
        contract=contract,
        contracts=intent.task_contracts,
        reference_price=intent.reference_price,
        begun_ns=intent.task_ns,
        reduce_only=intent.reduce_only,
        rules=replace(rules, way=way),  # type: ignore[arg-type]
    )
    held = intent.task_held or 0.0
    return Working(intent.account, task, intent.decision, intent.cause, held)


def _as_decided(ledger: Ledger, works: Sequence[Working]) -> list[Working]:
    """Works that the last decision went on with, by what it asked for and the guard let pass."""
    seq, books = ledger.books.last_decision_seq, ledger.books
    if seq is None:
        return []
    entry = next(ledger.entries(seq, kinds=("decision",)))
    assert isinstance(entry.event, Decided)
    refused = {
        one.event.slot
        for one in ledger.entries(seq, kinds=("refusal",))
        if isinstance(one.event, Refused) and one.event.decision == seq
    }
    layout = ledger.document(entry.event.layout)
    wanted, ended = _wanted(entry.event, layout), _ended(entry.event, layout)
    passed = [
        replace(work, decision=seq, task=replace(work.task, contracts=wanted[work.place]))
        for work in works
        if work.decision != seq and wanted.get(work.place) and "|".join(work.place) not in refused
    ]
    current = [one for one in works if one.decision == seq]
    older = [one for one in works if one.decision != seq]
    fresh = [replace(one, task=replace(one.task, begun_ns=entry.time_ns)) for one in passed]
    going = next_works(older, fresh, ended, (), books, entry.time_ns)
    return [*current, *(one for one in going if one.task.begun_ns != entry.time_ns)]


def _wanted(made: Decided, layout: Json) -> dict[PositionKey, float]:
    """Contracts that a decision asked for, by place."""
    trades = made.answer["trade"]
    return {(account, key): trades[leg] for leg, (account, key) in enumerate(layout["legs"])}


def _ended(made: Decided, layout: Json) -> set[PositionKey]:
    """Places whose orders a decision cancelled."""
    cancels = made.answer["cancel"]
    return {(account, key) for leg, (account, key) in enumerate(layout["legs"]) if cancels[leg]}
