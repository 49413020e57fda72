"""One look: observe every venue, book what is new, compare what stands with the books."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from volsculpt.ledger.books import Books
from volsculpt.ledger.events import Event, Filled
from volsculpt.trade.connections import ContractOf
from volsculpt.trade.control.alerts import lost_positions
from volsculpt.trade.observe.booking import News, news
from volsculpt.trade.observe.found import found_events, taken_events, traded_events
from volsculpt.trade.observe.observed import AccountObservation, Observation, Trouble
from volsculpt.trade.observe.reads import ReadScope, observe
from volsculpt.trade.observe.recall import Recall
from volsculpt.trade.observe.reconciliation import ReconciledAccount, standing
from volsculpt.trade.observe.shared import Said

Append = Callable[[list[Event]], None]
Shape = tuple[frozenset[str], frozenset[str]]


@dataclass(slots=True)
class Look:
    """What one look found: reads, how each account stands, what is wrong, what to write yet."""

    seen: Observation
    standings: dict[str, ReconciledAccount]
    troubles: list[Trouble]
    events: list[Event] = field(default_factory=list)


@dataclass(slots=True)
class Looker:
    """Looks at the venues of one mandate.

    declared: the coins each account must state before a fresh ledger believes it. said: what it
    takes over without a question, and what is not own. shapes: what accounts that are not
    adopted yet were seen to hold.
    """

    append: Append
    contract_of: ContractOf
    valid_ns: int
    declared: Mapping[str, frozenset[str]]
    said: Said
    shapes: dict[str, Shape] = field(default_factory=dict)

    async def look(
        self, asked: ReadScope, books: Books, recall: Recall, now_ns: Callable[[], int]
    ) -> Look:
        """One look. News is on disk when it returns; the statements it found are in `events`."""
        seen = await observe(asked, books, now_ns)
        told = news(
            books,
            seen,
            recall.adopted,
            self.contract_of,
            self.valid_ns,
            self._confirmed(books, seen),
        )
        if told.events:
            self.append([*told.events, *found_events(told.events, self.said)])
            self.append(list(traded_events(books, told.strangers, self.said)))
        return self._compared(books, recall, seen, told)

    def _compared(self, books: Books, recall: Recall, seen: Observation, told: News) -> Look:
        """How each account stands once the news is booked."""
        standings = {
            name: standing(
                books,
                account,
                told.open_questions,
                self.contract_of,
                self.said,
            )
            for name, account in seen.accounts.items()
        }
        lost = [one for one in told.strangers if not self._is_not_own(one)]
        troubles = [*seen.troubles, *lost_positions(lost), *self._doubts(books, seen)]
        for one in standings.values():
            troubles += one.troubles
        events: list[Event] = []
        for stated in (one.statement for one in standings.values()):
            if stated is not None and stated.adopted:
                events += taken_events(books, stated, self.said)
            events += [stated] if stated is not None else []
        return Look(seen, standings, troubles, events)

    def _is_not_own(self, fill: Filled) -> bool:
        """Whether a fill is of a contract that is somebody else's whole."""
        return self.said.is_not_own((fill.account, fill.contract))

    def _doubts(self, books: Books, seen: Observation) -> Iterator[Trouble]:
        """Accounts that do not state a coin which the mandate says they hold."""
        for name, account in seen.accounts.items():
            shape = shape_of(account)
            if name not in books.adopted and shape is not None:
                lacking = sorted(self.declared.get(name, frozenset()) - shape[0])
                if lacking:
                    text = f"{name} states no {', '.join(lacking)}, which the mandate says it holds"
                    yield Trouble(f"adopt:{name}", "critical", f"{text}: correct one of them")

    def _confirmed(self, books: Books, seen: Observation) -> set[str]:
        """Accounts not adopted yet whose statement names the same coins and contracts as before.

        A statement that lacks a coin by a fault is so not taken for what is held.
        """
        found = set()
        for name, account in seen.accounts.items():
            shape = shape_of(account)
            if name in books.adopted or shape is None:
                continue
            if self.shapes.get(name) == shape and self.declared.get(name, frozenset()) <= shape[0]:
                found.add(name)
            self.shapes[name] = shape
        return found


def shape_of(account: AccountObservation) -> Shape | None:
    """The coins and contracts a whole read of an account names; None where it is not whole."""
    if account.statement is None or account.happened is None:
        return None
    return frozenset(account.statement.balances), frozenset(account.statement.positions)
