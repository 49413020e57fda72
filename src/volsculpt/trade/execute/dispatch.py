"""Orders from what was decided to their end: sent when their way says, followed, cancelled."""

from collections.abc import Callable, Mapping, Sequence

from volsculpt.decide.step import Decision
from volsculpt.ledger.events import Event, Intended
from volsculpt.ledger.ledger import Ledger
from volsculpt.mandate.send import SendRules
from volsculpt.trade.connections import Connections, ContractOf
from volsculpt.trade.execute.guard import Approved
from volsculpt.trade.execute.orders import Sender, Working, children_of, intended, working
from volsculpt.trade.execute.sending import Cancel, Send, next_move
from volsculpt.trade.execute.works import (
    adrift,
    adrift_alert,
    is_its_position,
    is_over,
    next_works,
    rebuilt,
    wakes_ns,
)
from volsculpt.trade.observe.observed import Alert
from volsculpt.trade.observe.recall import Recall
from volsculpt.trade.observe.snapshot import Snapshot
from volsculpt.trade.venue import VenuePrice

Append = Callable[[list[Event]], None]


class Dispatch:
    """Hands orders of one desk to its venues. works: what is being sent, in its way."""

    def __init__(
        self,
        ledger: Ledger,
        connections: Connections,
        append: Append,
        recall: Recall,
        timeout_ns: int,
    ) -> None:
        self.works: list[Working] = []
        self._ledger, self._connections, self._append = ledger, connections, append
        self._recall, self._sender = recall, Sender(timeout_ns)

    def rebuild(self, contract_of: ContractOf, rules: SendRules) -> None:
        """Go on with what was being sent when the desk was killed."""
        self.works = rebuilt(self._ledger, contract_of, rules, self._recall.stopped_seq)

    def decided(
        self,
        decision: Decision,
        passed: Sequence[Approved],
        rules: SendRules,
        seq: int,
        found: Snapshot,
        now_ns: int,
    ) -> None:
        """Take up what a decision asks for, and what it leaves alone of what is being sent.

        Args: passed: by the guard; rules: the mandate's way; seq: the number of its entry; found:
        what it was decided on; now_ns: ns UTC.
        """
        books = self._ledger.books
        fresh = [working(one, decision, rules, seq, books, now_ns) for one in passed]
        legs = [(account, contract.key) for account, contract in decision.flat.legs]
        ended = [one for leg, one in enumerate(legs) if decision.answer.cancel[leg]]
        blocked = [one.place for one in self.works if found.blocks(*one.place)]
        self.works = next_works(self.works, fresh, ended, blocked, books, now_ns)

    def next_orders(
        self, prices: Mapping[str, VenuePrice], found: Snapshot, now_ns: int
    ) -> list[Intended]:
        """What the ways of sending want sent now."""
        books, orders = self._ledger.books, list[Intended]()
        for work in self.works:
            price = prices.get(work.task.contract.key)
            move = next_move(work.task, children_of(work, books), price, now_ns)
            free = work.place not in books.slots and not found.blocks(*work.place)
            if isinstance(move, Send) and free:
                orders.append(intended(work, move, books, self._recall.ids, len(orders)))
        return orders

    async def go_on(self, found: Snapshot, now_ns: int) -> tuple[bool, list[Alert]]:
        """Cancel and send what is due by now; (whether anything left, what to tell).

        A leg that is blocked waits; one that somebody else traded is for the next decision.
        """
        prices, books = found.observed.prices, self._ledger.books
        ended = []
        for work in self.works:
            price = prices.get(work.task.contract.key)
            move = next_move(work.task, children_of(work, books), price, now_ns)
            if isinstance(move, Cancel) and books.orders[move.client_id].alive:
                ended.append(move.client_id)
        lost = adrift(self.works, books)
        alerts = [adrift_alert(books.orders[one]) for one in lost]
        await self.cancelled([*ended, *lost])
        books = self._ledger.books
        self.works = [
            one
            for one in self.works
            if found.blocks(*one.place) or is_its_position(one, books)
            if not is_over(one, books, now_ns)
        ]
        sent = self.next_orders(prices, found, now_ns)
        self._append([*sent])
        await self.sent(sent)
        return bool(sent), alerts

    def wakes_ns(self, prices: Mapping[str, VenuePrice], looked_ns: int, now_ns: int) -> int | None:
        """When what is being sent next wants something (ns UTC); None: it wants nothing more.

        Args: prices: seen last, by contract; looked_ns: when; now_ns: ns UTC.
        """
        return min(
            wakes_ns(self.works, self._ledger.books, prices, looked_ns, now_ns), default=None
        )

    async def sent(self, intents: Sequence[Intended]) -> None:
        """Send orders that the ledger holds; each outcome is written as it comes."""
        for intent in intents:
            venue = self._connections.venue_of(intent.contract)
            self._append(await self._sender.send(venue, intent, self._ledger.books))

    async def stop(self) -> list[str]:
        """Cancel every order that is alive; their client ids."""
        self.works = []
        return await self.cancelled(list(self._ledger.books.slots.values()))

    async def cancelled(self, clients: list[str]) -> list[str]:
        """Ask the venues to cancel orders; the same client ids."""
        for client in clients:
            books = self._ledger.books
            venue = self._connections.venue_of(books.orders[client].intended.contract)
            self._append(await self._sender.cancel(venue, client, books))
        return clients
