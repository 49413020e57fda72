"""The flat rows of contract figures that compilable code reads: one row per leg.

A leg is one contract in one account. All fields are sequences of equal length but the
tier ones, which `tier_from`/`tier_to` index. Built by `book.flatten`.
"""

from collections.abc import Sequence
from typing import NamedTuple

from volsculpt.dimensions import PerLeg, PerTier


class Legs(NamedTuple):
    """Static figures of each leg; currency and group columns are row numbers."""

    rows: int  # rows that are real; compiled code pads the columns
    payoff: PerLeg[Sequence[int]]
    multiplier: PerLeg[Sequence[float]]
    base_count: PerLeg[Sequence[float]]  # base coins that the mark is the price of
    base: PerLeg[Sequence[int]]
    quote: PerLeg[Sequence[int]]
    settle: PerLeg[Sequence[int]]
    group: PerLeg[Sequence[int]]
    mark_power: PerLeg[Sequence[int]]  # the mark scales by k**mark_power when all coins do by k
    settle_power: PerLeg[Sequence[int]]  # likewise the settle currency's price
    lot: PerLeg[Sequence[float]]
    minimum: PerLeg[Sequence[float]]  # least contracts of an order
    order_least_value: PerLeg[Sequence[float]]  # quote units, as `order_value`; 0.0 = none known
    order_exempt: PerLeg[Sequence[int]]  # 1: a reduce-only order may be worth less than that
    order_most: PerLeg[Sequence[float]]  # most contracts of an order with a price; 0.0 = none known
    position_most: PerLeg[Sequence[float]]  # most contracts held; 0.0 = none known
    position_most_value: PerLeg[Sequence[float]]  # most |value| held; 0.0 = none known
    taker: PerLeg[Sequence[float]]
    margin_kind: PerLeg[Sequence[int]]  # TIERS_VALUE | TIERS_CONTRACTS | SLOPE
    margin_on_entry: PerLeg[Sequence[int]]
    rate_base: PerLeg[Sequence[float]]
    rate_slope: PerLeg[Sequence[float]]
    rate_added: PerLeg[Sequence[float]]
    initial_base: PerLeg[Sequence[float]]  # slope: initial margin rate at size 0; 0.0 = unknown
    initial_slope: PerLeg[Sequence[float]]  # slope: what a coin adds to it
    tier_from: PerLeg[Sequence[int]]
    tier_to: PerLeg[Sequence[int]]
    cash_wallet: PerLeg[Sequence[int]]  # where PnL, fees and funding of the leg are booked
    funding_wallet: PerLeg[Sequence[int]]  # cash_wallet, or where funding received is swept to
    sweep_cost: PerLeg[Sequence[float]]  # share of funding received that sweeping it costs
    free_wallet: PerLeg[Sequence[int]]  # isolated: where margin to post comes from; else -1
    posted_wallet: PerLeg[Sequence[int]]  # isolated: the wallet of the margin posted; else -1
    leverage: PerLeg[Sequence[float]]  # isolated: what a growing position posts at most leverage
    open_distance: PerLeg[Sequence[float]]  # isolated: a move that it survives; 0.0 = none
    tier_floor: PerTier[Sequence[float]]
    tier_rate: PerTier[Sequence[float]]
    tier_cum: PerTier[Sequence[float]]
    tier_initial: PerTier[Sequence[float]]  # initial margin of the whole position; 0.0 = unknown
