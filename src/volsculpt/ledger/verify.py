"""Is a ledger whole? Its pages, chain, postings and documents, and every decision run again."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from volsculpt.errors import LedgerError
from volsculpt.ledger.booking import book
from volsculpt.ledger.books import Books
from volsculpt.ledger.codec import GENESIS, digest, entry_of, is_chained
from volsculpt.ledger.decisions import differences
from volsculpt.ledger.entry import Entry, PostingRow, Row
from volsculpt.ledger.events import Decided
from volsculpt.ledger.ledger import Ledger
from volsculpt.ledger.postings import Posting, check_balanced
from volsculpt.sources import deciding_digest

ROUNDING = 1e-9  # of all that moved: sums of floats in another order


@dataclass(frozen=True, slots=True)
class Found:
    """Something about one event, or about the whole ledger (seq None)."""

    seq: int | None
    text: str


@dataclass(slots=True)
class Verified:
    """What a verification found. problems: the ledger is not whole; notes: worth knowing.

    reacted: decisions that gave the stored answer again, under whichever sources; other_sources:
    decisions of other sources than today's, whose differences are notes.
    """

    name: str
    sources: str
    events: int = 0
    head: str = GENESIS
    postings: int = 0
    documents: int = 0
    decisions: int = 0
    reacted: int = 0
    other_sources: int = 0
    problems: list[Found] = field(default_factory=list)
    notes: list[Found] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.problems


VerifyProgress = Callable[[int, int], None]


def verify(ledger: Ledger, progress: VerifyProgress = lambda done, total: None) -> Verified:
    """Check everything a ledger holds, and tell all that is wrong rather than the first.

    Chain: each hash is that of its event and the one before; sequence numbers have no holes.
    Postings: balanced, and equal to those its events make. Balances: what the postings sum to.
    Decisions: `aim` and `act` give the stored answers, bit for bit under the same sources; under
    others a difference is a note. progress(done, total) is called now and then.
    """
    found = Verified(ledger.name, deciding_digest())
    found.problems += [Found(None, text) for text in ledger.store.problems()]
    try:
        _verify_events(ledger, found, progress)
        _verify_documents(ledger, found)
    except LedgerError as error:
        found.problems.append(Found(None, str(error)))
    return found


class _Postings:
    """Stored postings, handed out event by event; and their sums per account."""

    def __init__(self, stored: Iterator[PostingRow]) -> None:
        self._stored = stored
        self._next = next(stored, None)
        self.sums: dict[tuple[str, str], list[float]] = {}
        self.count = 0

    def of(self, seq: int) -> tuple[list[Posting], list[int]]:
        """Postings of one event, and the numbers of earlier events that are not there."""
        found: list[Posting] = []
        strays: list[int] = []
        while self._next is not None and self._next.seq <= seq:
            row = self._next
            if row.seq == seq:
                found.append(Posting(*row[2:]))
                self.sums.setdefault((row.account, row.commodity), []).append(row.amount)
            else:
                strays.append(row.seq)
            self.count += 1
            self._next = next(self._stored, None)
        return found, strays


def _verify_events(ledger: Ledger, found: Verified, progress: VerifyProgress) -> None:
    books, total = Books(), ledger.store.last_seq()
    stored = _Postings(ledger.store.postings(1))
    for row in ledger.store.rows(1, ()):
        if row.seq > total:
            break  # written since: a desk may be running
        _verify_row(ledger, row, books, stored, found)
        if found.events % 500 == 0:
            progress(found.events, total)
    _, strays = stored.of(2**62)
    now = ledger.store.last_seq()
    lost = [seq for seq in strays if not total < seq <= now]
    found.problems += [Found(seq, "postings of an event that is not there") for seq in lost]
    found.postings = stored.count
    _verify_balances(books, stored, found)
    progress(total, total)


def _verify_row(ledger: Ledger, row: Row, books: Books, stored: _Postings, found: Verified) -> None:
    """One event: its place, hash, postings and, of a decision, its answers."""
    if row.seq != found.events + 1:
        found.problems.append(Found(row.seq, f"events from {found.events + 1} on are missing"))
    if not is_chained(row, found.head):
        found.problems.append(Found(row.seq, "it or the one before was changed: wrong hash"))
    found.events, found.head = row.seq, row.hash
    kept, strays = stored.of(row.seq)
    found.problems += [Found(seq, "postings of an event that is not there") for seq in strays]
    try:
        entry = entry_of(row)
        made = book(books, entry)
        check_balanced(kept, "what is stored")
    except (LedgerError, KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        found.problems.append(Found(row.seq, f"it cannot be booked: {error}"))
        return
    if repr(made) != repr(kept):
        found.problems.append(Found(row.seq, "its postings are not those that it makes"))
    if isinstance(entry.event, Decided):
        _verify_decision(ledger, entry, entry.event, found)


def _verify_decision(ledger: Ledger, entry: Entry, decided: Decided, found: Verified) -> None:
    """One decision: act and aim run again."""
    found.decisions += 1
    is_same = decided.sources == found.sources
    found.other_sources += not is_same
    try:
        where = differences(ledger, decided)
        text = f"another answer than the stored one ({', '.join(where)})" if where else ""
    except (LedgerError, KeyError, TypeError, ValueError, LookupError) as error:
        text = f"it cannot be run again: {error}"
    found.reacted += not text
    if text and is_same:
        found.problems.append(Found(entry.seq, f"decision: {text}, by the same sources"))
    elif text:
        found.notes.append(Found(entry.seq, f"decision: {text}, by other sources than today's"))


def _verify_balances(books: Books, stored: _Postings, found: Verified) -> None:
    """The balances of the books are what their postings sum to."""
    for (account, currency), coins in books.balances.items():
        amounts = stored.sums.get((f"assets:{account}:{currency}", currency), [])
        allowed = ROUNDING * math.fsum(map(abs, amounts))
        if abs(math.fsum(amounts) - coins) > allowed:
            text = f"{account} holds {coins!r} {currency}, its postings sum to {sum(amounts)!r}"
            found.problems.append(Found(None, text))


def _verify_documents(ledger: Ledger, found: Verified) -> None:
    """Every document is what its digest says."""
    for key, body in ledger.store.documents():
        found.documents += 1
        if digest(body) != key:
            found.problems.append(Found(None, f"the document {key[:12]} was changed"))
