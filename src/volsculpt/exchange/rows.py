"""What an exchange needs to know and remember for one step, as flat rows.

`Terms` never changes during a run, `Bar` is one step of the market, `Pending` what is on its way.
"""

from collections.abc import MutableSequence, Sequence
from typing import NamedTuple

from volsculpt.book.state import Layout, Quote, State, layout_rows
from volsculpt.dimensions import PerGroup, PerLeg, PerWallet, blank
from volsculpt.exchange.events import EventPage

NOT_DUE = -1


class Terms(NamedTuple):
    """Costs and delays. Fractions of value or of price; delays in whole steps."""

    taker: PerLeg[Sequence[float]]
    half_spread: PerLeg[Sequence[float]]  # of price
    slippage: PerLeg[Sequence[float]]  # of price
    delivery_fee: PerLeg[Sequence[float]]
    order_delay: int  # steps from decision to fill; 0 = the next open
    transfer_delay: PerGroup[Sequence[int]]
    transfer_cost: PerGroup[Sequence[float]]  # coins
    transit_wallet: PerGroup[Sequence[int]]  # where coins are while they move
    move_currency: PerGroup[Sequence[int]]  # the currency that moves


class Bar(NamedTuple):
    """What happens in one step from t to t + delta, beside its first and last prices."""

    trade: PerLeg[MutableSequence[float]]  # price orders fill at, at the open
    high_mark: PerLeg[MutableSequence[float]]
    low_mark: PerLeg[MutableSequence[float]]
    funding: PerLeg[MutableSequence[float]]  # rate of the stamp at t, 0.0 when there is none
    delivery: PerLeg[MutableSequence[float]]  # settlement price at t, 0.0 when not delivered
    flow: PerWallet[MutableSequence[float]]  # coins that come in (+) or go out (-) at t


class Pending(NamedTuple):
    """Orders and transfers on their way; a due step of NOT_DUE is an empty place."""

    order: PerLeg[MutableSequence[float]]  # signed contracts
    order_due: PerLeg[MutableSequence[int]]
    transfer: PerGroup[MutableSequence[float]]  # coins: + to the group, - from it
    transfer_due: PerGroup[MutableSequence[int]]
    transfer_wallet: PerGroup[MutableSequence[int]]  # where released coins arrive


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


def new_bar(layout: Layout) -> Bar:
    """A step in which nothing happens, its prices to be written."""
    return blank(Bar, layout_rows(layout))


def new_pending(layout: Layout) -> Pending:
    """Nothing on its way."""
    found = blank(Pending, layout_rows(layout))
    found.order_due[:] = [NOT_DUE] * len(found.order_due)
    found.transfer_due[:] = [NOT_DUE] * len(found.transfer_due)
    return found
