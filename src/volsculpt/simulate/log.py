"""What a run leaves behind: wealth at each bar, and what happened, lane by lane.

Moments number what can change a book: `2 * step` is what a venue does in a step, `2 * step + 1`
the orders and coins that leave at its end, after the decision. -1 is what leaves at the first
stamp, -2 the book that a run began with. So `(moment + 1) // 2` is the stamp of a moment.
A state is kept whenever it is another one than before: the events tell why, to the cent.
"""

from collections.abc import MutableSequence, Sequence
from typing import NamedTuple

import numpy as np

from volsculpt.book.state import Layout, State
from volsculpt.exchange.events import EventPage
from volsculpt.simulate.lanes import Array, Room

BEGUN = -2  # the moment of the book that a run begins with
FIRST = -1  # and of what leaves at the first stamp
CAPACITY = 4_096  # rows that one lane begins with, and one more for every so many steps:
STEPS = 4  # funding every eighth hour of two legs; memory that stays empty is never touched


class Log(NamedTuple):
    """Arrays by lane; rows beyond `used` are empty.

    at: the step a lane goes on from, and what of it is booked already (`simulate.scan`). used: rows
    of events and of states. event: kind, row, code, moment. figure: size, price, usd, fee, moved,
    charge, as `exchange.events` names them. moment, state: when, and what it was from then on.
    """

    wealth: Array  # (lane, step), at the end of each step
    at: Array  # (lane, 2)
    used: Array  # (lane, 2)
    event: Array  # (lane, row, 4)
    figure: Array  # (lane, row, 6)
    moment: Array  # (lane, row)
    state: Array  # (lane, row, figure of a state)


def state_figures(needed: Room) -> int:
    """Figures of a state that can change: see `put_state`."""
    return needed.wallet + 4 * needed.leg + 2 * needed.weight


def new_log(steps: int, needed: Room, lanes: int, noted: bool) -> Log:
    """An empty log; without rows where nothing but wealth is wanted.

    Args: steps, lanes: how many; needed: figures of a state; noted: False has room for wealth
    alone.
    """
    rows = max(64, (CAPACITY + steps // STEPS) // lanes) if noted else 0
    wide = state_figures(needed)
    return Log(
        wealth=np.zeros((lanes, steps)),
        at=np.zeros((lanes, 2), np.int64),
        used=np.zeros((lanes, 2), np.int64),
        event=np.zeros((lanes, rows, 4), np.int64),
        figure=np.zeros((lanes, rows, 6)),
        moment=np.zeros((lanes, rows), np.int64),
        state=np.zeros((lanes, rows, wide)),
    )


def grown(log: Log, least: int) -> Log:
    """The same log with twice the rows, and at least so many free ones."""
    rows = log.event.shape[1]
    more = max(rows, least)
    wider = {
        name: np.concatenate([old, np.zeros((len(old), more, *old.shape[2:]), old.dtype)], axis=1)
        for name, old in log._asdict().items()
        if name in ("event", "figure", "moment", "state")
    }
    return log._replace(**wider)


def put(into: MutableSequence[float], before: Sequence[float], place: int, figure: float) -> int:
    """Write a figure; 1 when another one stood there before.

    Args: into: written; before: read, where it stood; place: in both; figure: of a state.
    """
    into[place] = figure
    return 1 if before[place] != figure else 0


def put_state(
    layout: Layout, state: State, into: MutableSequence[float], before: Sequence[float]
) -> int:
    """A state as one row: wallets, then by leg, then by group and currency; 1 when it is another.

    Args: into: written; before: the row it is compared with.
    """
    legs, weights, new = layout.legs.rows, layout.groups * layout.currencies, 0
    for wallet in range(layout.wallets):
        new |= put(into, before, wallet, state.wallet[wallet])
    place = layout.wallets
    for leg in range(legs):
        new |= put(into, before, place + leg, state.contracts[leg])
        new |= put(into, before, place + legs + leg, state.cost[leg])
        new |= put(into, before, place + 2 * legs + leg, state.others[leg])
        new |= put(into, before, place + 3 * legs + leg, state.others_cost[leg])
    place += 4 * legs
    for weight in range(weights):
        new |= put(into, before, place + weight, state.bonus[weight])
        new |= put(into, before, place + weights + weight, state.others_coins[weight])
    return new


def take_state(layout: Layout, row: Sequence[float], state: State) -> None:
    """A row back into the state it was made of."""
    legs, weights = layout.legs.rows, layout.groups * layout.currencies
    for wallet in range(layout.wallets):
        state.wallet[wallet] = row[wallet]
    place = layout.wallets
    for leg in range(legs):
        state.contracts[leg] = row[place + leg]
        state.cost[leg] = row[place + legs + leg]
        state.others[leg] = row[place + 2 * legs + leg]
        state.others_cost[leg] = row[place + 3 * legs + leg]
    place += 4 * legs
    for weight in range(weights):
        state.bonus[weight] = row[place + weight]
        state.others_coins[weight] = row[place + weights + weight]


def keep_state(layout: Layout, state: State, log: Log, lane: int, moment: int) -> None:
    """Keep a state that is not the one kept last.

    Args: log: written; lane: its number; moment: as the log numbers them.
    """
    place = log.used[lane, 1]
    last = log.state[lane, max(0, place - 1)]
    if put_state(layout, state, log.state[lane, place], last) == 1 or place == 0:
        log.moment[lane, place] = moment
        log.used[lane, 1] = place + 1


def keep_events(page: EventPage, log: Log, lane: int, moment: int) -> None:
    """Move the events of a page to the log.

    Args: page: emptied; log: written; lane: its number; moment: as the log numbers them.
    """
    place = log.used[lane, 0]
    for row in range(page.used[0]):
        event, figure = log.event[lane, place + row], log.figure[lane, place + row]
        event[0], event[1] = page.event_kind[row], page.event_row[row]
        event[2], event[3] = page.event_code[row], moment
        figure[0], figure[1] = page.event_size[row], page.event_price[row]
        figure[2], figure[3] = page.event_usd[row], page.event_fee[row]
        figure[4], figure[5] = page.event_moved[row], page.event_charge[row]
    log.used[lane, 0] = place + page.used[0]
    page.used[0] = 0


def keep(layout: Layout, state: State, page: EventPage, log: Log, lane: int, moment: int) -> None:
    """Keep what happened at a moment, and what it made of the book.

    Args: page: emptied; log: written; lane: its number; moment: as the log numbers them.
    """
    keep_events(page, log, lane, moment)
    keep_state(layout, state, log, lane, moment)


def is_full(log: Log, page: EventPage, lane: int) -> int:
    """1 when what a step may bring has no room left."""
    rows = log.event.shape[1]
    if log.used[lane, 0] + 2 * len(page.event_kind) > rows or log.used[lane, 1] + 3 > rows:
        return 1
    return 0


def first_from(steps: Sequence[int], count: int, step: int) -> int:
    """The first of some rising steps or moments that is not before one; their count if all are.

    Args: steps: they; count: how many they are; step: this one.
    """
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if steps[middle] < step:
            low = middle + 1
        else:
            high = middle
    return low


LOG_PARTS = (put, put_state, take_state, keep_state, keep_events, keep, is_full)
INLINED = (first_from,)
