"""What a venue says of an order held against what was intended. Pure; part of the fold."""

from volsculpt.contracts.orders import SAME_CONTRACTS
from volsculpt.ledger.books import Books, DisputeBooked, OrderBooked
from volsculpt.ledger.events import Filled, Intended
from volsculpt.text import contracts, signed

AGAINST_INTENT = "against its intent: "  # what such words begin with


def against_intent(order: Intended, contract: str, reported: float, done: str) -> str | None:
    """Why what a venue says of an order cannot be; None where it can.

    Another contract, another side, or more contracts than were intended; fewer may be.

    Worked: 20,000 filled of an order of -10,000: "against its intent: the venue says 20,000 are
    filled, -10,000 contracts of bybit:BTC/USD:BTC were intended".

    Args: order: as it was meant; contract: reported, by its key; reported: contracts, + bought;
    done: what the venue says of these, "filled" or "ordered".
    """
    meant = f"{signed(order.contracts)} contracts of {order.contract} were intended"
    if contract != order.contract:
        return f"{AGAINST_INTENT}the venue says it is of {contract}, {meant}"
    other_side = reported * order.contracts < 0.0 and abs(reported) > SAME_CONTRACTS
    if other_side or abs(reported) > abs(order.contracts) + SAME_CONTRACTS:
        return f"{AGAINST_INTENT}the venue says {signed(reported)} are {done}, {meant}"
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
        noted = books.disputes.get(order.client_id)
        legs = noted.legs if noted is not None else ()
        every = tuple(dict.fromkeys((*legs, order.place, place)))
        books.disputes[order.client_id] = DisputeBooked(why, every)
