"""What follows a decision: once coins to move are there, and in orders after its first."""

from dataclasses import replace

from volsculpt.book.state import State
from volsculpt.decide.finish import whole
from volsculpt.decide.rules import MAX_ORDER, VENUE_MOST
from volsculpt.decide.step import Decision, redecided
from volsculpt.watch.filled import arrived, filled

CUT = MAX_ORDER | VENUE_MOST
MOST_DECISIONS = 20  # that are tried out


def later_trades(decision: Decision) -> dict[int, float]:
    """Signed contracts that later decisions trade of each leg, where an order is cut.

    Found by deciding again on the book with the orders filled and coins there, at the same prices,
    until nothing is cut any more; after `MOST_DECISIONS` as if the rest were one order.
    """
    found = dict[int, float]()
    now = decision
    for _ in range(MOST_DECISIONS):
        if not _is_cut(now):
            return found
        now = decided_again(now)
        for leg, size in enumerate(now.answer.trade):
            if size != 0.0:
                found[leg] = found.get(leg, 0.0) + size
    for leg, size in enumerate(uncut(now).answer.trade):
        if size != 0.0:
            found[leg] = found.get(leg, 0.0) + size
    return {leg: whole(size, now.flat.layout.legs.lot[leg]) for leg, size in found.items()}


def uncut(decision: Decision) -> Decision:
    """What is decided next at the same prices, were an order of any size taken."""
    flat, rules = decision.flat, decision.rules._replace(max_order_usd=0.0)
    legs = flat.layout.legs._replace(order_most=[0.0] * flat.layout.legs.rows)
    layout = flat.layout._replace(legs=legs)
    return redecided(
        replace(decision, rules=rules), replace(flat, layout=layout, state=_then(decision))
    )


def _is_cut(decision: Decision) -> bool:
    """Whether an order is cut to a largest one."""
    answer = decision.answer
    return any(size and answer.leg_code[leg] & CUT for leg, size in enumerate(answer.trade))


def decided_again(decision: Decision) -> Decision:
    """What is decided next at the same prices, once the orders are filled and coins there."""
    return on_book(decision, _then(decision))


def _then(decision: Decision) -> State:
    """The book once orders are filled and the coins to move are where they go."""
    return arrived(decision, filled(decision))


def once_arrived(decision: Decision, after: State) -> tuple[Decision, State]:
    """What is decided once the coins to move are there, and the book it leads to.

    The decision itself where none must be brought.
    """
    if not any(coins != 0.0 for coins in decision.answer.top_up):
        return decision, after
    late = on_book(decision, arrived(decision, after))
    return late, filled(late)


def on_book(decision: Decision, book: State) -> Decision:
    """What the same targets lead to on another book of the same layout."""
    return redecided(decision, replace(decision.flat, state=book))
