"""What a run kept, lane by lane: rows of events and states written, and read back at any moment."""

import numpy as np
import pytest

from tests.simulate.worlds import World, mixed_world
from volsculpt.book.state import State, copy_state
from volsculpt.exchange import events as kinds
from volsculpt.exchange.events import CAUSES, EventPage, new_page
from volsculpt.simulate.happened import (
    EventColumns,
    cash_by_cause,
    events_of,
    held_at,
    stamp_moments,
    summed,
)
from volsculpt.simulate.lanes import needed_room
from volsculpt.simulate.log import (
    BEGUN,
    CAPACITY,
    FIRST,
    Log,
    first_from,
    is_full,
    keep,
    new_log,
)
from volsculpt.simulate.series import row_before, state_at

WORLD = mixed_world(3, 3)
LAYOUT = WORLD.flat.layout
FIGURES = ("size", "price", "usd", "fee", "moved", "charge")


def page_of(world: World, dice: np.random.Generator, events: int) -> EventPage:
    """A page of any figures, some of its rows in use."""
    room = needed_room(world.flat, world.rules)
    page = new_page(room.leg, room.wallet, room.group, room.source, room.hedge)
    for name in page._fields[1:]:
        column = getattr(page, name)
        drawn = dice.integers(1, 15, len(column))
        column[:] = (
            drawn if name in ("event_kind", "event_row", "event_code") else drawn / 7.0
        ).tolist()
    page.used[0] = events
    return page


def state_of(wallet: float) -> State:
    """The book of the world with so many coins in its first wallet."""
    state = copy_state(WORLD.flat.state)
    state.wallet[0] = wallet
    return state


def full_log(moments: list[int], lanes: int, lane: int) -> Log:
    """States of a lane, one a moment, 10 coins and one more each time, and no room for another."""
    log = new_log(3, needed_room(WORLD.flat, WORLD.rules), lanes, noted=True)
    rows = {name: getattr(log, name)[:, : len(moments)] for name in ("moment", "state")}
    log = log._replace(**rows)
    page = page_of(WORLD, np.random.default_rng(0), 0)
    for place, moment in enumerate(moments):
        keep(LAYOUT, state_of(10.0 + place), page, log, lane, moment)
    return log


@pytest.mark.parametrize("lane", [0, 1, 2])
def test_events_of_a_page_go_to_their_own_lane(lane: int) -> None:
    """Column for column, after those kept before, at their moment; the page is empty then."""
    dice = np.random.default_rng(lane)
    log = new_log(3, needed_room(WORLD.flat, WORLD.rules), 3, noted=True)
    wanted: list[list[float]] = []
    for moment, count in ((FIRST, 2), (0, 0), (1, 3)):
        page = page_of(WORLD, dice, count)
        wanted += [
            [page.event_kind[row], page.event_row[row], page.event_code[row], moment]
            + [getattr(page, f"event_{name}")[row] for name in FIGURES]
            for row in range(count)
        ]
        keep(LAYOUT, WORLD.flat.state, page, log, lane, moment)
        assert page.used[0] == 0
    columns = ("kind", "row", "code", "moment", *FIGURES)
    for one in range(3):
        told = events_of(log, one)
        rows = list(zip(*(getattr(told, name).tolist() for name in columns), strict=True))
        assert rows == [tuple(row) for row in wanted] * (one == lane)
        assert len(told) == len(rows)
        assert log.used[one].tolist() == ([5, 1] if one == lane else [0, 0])


@pytest.mark.parametrize("lane", [0, 1])
def test_a_log_is_full_where_a_step_may_find_no_room(lane: int) -> None:
    """Two pages of events, what an exchange does and what is decided, and three states."""
    page = page_of(WORLD, np.random.default_rng(0), 0)
    log = new_log(3, needed_room(WORLD.flat, WORLD.rules), 2, noted=True)
    rows, needed = log.event.shape[1], 2 * len(page.event_kind)
    log.used[1 - lane] = rows
    for events, states, full in (
        (0, 0, 0),
        (rows - needed, rows - 3, 0),
        (rows - needed + 1, 0, 1),
        (0, rows - 2, 1),
    ):
        log.used[lane] = (events, states)
        assert is_full(log, page, lane) == full


