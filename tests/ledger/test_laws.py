"""Whatever happens: postings balance, books are their fold, a changed byte is seen."""

import math
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.ledger.conftest import new_schema
from tests.ledger.samples import lived
from tests.ledger.strategies import live, lives
from volsculpt.ledger.entry import PostingRow, Row
from volsculpt.ledger.events import Event
from volsculpt.ledger.ledger import open_ledger
from volsculpt.ledger.store import MemoryStore
from volsculpt.ledger.verify import verify


@given(lives)
def test_postings_balance_and_books_are_their_fold(life: list[Event]) -> None:
    """After any events: each balances, their sums are the books, a refold is the same."""
    ledger = open_ledger(store := MemoryStore())
    live(ledger, life)
    by_event = defaultdict(list)
    by_account = defaultdict(list)
    for row in store.postings(1):
        by_event[row.seq, row.commodity].append(row.amount)
        by_account[row.account].append(row.amount)
    assert [key for key, amounts in by_event.items() if math.fsum(amounts) != 0.0] == []
    for (account, currency), coins in ledger.books.balances.items():
        amounts = by_account[f"assets:{account}:{currency}"]
        assert math.isclose(
            math.fsum(amounts), coins, rel_tol=0, abs_tol=1e-9 * math.fsum(map(abs, amounts))
        )
    assert open_ledger(store.kill()).books == ledger.books
    found = verify(ledger)
    assert found.problems == []
    assert found.events == store.last_seq()


@given(lives, lives)
def test_a_slot_has_one_order_alive(before: list[Event], after: list[Event]) -> None:
    """However orders come and go, of a leg at most one is alive, and it holds the slot."""
    ledger = open_ledger("memory:")
    live(ledger, [*before, *after])
    alive = [one.place for one in ledger.books.orders.values() if one.alive]
    assert sorted(alive) == sorted(ledger.books.slots)


@given(lives)
def test_what_is_known_changes_nothing(life: list[Event]) -> None:
    """An event that the books know already leaves them as they are."""
    ledger = open_ledger("memory:")
    for event in live(ledger, life):
        if ledger.books.is_booked(event) and event.KIND != "intent":
            again = open_ledger("memory:")
            live(again, life)
            again.append([event], 0)
            assert again.books == ledger.books


@settings(max_examples=15)
@given(lives)
def test_a_file_and_a_database_hold_the_same(
    tmp_path_factory: pytest.TempPathFactory, server: str, life: list[Event]
) -> None:
    """The same events give the same rows, postings and books in every store."""
    places = ["memory:", str(tmp_path_factory.mktemp("same") / "a.ledger"), new_schema(server)]
    held = []
    for place in places:
        with open_ledger(place) as ledger:
            live(ledger, life)
            rows = list(ledger.store.rows(1, ()))
            postings = list(ledger.store.postings(1))
            again = open_ledger(ledger.store, write=False)
            held.append((rows, postings, ledger.books))
            assert again.books == ledger.books
    assert held[0] == held[1] == held[2]


# --- a changed byte -------------------------------------------------------------------


def other(value: Any, place: int) -> Any:  # noqa: ANN401
    """A value changed in one place: another letter, the next number."""
    if isinstance(value, str):
        at = place % len(value)
        return value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1 :]
    return math.nextafter(value, math.inf) if isinstance(value, float) else value + 1


@given(st.data())
def test_any_changed_byte_is_seen(data: st.DataObject) -> None:
    """Change one field of one stored row by the least there is: verify tells."""
    lived(open_ledger(store := MemoryStore()))
    table = data.draw(st.sampled_from(["rows", "postings"]))
    stored: list[Row] | list[PostingRow] = store._rows if table == "rows" else store._postings
    place = data.draw(st.integers(0, len(stored) - 1))
    field = data.draw(st.sampled_from(stored[place]._fields))
    assume(field != "line")  # it only orders the lines of an event
    changed = other(getattr(stored[place], field), data.draw(st.integers(0, 10_000)))
    stored[place] = stored[place]._replace(**{field: changed})  # type: ignore[call-overload]
    assert not verify(open_ledger(store, write=False)).is_whole


@given(st.data())
def test_a_changed_document_is_seen(data: st.DataObject) -> None:
    """A document is named by its content, whether or not a decision refers to it."""
    ledger = lived(open_ledger(store := MemoryStore()))
    ledger.keep({"a": "note"})
    ledger.append([], 0)
    key = data.draw(st.sampled_from(list(store._documents)[::-1]))
    store._documents[key] = other(store._documents[key], data.draw(st.integers(0, 10_000)))
    assert not verify(open_ledger(store, write=False)).is_whole


@given(st.data())
def test_a_row_taken_out_or_doubled_is_seen(data: st.DataObject) -> None:
    """No event can be taken from the middle, and none put in twice."""
    lived(open_ledger(store := MemoryStore()))
    place = data.draw(st.integers(0, len(store._rows) - 2))
    if data.draw(st.booleans()):
        del store._rows[place]
    else:
        store._rows.insert(place, store._rows[place])
    assert not verify(open_ledger(store, write=False)).is_whole
