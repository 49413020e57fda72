"""Verification: what is wrong is told with its place, all of it, and what is right passes."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.ledger.samples import START_NS, decision, filled, lived
from volsculpt.ledger.codec import GENESIS, row_of
from volsculpt.ledger.entry import PostingRow
from volsculpt.ledger.events import Event
from volsculpt.ledger.export import export_csv
from volsculpt.ledger.ledger import open_ledger
from volsculpt.ledger.store import MemoryStore
from volsculpt.ledger.verify import Verified, verify


def store_of(*events: Event) -> MemoryStore:
    """A store with these events, chained, whether or not a ledger would take them."""
    store, before = MemoryStore(), GENESIS
    for seq, event in enumerate(events, 1):
        row = row_of(event, seq, START_NS, before)
        store.commit([row], {}, [])
        before = row.hash
    return store


def told(found: Verified) -> list[tuple[int | None, str]]:
    """Problems, by place and words."""
    return [(one.seq, one.text) for one in found.problems]


def test_a_whole_ledger_is_whole(url: str) -> None:
    """Everything is counted, the decision gives its answer again, and progress is told."""
    seen: list[tuple[int, int]] = []
    with open_ledger(url) as ledger:
        lived(ledger)
        found = verify(ledger, lambda done, total: seen.append((done, total)))
        assert found.head == ledger.head[1]
    assert found.is_whole
    assert (found.events, found.postings, found.documents) == (20, 36, 3)
    assert (found.decisions, found.reacted, found.other_sources) == (1, 1, 0)
    assert seen[-1] == (20, 20)


def test_a_ledger_may_be_written_while_it_is_looked_at(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A desk that appends meanwhile is no trouble: what was there at the start is verified."""
    with open_ledger(url) as writer, open_ledger(url, write=False) as reader:
        lived(writer)
        count = reader.store.last_seq

        def grows() -> int:
            before = count()
            writer.append([filled(f"late {before}")], START_NS)
            return before

        monkeypatch.setattr(reader.store, "last_seq", grows)
        found = verify(reader)
        assert (found.problems, found.events, count()) == ([], 20, 22)
        assert export_csv(reader, "postings", tmp_path / "a.csv") == 36 + 2 * 4


def changed_decision(sources: str | None) -> Verified:
    """A ledger whose one decision has another answer than `act` gives."""
    ledger = open_ledger(MemoryStore())
    made = decision(ledger)
    answer = made.answer | {"trade": [1.0 for _ in made.answer["trade"]]}
    ledger.append([replace(made, answer=answer, sources=sources or made.sources)], START_NS)
    return verify(ledger)


def test_another_answer_of_the_same_sources_is_a_problem() -> None:
    """Same inputs, same sources, another answer: the ledger is not what was written."""
    found = changed_decision(None)
    text = "decision: another answer than the stored one (act: trade), by the same sources"
    assert told(found) == [(1, text)]
    assert (found.reacted, found.notes) == (0, [])


def test_another_answer_of_other_sources_is_a_note() -> None:
    """Under another version a difference is told, and the ledger is whole."""
    found = changed_decision("another digest")
    assert found.is_whole
    assert (found.other_sources, found.reacted, [one.seq for one in found.notes]) == (1, 0, [1])


def test_inputs_that_cannot_be_read_are_told() -> None:
    """A decision without its documents: a problem here, a note under other sources."""
    made = decision(open_ledger("memory:"))
    found = verify(open_ledger(store_of(made, replace(made, sources="x")), write=False))
    assert [seq for seq, _ in told(found)] == [1]
    assert "cannot be run again" in told(found)[0][1]
    assert [one.seq for one in found.notes] == [2]


def test_postings_are_held_to_their_events() -> None:
    """Missing, strange and unbalanced postings, each at its event."""
    lived(open_ledger(store := MemoryStore()))
    kept = store._postings
    store._postings = [one for one in kept if one.seq != 7]
    assert told(verify(open_ledger(store, write=False)))[0] == (
        7,
        "its postings are not those that it makes",
    )
    store._postings = [*kept, PostingRow(40, 1, "a", "BTC", 1.0)]
    assert told(verify(open_ledger(store, write=False))) == [
        (40, "postings of an event that is not there")
    ]
    store._postings = [replace_amount(one) if one.seq == 10 else one for one in kept]
    text = dict(told(verify(open_ledger(store, write=False))))[10]
    assert "does not balance" in text


def replace_amount(row: PostingRow) -> PostingRow:
    """The side of assets doubled."""
    return row._replace(amount=row.amount * 2) if row.line == 1 else row


@pytest.mark.parametrize("gone", [[0], [5, 6], [19]])
def test_events_that_are_missing(gone: list[int]) -> None:
    """A hole is told where it ends; a missing end by the postings it left."""
    lived(open_ledger(store := MemoryStore()))
    store._rows = [row for n, row in enumerate(store._rows) if n not in gone]
    found = verify(open_ledger(store, write=False))
    assert not found.is_whole
    assert told(found)[0][0] == (20 if gone == [19] else gone[-1] + 2)


def test_an_event_that_cannot_be_booked() -> None:
    """A chain that is whole may still hold what no ledger would have taken."""
    found = verify(open_ledger(store_of(filled(payoff="square")), write=False))
    assert [seq for seq, _ in told(found)] == [1]
    assert "cannot be booked" in told(found)[0][1]


def test_balances_are_held_to_postings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Books that hold other coins than were posted are found out."""
    ledger = open_ledger("memory:")
    import volsculpt.ledger.booking as booking

    keep = booking._add

    def more(books: booking.Books, move: booking.Move) -> booking.Move:
        keep(books, move)
        books.balances[move.account, move.commodity] += 0.5
        return move

    monkeypatch.setattr(booking, "_add", more)
    ledger.append([filled()], START_NS)
    assert [text.split(",")[0] for _, text in told(verify(ledger))] == ["coinm holds 0.9999 BTC"]
