"""What a run keeps of a book: a state whenever any figure of it is another one than before."""

from collections.abc import MutableSequence

from tests.simulate.worlds import mixed_world
from volsculpt.book.state import copy_state
from volsculpt.simulate.lanes import needed_room
from volsculpt.simulate.log import keep_state, new_log, state_figures, take_state


def test_a_change_of_any_one_figure_is_kept() -> None:
    """Wallets, contracts, costs, bonus and what is not own: the first of each, and the last."""
    world = mixed_world(3, 3)
    layout, needed = world.flat.layout, needed_room(world.flat, world.rules)
    log, state = new_log(9, needed, 1, noted=True), copy_state(world.flat.state)
    rows: tuple[MutableSequence[float], ...] = (
        state.wallet,
        state.contracts,
        state.cost,
        state.others,
        state.others_cost,
        state.bonus,
        state.others_coins,
    )
    places = [(row, place) for row in rows for place in range(len(row))]
    assert len(places) == state_figures(needed)
    keep_state(layout, state, log, 0, 0)
    for moment, (row, place) in enumerate(places, 1):
        row[place] += 1.5
        keep_state(layout, state, log, 0, moment)
        keep_state(layout, state, log, 0, moment)  # nothing changed since
        assert log.used[0, 1] == moment + 1
        again = copy_state(world.flat.state)
        take_state(layout, log.state[0, moment], again)
        assert again == state._replace(working=again.working, slot=again.slot)
