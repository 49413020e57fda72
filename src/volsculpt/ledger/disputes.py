"""What a venue says of an order held against what was intended. Pure; part of the fold."""

from volsculpt.ledger.books import Books, DisputeBooked, OrderBooked
from volsculpt.ledger.events import Filled, Intended
from volsculpt.text import contracts, signed

AGAINST_INTENT = "against its intent: "  # what such words begin with
SAME_CONTRACTS = 1e-6


def against_intent(order: Intended, contract: str, told: float, done: str) -> str | None:
    """Why what a venue says of an order cannot be; None where it can.

    Another contract, another side, or more contracts than were intended; fewer may be.

    Worked: 20,000 told of an order of -10,000: "against its intent: 20,000 contracts bought, ...".

    Args: order: as it was meant; contract: told, by its key; told: contracts, + bought; done: what
    the venue says of these, "filled" or "ordered".
    """
    meant = f"{signed(order.contracts)} contracts of {order.contract} were intended"
    if contract != order.contract:
        return f"{AGAINST_INTENT}the venue says it is of {contract}, {meant}"
    other_side = told * order.contracts < 0.0 and abs(told) > SAME_CONTRACTS
    if other_side or abs(told) > abs(order.contracts) + SAME_CONTRACTS:
        return f"{AGAINST_INTENT}the venue says {signed(told)} are {done}, {meant}"
    return None


def note_dispute(books: Books, order: OrderBooked, event: Filled) -> None:
    """Keep that a fill, which is counted already, is not what its order intended."""
    place, intent = (event.account, event.contract), order.intended
    why = against_intent(intent, event.contract, event.contracts, "filled")
    why = why or against_intent(intent, event.contract, order.booked_contracts, "filled")
    if event.account != intent.account:
        size = f"{contracts(abs(event.contracts))} of {event.contract}"
        why = f"{AGAINST_INTENT}{size} are filled on {event.account}, it was for {intent.account}"
    if why is not None:
        known = books.disputes.get(order.client_id)
        places = known.places if known is not None else ()
        every = tuple(dict.fromkeys((*places, order.place, place)))
        books.disputes[order.client_id] = DisputeBooked(why, every)
