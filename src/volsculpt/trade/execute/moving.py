"""Making transfers: asked in the ledger, sent with a kept id, followed to their arrival.

A transfer is one by its id: asking for it again is safe, and how an unknown one is resolved.
Where no venue can carry the coins, a person is told exactly what to move; it is seen in the
statement of the account it reaches.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from volsculpt.decide.step import Decision
from volsculpt.errors import VenueError
from volsculpt.ledger.books import Books
from volsculpt.ledger.events import Event, TransferNoted
from volsculpt.mandate.objects import Mandate
from volsculpt.text import coins
from volsculpt.trade.connections import Connections
from volsculpt.trade.execute.collateral import PlannedTransfer
from volsculpt.trade.observe.observed import Alert, Observation
from volsculpt.trade.observe.ownership import SAME_COINS
from volsculpt.trade.observe.reconciliation import booked_balances
from volsculpt.trade.observe.snapshot import Snapshot
from volsculpt.trade.venue import NotDone
from volsculpt.units import SECOND_NS
from volsculpt.watch.filled import shares

ROUNDED = 1e-6  # of the coins sent: what a venue may round them by


@dataclass(frozen=True, slots=True)
class Mover:
    """Moves coins between the accounts of a mandate."""

    mandate: Mandate
    connections: Connections
    timeout_ns: int

    def requested(
        self, books: Books, moves: Sequence[PlannedTransfer], begun: str
    ) -> tuple[list[TransferNoted], list[Alert]]:
        """(transfers to note before they begin, what a person is to do)."""
        found = [
            TransferNoted(
                transfer_id=f"vt-{begun}-{count}",
                source=move.source,
                target=move.target,
                currency=move.currency,
                coins=move.coins,
                cost=move.cost,
                state="asked",
            )
            for count, move in enumerate(
                [one for one in moves if not one.is_inside], len(books.transfers) + 1
            )
        ]
        waiting = [one.noted for one in books.transfers.values() if one.alive]
        return found, [self._instruction(one) for one in [*waiting, *found] if self._by_hand(one)]

    def carried(self, decision: Decision) -> frozenset[int]:
        """Rows of groups whose coins venues move, from every source; a person has nothing to do."""
        flat, found = decision.flat, set[int]()
        for group, label in enumerate(flat.groups):
            sources = [
                flat.wallets[wallet].account
                for wallet, _ in shares(decision, group, list(decision.work.goal.wallet))
            ]
            carriers = [
                self.connections.carrier(self.mandate, source, label.account) for source in sources
            ]
            if carriers and None not in carriers:
                found.add(group)
        return frozenset(found)

    def _by_hand(self, noted: TransferNoted) -> bool:
        """Whether a person has to move the coins."""
        carrier = self.connections.carrier(self.mandate, noted.source, noted.target)
        return carrier is None and noted.state == "asked"

    def _instruction(self, noted: TransferNoted) -> Alert:
        """The exact instruction for a person."""
        text = (
            f"move {coins(noted.coins)} {noted.currency} from '{noted.source}' to '{noted.target}' "
            f"(transfer {noted.transfer_id}); the hedge counts on them once they have arrived"
        )
        return Alert(f"move:{noted.transfer_id}", "critical", text)

    async def send(self, noted: TransferNoted) -> list[Event]:
        """Ask the venue for a transfer that the ledger holds as asked. Never raises VenueError."""
        venue = self.connections.carrier(self.mandate, noted.source, noted.target)
        if venue is None:
            return []
        leaves = noted.coins + noted.cost
        try:
            async with asyncio.timeout(self.timeout_ns / SECOND_NS):
                report = await venue.transfer(
                    noted.transfer_id, noted.source, noted.target, noted.currency, leaves
                )
        except NotDone as error:
            return [noted.then("failed", why=str(error))]
        except (VenueError, TimeoutError) as error:
            return [] if noted.state == "unknown" else [noted.then("unknown", why=str(error))]
        if abs(report.coins - leaves) > ROUNDED * leaves:
            why = f"its venue has another transfer of this id, of {report.coins:g} coins"
            return [noted.then("failed", why=why)]
        if report.state == noted.state:
            return []
        coins = report.arrived_coins if report.state == "arrived" else None
        return [noted.then(report.state, coins, stamp_ns=report.stamp_ns)]

    async def again(
        self, books: Books, observed: Observation, fresh: Collection[str]
    ) -> list[Event]:
        """Ask again for transfers whose fate is not known: the same id is the same transfer.

        One that is old and that its venue does not have has never left.
        """
        events: list[Event] = []
        for transfer_id, booked in list(books.transfers.items()):
            noted = booked.noted
            if noted.state not in ("asked", "unknown") or transfer_id in fresh:
                continue
            if observed.time_ns - booked.since_ns <= self.mandate.desk.every_ns:
                events += await self.send(noted)
            elif transfer_id in observed.transfers and observed.transfers[transfer_id] is None:
                events.append(noted.then("failed", why="its venue has never had it"))
        return events

    async def inside(self, move: PlannedTransfer, key: str) -> None:
        """Move margin of an isolated position within its account; seen in the next statement."""
        venue = self.connections.carrier(self.mandate, move.source, move.target)
        if venue is None:
            return
        name = f"vm-{key}-{move.source}-{move.target}"
        try:
            async with asyncio.timeout(self.timeout_ns / SECOND_NS):
                await venue.transfer(name, move.source, move.target, move.currency, move.coins)
        except (VenueError, TimeoutError):
            return  # decided again at the next step, on what the statement then says

    def arrived_by_hand(self, books: Books, snapshot: Snapshot) -> list[Event]:
        """Transfers by hand whose coins a statement shows."""
        found: list[Event] = []
        for noted in (one.noted for one in books.transfers.values() if one.alive):
            if not self._by_hand(noted) or noted.target not in snapshot.reconciled:
                continue
            recon = snapshot.reconciled[noted.target]
            booked = booked_balances(books, noted.target).get(noted.currency, 0.0)
            change = recon.balances.get(noted.currency, booked) - booked
            if SAME_COINS < change <= noted.coins * (1.0 + 1e-6):
                found.append(noted.then("arrived", change))
        return found
