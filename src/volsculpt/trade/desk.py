"""The desk: observe, reconcile, aim, act, guard, write the intent, send it, write the outcome.

The same path on paper and live; which venues are behind it and what time it is are arguments.
Whatever stops it, the next start goes on from the ledger and the venues.
"""

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from volsculpt.decide.step import Decision, decide
from volsculpt.decide.words import all_reasons
from volsculpt.errors import VenueError, VolsculptError
from volsculpt.hedge.memory import remembered
from volsculpt.ledger.decisions import decided_event
from volsculpt.ledger.entry import Entry
from volsculpt.ledger.events import (
    Alerted,
    Event,
    Intended,
    Operated,
    Refused,
    TransferNoted,
)
from volsculpt.ledger.ledger import Ledger
from volsculpt.mandate.flows import anchored
from volsculpt.mandate.objects import Mandate
from volsculpt.trade.clock import Clock
from volsculpt.trade.connections import Connections, Contracts
from volsculpt.trade.control.alerts import Notices, to_tell
from volsculpt.trade.control.channels import Channels
from volsculpt.trade.control.states import held_back, latched, refusals, stopped, unread
from volsculpt.trade.control.urgent import COINS_MEND, lines, urgent
from volsculpt.trade.control.worded import has_failed, worded
from volsculpt.trade.execute.collateral import PlannedTransfer, moves_of, warnings_of
from volsculpt.trade.execute.dispatch import Dispatch
from volsculpt.trade.execute.guard import Proposed, Refusal, judged
from volsculpt.trade.execute.judging import facts_of, latch
from volsculpt.trade.execute.moving import Mover
from volsculpt.trade.execute.orders import cancels
from volsculpt.trade.execute.works import adrift, adrift_alert
from volsculpt.trade.observe.assemble import Assembled, assemble
from volsculpt.trade.observe.declared import declared_events, due_events
from volsculpt.trade.observe.features import NO_KNOWLEDGE, MarketKnowledge
from volsculpt.trade.observe.found import adoption_alerts, answered
from volsculpt.trade.observe.observed import Alert
from volsculpt.trade.observe.ownership import ownership_of
from volsculpt.trade.observe.reads import ReadScope
from volsculpt.trade.observe.recall import KINDS, recall, recalled
from volsculpt.trade.observe.snapshot import Observer, Snapshot
from volsculpt.trade.observe.stated import stated_alerts

OnAlerts = Callable[[list[Alerted], int], None]


def keep_in_ledger(alerts: list[Alerted], time_ns: int) -> None:
    """Alerts stay in the ledger."""


@dataclass(slots=True)
class Stepped:
    """What one step did. decision None: nothing could be decided, and `why` says so."""

    time_ns: int
    decision: Decision | None
    sent: list[Intended] = field(default_factory=list)
    refused: list[tuple[Proposed, Refusal]] = field(default_factory=list)
    moves: list[TransferNoted] = field(default_factory=list)
    why: tuple[str, ...] = ()


