"""What an exchange needs to know and remember for one step, as flat rows.

`Terms` never changes during a run, `Bar` is one step of the market, `Pending` what is on its
way, `Tally` the US dollars each cause has added to wealth so far, and what happened last.
"""

from collections.abc import MutableSequence, Sequence
from typing import NamedTuple

from volsculpt.book.state import Quote

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


class Happened(NamedTuple):
    """What happened in the newest step; 0 where nothing did. Cash is + received, US dollars."""

    filled: MutableSequence[float]  # per leg, signed contracts
    fill_price: MutableSequence[float]
    fill_usd: MutableSequence[float]  # |value| at the price of the fill
    fee_usd: MutableSequence[float]  # of fills and deliveries
    slippage_usd: MutableSequence[float]
    refused: MutableSequence[float]  # per leg, signed contracts that no margin carried
    delivered: MutableSequence[float]  # per leg, signed contracts that a delivery traded
    delivery_price: MutableSequence[float]
    closed: MutableSequence[float]  # per leg, signed contracts that a liquidation traded
    closed_mark: MutableSequence[float]  # where it did
    lost_usd: MutableSequence[float]  # per group: what its liquidation took
    fell: MutableSequence[int]  # per group: 1 when it was liquidated
    sent: MutableSequence[float]  # per source: coins sent to its group (+) or given back (-)
    sent_usd: MutableSequence[float]  # what sending them costs


class Tally(NamedTuple):
    """US dollars by cause, and counts, added up in place (one-element sequences).

    now: what happened in the newest step, which is what it added.
    """

    spot: MutableSequence[float]  # coins in wallets, moved by their index
    futures: MutableSequence[float]  # contracts, moved as their index moved
    basis: MutableSequence[float]  # contracts, moved against their index
    funding: MutableSequence[float]
    fees: MutableSequence[float]
    slippage: MutableSequence[float]
    liquidation: MutableSequence[float]
    transfers: MutableSequence[float]  # what moving coins and sweeping funding costs
    flows: MutableSequence[float]
    traded: MutableSequence[float]  # US dollars of face filled
    orders: MutableSequence[int]
    liquidations: MutableSequence[int]
    now: Happened


def new_tally(legs: int, groups: int, sources: int) -> Tally:
    """Nothing happened yet. sources: rows of places that coins are moved from."""
    rows = {"lost_usd": groups, "fell": groups, "sent": sources, "sent_usd": sources}
    now = Happened(*[[0] * rows.get(name, legs) for name in Happened._fields])  # type: ignore[arg-type]
    return Tally(*[[0] for _ in Tally._fields[:-1]], now=now)  # type: ignore[arg-type, misc]
