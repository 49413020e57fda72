"""One snapshot: observe every venue, book what is new, compare what stands with the books."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from volsculpt.ledger.books import Books
from volsculpt.ledger.events import Event, Filled
from volsculpt.mandate.objects import Mandate
from volsculpt.trade.connections import ContractOf
from volsculpt.trade.control.alerts import lost_positions
from volsculpt.trade.observe.booking import NewEvents, new_events
from volsculpt.trade.observe.detected_flows import detected_flows
from volsculpt.trade.observe.found import accepted_events, found_events, traded_events
from volsculpt.trade.observe.observed import AccountObservation, Alert, Observation
from volsculpt.trade.observe.ownership import Ownership
from volsculpt.trade.observe.reads import ReadScope, observe
from volsculpt.trade.observe.recall import Recall
from volsculpt.trade.observe.reconciliation import ReconciledAccount, reconcile_account

Append = Callable[[list[Event]], None]
Shape = tuple[frozenset[str], frozenset[str]]


@dataclass(slots=True)
class Snapshot:
    """What one snapshot holds: reads, how each account stands, what is wrong, what to write yet."""

    observed: Observation
    reconciled: dict[str, ReconciledAccount]
    alerts: list[Alert]
    events: list[Event] = field(default_factory=list)

    def blocks(self, account: str, contract: str) -> bool:
        """Whether a leg, its contract by key, must be left alone for now."""
        recon = self.reconciled.get(account)
        return recon is not None and (
            recon.account_blocked is not None or contract in recon.blocked
        )


@dataclass(slots=True)
class Observer:
    """Looks at the venues of one mandate.

    declared: coins each account must state before a fresh ledger believes it. ownership: what it
    takes over without a question, and what is not own. mandate: whose dated flows it knows.
    shapes: what accounts that are not adopted yet were seen to hold.
    """

    append: Append
    contract_of: ContractOf
    valid_ns: int
    declared: Mapping[str, frozenset[str]]
    ownership: Ownership
    mandate: Mandate
    shapes: dict[str, Shape] = field(default_factory=dict)

    async def snapshot(
        self, scope: ReadScope, books: Books, recall: Recall, now_ns: Callable[[], int]
    ) -> Snapshot:
        """One snapshot. News is on disk when it returns; its statements are in `events`.

        Args: now_ns: tells the time, ns UTC.
        """
        observed = await observe(scope, books, now_ns)
        new = new_events(
            books,
            observed,
            recall.adopted,
            self.contract_of,
            self.valid_ns,
            self._confirmed(books, observed),
        )
        if new.events:
            self.append([*new.events, *found_events(new.events, self.ownership)])
            self.append(list(traded_events(books, new.unmatched, self.ownership)))
        self.append(list(detected_flows(self.mandate, books, recall, observed)))
        return self._compared(books, observed, new)

    def _compared(self, books: Books, observed: Observation, new: NewEvents) -> Snapshot:
        """How each account stands once the news is booked."""
        reconciled = {
            name: reconcile_account(
                books,
                account,
                new.open_questions,
                self.contract_of,
                self.ownership,
            )
            for name, account in observed.accounts.items()
        }
        lost = [one for one in new.unmatched if not self._is_not_own(one)]
        alerts = [*observed.alerts, *lost_positions(lost), *self._doubts(books, observed)]
        for one in reconciled.values():
            alerts += one.alerts
        events: list[Event] = []
        for stated in (one.statement for one in reconciled.values()):
            if stated is not None and stated.adopted:
                events += accepted_events(books, stated, self.ownership)
            events += [stated] if stated is not None else []
        return Snapshot(observed, reconciled, alerts, events)

    def _is_not_own(self, fill: Filled) -> bool:
        """Whether a fill is of a contract that is somebody else's whole."""
        return self.ownership.is_not_own((fill.account, fill.contract))

    def _doubts(self, books: Books, observed: Observation) -> Iterator[Alert]:
        """Accounts that do not state a coin which the mandate says they hold."""
        for name, account in observed.accounts.items():
            shape = shape_of(account)
            if name not in books.adopted and shape is not None:
                lacking = sorted(self.declared.get(name, frozenset()) - shape[0])
                if lacking:
                    text = f"{name} states no {', '.join(lacking)}, which the mandate says it holds"
                    yield Alert(f"adopt:{name}", "critical", f"{text}: correct one of them")

    def _confirmed(self, books: Books, observed: Observation) -> set[str]:
        """Accounts not adopted yet whose statement names the same coins and contracts as before.

        A statement that lacks a coin by a fault is so not taken for what is held.
        """
        found = set()
        for name, account in observed.accounts.items():
            shape = shape_of(account)
            if name in books.adopted or shape is None:
                continue
            if self.shapes.get(name) == shape and self.declared.get(name, frozenset()) <= shape[0]:
                found.add(name)
            self.shapes[name] = shape
        return found


def shape_of(account: AccountObservation) -> Shape | None:
    """The coins and contracts a whole read of an account names; None where it is not whole."""
    if account.statement is None or account.activity is None:
        return None
    return frozenset(account.statement.balances), frozenset(account.statement.positions)
