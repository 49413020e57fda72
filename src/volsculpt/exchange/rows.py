"""What an exchange needs to know and remember for one step, as flat rows.

`Terms` never changes during a run, `Bar` is one step of the market, `Pending` what is on its way.
"""

from collections.abc import MutableSequence, Sequence
from typing import NamedTuple

from volsculpt.book.state import Layout, Quote, State
from volsculpt.exchange.events import EventPage

NOT_DUE = -1


class Terms(NamedTuple):
    """Costs and delays. Fractions of value or of price; delays in whole steps."""

    taker: Sequence[float]  # per leg
    half_spread: Sequence[float]  # per leg, of price
    slippage: Sequence[float]  # per leg, of price
    liquidation_fee: Sequence[float]  # per leg
    delivery_fee: Sequence[float]  # per leg
    order_delay: int  # steps from decision to fill; 0 = the next open
    transfer_delay: Sequence[int]  # per group
    transfer_cost: Sequence[float]  # per group, coins
    transit_wallet: Sequence[int]  # per group: where coins are while they move
    move_currency: Sequence[int]  # per group: the currency that moves


class Bar(NamedTuple):
    """What happens in one step from t to t + delta, beside its first and last prices."""

    trade: MutableSequence[float]  # per leg: price orders fill at, at the open
    high_mark: MutableSequence[float]
    low_mark: MutableSequence[float]
    funding: MutableSequence[float]  # per leg: rate of the stamp at t, 0.0 when there is none
    delivery: MutableSequence[float]  # per leg: settlement price at t, 0.0 when not delivered
    flow: MutableSequence[float]  # per wallet: coins that come in (+) or go out (-) at t


class Pending(NamedTuple):
    """Orders and transfers on their way; a due step of NOT_DUE is an empty place."""

    order: MutableSequence[float]  # per leg, signed contracts
    order_due: MutableSequence[int]
    transfer: MutableSequence[float]  # per group, coins: + to the group, - from it
    transfer_due: MutableSequence[int]
    transfer_wallet: MutableSequence[int]  # where released coins arrive


class Step(NamedTuple):
    """Prices around one step: last valued at, at its open, at its end; and one to write on."""

    before: Quote
    opened: Quote
    closed: Quote
    there: Quote


class Exchange(NamedTuple):
    """Accounts at their venues: what they hold, what is on its way, costs, and what happened."""

    layout: Layout
    state: State
    pending: Pending
    terms: Terms
    page: EventPage
