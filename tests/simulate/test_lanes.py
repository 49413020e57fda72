"""Records of books: as long as the annotations of their columns say, and what was written back."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import pytest

from tests.compiled.lanes import Book, the_book
from volsculpt.book.state import Layout, Quote, State
from volsculpt.contracts.legs import Legs
from volsculpt.decide.rules import Answer, Problem, Rules, Work, new_problem
from volsculpt.decide.triggers import Triggers, new_triggers
from volsculpt.dimensions import PerLeg, blank, columns
from volsculpt.exchange.events import EventPage, new_page
from volsculpt.exchange.rows import Bar, Pending, Step, Terms, new_bar, new_pending
from volsculpt.simulate.lanes import (
    Room,
    needed_room,
    plain_of,
    record_type,
    records,
    room_class,
)

KINDS = (Problem, Triggers, EventPage, Bar, Pending, Step, Terms)


class Unsaid(NamedTuple):
    """A record with a column that nobody can make."""

    rows: int
    taker: PerLeg[Sequence[float]]
    maker: Sequence[float]


def plain_record(kind: type, book: Book, room: Room) -> NamedTuple:
    """The demonstration book, or what is written while it runs."""
    layout = book.flat.layout
    made: dict[type, Callable[[], NamedTuple]] = {
        Problem: lambda: new_problem(layout, book.flat.state, book.quote, book.rules),
        Triggers: lambda: new_triggers(layout, book.rules.hedges),
        EventPage: lambda: new_page(room.leg, room.wallet, room.group, room.source, room.hedge),
        Bar: lambda: new_bar(layout),
        Pending: lambda: new_pending(layout),
    }
    return made[kind]()


@pytest.mark.parametrize("step", [0, 1])
@pytest.mark.parametrize("kind", [Problem, Triggers, EventPage, Bar, Pending])
def test_a_record_is_the_plain_lists_it_was_written_from(kind: type, step: int) -> None:
    """Every list is as long as its annotation says: padded to any class it comes back the same."""
    book = the_book()
    room = needed_room(book.flat, book.rules)
    plain = plain_record(kind, book, room)
    record = records(plain, room_class(step), 1)[0]
    assert plain_of(kind, record, room) == plain


@pytest.mark.parametrize("kind", KINDS)
def test_a_larger_class_only_makes_sequences_longer(kind: type[tuple[object, ...]]) -> None:
    """Names and kinds of figures of a record are those of every class; single figures stay so."""
    small, large = record_type(kind, room_class(0)), record_type(kind, room_class(1))
    assert small.names == large.names
    for column in columns(kind):
        one, other = small[column.name], large[column.name]
        assert one.base.kind == other.base.kind
        if column.per in (None, "one"):
            assert one.shape == other.shape
        else:
            assert one.shape < other.shape


def test_lengths_are_those_of_the_annotations() -> None:
    """A figure of a leg, a weight, a row of triggers and a single number have their own lengths."""
    room = room_class(0)
    assert record_type(Legs, room)["taker"].shape == (8,)
    assert record_type(Legs, room)["tier_floor"].shape == (200,)
    assert record_type(Layout, room)["group_weight"].shape == (6 * 8,)
    assert record_type(State, room)["wallet"].shape == (20,)
    assert record_type(Rules, room)["use_leg"].shape == (12,)
    assert record_type(Answer, room)["base"].shape == (6,)
    assert record_type(Work, room)["goal"] == record_type(State, room)
    assert record_type(Triggers, room)["coef"].shape == (room.row * (8 + 8),)
    assert record_type(Triggers, room)["used"].shape == (1,)
    assert record_type(Terms, room)["order_delay"].shape == ()


def test_a_column_without_a_dimension_is_an_error_that_names_the_fix() -> None:
    """Whoever adds a column and forgets its length is told where, and what to write."""
    with pytest.raises(TypeError, match=r"Unsaid\.maker .*PerLeg\[Sequence\[float\]\]"):
        record_type(Unsaid, room_class(0))


def test_an_empty_record_has_a_zero_for_every_row() -> None:
    """Zeros are of the kind that a column holds, as many as there are."""
    assert blank(Quote, {"currency": 1, "leg": 2}) == Quote([0.0], [0.0, 0.0])
    page = blank(EventPage, {"event": 2})
    assert (page.used, page.event_kind) == ([0], [0, 0])
    assert type(page.event_fee[0]) is float
    assert type(page.event_kind[0]) is int
