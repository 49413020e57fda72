"""Orders on their way: ids, intents before anything leaves, outcomes after. Nothing twice.

An order's id is made of the ledger and a count, so a restart finds what it had sent. What was
asked and not answered is looked up by that id, and never sent again.
"""

import asyncio
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import dataclass

from volsculpt.decide.step import Decision
from volsculpt.errors import VenueError
from volsculpt.ledger.books import Books
from volsculpt.ledger.events import Acknowledged, Event, Intended, Submitted
from volsculpt.trade.booking import answer
from volsculpt.trade.guard import Approved
from volsculpt.trade.venue import NotDone, OrderReport, OrderRequest, Venue

MARKET = "market"


def client_id(begun: str, count: int) -> str:
    """The id of an order. Worked: ledger 9f3c2a17, order 12: vs-9f3c2a17-12."""
    return f"vs-{begun}-{count}"


def intents(
    orders: Sequence[Approved], books: Books, begun: str, decision: int | None
) -> Iterator[Intended]:
    """What is written before orders leave."""
    for count, order in enumerate(orders, len(books.orders) + 1):
        yield Intended(
            client_id=client_id(begun, count),
            account=order.account,
            contract=order.contract,
            contracts=order.contracts,
            reduce_only=order.reduce_only,
            way=MARKET,
            limit_price=None,
            reference_price=order.price,
            decision=decision,
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
            post_only=False,
            immediate=True,
        )
        told = await self._ask(venue.send(request), intent.client_id, refused="rejected")
        return [Submitted(intent.client_id), *self._outcome(told, intent.client_id, books)]

    async def cancel(self, venue: Venue, client: str, books: Books) -> list[Event]:
        """Cancel one order. Never raises VenueError."""
        account = books.orders[client].account
        told = await self._ask(venue.cancel(account, client), client, refused="")
        return [Submitted(client, "cancel"), *self._outcome(told, client, books)]

    async def _ask(
        self, asking: Awaitable[OrderReport], client: str, refused: str
    ) -> OrderReport | Acknowledged | None:
        """The venue's report; what its refusal means; None where nothing is known."""
        try:
            async with asyncio.timeout(self.timeout_ns / 1e9):
                return await asking
        except NotDone as error:
            if refused == "rejected":
                return Acknowledged(client, "rejected", 0.0, None, str(error))
            return None
        except TimeoutError:
            return Acknowledged(client, "unknown", 0.0, None, "no answer in time")
        except VenueError as error:
            return Acknowledged(client, "unknown", 0.0, None, str(error))

    def _outcome(
        self, told: OrderReport | Acknowledged | None, client: str, books: Books
    ) -> list[Event]:
        """Events of an outcome; an order with fills to come is not final before they are booked."""
        if told is None:
            return []
        if isinstance(told, Acknowledged):
            return [told]
        order = books.orders[client]
        said = answer(order, told, order.booked_contracts, taken=False)
        return [said] if isinstance(said, Acknowledged) else []
