"""From what a venue reported to what the ledger is to book: fills, cash, answers, transfers. Pure.

What is booked already is dropped. An order is final for us only when the venue says so and
every contract it filled has come as a fill: until then its slot stays taken.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from volsculpt.contracts.orders import NO_CONTRACTS
from volsculpt.ledger.books import Books, OrderBooked
from volsculpt.ledger.disputes import AGAINST_INTENT, against_intent
from volsculpt.ledger.events import (
    Acknowledged,
    CashBooked,
    Event,
    Filled,
    Json,
    Stated,
)
from volsculpt.trade.connections import ContractOf
from volsculpt.trade.observe.observed import AccountObservation, Observation
from volsculpt.trade.venue import OrderReport, Statement, VenueActivity


@dataclass(frozen=True, slots=True)
class NewEvents:
    """What is to be booked of one snapshot, and the orders whose outcome is not known yet, why."""

    events: tuple[Event, ...]
    open_questions: dict[str, str]
    unmatched: tuple[Filled, ...] = ()


def new_events(
    books: Books,
    observed: Observation,
    adopted: Mapping[str, Stated],
    contract_of: ContractOf,
    valid_ns: int,
    confirmed: Collection[str] = (),
) -> NewEvents:
    """All that is new since the last snapshot, of every account that answered.

    Args: adopted: account -> the statement its books were taken from; contract_of: "venue:symbol"
    -> the contract; valid_ns: how long after it was intended an order may still arrive, ns;
    confirmed: accounts whose statement has been seen twice, so that a fresh ledger may take it
    over.
    """
    events: list[Event] = []
    questions: dict[str, str] = {}
    for account in observed.accounts.values():
        if account.account not in books.adopted:
            if account.account in confirmed:
                events += adoption(account, contract_of)
            continue
        baseline = adopted.get(account.account)
        booked = list(_new_activity(books, account, baseline, contract_of))
        events += booked
        since_ns = baseline.stamp_ns if baseline is not None else -1
        answers, unanswered = _answers(books, account, booked, since_ns, observed.time_ns, valid_ns)
        events += answers
        questions |= unanswered
    events += _arrivals(books, observed)
    fills = [event for event in events if isinstance(event, Filled)]
    odd = tuple(one for one in fills if one.client_id is None or one.client_id not in books.orders)
    return NewEvents(tuple(events), questions, odd)


# --- a fresh ledger ------------------------------------------------------------------------


def adoption(observed: AccountObservation, contract_of: ContractOf) -> Iterator[Event]:
    """What an account holds when the ledger first sees it: taken as it is stated.

    Nothing is adopted of a contract that nobody knows: the account then stays unread.
    """
    stated, activity = observed.statement, observed.activity
    if stated is None or activity is None:
        return
    if any(contract_of(key) is None for key in stated.positions):
        return
    yield baseline_event(stated, activity, contract_of)
    for fill in activity.fills:
        if fill.stamp_ns > stated.stamp_ns and contract_of(fill.contract) is not None:
            yield fill
    yield from (cash for cash in activity.cash if cash.stamp_ns > stated.stamp_ns)


def baseline_event(stated: Statement, activity: VenueActivity, contract_of: ContractOf) -> Stated:
    """The statement that books are taken from, with what of its very moment is part of it."""
    now = stated.stamp_ns
    included = [one.lot_id for one in activity.fills if one.stamp_ns == now]
    included += [one.cash_id for one in activity.cash if one.stamp_ns == now]
    event = statement_event(stated, contract_of, activity.cursor, adopted=True)
    return replace(event, told=included)


def statement_event(
    stated: Statement, contract_of: ContractOf, cursor: str | None, adopted: bool = False
) -> Stated:
    """A statement for the ledger; each position with the terms its cost is counted by.

    Args: contract_of: "venue:symbol" -> the contract, None for one that is not known; cursor: the
    venue's, up to which fills are part of it; adopted: the books are taken from it.
    """
    positions: dict[str, Json] = {}
    for key, (contracts, entry) in stated.positions.items():
        contract = contract_of(key)
        positions[key] = {"contracts": contracts, "entry": entry}
        if contract is not None:
            positions[key] |= {
                "payoff": contract.payoff,
                "multiplier": contract.multiplier,
                "settle": contract.settle,
            }
    balances = {name: coins for name, coins in stated.balances.items() if coins != 0.0}
    return Stated(stated.account, balances, positions, stated.stamp_ns, adopted, cursor)


# --- what happened ---------------------------------------------------------------------------


def _new_activity(
    books: Books,
    observed: AccountObservation,
    baseline: Stated | None,
    contract_of: ContractOf,
) -> Iterator[Event]:
    """Fills and cash not booked yet, each once, oldest first as the venue reported them."""
    if observed.activity is None:
        return
    listed: set[tuple[type, str]] = set()
    for fill in sorted(observed.activity.fills, key=_in_order):
        if contract_of(fill.contract) is None or _is_stated(fill.stamp_ns, fill.lot_id, baseline):
            continue
        if not books.is_booked(fill) and (Filled, fill.lot_id) not in listed:
            listed.add((Filled, fill.lot_id))
            yield fill
    for cash in observed.activity.cash:
        if _is_paid(cash, baseline) or books.is_booked(cash):
            continue
        if (CashBooked, cash.cash_id) not in listed:
            listed.add((CashBooked, cash.cash_id))
            yield cash


def _in_order(fill: Filled) -> tuple[int, int, str]:
    """Fills in the order they happened, whatever order they were reported in: profit depends on it.

    Ids count up: of one moment the shorter, then the smaller, is the earlier one.
    """
    return fill.stamp_ns, len(fill.lot_id), fill.lot_id


def _is_stated(stamp_ns: int, name: str, baseline: Stated | None) -> bool:
    """Whether something is part of the statement that the books were taken from.

    Of the very moment of that statement its ids decide: what they do not name came after it.
    """
    if baseline is None or stamp_ns != baseline.stamp_ns:
        return baseline is not None and stamp_ns < baseline.stamp_ns
    return name in baseline.told


def _is_paid(cash: CashBooked, baseline: Stated | None) -> bool:
    """Whether a payment is part of the statement that the books were taken from.

    One of its very moment, whose row came later, is what made the coins differ.
    """
    if (
        baseline is not None
        and cash.stamp_ns == baseline.stamp_ns
        and cash.currency in baseline.differed
    ):
        return True
    return _is_stated(cash.stamp_ns, cash.cash_id, baseline)


# --- answers to orders ---------------------------------------------------------------------


def _answers(
    books: Books,
    observed: AccountObservation,
    booked: list[Event],
    since_ns: int,
    now_ns: int,
    valid_ns: int,
) -> tuple[list[Event], dict[str, str]]:
    """(answers to book, orders whose outcome is still a question and why) of one account."""
    answers: list[Event] = []
    questions: dict[str, str] = {}
    new: dict[str | None, float] = {}
    for event in booked:
        if isinstance(event, Filled):
            new[event.client_id] = new.get(event.client_id, 0.0) + event.contracts
    for (account, _), client_id in books.slots.items():
        if account != observed.account:
            continue
        order = books.orders[client_id]
        if observed.orders is None or client_id not in observed.orders or observed.activity is None:
            questions[client_id] = "its venue did not answer"
            continue
        filled = order.booked_contracts + new.get(client_id, 0.0)
        report = observed.orders[client_id]
        outcome: Acknowledged | str | None
        if report is None:
            late_ns = min(now_ns, observed.time_ns or now_ns) - order.since_ns - valid_ns
            outcome = _gone(order, filled, late_ns)
        else:
            outcome = answer(order, report, filled, is_stated=order.since_ns <= since_ns)
        if isinstance(outcome, str):
            questions[client_id] = outcome
        elif outcome is not None:
            answers.append(outcome)
    return answers, questions


def _gone(order: OrderBooked, filled: float, late_ns: int) -> Acknowledged | str:
    """An order that the venue does not have: final only once it can no longer arrive."""
    if late_ns <= 0:
        return "the venue does not have it, but it may still arrive"
    if abs(filled) > NO_CONTRACTS:
        why = "gone from the venue; its fills are booked"
        return Acknowledged(order.client_id, "cancelled", filled, order.venue_order_id, why)
    return Acknowledged(order.client_id, "absent", 0.0, None, "it never arrived, and no longer can")


def answer(
    order: OrderBooked, report: OrderReport, filled: float, is_stated: bool
) -> Acknowledged | str | None:
    """What a report changes; None when nothing, words when it contradicts fills or the intent.

    Args: filled: contracts told as fills, signed; is_stated: its fills are part
    of a statement.
    """
    if not is_stated and (why := _disputed(order, report)) is not None:
        return why
    outcome = Acknowledged(
        order.client_id,
        report.outcome,
        report.filled_contracts,
        report.venue_order_id,
        report.why,
        report.stamp_ns,
    )
    if report.outcome == "open":
        same = order.filled_contracts == report.filled_contracts
        return None if order.state in ("acked", "partial") and same else outcome
    if abs(report.filled_contracts - filled) > NO_CONTRACTS and not is_stated:
        return (
            f"it is {report.outcome} with {report.filled_contracts:g} contracts filled, of which "
            f"{filled:g} have been told as fills"
        )
    return outcome


def _disputed(order: OrderBooked, report: OrderReport) -> str | None:
    """Why a report cannot be of the order that was intended; None where it can."""
    if report.client_id != order.client_id:
        return f"{AGAINST_INTENT}the venue answers with order {report.client_id}"
    for reported, done in ((report.contracts, "ordered"), (report.filled_contracts, "filled")):
        why = against_intent(order.intended, report.contract, reported, done)
        if why is not None:
            return why
    return None


# --- transfers -------------------------------------------------------------------------------


def _arrivals(books: Books, observed: Observation) -> Iterator[Event]:
    """How far transfers have come, where that is news."""
    for transfer_id, report in observed.transfers.items():
        booked = books.transfers[transfer_id]
        if report is None or not booked.alive or report.state in (booked.noted.state, "asked"):
            continue
        coins = report.arrived_coins if report.state == "arrived" else None
        yield booked.noted.then(report.state, coins, stamp_ns=report.stamp_ns)


def later_contracts(stated: Statement, activity: VenueActivity) -> dict[str, float]:
    """Contracts filled after a statement was made, by contract."""
    found: dict[str, float] = {}
    for fill in activity.fills:
        if fill.stamp_ns > stated.stamp_ns:
            found[fill.contract] = found.get(fill.contract, 0.0) + fill.contracts
    return found
