"""What a run keeps of a book: a state whenever any figure of it is another one than before."""

from collections.abc import MutableSequence

from tests.simulate.histories import asked, funded, no_flows, wandering
from tests.simulate.plain import plain_run, plainly
from tests.simulate.worlds import mixed_world
from volsculpt.book.state import State, copy_state
from volsculpt.exchange.events import new_page
from volsculpt.simulate.happened import events_of
from volsculpt.simulate.history_run import run_history
from volsculpt.simulate.lanes import needed_room
from volsculpt.simulate.log import (
    EVENT,
    FIGURE,
    KEPT,
    keep_events,
    keep_state,
    new_log,
    state_figures,
    take_state,
)


def test_a_change_of_any_one_figure_is_kept() -> None:
    """Wallets, contracts, costs, bonus and what is not own: the first of each, and the last."""
    world = mixed_world(3, 3)
    layout, needed = world.flat.layout, needed_room(world.flat, world.rules)
    log, state = new_log(9, needed, 1, noted=True), copy_state(world.flat.state)
    rows: list[MutableSequence[float]] = [getattr(state, name) for name in KEPT]
    places = [(row, place) for row in rows for place in range(len(row))]
    assert len(places) == state_figures(needed)
    assert {*State._fields} - {*KEPT} == {"working", "slot", "incoming", "known"}
    flat = [figure for row in rows for figure in row]
    keep_state(layout, state, full := new_log(9, needed, 1, noted=True), 0, 0)
    assert full.state[0, 0].tolist() == flat
    keep_state(layout, state, log, 0, 0)
    for moment, (row, place) in enumerate(places, 1):
        row[place] += 1.5
        keep_state(layout, state, log, 0, moment)
        keep_state(layout, state, log, 0, moment)  # nothing changed since
        assert log.used[0, 1] == moment + 1
        again = copy_state(world.flat.state)
        take_state(layout, log.state[0, moment], again)
        assert again == state._replace(working=again.working, slot=again.slot)


def test_every_column_of_an_event_is_read_back_by_its_name() -> None:
    """Each its own figure, whatever it is called."""
    world = mixed_world(3, 3)
    needed = needed_room(world.flat, world.rules)
    page, log = new_page(1, 1, 1, 1, 1), new_log(9, needed, 1, noted=True)
    names = [name for name in page._fields if name.startswith("event_")]
    for figure, name in enumerate(names, 1):
        getattr(page, name)[0] = figure
    page.used[0] = 1
    keep_events(page, log, 0, 6)
    told = events_of(log)
    found = {f"event_{name}": int(getattr(told, name)[0]) for name in (*EVENT, *FIGURE)}
    assert found == {**dict(zip(names, range(1, 99), strict=False)), "event_moment": 6}
    assert (log.event.shape[2], log.figure.shape[2]) == (len(EVENT), len(FIGURE))


def test_what_is_settled_at_the_very_end_is_in_the_book_that_is_left() -> None:
    """Coins that arrive in the last step, after the last decision."""
    history = funded(wandering(40, 21), 21)
    end = int(asked(history).aligned.stamp_ns[-1])

    def flows(from_ns: int, to_ns: int) -> list[tuple[str, str, float]]:
        """A coin, a moment before the end."""
        return [("vault", "BTC", 1.0)] if from_ns < end - 5 <= to_ns else []

    with plainly():
        ran, still = (
            run_history(asked(history, flows=one), plain_run) for one in (flows, no_flows)
        )
    left = ran.lanes.states[0]["wallet"][: ran.held.wallet.shape[1]]
    assert left.tolist() == ran.held.wallet[-1].tolist()
    assert ran.held.wallet[-1].sum() == still.held.wallet[-1].sum() + 1.0
