"""Taking back what is on its way to a leg: by a decision, or as its contract or position ends."""

from volsculpt.book.state import SLOT_FREE, State
from volsculpt.compilable import compilable
from volsculpt.exchange.events import CANCELLED, EventPage, add_coded
from volsculpt.exchange.rows import NOT_DUE, Pending

BY_DECISION = 0  # what takes an order back: the owner,
BY_DELIVERY = 1  # the end of its contract,
BY_LIQUIDATION = 2  # or that of its position


@compilable
def drop_order(state: State, pending: Pending, leg: int) -> None:
    """Forget what is on its way to a leg, and free its slot."""
    pending.order[leg] = 0.0
    pending.order_due[leg] = NOT_DUE
    state.working[leg] = 0.0
    state.slot[leg] = SLOT_FREE


@compilable
def cancel(state: State, pending: Pending, page: EventPage, leg: int, why: int) -> None:
    """Take back an order that has not filled, if there is one.

    Args: state, pending, page: written; leg: its row; why: BY_DECISION and so on.
    """
    if pending.order_due[leg] != NOT_DUE:
        add_coded(page, CANCELLED, leg, why, pending.order[leg], 0.0)
    drop_order(state, pending, leg)
