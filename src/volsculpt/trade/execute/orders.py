"""Orders on their way: ids, intents before anything leaves, outcomes after. Nothing twice.

An order's id is made of the ledger and a count, so a restart finds what it had sent. What was
asked and not answered is looked up by that id, and never sent again.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Literal

from volsculpt.decide.causes import order_cause
from volsculpt.decide.step import Decision
from volsculpt.errors import VenueError
from volsculpt.ledger.books import Books, OrderBooked
from volsculpt.ledger.disputes import AGAINST_INTENT
from volsculpt.ledger.events import Acknowledged, Event, Intended, Submitted
from volsculpt.mandate.send import SendRules
from volsculpt.trade.execute.guard import Approved
from volsculpt.trade.execute.sending import Child, Send, Task
from volsculpt.trade.observe.booking import answer
from volsculpt.trade.venue import NotDone, OrderReport, OrderRequest, Venue
from volsculpt.units import SECOND_NS

ChildState = Literal["open", "unknown", "cancelling", "final"]


def client_id(begun: str, count: int) -> str:
    """The id of an order. Worked: ledger 9f3c2a17, order 12: vs-9f3c2a17-12."""
    return f"vs-{begun}-{count}"


@dataclass(frozen=True, slots=True)
class Working:
    """An order the guard let pass, on its way in the mandate's way of sending.

    held_contracts: of its position when its task began. It is told from others of its place by
    when its task began, so a later decision may go on with it.
    """

    account: str
    task: Task
    decision: int | None
    cause: str = ""
    held_contracts: float = 0.0

    @property
    def place(self) -> tuple[str, str]:
        """Its account and the key of its contract."""
        return self.account, self.task.contract.key


def working(
    order: Approved,
    made: Decision,
    rules: SendRules,
    decision: int | None,
    books: Books,
    now_ns: int,
) -> Working:
    """What is to be done of an approved order.

    Args: order: from the guard; made: what asked for it; rules: the way; decision: the number of
    its entry in the ledger; books: what is held; now_ns: ns UTC.
    """
    contract = made.flat.legs[order.leg][1]
    task = Task(contract, order.contracts, order.price, now_ns, order.reduce_only, rules)
    held = held_contracts(books, (order.account, contract.key))
    return Working(order.account, task, decision, cause_of(made, order.leg), held)


def held_contracts(books: Books, place: tuple[str, str]) -> float:
    """Signed contracts of a position as booked; 0.0 where there is none."""
    there = books.positions.get(place)
    return there.contracts if there is not None else 0.0


def cause_of(made: Decision, leg: int) -> str:
    """What the order of a leg came from, in the words that a backtest has for it."""
    answer, flat = made.answer, made.flat
    hedges = range(made.rules.hedges)
    judged = zip(hedges, answer.hedge_code, answer.held, made.ratios, strict=True)
    coin, code = flat.layout.legs.base[leg], answer.leg_code[leg]
    return order_cause(made.rules, flat.currencies, coin, code, judged)


def orders_of(work: Working, books: Books) -> list[OrderBooked]:
    """The orders sent for it so far, oldest first."""
    found = list[OrderBooked]()
    for one in reversed(books.orders.values()):
        if one.since_ns < work.task.begun_ns:
            break  # older than the task
        if one.place == work.place and one.intended.task_ns == work.task.begun_ns:
            found.append(one)
    return found[::-1]


def children_of(work: Working, books: Books) -> list[Child]:
    """The orders sent for it so far, oldest first, as a way of sending asks."""
    return [
        Child(
            client_id=one.client_id,
            filled_contracts=one.filled_contracts,
            state=_child_state(one),
            limit_price=one.intended.limit_price,
            post_only=one.intended.post_only,
            sent_ns=one.since_ns,
            is_refused=one.outcome in ("rejected", "absent"),
        )
        for one in orders_of(work, books)
    ]


def _child_state(order: OrderBooked) -> ChildState:
    """How far an order is, as a way of sending asks."""
    if not order.alive:
        return "final"
    if order.state in ("acked", "partial"):
        return "open"
    return "cancelling" if order.state == "cancelling" else "unknown"


def intended(work: Working, send: Send, books: Books, begun: str, place: int) -> Intended:
    """What is written before an order leaves.

    Args: begun: a mark of this ledger alone, for client ids; place: how many of one commit come
    before it.
    """
    return Intended(
        client_id=client_id(begun, len(books.orders) + 1 + place),
        account=work.account,
        contract=work.task.contract.key,
        contracts=send.contracts,
        reduce_only=work.task.reduce_only,
        way=work.task.rules.way,
        limit_price=send.limit_price,
        reference_price=work.task.reference_price,
        decision=work.decision,
        post_only=send.post_only,
        immediate=send.immediate,
        cause=work.cause,
        task_contracts=work.task.contracts,
        task_ns=work.task.begun_ns,
        task_held=work.held_contracts,
    )


def cancels(decision: Decision, books: Books) -> list[str]:
    """Client ids of the orders a decision wants cancelled first."""
    found = []
    for leg, (account, contract) in enumerate(decision.flat.legs):
        alive = books.slots.get((account, contract.key))
        if decision.answer.cancel[leg] and alive is not None:
            found.append(alive)
    return found


@dataclass(frozen=True, slots=True)
class Sender:
    """Hands intents and cancels to venues; each answers with the events of its outcome."""

    timeout_ns: int

    async def send(self, venue: Venue, intent: Intended, books: Books) -> list[Event]:
        """Send one order that the ledger holds as intended. Never raises VenueError."""
        request = OrderRequest(
            client_id=intent.client_id,
            account=intent.account,
            contract=intent.contract,
            contracts=intent.contracts,
            limit_price=intent.limit_price,
            reduce_only=intent.reduce_only,
            post_only=intent.post_only,
            immediate=intent.immediate,
        )
        report = await self._request(venue.send(request), intent.client_id, refused="rejected")
        return [Submitted(intent.client_id), *self._outcome(report, intent.client_id, books)]

    async def cancel(self, venue: Venue, client: str, books: Books) -> list[Event]:
        """Cancel one order. Never raises VenueError."""
        account = books.orders[client].intended.account
        report = await self._request(venue.cancel(account, client), client, refused="")
        return [Submitted(client, "cancel"), *self._outcome(report, client, books)]

    async def _request(
        self, response: Awaitable[OrderReport], client: str, refused: str
    ) -> OrderReport | Acknowledged | None:
        """The venue's report; what its refusal means; None where nothing is known."""
        try:
            async with asyncio.timeout(self.timeout_ns / SECOND_NS):
                return await response
        except NotDone as error:
            if refused == "rejected":
                return Acknowledged(client, "rejected", 0.0, None, str(error))
            return None
        except TimeoutError:
            return Acknowledged(client, "unknown", 0.0, None, "no answer in time")
        except VenueError as error:
            return Acknowledged(client, "unknown", 0.0, None, str(error))

    def _outcome(
        self, report: OrderReport | Acknowledged | None, client: str, books: Books
    ) -> list[Event]:
        """Events of an outcome; an order with fills to come is not final before they are booked."""
        if report is None:
            return []
        if isinstance(report, Acknowledged):
            return [report]
        order = books.orders[client]
        outcome = answer(order, report, order.booked_contracts, is_stated=False)
        if isinstance(outcome, str) and outcome.startswith(AGAINST_INTENT):
            return [Acknowledged(client, "unknown", 0.0, None, outcome)]
        return [outcome] if isinstance(outcome, Acknowledged) else []