class Desk:
    """Keeps the hedges of one mandate, on the venues given, in the ledger given."""

    def __init__(
        self,
        mandate: Mandate,
        ledger: Ledger,
        connections: Connections,
        clock: Clock,
        emit: OnAlerts = keep_in_ledger,
        kill_file: Path | None = None,
        knowledge: MarketKnowledge = NO_KNOWLEDGE,
    ) -> None:
        self.mandate = mandate
        self.ledger, self.connections, self.clock = ledger, connections, clock
        self.contracts = Contracts(self.mandate)
        self.recall = recalled(ledger.entries(kinds=KINDS), self.contracts)
        self.recall.run = connections.run
        self.emit, self.kill_file = emit, kill_file
        self.knowledge = knowledge
        self.last: Stepped | None = None
        self.last_snapshot: Snapshot | None = None
        self._accounts = connections.accounts(mandate)
        self._setups: list[Alert] = []
        self.channels = Channels()
        self._inside: list[PlannedTransfer] = []
        self._ended: list[str] = []
        self.found_texts: dict[str, str] = {}  # of alerts at the last step, by key, as worded then
        rules = mandate.desk
        held = {
            one.name: frozenset(name for name, coins in one.balances.items() if coins != 0.0)
            for one in mandate.book.accounts
        }
        self._notices = Notices(rules)
        writes = (self.append, self.contracts, rules.order_valid_ns)
        self.ownership = ownership_of(self.mandate)
        self._observer = Observer(*writes, held, self.ownership, mandate)
        self.dispatch = Dispatch(
            ledger, connections, self.append, self.recall, rules.read_timeout_ns
        )
        self.mover = Mover(self.mandate, connections, rules.read_timeout_ns)

    # --- starting ------------------------------------------------------------------------

    async def start(self) -> None:
        """Begin, or go on: note the start, read the set-up, adopt what a fresh ledger finds."""
        declared = {
            account.name: dict(account.balances)
            for account in self.mandate.book.accounts
            if account.name not in self._stated()
        }
        before = self.recall.declared
        rhythm = {"mandate": self.mandate.name, "every_ns": self.mandate.desk.every_ns}
        stated = {
            one.name: dict(one.balances)
            for one in self.mandate.book.accounts
            if one.name in self._stated()
        }
        self.append([Operated("start", {**rhythm, "declared": declared, "stated": stated})])
        self._let_flow()
        self._book_due()
        self.append(list(declared_events(self.ledger.books, declared, before, self.clock.now_ns())))
        self.adopt(list(answered(self.ledger.books, self.ownership)))
        await self._read_setups()
        for _ in range(2):  # a fresh ledger adopts what it has seen twice
            if set(self._stated()) - self.ledger.books.adopted or self.last_snapshot is None:
                await self.observe()
        self.dispatch.rebuild(self.contracts, self.mandate.send)

    def _let_flow(self) -> None:
        """Ask for coins that a person let come or go while no desk ran, or as it was killed."""
        flow, now = self.connections.flow, self.clock.now_ns()
        if flow is None:
            return
        for event in self.recall.flows:
            with suppress(VenueError):  # then the books differ from the venue, and that is told
                flow(event, now, True)

    def _stated(self) -> list[str]:
        """Accounts whose venue states what they hold."""
        return [name for held in self._accounts.values() for name in held]

    async def _read_setups(self) -> None:
        """What about accounts would make trading wrong; contracts that only the venue knows."""
        for name, venue in self.connections.venues.items():
            try:
                self.contracts.listed |= {one.key: one for one in await venue.specs()}
                for account in self._accounts[name]:
                    for problem in await venue.check_setup(account):
                        key = f"setup:{account}|{problem.text}"
                        self._setups.append(Alert(key, problem.level, problem.text))
            except VenueError as error:
                text = f"{name}: its set-up could not be read: {error}"
                self._setups.append(Alert(f"setup:{name}", "warning", text))

    # --- observing -----------------------------------------------------------------------

    async def observe(self) -> Snapshot:
        """Observe and reconcile, without deciding; everything found is on disk when it returns."""
        found = await self._snapshot()
        self._finish(found.events, found.alerts, ends=False)
        return found

    async def _snapshot(self) -> Snapshot:
        found = await self._observer.snapshot(
            self._scope(), self.ledger.books, self.recall, self.clock.now_ns
        )
        found.alerts += [*self._setups, *self.channels.failing.values()]
        where, is_paper = Path(self.ledger.name).name, self.connections.flow is not None
        found.alerts += stated_alerts(self.mandate, self.ledger.books, self.recall, where, is_paper)
        found.events += self.mover.arrived_by_hand(self.ledger.books, found)
        self.last_snapshot = found
        return found

    def adopt(self, adopts: list[Operated]) -> None:
        """Make positions that were found this desk's own, and tell it."""
        alerts = adoption_alerts(self.ledger.books, adopts)
        self.append([*adopts])
        self.note(alerts)

    def note(self, alerts: Collection[Alert]) -> None:
        """Write alerts that come up between two steps, and tell them."""
        self._finish([], list(alerts), ends=False)

    def _scope(self) -> ReadScope:
        """What to read now: contracts in use, held or worked, and every stated account."""
        books, now = self.ledger.books, self.clock.now_ns()
        keys: dict[str, None] = {}
        for hedge in self.mandate.hedges:
            keys |= {one.key: None for _, one, _ in self.mandate.legs(hedge, now)}
        keys |= {key: None for (_, key), held in books.positions.items() if held.contracts}
        keys |= {key: None for _, key in books.slots}
        by_venue = {
            name: [key for key in keys if key.partition(":")[0] == name]
            for name in self.connections.venues
        }
        rules = self.mandate
        where = (self.connections.venues, by_venue, self._accounts)
        return ReadScope(*where, rules.desk, rules.guard, self.contracts, self.knowledge.prices)

    def _finish(self, events: list[Event], alerts: list[Alert], ends: bool = True) -> None:
        """Write what is left to write, with the alerts that begin or end; tell them.

        Alerts end with a step, not with a snapshot between two: what is found once stays that long.
        """
        now = self.clock.now_ns()
        if ends:
            self.found_texts = {one.key: one.text for one in alerts}
        found = self._notices.alerts(self.ledger.books, alerts, now, ends)
        self.append([*events, *found])
        if due := to_tell(self.ledger.books, found):
            self.emit(due, now)

    # --- one step ------------------------------------------------------------------------

    async def step(self) -> Stepped:
        """Look, decide, let the guard judge, write, send, and see what came of it."""
        self._book_due()
        found = await self._snapshot()
        found.alerts += stopped(self.ledger.books, self.kill_file if self.is_killed else None)
        made, why = self._decided(found)
        if made is None:
            self._finish(found.events, found.alerts)
            self.last = Stepped(self.clock.now_ns(), None, why=why)
            return self.last
        assembled, decision = made
        done = self._written(found, assembled, decision)
        touched = await self._send(found, decision, done)
        if touched:
            await self.observe()
        self.last = done
        return done

    def _book_due(self) -> None:
        """Book what fell due in accounts that no venue states: dated flows, interest of loans."""
        now, stated = self.clock.now_ns(), self._stated()
        due = due_events(self.mandate, self.ledger.books, self.recall, stated, now)
        self.append(list(due))

    def _decided(
        self, found: Snapshot
    ) -> tuple[tuple[Assembled, Decision] | None, tuple[str, ...]]:
        """The decision on a snapshot; a decision that cannot be made is an alert, never an end."""
        books = self.ledger.books
        lacking = sorted(set(self._stated()) - books.adopted)
        if lacking:
            found.alerts += unread(lacking, found.alerts)
            return None, (f"{', '.join(lacking)}: never read whole yet",)
        try:
            made = assemble(
                anchored(self.mandate, self.recall.begun_ns),
                books,
                found.observed,
                found.reconciled,
                self.recall.last,
                self.contracts,
            )
            now = found.observed.time_ns
            memory = self.knowledge.memory(remembered(self.mandate.hedges, books.memory), now)
            features = self.knowledge.features(now)
            return (made, decide(made.setup, made.quotes, now, features, memory)), ()
        except VolsculptError as error:
            found.alerts.append(Alert("decide", "critical", f"nothing decided: {error}"))
            return None, (str(error),)

    def _written(self, found: Snapshot, assembled: Assembled, decision: Decision) -> Stepped:
        """Judge a decision and write it, with the intents of what may leave, in one commit."""
        books, now = self.ledger.books, self.clock.now_ns()
        paused = books.paused
        alerts = found.alerts
        alerts += worded("collateral", lambda: warnings_of(decision), alerts)
        alerts += worded("held back", lambda: held_back(found, books, assembled, decision), alerts)
        events: list[Event] = [*found.events]
        fresh = latch(books, self.mandate.guard, decision)
        events += fresh
        alerts += [one for event in fresh for one in latched(event.arguments)]
        events.append(assembled.quote)
        place = self.ledger.head[0] + len(events) + 1
        facts = facts_of(found, books, events, now, self.is_killed, list(self.recall.recent))
        passed, refused = ([], []) if paused else judged(decision, self.mandate.guard, facts)
        stuck = {order.leg: why.why for order, why in refused if why.rule in COINS_MEND}
        sends = not (paused or facts.killed)
        carried = self.mover.carried(decision) if sends else frozenset[int]()
        first = urgent(decision, books, sends, stuck, carried, now)
        alerts += first
        why = list(worded("reasons", lambda: all_reasons(decision), alerts))
        events.append(decided_event(self.ledger, decision, why, lines(first)))
        self.dispatch.decided(decision, passed, self.mandate.send, place, found, now)
        lost = adrift(self.dispatch.works, books)
        self._ended = [*cancels(decision, books), *lost]
        alerts += [adrift_alert(books.orders[one]) for one in lost]
        sent = self.dispatch.next_orders(found.observed.prices, found, now) if sends else []
        moves = moves_of(decision, books) if sends else []
        requested, unmoved = self.mover.requested(books, moves, self.recall.ids)
        done = Stepped(now, decision, sent, refused, requested, assembled.why)
        for order, refusal in refused:
            slot = f"{order.account}|{order.contract}"
            events.append(Refused(refusal.rule, refusal.why, slot, place))
            if not any(refusal.why in one.text for one in first):  # told with what it keeps open
                alerts += refusals(slot, refusal)
        self._inside = [move for move in moves if move.is_inside]
        self._finish([*events, *sent, *requested], [*alerts, *unmoved], not has_failed(alerts))
        return done

    async def tend(self) -> bool:
        """Look again at what is under way, and go on with orders that are sent in parts.

        Whether anything came of it.
        """
        before = self._under_way()
        found = await self.observe()
        if self.is_stopped:
            await self.stop_orders()
            return False
        sent, alerts = await self.dispatch.go_on(found, self.clock.now_ns())
        if alerts:
            self.note(alerts)
        if sent:
            await self.observe()
        return sent or self._under_way() != before

    def _under_way(self) -> list[tuple[str, str, float]]:
        """Orders that are alive, and how far each has come."""
        books = self.ledger.books
        alive = (books.orders[client] for client in books.slots.values())
        return [(one.client_id, one.state, one.filled_contracts) for one in alive]

    def looks_ns(self, looked_ns: int, pause_ns: int) -> int | None:
        """When to look again at what is under way (ns UTC); None: not before the next step.

        Args: looked_ns: when that was last, ns UTC; pause_ns: from then to the next look at an
        order that has no times of its own.
        """
        prices = self.last_snapshot.observed.prices if self.last_snapshot is not None else {}
        due = self.dispatch.wakes_ns(prices, looked_ns, self.clock.now_ns())
        if not self.ledger.books.slots:
            return due
        follow = looked_ns + pause_ns
        return follow if due is None else min(due, follow)

    @property
    def is_killed(self) -> bool:
        """Whether the kill switch is set."""
        return self.kill_file is not None and self.kill_file.exists()

    @property
    def is_stopped(self) -> bool:
        """Whether nothing is sent but cancels: paused by hand, or by the kill switch."""
        return self.ledger.books.paused or self.is_killed

    # --- sending -------------------------------------------------------------------------

    async def _send(self, found: Snapshot, decision: Decision, done: Stepped) -> bool:
        """Cancels, orders, transfers; each outcome is written as it comes. True: something left."""
        stops = self.is_stopped
        stopped = await (self.stop_orders() if stops else self.dispatch.cancelled(self._ended))
        await self.dispatch.sent(done.sent)
        for move in self._inside:
            await self.mover.inside(move, f"{self.recall.ids}-{self.ledger.head[0]}")
        for noted in done.moves:
            self.append(await self.mover.send(noted))
        fresh = {one.transfer_id for one in done.moves}
        self.append(await self.mover.again(self.ledger.books, found.observed, fresh))
        return bool(stopped or done.sent or done.moves or self._inside)

    async def stop_orders(self) -> list[str]:
        """Cancel every order that is alive; their client ids."""
        return await self.dispatch.stop()

    async def send_by_hand(self, orders: list[Intended]) -> list[Intended]:
        """Write and send orders a person asked for; what came of them is booked on return."""
        self.append([*orders])
        await self.dispatch.sent(orders)
        await self.observe()
        return orders

    # --- the ledger ------------------------------------------------------------------------

    def append(self, events: list[Event]) -> None:
        """Write events in one commit, and recall what must be."""
        if not events:
            return
        now = self.clock.now_ns()
        seqs = self.ledger.append(events, now)
        last = self.ledger.head[1]
        for seq, event in zip(seqs, events, strict=True):
            recall(self.recall, Entry(seq, now, event, last), self.contracts)