@pytest.mark.parametrize(("lanes", "rows"), [(1, CAPACITY), (4, CAPACITY // 4), (4 * CAPACITY, 64)])
def test_many_lanes_begin_with_fewer_rows(lanes: int, rows: int) -> None:
    """They share the room of one, with 64 rows each at least; none where nothing is noted."""
    needed = needed_room(WORLD.flat, WORLD.rules)._replace(wallet=1, leg=0, weight=0)
    log = new_log(3, needed, lanes, noted=True)
    assert {len(table[0]) for table in (log.event, log.figure, log.moment, log.state)} == {rows}
    bare = new_log(3, needed, lanes, noted=False)
    assert {len(table[0]) for table in (bare.event, bare.figure, bare.moment, bare.state)} == {0}
    assert bare.wealth.shape == log.wealth.shape == (lanes, 3)
    for table in (log.wealth, log.at, log.used, log.event, log.figure, log.moment, log.state):
        assert not table.any()


@pytest.mark.parametrize("seed", range(50))
def test_the_first_that_is_not_before_is_found(seed: int) -> None:
    """Among those that count; what stands behind them is no number of theirs."""
    dice = np.random.default_rng(seed)
    count = int(dice.integers(0, 9))
    places = [*sorted(dice.integers(-3, 12, count).tolist()), *dice.integers(-3, 12, 4).tolist()]
    for step in range(-4, 14):
        wanted = next((row for row in range(count) if places[row] >= step), count)
        assert first_from(places, count, step) == wanted


@pytest.mark.parametrize("lane", [0, 2])
@pytest.mark.parametrize("seed", range(20))
def test_a_book_at_a_moment_is_what_was_kept_last_until_then(seed: int, lane: int) -> None:
    """Looked up at any moments, or followed from one to the next; a log that is full too."""
    dice = np.random.default_rng(seed)
    moments = [
        BEGUN,
        *sorted(dice.choice(np.arange(-1, 20), int(dice.integers(1, 9)), False).tolist()),
    ]
    log = full_log(moments, 3, lane)

    def coins(moment: int) -> float:
        """Ten, and one more with each state that was kept by then."""
        return 10.0 + max(place for place, at in enumerate(moments) if at <= moment)

    asked = dice.integers(BEGUN, 22, 12)
    assert held_at(log, LAYOUT, asked, lane).wallet[:, 0].tolist() == [coins(int(m)) for m in asked]
    for start in range(BEGUN, 21):
        place, state = row_before(log, lane, start - 1), state_of(-1.0)
        assert moments[place] == max([at for at in moments if at < start], default=BEGUN)
        for moment in sorted({start, *(one for one in asked.tolist() if one > start)}):
            place = state_at(LAYOUT, log, lane, place, moment, state)
            assert state.wallet[0] == coins(moment)


def test_what_is_held_is_told_row_by_row() -> None:
    """Wallets, contracts and their costs, each in their own order."""
    log, state = full_log([BEGUN], 1, 0), copy_state(WORLD.flat.state)
    for number, row in enumerate((state.wallet, state.contracts, state.cost), 1):
        row[:] = [100.0 * number + place for place in range(len(row))]
    log.used[0, 1] = 0
    keep(LAYOUT, state, page_of(WORLD, np.random.default_rng(0), 0), log, 0, BEGUN)
    held = held_at(log, LAYOUT, [BEGUN, 9])
    for told, row in (
        (held.wallet, state.wallet),
        (held.contracts, state.contracts),
        (held.cost, state.cost),
    ):
        assert told.tolist() == [list(row)] * 2


@pytest.mark.parametrize("stamps", [2, 3, 9])
def test_a_stamp_knows_what_was_booked_before_its_decision(stamps: int) -> None:
    """Of step s 2 s is what an exchange does, 2 s + 1 what is decided; late comes at the end."""
    known = [BEGUN, *(2 * step for step in range(stamps - 1))]
    assert stamp_moments(stamps, late=False).tolist() == known
    assert stamp_moments(stamps, late=True).tolist() == [*known[:-1], known[-1] + 2]


def columns_of(dice: np.random.Generator, count: int) -> EventColumns:
    """Events of every kind in order of time, their figures of a few dollars."""
    moments = np.sort(dice.integers(FIRST, 12, count))
    kind, row = dice.integers(1, kinds.DECIDED + 1, count), dice.integers(0, 3, count)
    return EventColumns(kind, row, row, moments, *dice.integers(-9, 9, (6, count)).astype(float))


@pytest.mark.parametrize("seed", range(20))
def test_cash_of_a_cause_is_that_of_its_events(seed: int) -> None:
    """Added up to each stamp; what comes after the last is not of the run."""
    dice = np.random.default_rng(seed)
    told, known = columns_of(dice, 60), stamp_moments(6, bool(seed % 2))
    for cause, parts in CAUSES.items():
        paid = summed(*cash_by_cause(told, cause), known)
        assert len(paid) == len(known)
        for stamp, moment in enumerate(known.tolist()):
            wanted = sum(
                getattr(told, name)[place]
                for kind, name in parts
                for place in range(len(told))
                if told.kind[place] == kind and told.moment[place] <= moment
            )
            assert paid[stamp] == wanted
    assert told.of(kinds.FILLED, kinds.SENT).kind.tolist() == [
        kind for kind in told.kind.tolist() if kind in (kinds.FILLED, kinds.SENT)
    ]
    assert told.stamp.tolist() == [(moment + 1) // 2 for moment in told.moment.tolist()]
